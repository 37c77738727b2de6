"""Measuring the search on a BEIR folder, in a store of its own.

A BEIR folder (Thakur et al. 2021) holds `corpus.jsonl` and `queries.jsonl` ({"_id", "text"},
papers with "title") and `qrels/SPLIT.tsv` (query, paper, grade, after a header line).
"""

from __future__ import annotations

import hashlib
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.embedding import EmbeddingModel, open_embedding_model
from assistant.engine import open_assistant
from assistant.errors import ConfigurationError, IngestError
from assistant.evaluation import describe_build, metrics
from assistant.evaluation.questions import raise_faults, read_json_lines
from assistant.models import Paper
from assistant.settings import Settings
from ingest.pipeline import ingest_paths

DEPTH = 100
_DONE = "complete"

Ranking = Callable[[str, int], Sequence[str]]
"""A query and a number n -> the ids of the n best papers, best first."""

Measure = Callable[[Sequence[str], Mapping[str, float]], float]
"""A ranking and the graded relevance of papers -> a figure from 0 to 1."""

MEASURES: Mapping[str, Measure] = {
    "nDCG@10": lambda ranked, gains: metrics.ndcg(ranked, gains, 10),
    "MRR@10": lambda ranked, gains: metrics.reciprocal_rank(ranked, gains, 10),
    "R@5": lambda ranked, gains: metrics.recall(ranked, gains, 5),
    "R@100": lambda ranked, gains: metrics.recall(ranked, gains, DEPTH),
}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Queries with the graded relevance (above 0) of papers, by the corpus's own ids."""

    name: str
    split: str
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one ranking did, a value a judged query in the order of the judgements.

    A query that failed is 0 in each of the `scores`, and counted in `failed`.
    """

    scores: Mapping[str, Sequence[float]]
    milliseconds: Sequence[float]
    failed: int

    @property
    def means(self) -> dict[str, float]:
        return {name: statistics.fmean(values) for name, values in self.scores.items()}

    @property
    def query_ms(self) -> dict[str, float | None]:
        return {name: metrics.percentile(self.milliseconds, at) for name, at in (("p50", 0.5), ("p95", 0.95))}


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """Means over `n` judged queries; a query that failed counts as 0 and in `failed`."""

    setup: Mapping[str, Any]
    n: int
    failed: int
    figures: Mapping[str, float]
    query_ms: Mapping[str, float | None]

    def to_text(self) -> str:
        """One line of figures and one of what was measured."""
        figures = "  ".join(f"{name} {value:.4f}" for name, value in self.figures.items())
        times = "  ".join(
            f"{name} {value:.0f} ms" for name, value in self.query_ms.items() if value is not None
        )
        setup = "  ".join(f"{name}: {value}" for name, value in self.setup.items() if value is not None)
        return f"queries {self.n}  failed {self.failed}  {figures}  {times}\n{setup}"


def run_retrieval(
    folder: Path, split: str, settings: Settings, progress: Callable[[int, int], None] | None = None
) -> RetrievalReport:
    """Run a split's queries through the search over a store of its own, and score the rankings.

    Raises:
        ConfigurationError: the folder is no BEIR folder or has no such split.
        IngestError: the corpus cannot be read.
    """
    benchmark = read_benchmark(folder, split)
    model = open_embedding_model(settings.embedding)
    with open_assistant(benchmark_store(folder, settings, model)) as assistant:
        judged = judged_ids(assistant.papers(), benchmark)

        def rank(query: str, top: int) -> list[str]:
            return [judged[s.paper.paper_id] for s in assistant.search(query, top)]

        measured = measure(benchmark, {"search": rank}, progress)["search"]
        return RetrievalReport(
            setup={
                "benchmark": folder.name,
                "split": split,
                "papers": assistant.paper_count,
                "embedding": model.name,
                **describe_build(),
            },
            n=len(benchmark.relevant),
            failed=measured.failed,
            figures=measured.means,
            query_ms=measured.query_ms,
        )


def benchmark_store(folder: Path, settings: Settings, model: EmbeddingModel) -> Settings:
    """The settings of a store that holds just the BEIR folder's corpus, ingested when there is none.

    The store lies under the data folder, is named for the corpus's content and the embedding
    model, and is used again: remove it to have the corpus read, divided and embedded anew.
    Nothing is merged, as the judgements know papers by their ids.

    Raises:
        IngestError: the corpus cannot be read.
    """
    corpus = folder / "corpus.jsonl"
    place = settings.data_dir / "evaluation" / f"{folder.name}-{_fingerprint(corpus, model.name)}"
    own = settings.model_copy(
        update={"data_dir": place, "catalogue_url": None, "chroma_url": None, "answerer": "extractive"}
    )
    if not (place / _DONE).exists():
        report = ingest_paths([corpus], own, model, dedupe=False)
        if not report.total:
            raise IngestError(f"nothing could be read from {corpus}; give a BEIR folder")
        (place / _DONE).touch()
    return own


def judged_ids(papers: Iterable[Paper], benchmark: Benchmark) -> dict[str, str]:
    """The id under which the judgements know each paper, by paper id; its own where they don't."""
    known = {judged for gains in benchmark.relevant.values() for judged in gains}
    return {p.paper_id: next((i for i in p.source_ids if i in known), p.paper_id) for p in papers}


