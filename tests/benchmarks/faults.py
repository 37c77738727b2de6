"""What a store survives: files deleted, cut, emptied and overwritten, a full disk, two writers.

    python tests/benchmarks/faults.py [--tries 10] [--records 1500] [--seed 0] [--only WORD]

A store of records mixed from the seeds' sentences (static embedding, so that Chroma's graph is on
disk) is copied for each try, damaged, asked, examined by `doctor`, mended by `doctor --fix` or, where
the catalogue or the conversations are hit, by `restore --force`, and compared with the original: the
rows of the catalogue, and what a search finds. Prints a table in Markdown. Exit code 1 when data was
lost, or an answer was other than it should be and `doctor` did not notice.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
QUERIES = ("pruning weights of neural networks", "language models in medicine", "graph representation")
TABLES = ("papers", "chunks", "sentences", "embeddings", "records", "journal")

Damage = Callable[[Path, random.Random], None]


def some_file(folder: Path, draw: random.Random) -> Path:
    return draw.choice(sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size))


def delete(path: Path, _: random.Random) -> None:
    path.unlink()


def cut(path: Path, draw: random.Random) -> None:
    os.truncate(path, draw.randrange(path.stat().st_size))


def overwrite(path: Path, draw: random.Random) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(draw.randrange(size))
        file.write(draw.randbytes(min(4096, max(1, size // 4))))


def faults() -> dict[str, Damage]:
    found: dict[str, Damage] = {}
    for index in ("chroma", "rows", "lexical"):
        found[f"{index}: folder deleted"] = lambda data, _, i=index: shutil.rmtree(data / i)  # type: ignore[misc]
        for name, harm in (("deleted", delete), ("cut short", cut), ("overwritten in part", overwrite)):
            found[f"{index}: a file {name}"] = lambda data, draw, i=index, h=harm: h(  # type: ignore[misc]
                some_file(data / i, draw), draw
            )
    found["catalogue: a page overwritten"] = lambda data, draw: overwrite(data / "catalogue.sqlite3", draw)
    found["catalogue: cut short"] = lambda data, draw: cut(data / "catalogue.sqlite3", draw)
    found["conversations: overwritten"] = lambda data, draw: overwrite(data / "conversations.sqlite3", draw)
    return found


def in_child(work: Callable[[Path], Any], data: Path, limit: int | None = None) -> dict[str, Any]:
    """What `work` returns or raises in a process of its own, whose files grow to `limit` bytes at most."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        signal.alarm(120)
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            told: dict[str, Any] = {"value": work(data)}
        except BaseException as error:
            from assistant.errors import AssistantError

            clean = isinstance(error, (AssistantError, OSError)) and "\n" not in str(error)
            told = {"error": f"{'' if clean else type(error).__name__ + ': '}{error}", "clean": clean}
        os.write(writing, json.dumps(told).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told_bytes = pipe.read()
    status = os.waitpid(child, 0)[1]
    if not told_bytes:
        return {"error": f"the process ended with status {status}", "clean": False}
    return dict(json.loads(told_bytes))


def settings_of(data: Path) -> Any:
    from assistant.settings import Settings

    return Settings(_env_file=None, data_dir=data, answerer="extractive", embedding="wordllama")


def ask(data: Path) -> list[list[str]]:
    from assistant.engine import open_assistant

    with open_assistant(settings_of(data)) as assistant:
        return [[found.paper.paper_id for found in assistant.search(query, 10)] for query in QUERIES]


def examine(data: Path) -> list[str]:
    from assistant.doctor import examine as look

    return [f"{f.name}: {f.detail}" for f in look(settings_of(data)) if not f.ok]


def repair(data: Path) -> list[str]:
    from assistant.doctor import repair as mend

    return [f"{f.name}: {f.detail}" for f in mend(settings_of(data)) if not f.ok]


def ingest(data: Path) -> None:
    from assistant.embedding import open_embedding_model
    from ingest.pipeline import ingest_paths

    ingest_paths([data.parent / "corpus.jsonl"], settings_of(data), open_embedding_model("wordllama"))


def contents(data: Path) -> dict[str, list[str]]:
    """The rows of the catalogue, but for what differs between two equal ingests."""
    with closing(sqlite3.connect(data / "catalogue.sqlite3")) as db:
        ids = db.execute("select paper_id, display_title, abstract from papers order by 1")
        vectors = db.execute("select hex(text_hash), hex(vector) from embeddings order by 1, model")
        return {"papers": list(map(repr, ids)), "vectors": list(map(repr, vectors))}


def lost(wanted: dict[str, list[str]], data: Path) -> int:
    got = contents(data)
    return sum(len(set(rows) - set(got[name])) for name, rows in wanted.items())


def write_corpus(path: Path, records: int, draw: random.Random) -> None:
    text = " ".join(
        p.read_text("utf-8", "replace") for p in sorted((ROOT / "seeds").iterdir()) if p.is_file()
    )
    sentences: list[str] = re.findall(r"[A-Z][^.<>\n]{60,300}\.", text)
    with path.open("w") as file:
        for number in range(records):
            picked = draw.sample(sentences, 7)
            row = {
                "_id": f"r{number}",
                "title": f"{number} {picked[0][:80]}",
                "abstract": " ".join(picked[1:]),
            }
            file.write(json.dumps(row) + "\n")


def try_damage(work: Path, name: str, damage: Damage, draw: random.Random, wanted: Any, rows: Any) -> Any:
    """One try: (what came of asking, whether doctor noticed, whether it was mended, rows lost, message)."""
    data = work / "try"
    shutil.copytree(work / "good", data)
    damage(data, draw)
    noticed = in_child(examine, data)
    harmed = work / "harmed"
    shutil.copytree(data, harmed)
    got = in_child(ask, harmed)
    shutil.rmtree(harmed)
    outcome = "same" if got.get("value") == wanted else "refused" if got.get("clean") else "WRONG"
    found = bool(noticed.get("value")) or "error" in noticed
    if name.startswith(("catalogue", "conversations")):
        from assistant.backup import restore

        in_child(lambda d: len(restore(settings_of(d), work / "b.zip", force=True)), data)
    else:
        in_child(repair, data)
    mended = in_child(examine, data).get("value") == [] and in_child(ask, data).get("value") == wanted
    message = got.get("error") or next(iter(noticed.get("value") or [noticed.get("error")]), None) or ""
    gone = lost(rows, data)
    shutil.rmtree(data)
    if outcome == "WRONG":
        print(f"  {name}: {str(got)[:300]}; doctor: {str(noticed)[:300]}", file=sys.stderr, flush=True)
    return outcome, found, mended, gone, message.replace(str(data), "DATA").replace(str(harmed), "DATA")


def try_full_disk(work: Path, draw: random.Random, wanted: Any, rows: Any) -> Any:
    """An ingest whose files stop growing at a random size; then one with room."""
    data = work / "full"
    largest = max(p.stat().st_size for p in (work / "good").rglob("*") if p.is_file())
    got = in_child(ingest, data, draw.randrange(10_000, largest))
    in_child(ingest, data)
    gone, same = lost(rows, data), in_child(ask, data).get("value") == wanted
    clean = in_child(examine, data).get("value") == []
    shutil.rmtree(data)
    outcome = "same" if "value" in got else "refused" if got["clean"] else "WRONG"
    if outcome == "WRONG":
        print(f"  disk full: {got}", file=sys.stderr, flush=True)
    return outcome, True, same and clean, gone, got.get("error", "").replace(str(data), "DATA")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--records", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    args = parser.parse_args()
    draw = random.Random(args.seed)
    work = Path(tempfile.mkdtemp(prefix="faults-"))
    write_corpus(work / "corpus.jsonl", args.records, draw)
    (work / "good").mkdir()
    in_child(ingest, work / "good")
    # Loaded once, here: the tries run in copies of this process.
    import assistant.doctor
    import assistant.engine  # noqa: F401
    from assistant.backup import back_up
    from assistant.conversations import Conversations, conversations_file

    Conversations(conversations_file(work / "good")).save_question("a" * 64, "", 0, "What is pruned?")
    made = in_child(lambda data: len(back_up(settings_of(data), work / "b.zip")), work / "good")
    wanted, rows = in_child(ask, work / "good")["value"], contents(work / "good")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    print(f"{args.records} records, wordllama, seed {args.seed}, commit {commit.stdout.strip()}, {made}\n")
    print("| fault | tried | answered as before | refused in one line | wrong or crashed"
          " | noticed by doctor | mended | rows lost | message |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    bad = 0
    trials: dict[str, Callable[[], Any]] = {
        name: lambda n=name, d=damage: try_damage(work, n, d, draw, wanted, rows)  # type: ignore[misc]
        for name, damage in faults().items()
    }
    trials["disk full during an ingest"] = lambda: try_full_disk(work, draw, wanted, rows)
    for name, trial in trials.items():
        if args.only not in name:
            continue
        results = [trial() for _ in range(args.tries)]
        outcomes = Counter(outcome for outcome, *_ in results)
        missed = sum(outcome == "WRONG" and not found for outcome, found, *_ in results)
        gone, message = sum(r[3] for r in results), next((r[4] for r in results if r[4]), "")
        counts = [outcomes["same"], outcomes["refused"], outcomes["WRONG"]]
        counts += [sum(r[1] for r in results), sum(r[2] for r in results), gone]
        print(f"| {name} | {args.tries} | {' | '.join(map(str, counts))} | {message[:160]} |", flush=True)
        bad += bool(gone or missed)
    shutil.rmtree(work)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
