"""How long a user waits: a command from start to finish, and the chat from start to a page that answers.

    python tests/benchmarks/cold_start.py [--data DIR] [--runs 5]

Needs an ingested store. Wall-clock seconds, median of the runs, after one that is not counted.
"""

import argparse
import platform
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUESTION = "How much of the model weights can SAFARI prune?"


def command(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def page(data: str) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port), "--data", data], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        while process.poll() is None and time.perf_counter() - started < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    answer.read()
                    return time.perf_counter() - started
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the page never answered")
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="data")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    trials: dict[str, Callable[[], float]] = {
        "assistant papers": lambda: command("-m", "assistant", "papers", "--data", arguments.data),
        "assistant search": lambda: command("-m", "assistant", "search", "pruning", "--data", arguments.data),
        "assistant ask": lambda: command("-m", "assistant", "ask", QUESTION, "--data", arguments.data),
        "ingest, nothing new": lambda: command("-m", "ingest", "--data", arguments.data),
        "app.py to a page that answers": lambda: page(arguments.data),
    }
    print(f"n {arguments.runs}, Python {platform.python_version()}, {platform.machine()}")
    for name, trial in trials.items():
        trial()
        seconds = sorted(trial() for _ in range(arguments.runs))
        median = statistics.median(seconds)
        print(f"{name:32} median {median:5.2f} s   min {seconds[0]:5.2f}   max {seconds[-1]:5.2f}")


if __name__ == "__main__":
    main()
