"""Many chats at once for a long time, while papers are added: what waits, what fails, what grows.

    python tests/benchmarks/load.py [--chats 200] [--seconds 600] [--records 20000] [--burst 400] [--data DIR]

Starts `app.py` on loopback over a store of its own (the seeds, or a copy of `--data`). Half of the chats ask
through the page's named endpoint, half through /v1/chat/completions, each its next question of
`tests/questions` as soon as the last is answered; whoever is turned away comes back when told. Meanwhile
`python -m ingest` adds made-up records. At the end `--burst` questions are asked at one moment, more than
may wait. Prints, for each way in, answers, latency by percentile, who was turned away and with which words,
and errors; then the server's memory, file handles and threads over time. Exit code 1 on any other error,
when the server did not end in order, or when handles or threads kept growing. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from benchmarks.faults import write_corpus  # noqa: E402
from benchmarks.serving import commit, free_port  # noqa: E402

QUESTIONS = ROOT / "tests" / "questions" / "questions.jsonl"

_PATIENCE = 600.0  # seconds for one answer; who waits longer has been forgotten
_END = 60.0  # seconds in which the server has to end


@dataclass
class Seen:
    """What the chats saw; appended to by all their threads."""

    seconds: list[float] = field(default_factory=list)
    turned_away: list[tuple[float, str]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Sample:
    """The server at one moment."""

    at: float
    megabytes: int
    handles: int
    threads: int


def sample(process: int, began: float) -> Sample:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":" in line
    )
    handles = len(os.listdir(f"/proc/{process}/fd"))
    megabytes = int(status["VmRSS"].split()[0]) // 1024
    return Sample(time.perf_counter() - began, megabytes, handles, int(status["Threads"]))


def ask_api(client: httpx.Client, url: str, question: str, seen: Seen) -> float:
    """Ask once; return the seconds to wait before the next question."""
    body = {"model": "paper-assistant", "messages": [{"role": "user", "content": question}]}
    began = time.perf_counter()
    response = client.post(f"{url}v1/chat/completions", json=body)
    took = time.perf_counter() - began
    if response.status_code in (429, 503):
        seen.turned_away.append((took, str(response.json()["error"]["message"])))
        return float(response.headers.get("retry-after", 1))
    if response.status_code != 200 or not response.json()["choices"][0]["message"]["content"]:
        seen.errors[f"HTTP {response.status_code}: {response.text[:200]}"] += 1
        return 1.0
    seen.seconds.append(took)
    return 0.0


def ask_page(client: Any, question: str, seen: Seen) -> float:
    began = time.perf_counter()
    try:
        answer = client.predict(question, api_name="/ask")
    except Exception as error:
        if "queue is full" not in str(error).lower():
            raise
        seen.turned_away.append((time.perf_counter() - began, str(error)))
        return 5.0
    if not answer["answer"]:
        seen.errors["an answer without words"] += 1
    seen.seconds.append(time.perf_counter() - began)
    return 0.0


def chat(number: int, url: str, questions: list[str], seen: Seen, until: float, ready: Any) -> None:
    """One chat, from its connection to the end of the trial; odd ones are page, even ones API."""
    draw = random.Random(number)
    with httpx.Client(timeout=_PATIENCE) as api:
        page: Any = None
        if number % 2:
            from gradio_client import Client

            page = Client(url, verbose=False, httpx_kwargs={"timeout": _PATIENCE})
        ready.wait()
        while time.perf_counter() < until:
            question = draw.choice(questions)
            try:
                pause = ask_page(page, question, seen) if page else ask_api(api, url, question, seen)
            except Exception as error:  # counted, never dropped
                seen.errors[f"{type(error).__name__}: {str(error)[:200]}"] += 1
                pause = 1.0
            time.sleep(min(pause, max(0.0, until - time.perf_counter())))
        if page:
            page.close()


def burst(url: str, count: int, question: str) -> Seen:
    """As many questions at one moment; nobody comes back."""
    seen, gate = Seen(), threading.Barrier(count)

    def one() -> None:
        with httpx.Client(timeout=_PATIENCE) as client:
            gate.wait()
            try:
                ask_api(client, url, question, seen)
            except Exception as error:
                seen.errors[f"{type(error).__name__}: {str(error)[:200]}"] += 1

    run_all([threading.Thread(target=one) for _ in range(count)])
    return seen


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def told(title: str, seen: Seen, seconds: float) -> None:
    times = sorted(seen.seconds)
    print(f"\n{title}: {len(times)} answers in {seconds:.0f} s ({len(times) / seconds:.1f}/s)")
    if times:
        cuts = [statistics.median(times), *(times[int(q * (len(times) - 1))] for q in (0.9, 0.95, 0.99, 1))]
        names = ("p50", "p90", "p95", "p99", "longest")
        print("  seconds: " + ", ".join(f"{n} {cut:.2f}" for n, cut in zip(names, cuts, strict=True)))
    waits = [took for took, _ in seen.turned_away]
    longest = f", told within {max(waits):.1f} s" if waits else ""
    print(f"  turned away: {len(waits)}{longest}; errors: {sum(seen.errors.values())}")
    for words, count in Counter(words for _, words in seen.turned_away).most_common(3):
        print(f"    {count} x {words}")
    for words, count in seen.errors.most_common(5):
        print(f"    ERROR {count} x {words}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--records", type=int, default=20_000, help="records that are added meanwhile")
    parser.add_argument("--burst", type=int, default=400)
    parser.add_argument("--data", type=Path, help="folder of the stores to begin with (default: the seeds)")
    options = parser.parse_args()
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        return trial(Path(folder), questions, options)


def trial(folder: Path, questions: list[str], options: argparse.Namespace) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_ANSWERER": "extractive"}
    if options.data:
        shutil.copytree(options.data, folder / "data")
    write_corpus(folder / "more.jsonl", options.records, random.Random(0))
    port = free_port()
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
    quiet: dict[str, Any] = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL}
    app = subprocess.Popen(command, **quiet)
    ingest: subprocess.Popen[bytes] | None = None
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_for(url, app)
        print(
            f"commit {commit()}, {options.chats} chats, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )
        ways = {"chats through /v1": Seen(), "chats through the page": Seen()}
        by_number, samples, ready = list(ways.values()), list[Sample](), threading.Event()
        began = time.perf_counter()
        until = began + options.seconds
        chats = [
            threading.Thread(target=chat, args=(number, url, questions, by_number[number % 2], until, ready))
            for number in range(options.chats)
        ]

        def watch() -> None:
            while time.perf_counter() < until and app.poll() is None:
                samples.append(sample(app.pid, began))
                time.sleep(options.seconds / 40)

        if options.records:
            ingest = subprocess.Popen([sys.executable, "-m", "ingest", "more.jsonl"], **quiet)
        ready.set()
        run_all([*chats, threading.Thread(target=watch)])
        for way, seen in ways.items():
            told(way, seen, time.perf_counter() - began)
        added = papers(url)
        code = ingest.poll() if ingest else 0
        state = {None: "still at work", 0: "done"}.get(code, f"FAILED with {code}")
        print(f"  the ingest: {state}; the chat answers from {added} papers")
        began_burst = time.perf_counter()
        crowd = burst(url, options.burst, questions[0]) if options.burst else Seen()
        if options.burst:
            told(f"{options.burst} questions at one moment", crowd, time.perf_counter() - began_burst)
        samples.append(sample(app.pid, began))
    finally:
        if ingest and ingest.poll() is None:
            ingest.terminate()
            ingest.wait()
        app.terminate()
        try:
            ended = app.wait(_END)
        except subprocess.TimeoutExpired:
            app.kill()
            ended = app.wait()
    print("\n| minute | MB | file handles | threads |\n|---|---|---|---|")
    for moment in samples[:: max(1, len(samples) // 10)]:
        print(f"| {moment.at / 60:.1f} | {moment.megabytes} | {moment.handles} | {moment.threads} |")
    print(f"\nthe server ended with {ended}")
    grown = grows([s.handles for s in samples]) or grows([s.threads for s in samples])
    failed = sum(sum(seen.errors.values()) for seen in (*ways.values(), crowd))
    return int(bool(failed or ended or grown or code not in (None, 0)))


def wait_for(url: str, app: subprocess.Popen[bytes]) -> None:
    """Until the app answers; SystemExit when it ends before, or takes more than ten minutes."""
    until = time.perf_counter() + 600
    while time.perf_counter() < until:
        if app.poll() is not None:
            raise SystemExit(f"app.py ended with {app.returncode} before it answered")
        try:
            httpx.get(f"{url}healthz", timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("app.py did not start within ten minutes")


def papers(url: str) -> int:
    """How many papers the chat answers from."""
    from gradio_client import Client

    client = Client(url, verbose=False, httpx_kwargs={"timeout": _PATIENCE})
    try:
        return len(client.predict(api_name="/papers"))
    finally:
        client.close()


def grows(values: list[int]) -> bool:
    """Whether the last fifth lies well above the middle one: what is only busy stays level."""
    fifth = len(values) // 5
    if not fifth:
        return False
    return statistics.median(values[-fifth:]) > 1.5 * statistics.median(values[2 * fifth : 3 * fifth]) + 20


if __name__ == "__main__":
    sys.exit(main())
