"""`app.py` started on loopback for a benchmark, asked by many at once, and watched while it runs."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
_QUESTIONS = ROOT / "tests" / "questions" / "questions.jsonl"


@dataclass(frozen=True)
class App:
    """The running app: its address, its process, and the file that holds its standard error."""

    url: str
    process: int
    errors: Path


@contextmanager
def running_app(
    data: Path | None, prepare: Callable[[Path], None] | None = None, **settings: str
) -> Iterator[App]:
    """Start the app extractively over a data folder (None: the seeds, in a temporary one); end it after.

    `prepare` gets the folder before the start; `settings` are environment variables. Raises SystemExit
    when the app does not answer within ten minutes.
    """
    with TemporaryDirectory() as folder, (Path(folder) / "errors.txt").open("wb") as errors:
        if prepare:
            prepare(data or Path(folder) / "data")
        port = free_port()
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
        command += ["--data", str(data.resolve())] if data else []
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_ANSWERER": "extractive", **settings}
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/healthz", process, Path(errors.name))
            yield App(url, process.pid, Path(errors.name))
        finally:
            process.terminate()
            process.wait()


def ask_at_once(askers: Sequence[Callable[[str], object]], count: int, process: int) -> None:
    """Ask `count` questions, each asker its next as soon as its last is answered; print what it took.

    An asker raises for anything but the answer; that is counted as an error, its time with the others.
    Memory is that of `process`, at the start and after each tenth.
    """
    questions = [json.loads(line)["question"] for line in _QUESTIONS.read_text("utf-8").splitlines()]
    lock, taken = threading.Lock(), iter(range(count))
    times: list[float] = []
    errors: list[str] = []
    memory: list[int] = [resident(process)]

    def work(ask: Callable[[str], object]) -> None:
        while True:
            with lock:
                number = next(taken, None)
            if number is None:
                return
            began = time.perf_counter()
            try:
                ask(questions[number % len(questions)])
            except Exception as error:  # counted, never dropped
                errors.append(f"{type(error).__name__}: {error}")
            times.append(1000 * (time.perf_counter() - began))
            if len(times) % max(1, count // 10) == 0:
                memory.append(resident(process))

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(ask,)) for ask in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    print(
        f"{count} questions from {len(askers)} users in {seconds:.1f} s ({count / seconds:.1f}/s): "
        f"{spread(times)}, errors {len(errors)}"
    )
    print(f"memory of the server in MB: {', '.join(str(m) for m in memory)}")
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")


def spread(times: Sequence[float]) -> str:
    """p50, p95 and the longest of some milliseconds."""
    p95 = sorted(times)[int(0.95 * (len(times) - 1))]
    return f"p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, longest {max(times):.0f} ms"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident(process: int) -> int:
    """Memory of a process in MB, as Linux counts it; 0 elsewhere."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def _wait(url: str, process: subprocess.Popen[bytes], errors: Path) -> None:
    for _ in range(6000):
        if process.poll() is not None:
            said = errors.read_text("utf-8", "replace")[-2000:]
            raise SystemExit(f"app.py ended with {process.returncode} before it answered\n{said}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit("app.py did not start within ten minutes")
