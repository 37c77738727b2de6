"""What a user sees when the language model's server fails, one way after the other.

    python tests/benchmarks/provider_faults.py [--timeout 3] [--only WORD]

Asks the assistant over the seeds, with the retries it is delivered with, one question for each way of
`tests/wire/faulty_server.py`, and prints a table in Markdown: what came of it, how many requests the
server saw, after how many seconds, and the line that the chat shows. `--timeout` stands for ASSISTANT_TIMEOUT
(120 s by default). Exit code 1 when something else than an answer or a line of ours came, when a key
was shown, or when it took longer than the timeout and the waits the server asked for explain.
"""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
KEY = "sk-secret0123456789abcdef0123456789"
QUESTION = "How much of the model weights can SAFARI prune?"
FAULTS = {
    "wrong-key": "wrong key (401, which repeats the key)",
    "no-model": "model unknown (404)",
    "busy": "too many requests (429, Retry-After: 20)",
    "no-credit": "no credit left (429)",
    "too-long": "prompt too long for the model (400)",
    "broken": "server error (500 with a page of HTML)",
    "html": "200 with a page of HTML",
    "other-json": "200 with other JSON",
    "garbage": "a stream of broken JSON",
    "binary": "a stream of binary bytes",
    "wrong-shape": "a stream of JSON of another shape",
    "nothing": "an empty stream",
    "empty": "an answer without a word",
    "error-inside": "an error in the middle of the stream",
    "cut": "stream cut in the middle",
    "dies": "stream cut before the first word",
    "hangs": "never answers",
    "stalls": "stops in the middle and keeps the connection",
    "endless": "words without end",
    "huge-line": "one event without end",
    "packed-bomb": "1 GB packed as 1 MB",
    "elsewhere": "redirects to another address",
}
_ASKED = {"busy": 40.0, "endless": 100.0}  # seconds: Retry-After, twice; 1,600 previews where others work too
_SLACK = 15.0  # seconds: the waits between three tries, and a busy machine


def outcome(assistant: Any) -> tuple[str, str]:
    """What kind of end a question comes to, and its words."""
    from assistant.errors import ProviderError

    try:
        answer = assistant.ask(QUESTION)
    except ProviderError as error:
        return ("told, ask again" if error.retryable else "told"), str(error)
    except Exception as error:
        return "CRASHED", f"{type(error).__name__}: {error}"
    notes = " ".join(answer.notes)
    return ("answered from the papers" if notes else "answered"), notes or answer.text


def main() -> int:
    from pydantic import SecretStr
    from wire.faulty_server import FaultyServer

    from assistant.embedding import open_embedding_model
    from assistant.engine import open_assistant
    from assistant.settings import Settings
    from ingest.pipeline import ingest_paths

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--timeout", type=float, default=3.0)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    print(f"commit {commit.stdout.strip()}, ASSISTANT_TIMEOUT={options.timeout:g}\n")
    print("| the server | came of it | requests | seconds | the user reads |\n|---|---|---|---|---|")
    bad = 0
    server = FaultyServer()
    with tempfile.TemporaryDirectory() as folder:
        base = Settings(  # type: ignore[call-arg]
            _env_file=None,
            data_dir=Path(folder),
            model="some-model",
            answerer="openai",
            timeout=options.timeout,
            openai_api_key=SecretStr(KEY),
        )
        ingest_paths([ROOT / "seeds"], base, open_embedding_model())
        for fault, words in FAULTS.items():
            if options.only not in fault:
                continue
            address = server.address(fault)
            with open_assistant(base.model_copy(update={"openai_base_url": address})) as assistant:
                began = time.perf_counter()
                kind, said = outcome(assistant)
                seconds = time.perf_counter() - began
            slow = seconds > options.timeout + _ASKED.get(fault, 0) + _SLACK
            leaked = KEY in said or "secret" in said
            bad += kind == "CRASHED" or slow or leaked
            said = " ".join(said.replace(address, "ADDRESS").split()).replace("|", "\\|")
            kind += " TOO LATE" * slow + " KEY SHOWN" * leaked
            asked = server.requests[fault]
            print(f"| {words} | {kind} | {asked} | {seconds:.1f} | {said[:260]} |", flush=True)
    key_sent = server.requests["caught-key"]
    print(f"\nrequests to the other address that carried the key: {key_sent}")
    server.stop()
    return int(bool(bad or key_sent))


if __name__ == "__main__":
    sys.exit(main())
