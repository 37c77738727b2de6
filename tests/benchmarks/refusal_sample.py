"""Questions that a corpus answers, and questions that it does not: what `relevance` is fitted on.

- `refusal_questions.jsonl`, written for this: of each of the seeds in a reader's own words ("own-lay"), in
  a practitioner's shorthand ("own-pro"), in two or three words ("own-short") and as a riddle
  ("own-riddle"); and on what no seed is about: other subjects of the same fields ("off-near"), other
  fields ("off-far"), everyday wishes in a line ("off-lay") and at length ("off-long").
- The question sets that are given, without what their paper does not answer ("asked", "asked off-topic").
- Queries of SciFact, Cranfield, CISI, NFCorpus and PubMedQA, put to their own corpus ("own") and to
  the others and the seeds ("cross"), but not from one biomedical set to another.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from logistic import Vector

from assistant.corpus import Corpus
from assistant.embedding import EmbeddingModel
from assistant.evaluation.benchmark import benchmark_store, read_benchmark
from assistant.retrieval.relevance import relevance
from assistant.settings import Settings
from assistant.stores import open_stores

WRITTEN = Path(__file__).with_name("refusal_questions.jsonl")
SEEDS = "seeds"
# What a paper assistant is asked, roughly: of the answerable and of the other questions, each to 1.
WRITTEN_WEIGHTS = {
    "own-lay": 0.3, "own-pro": 0.3, "own-short": 0.15, "own-riddle": 0.25,
    "off-near": 0.5, "off-far": 0.2, "off-lay": 0.15, "off-long": 0.15,
}  # fmt: skip
OTHER_CORPORA = 0.3  # weight of all other corpora together, beside 1 for the written questions
ASKED = ("asked", "asked off-topic")  # each weighs as much as the written questions of its side
_SPLITS = {"scifact": "train", "cranfield": "test", "cisi": "test", "nfcorpus": "dev"}
_BIOMEDICAL = {"scifact", "nfcorpus", "pubmedqa"}  # one may well answer another's questions
_OWN, _CROSS = 200, 60  # queries put to their own corpus, and to each of the others
_RETRIEVED = 50
_SEED = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One question as a scorer sees it; `bad` when it should be refused; equal `group`s share a fold."""

    source: str
    group: str
    kind: str
    bad: bool
    features: tuple[float, ...]
    doubt: float


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file; texts may hold line separators that are no line breaks."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def sample(data: Path, stores: Path, seeds: Corpus, model: EmbeddingModel) -> Iterator[Row]:
    """All rows; `data` holds `beir/` and `qa/`, the other corpora's stores are kept under `stores`."""
    for question in read_rows(WRITTEN):
        kind = question["kind"]
        yield relevance_row(SEEDS, question["id"], kind, kind.startswith("off"), question["question"], seeds)
    queries = _queries(data)
    for name, own in [(SEEDS, []), *queries.items()]:
        corpus = seeds if name == SEEDS else _open(name, data, stores, model)
        for query_id, text in own[:_OWN]:
            yield relevance_row(name, query_id, "own", False, text, corpus)
        for other, theirs in queries.items():
            if other != name and not {name, other} <= _BIOMEDICAL:
                for query_id, text in theirs[-_CROSS:]:
                    yield relevance_row(name, f"{other} {query_id}", "cross", True, text, corpus)
        if corpus is not seeds:
            corpus.close()


def weights_of(rows: Sequence[Row]) -> Vector:
    """The written kinds by `WRITTEN_WEIGHTS`; the corpora share the rest equally, answerable or not.

    The rows of question sets weigh 1 together, of each side; .3 and .6 were worse, cross-validated.
    """
    sizes = Counter((r.source, r.kind) for r in rows)
    asked = Counter(r.kind for r in rows)
    corpora = {bad: len({r.source for r in rows if r.bad == bad and _foreign(r)}) for bad in (True, False)}
    return np.array(
        [
            1 / asked[r.kind]
            if r.kind in ASKED
            else (OTHER_CORPORA / corpora[r.bad] if _foreign(r) else WRITTEN_WEIGHTS[r.kind])
            / sizes[r.source, r.kind]
            for r in rows
        ]
    )


def _foreign(row: Row) -> bool:
    return row.kind not in (*WRITTEN_WEIGHTS, *ASKED)


def relevance_row(source: str, group: str, kind: str, bad: bool, text: str, corpus: Corpus) -> Row:
    """What `relevance` sees of a question put to a corpus."""
    found = relevance(
        text, corpus.retriever.search(text, _RETRIEVED), corpus.statistics, corpus.elsewhere(text)
    )
    return Row(source, group, kind, bad, found.features, found.doubt)


def _queries(data: Path) -> dict[str, list[tuple[str, str]]]:
    """The judged queries of each set, in an order that stays the same."""
    random = Random(_SEED)
    found: dict[str, list[tuple[str, str]]] = {}
    for name, split in _SPLITS.items():
        benchmark = read_benchmark(data / "beir" / name, split)
        ids = sorted(benchmark.relevant)
        random.shuffle(ids)
        found[name] = [(i, benchmark.queries[i]) for i in ids]
    expert = read_rows(data / "qa" / "pubmedqa.jsonl")
    random.shuffle(expert)
    found["pubmedqa"] = [(q["pmid"], q["question"]) for q in expert]
    return found


def _open(name: str, data: Path, stores: Path, model: EmbeddingModel) -> Corpus:
    folder = data / "beir" / name
    if name == "pubmedqa":
        folder = stores / name
        folder.mkdir(parents=True, exist_ok=True)
        papers = (
            {"_id": q["pmid"], "abstract": " ".join(s["text"] for s in q["abstract_sections"])}
            for q in read_rows(data / "qa" / "pubmedqa.jsonl")
        )
        (folder / "corpus.jsonl").write_text("".join(json.dumps(p) + "\n" for p in papers), "utf-8")
    settings = Settings(_env_file=None, data_dir=stores, answerer="extractive")  # type: ignore[call-arg]
    return Corpus(open_stores(benchmark_store(folder, settings, model), model), model)
