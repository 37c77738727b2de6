"""An ingest that is killed (-9) at random moments, and resumed: nothing lost, doubled or embedded twice.

    python tests/benchmarks/kills.py CORPUS.jsonl [--kills 50] [--records 5000] [--embedding wordllama]

Each trial starts with an empty store, kills the ingest at a moment drawn from the length of a whole
one, half of the time kills the resumed one too, and lets the next one finish. Then the papers, the
chunks of all three stores and the vectors are compared with those of an ingest that nobody disturbed,
`doctor` is asked, and the texts embedded after a kill are held against those acknowledged before it.
Exit code 1 when anything differs. Needs only the standard library beside the project.
"""

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
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]

# The ingest as a process of its own; it notes each text it embeds, and when it begins.
CHILD = """
import os, sys
from pathlib import Path
from assistant.embedding import ReadsParts, open_embedding_model
from assistant.settings import load_settings
from assistant.stores.schema import text_hash
from ingest.pipeline import ingest_paths

model = open_embedding_model(os.environ["ASSISTANT_EMBEDDING"])
log = os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def note(texts):
    os.write(log, b"".join(text_hash(t).hex().encode() + b"\\n" for t in texts))

embed = model.embed
def embed_noted(texts):
    note(texts)
    return embed(texts)
model.embed = embed_noted
if isinstance(model, ReadsParts):
    parts = model.embed_with_parts
    def parts_noted(items):
        note([text for text, _ in items])
        return parts(items)
    model.embed_with_parts = parts_noted
print("begin", flush=True)
ingest_paths([Path(sys.argv[1])], load_settings(Path(sys.argv[2])), model)
print("done", flush=True)
"""


def start(corpus: Path, data: Path, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(corpus), str(data), str(log)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()  # "begin"
    return process


def finish(corpus: Path, data: Path, log: Path) -> float:
    process = start(corpus, data, log)
    began = time.perf_counter()
    process.communicate()
    if process.returncode:
        raise SystemExit(f"the ingest failed with exit code {process.returncode}")
    return time.perf_counter() - began


def kill_after(seconds: float, corpus: Path, data: Path, log: Path) -> bool:
    """Whether the process was still at work when it was killed."""
    process = start(corpus, data, log)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def acknowledged(data: Path) -> set[str]:
    """The hashes of the texts whose vectors the catalogue holds."""
    if not (data / "catalogue.sqlite3").exists():
        return set()
    with sqlite3.connect(data / "catalogue.sqlite3") as db:
        if not db.execute("select 1 from sqlite_master where name = 'embeddings'").fetchone():
            return set()
        return {row[0].hex() for row in db.execute("select text_hash from embeddings")}


def lines(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def contents(data: Path) -> dict[str, object]:
    """What the three stores hold, but for what differs between equal runs: generations, the store's id."""
    from assistant.embedding import open_embedding_model
    from assistant.settings import load_settings
    from assistant.stores import open_stores

    stores = open_stores(load_settings(data), open_embedding_model(os.environ["ASSISTANT_EMBEDDING"]))
    try:
        with stores.catalogue.connect() as connection:
            chunks = sorted(connection.exec_driver_sql("select chunk_id from chunks").scalars())
            records = sorted(connection.exec_driver_sql("select fingerprint from records").scalars())
            vectors = connection.exec_driver_sql("select count(*) from embeddings").scalar()
        return {
            "papers": [paper.to_dict() for paper in stores.catalogue.papers()],
            "records": records,
            "chunks": chunks,
            "vectors": vectors,
            "chroma": sorted(stores.vectors.chunk_ids()) == chunks,
            "lexical": sorted(stores.lexical.paper_ids())
            == sorted(paper.paper_id for paper in stores.catalogue.papers()),
        }
    finally:
        stores.close()


def sick(data: Path) -> list[str]:
    """What `doctor` finds wrong."""
    command = [sys.executable, "-m", "assistant", "doctor", "--json", "--data", str(data)]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout)
    return [f"{f['name']}: {f['detail']}" for f in found if not f["ok"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--embedding", default="wordllama")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    os.environ["ASSISTANT_EMBEDDING"] = args.embedding
    sys.path.insert(0, str(ROOT))
    draw = random.Random(args.seed)
    work = Path(tempfile.mkdtemp(prefix="kills-"))
    corpus = work / "corpus.jsonl"
    with args.corpus.open() as source:
        corpus.write_text("".join(line for _, line in zip(range(args.records), source, strict=False)))
    whole = finish(corpus, work / "undisturbed", work / "undisturbed.log")
    wanted = contents(work / "undisturbed")
    print(
        f"{args.records} records, {args.embedding}, seed {args.seed}: undisturbed {whole:.1f} s", flush=True
    )
    kills, faults, twice, trial = 0, 0, 0, 0
    while kills < args.kills:
        trial += 1
        data, log = work / f"trial{trial}", work / f"trial{trial}.log"
        rounds = 1 + draw.randrange(2)
        moments, known, done = [], set[str](), 0
        for _ in range(rounds):
            moment = draw.uniform(0, whole)
            killed = kill_after(moment, corpus, data, log)
            twice += sum(text in known for text in lines(log)[done:])
            known, done = acknowledged(data), len(lines(log))
            moments.append(f"{moment:.1f} s" + ("" if killed else " (had ended)"))
            kills += killed
        finish(corpus, data, log)
        twice += sum(text in known for text in lines(log)[done:])
        got = contents(data)
        wrong = [name for name in wanted if got[name] != wanted[name]] + sick(data)
        faults += bool(wrong)
        told = f"WRONG: {wrong}" if wrong else "equal, doctor clean"
        print(f"trial {trial}: killed after {', '.join(moments)}; {told}", flush=True)
        shutil.rmtree(data)
    shutil.rmtree(work)
    print(
        f"{kills} kills in {trial} trials: {faults} stores differ, {twice} acknowledged texts embedded again"
    )
    return int(bool(faults or twice))


if __name__ == "__main__":
    sys.exit(main())
