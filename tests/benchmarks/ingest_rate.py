"""How fast papers are taken in, stage by stage, and what a second run and a small addition cost.

    python tests/benchmarks/ingest_rate.py CORPUS.jsonl [--records 100000] [--embedding wordllama]
    python tests/benchmarks/ingest_rate.py CORPUS.jsonl --records 2000 --embedding bundled --plain [MODEL]

Three runs, each a process of its own with its peak memory: all but the last 100 records into an empty
store, the same again, and the last 100 from a file of their own. Records a second by stage, disk use.
With --plain (needs sentence-transformers) also LlamaIndex's IngestionPipeline with ChromaVectorStore on
the same records, in the same run, for a ratio.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDED = 100
MINILM = "sentence-transformers/all-MiniLM-L6-v2"

CHILD = """
import json, resource, sys
from pathlib import Path
from assistant.embedding import open_embedding_model
from assistant.settings import load_settings
from ingest.pipeline import ingest_paths
settings = load_settings(Path(sys.argv[2]))
model = open_embedding_model(settings.embedding)
report = ingest_paths([Path(sys.argv[1])], settings, model)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = {"peak_mb": peak // 1024, "embedded": report.embedded, "model": model.name}
print(json.dumps({**report.to_dict(), **told}))
"""

PLAIN = """
import json, sys, time
import chromadb
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import Document
from llama_index.core.node_parser import SentenceSplitter
from llama_index.vector_stores.chroma import ChromaVectorStore
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer(sys.argv[3])

class MiniLM(BaseEmbedding):
    def _get_text_embedding(self, text): return encoder.encode([text])[0].tolist()
    def _get_query_embedding(self, query): return self._get_text_embedding(query)
    async def _aget_query_embedding(self, query): return self._get_text_embedding(query)
    def _get_text_embeddings(self, texts): return encoder.encode(texts, batch_size=64).tolist()

rows = [json.loads(line) for line in open(sys.argv[1])]
documents = [Document(text=f"{r['title']}. {r['abstract']}", id_=str(r["id"])) for r in rows]
store = ChromaVectorStore(chromadb.PersistentClient(sys.argv[2]).get_or_create_collection("papers"))
began = time.perf_counter()
steps = [SentenceSplitter(), MiniLM(embed_batch_size=64)]
pipeline = IngestionPipeline(transformations=steps, vector_store=store)
pipeline.run(documents=documents)
print(json.dumps({"seconds": time.perf_counter() - began}))
"""


def child(code: str, *arguments: Path | str) -> dict[str, object]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)


def tell(name: str, records: int, done: dict[str, object]) -> float:
    """Print one run; return its seconds."""
    seconds = done["seconds"]
    assert isinstance(seconds, dict)
    total = float(seconds["total"])
    print(f"\n{name}: {total:.1f} s, {records / total:,.0f} records a second, peak {done['peak_mb']} MB")
    print(f"  papers {json.dumps(done['papers'])}, {done['embedded']:,} texts embedded")
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if stage != "total" and spent:
            share = spent / total
            print(f"  {stage:10} {spent:8.1f} s  {share:6.1%}  {records / spent:10,.0f} records a second")
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--embedding", default="wordllama")
    parser.add_argument(
        "--plain", nargs="?", const=MINILM, metavar="MODEL",
        help="also plain LlamaIndex, for a ratio; the encoder's name or folder (default: %(const)s)",
    )  # fmt: skip
    args = parser.parse_args()
    os.environ["ASSISTANT_EMBEDDING"] = args.embedding
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    work = Path(tempfile.mkdtemp(prefix="ingest-benchmark-"))
    try:
        with args.corpus.open() as source:
            lines = list(islice(source, args.records))
        corpus, data = work / "corpus.jsonl", work / "data"
        corpus.write_text("".join(lines[:-ADDED]))
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        print(
            f"{len(lines):,} records, {cores} cores, {platform.machine()}, commit {commit.stdout.strip()}",
            flush=True,
        )
        first = child(CHILD, corpus, data)
        print(f"embedding {first['model']}")
        total = tell("into an empty store", len(lines) - ADDED, first)
        print(f"  on disk {size_mb(data):,.0f} MB, {size_mb(data) * 1024 / len(lines):.1f} KB a record")
        tell("the same again", len(lines) - ADDED, child(CHILD, corpus, data))
        more = work / "more.jsonl"
        more.write_text("".join(lines[-ADDED:]))
        tell(f"{ADDED} more from another file", ADDED, child(CHILD, more, data))
        if args.plain:
            began = time.perf_counter()
            plain = float(str(child(PLAIN, corpus, work / "plain", args.plain)["seconds"]))
            took = time.perf_counter() - began
            rate = len(lines) / plain
            print(f"\nplain LlamaIndex: {plain:.1f} s, {rate:.1f} a second ({took:.1f} s in all)")
            print(f"ours in {total / plain:.2f} of its time")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