def measure(
    benchmark: Benchmark,
    rankings: Mapping[str, Ranking],
    progress: Callable[[int, int], None] | None = None,
    measures: Mapping[str, Measure] = MEASURES,
) -> dict[str, Measured]:
    """Score every ranking on every judged query.

    Rankings give the judgements' own ids (see `judged_ids`). They take turns at each query, in
    another order each time, so that what else the machine does, and what the one before leaves in
    its caches, slows all of them alike.
    """
    scores: dict[str, dict[str, list[float]]] = {name: {m: [] for m in measures} for name in rankings}
    times: dict[str, list[float]] = {name: [] for name in rankings}
    failed = dict.fromkeys(rankings, 0)
    order, shuffler = list(rankings), random.Random(0)
    for done, (query_id, gains) in enumerate(benchmark.relevant.items(), start=1):
        shuffler.shuffle(order)
        for name in order:
            start = time.perf_counter()
            try:
                ranked = rankings[name](benchmark.queries[query_id], DEPTH)
            except Exception:  # an edge: a query that breaks the search is a zero, and is counted
                ranked = ()
                failed[name] += 1
            times[name].append(1000 * (time.perf_counter() - start))
            for measure_name, score in measures.items():
                scores[name][measure_name].append(score(ranked, gains))
        if progress:
            progress(done, len(benchmark.relevant))
    return {name: Measured(scores[name], times[name], failed[name]) for name in rankings}


def read_benchmark(folder: Path, split: str) -> Benchmark:
    """Read queries and judgements.

    Raises:
        ConfigurationError: a file is missing or faulty, or no query of the split is judged.
    """
    judgements = folder / "qrels" / f"{split}.tsv"
    for needed in (folder / "corpus.jsonl", folder / "queries.jsonl", judgements):
        if not needed.is_file():
            raise ConfigurationError(f"{needed} is missing; give a BEIR folder and one of its splits")
    faults: list[str] = []
    queries = {
        str(row["_id"]): str(row["text"])
        for _, row in read_json_lines(folder / "queries.jsonl", faults)
        if "_id" in row and "text" in row
    }
    raise_faults(folder / "queries.jsonl", faults)
    relevant: dict[str, dict[str, float]] = {}
    for number, line in enumerate(judgements.read_text(encoding="utf-8").splitlines(), start=1):
        if number == 1 or not line.strip():
            continue
        try:
            query_id, paper, grade = line.split("\t")[:3]
            if float(grade) > 0:
                relevant.setdefault(query_id, {})[paper] = float(grade)
        except ValueError:
            faults.append(f"line {number}: not query, paper and grade, divided by tabs")
    faults += [
        f"query {query_id!r} is judged but not in queries.jsonl" for query_id in set(relevant) - set(queries)
    ]
    raise_faults(judgements, faults)
    if not relevant:
        raise ConfigurationError(f"{judgements} judges no paper relevant; choose another split")
    return Benchmark(folder.name, split, queries, relevant)


def _fingerprint(corpus: Path, model: str) -> str:
    digest = hashlib.sha256(model.encode())
    with corpus.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]
