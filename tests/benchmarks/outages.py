"""What survives when a process is killed at a random moment, a server goes away, a real disk is full.

    python tests/benchmarks/outages.py [--tries 5] [--records 1500] [--seed 0] [--only WORD]

The trials, each with a store of records mixed from the seeds' sentences (static embedding):
the chat killed (-9) while people ask and rate; a Chroma server killed during an ingest and started again;
one killed and started again while questions are asked; an ingest into a small file system (tmpfs) that is
full, then given room; a store on a file system that is read-only. The last two mount, which takes root on
Linux, and elsewhere are told as not tried. Prints rows for docs/reliability.md; exit code 1 when rows were
lost, something crashed instead of telling, or what should be mended was not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from benchmarks.faults import ask, contents, examine, in_child, ingest, lost, repair, write_corpus  # noqa: E402
from benchmarks.load import wait_for  # noqa: E402
from benchmarks.serving import commit, free_port  # noqa: E402

Outcome = tuple[bool, int, str]
"""(survived as it should, rows lost, the message that was shown)."""
_START = 120.0  # seconds that a server may take to start on a busy machine
BROWSER = "a" * 64


class Store:
    """What all trials begin with, in `work`: `corpus.jsonl`, and `good`, a store made of it."""

    def __init__(self, work: Path, records: int, draw: random.Random) -> None:
        self.work = work
        write_corpus(work / "corpus.jsonl", records, draw)
        self.good = work / "good"
        self.good.mkdir()
        began = time.perf_counter()
        made = in_child(ingest, self.good)
        if "error" in made:
            raise SystemExit(f"the store could not be made: {made['error']}")
        self.seconds = time.perf_counter() - began
        self.rows = contents(self.good)
        self.answers = in_child(ask, self.good)["value"]

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.good, self.work / name))

    def whole(self, data: Path, message: str) -> Outcome:
        """Whether this store answers like the good one and `doctor` finds nothing, as it stands or mended."""
        gone = lost(self.rows, data)
        if in_child(examine, data).get("value") != []:
            in_child(repair, data)
        sound = in_child(examine, data).get("value") == []
        same = in_child(ask, data).get("value") == self.answers
        shown = message.replace(str(data), "DATA").replace(str(self.work), "WORK")
        return sound and same and not gone, gone, shown


def chat_killed(store: Store, draw: random.Random) -> Outcome:
    """Questions are asked, and kept as the page keeps them; what was acknowledged is looked for."""
    data, port = store.copy("chat"), free_port()
    script = (
        "import sys; from pathlib import Path; from benchmarks.outages import converse; "
        "converse(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    environment |= {"ASSISTANT_EMBEDDING": "wordllama", "ASSISTANT_ANSWERER": "extractive"}
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--data", str(data)]
    app = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    keeping = [sys.executable, "-c", script, str(data)]
    keeper = subprocess.Popen(keeping, env=environment, stdout=subprocess.PIPE)
    acknowledged: list[str] = []
    assert keeper.stdout is not None
    try:
        wait_for(f"http://127.0.0.1:{port}/", app)
        acknowledged.append(keeper.stdout.readline().decode().strip())
        reader = threading.Thread(
            target=lambda: acknowledged.extend(line.decode().strip() for line in keeper.stdout or ())
        )
        reader.start()
        asker = threading.Thread(target=ask_until_it_dies, args=(f"http://127.0.0.1:{port}/",))
        asker.start()
        time.sleep(draw.uniform(0.1, 5))
    finally:
        for process in (app, keeper):
            process.kill()
            process.wait()
    reader.join()
    asker.join()
    keeper.stdout.close()
    with sqlite3.connect(data / "conversations.sqlite3") as db:
        kept = {row[0] for row in db.execute("select question from turns")}
    missing = len({line for line in acknowledged if line.startswith("kept ")} - {f"kept {q}" for q in kept})
    survived, gone, message = store.whole(data, f"{len(acknowledged)} questions were kept, {missing} missing")
    shutil.rmtree(data)
    return survived and not missing, gone + missing, message


def converse(data: Path) -> None:
    """Keep questions and opinions for ever, as the chat does, and say which are kept."""
    from assistant.conversations import Conversations, conversations_file

    kept = Conversations(conversations_file(data))
    conversation = ""
    for number in range(1_000_000):
        question = f"question {number}"
        conversation = kept.save_question(BROWSER, conversation, number % 50 + 1, question)
        if number % 50 == 49:
            conversation = ""
        print(f"kept {question}", flush=True)


def ask_until_it_dies(url: str) -> None:
    import httpx

    body = {"model": "paper-assistant", "messages": [{"role": "user", "content": "What is pruned?"}]}
    while True:
        try:
            httpx.post(f"{url}v1/chat/completions", json=body, timeout=60)
        except httpx.HTTPError:
            return


@contextmanager
def chroma(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Chroma server over `folder`; killed, if it still runs, at the end."""
    import socket

    program = Path(sys.executable).with_name("chroma")
    command = [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.perf_counter() + _START
        while time.perf_counter() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def on_server(work: Callable[[Path], Any], url: str) -> Callable[[Path], Any]:
    """The same work with its vectors on a Chroma server."""

    def run(data: Path) -> Any:
        from benchmarks import faults

        here = faults.settings_of
        faults.settings_of = lambda data: here(data).model_copy(update={"chroma_url": url})
        return work(data)

    return run


def chroma_killed_in_ingest(store: Store, draw: random.Random) -> Outcome:
    data, served, port = store.work / "ingested", store.work / "served", free_port()
    data.mkdir()
    url = f"http://127.0.0.1:{port}"
    with chroma(served, port) as process:
        timer = threading.Timer(draw.uniform(0.2, 0.9) * store.seconds, process.kill)
        timer.start()
        got = in_child(on_server(ingest, url), data)
        timer.cancel()
    message = got.get("error", "(the ingest was done before)")
    with chroma(served, port):
        again = in_child(on_server(ingest, url), data)
        gone = lost(store.rows, data)
        sound = in_child(on_server(examine, url), data).get("value") == []
        same = in_child(on_server(ask, url), data).get("value") == store.answers
    shutil.rmtree(data)
    shutil.rmtree(served, ignore_errors=True)
    told = bool(got.get("clean", True)) and "error" not in again
    return told and sound and same and not gone, gone, message.replace(str(data), "DATA").replace(url, "URL")


def chroma_away_and_back(store: Store, draw: random.Random) -> Outcome:
    """One assistant, open all the time: it answers, says in a line that it cannot, answers again."""
    data, served, port = store.copy("asked"), store.work / "served", free_port()
    url = f"http://127.0.0.1:{port}"
    with chroma(served, port) as process:
        in_child(on_server(repair, url), data)

        def through(data: Path) -> list[Any]:
            from benchmarks.faults import QUERIES, settings_of

            from assistant.engine import open_assistant
            from assistant.errors import StoreError

            settings = settings_of(data).model_copy(update={"chroma_url": url})
            with open_assistant(settings) as assistant:

                def found() -> list[list[str]]:
                    return [[s.paper.paper_id for s in assistant.search(q, 10)] for q in QUERIES]

                before = found()
                time.sleep(draw.uniform(0, 0.5))
                os.kill(process.pid, signal.SIGKILL)  # Popen signals no process that another has started
                time.sleep(0.5)
                try:
                    found()
                    said = "it answered without the server"
                except StoreError as error:
                    said = str(error)
                with chroma(served, port):
                    after = found()
            return [before, said, after]

        got = in_child(through, data)
    shutil.rmtree(data)
    shutil.rmtree(served, ignore_errors=True)
    if "value" not in got:
        return False, 0, str(got["error"])
    before, said, after = got["value"]
    told = said.startswith("the vector index")
    return before == after == store.answers and told, 0, said.replace(url, "URL")


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own in memory; PermissionError where nobody may mount."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(command, capture_output=True).returncode:
        folder.rmdir()
        raise PermissionError("mounting takes root on Linux")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


def disk_full(store: Store, draw: random.Random) -> Outcome:
    """A real file system without room, then with: at another place of the ingest in each try."""
    used = sum(p.stat().st_size for p in store.good.rglob("*") if p.is_file())
    size = int(draw.uniform(0.05, 0.95) * used)
    with mounted(store.work / "small", f"size={size}") as place:
        shutil.copy(store.work / "corpus.jsonl", store.work / "small" / "corpus.jsonl")
        data = place / "data"
        data.mkdir()
        got = in_child(ingest, data)
        subprocess.run(["mount", "-o", f"remount,size={4 * used + (64 << 20)}", str(place)], check=True)
        again = in_child(ingest, data)
        survived, gone, _ = store.whole(data, "")
    message = got.get("error", "(it had room enough)").replace(str(place), "DISK")
    return survived and bool(got.get("clean", True)) and "error" not in again, gone, message


def disk_read_only(store: Store, draw: random.Random) -> Outcome:
    """It is asked as ever, examined as ever, and an ingest says in a line that it cannot write."""
    with mounted(store.work / "fixed", "size=1g") as place:
        shutil.copy(store.work / "corpus.jsonl", place / "corpus.jsonl")
        data = Path(shutil.copytree(store.good, place / "data"))
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        same = in_child(ask, data).get("value") == store.answers
        found = in_child(examine, data).get("value")
        (store.work / "empty.jsonl").write_text(json.dumps({"title": "New", "abstract": "Fresh."}))
        got = in_child(add_one, data)
    told = "error" in got and got["clean"]
    message = got.get("error", "the ingest said nothing").replace(str(place), "DISK")
    return same and found == [] and bool(told), 0, message if found == [] else f"{message}; doctor: {found}"


def add_one(data: Path) -> None:
    from benchmarks.faults import settings_of

    from assistant.embedding import open_embedding_model
    from ingest.pipeline import ingest_paths

    source = data.parent.parent / "empty.jsonl"
    ingest_paths([source], settings_of(data), open_embedding_model("wordllama"))


TRIALS: dict[str, Callable[[Store, random.Random], Outcome]] = {
    "the chat killed (-9) while questions are asked and kept": chat_killed,
    "a Chroma server killed (-9) during an ingest, started again": chroma_killed_in_ingest,
    "a Chroma server killed (-9) while questions are asked, started again": chroma_away_and_back,
    "a small file system full during an ingest, then given room": disk_full,
    "a read-only file system": disk_read_only,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--records", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="trials whose name holds this")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing stays mounted, nothing running
    draw = random.Random(options.seed)
    work = Path(tempfile.mkdtemp(prefix="outages-"))
    store = Store(work, options.records, draw)
    print(f"{options.records} records, wordllama, seed {options.seed}, commit {commit()}\n")
    print("| fault | tried | survived | rows lost | message |\n|---|---|---|---|---|", flush=True)
    bad = 0
    for name, trial in TRIALS.items():
        if options.only not in name:
            continue
        try:
            results = [trial(store, draw) for _ in range(options.tries)]
        except PermissionError as error:
            print(f"| {name} | 0 | | | not tried: {error} |", flush=True)
            continue
        survived, gone = sum(r[0] for r in results), sum(r[1] for r in results)
        message = next((r[2] for r in results if r[2] and not r[2].startswith("(")), results[0][2])
        print(f"| {name} | {options.tries} | {survived} | {gone} | {message[:200]} |", flush=True)
        bad += survived < options.tries or bool(gone)
    shutil.rmtree(work)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
