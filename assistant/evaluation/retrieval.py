"""Measuring the search on a BEIR folder, in a store of its own.

A BEIR folder (Thakur et al. 2021) holds `corpus.jsonl` and `queries.jsonl` ({"_id", "text"},
papers with "title") and `qrels/SPLIT.tsv` (query, paper, grade, after a header line).
"""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.embedding import open_embedding_model
from assistant.engine import open_assistant
from assistant.errors import ConfigurationError, IngestError
from assistant.evaluation import describe_build, metrics
from assistant.evaluation.questions import raise_faults, read_json_lines
from assistant.models import ScoredPaper
from assistant.settings import Settings
from ingest.pipeline import ingest_paths

DEPTH = 100
_DONE = "complete"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Queries with the graded relevance (above 0) of papers, by the corpus's own ids."""

    name: str
    split: str
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, float]]


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
    """Ingest the corpus into a store of its own, run the split's queries, score the rankings.

    The store lies under the data folder, is named for the corpus's content and the embedding
    model, and is used again. Nothing is merged: the judgements know papers by their ids.

    Raises:
        ConfigurationError: the folder is no BEIR folder or has no such split.
        IngestError: the corpus cannot be read.
    """
    benchmark = read_benchmark(folder, split)
    model = open_embedding_model(settings.embedding)
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
    with open_assistant(own) as assistant:
        setup = {
            "benchmark": folder.name,
            "split": split,
            "papers": assistant.paper_count,
            "embedding": model.name,
            **describe_build(),
        }
        return score_search(benchmark, assistant.search, setup, progress)


def score_search(
    benchmark: Benchmark,
    search: Callable[[str, int], Sequence[ScoredPaper]],
    setup: Mapping[str, Any],
    progress: Callable[[int, int], None] | None = None,
) -> RetrievalReport:
    """Run every judged query through `search` and average nDCG@10, MRR@10, R@5 and R@100."""
    rows: dict[str, list[float]] = {"nDCG@10": [], "MRR@10": [], "R@5": [], "R@100": []}
    times: list[float] = []
    failed = 0
    known = {paper for gains in benchmark.relevant.values() for paper in gains}
    for done, (query_id, gains) in enumerate(benchmark.relevant.items(), start=1):
        start = time.perf_counter()
        try:
            found = search(benchmark.queries[query_id], DEPTH)
        except Exception:  # an edge: a query that breaks the search is a zero, and is counted
            found, failed = (), failed + 1
        times.append(1000 * (time.perf_counter() - start))
        ranked = [_judged_id(scored, known) for scored in found]
        rows["nDCG@10"].append(metrics.ndcg(ranked, gains, 10))
        rows["MRR@10"].append(metrics.reciprocal_rank(ranked, gains, 10))
        rows["R@5"].append(metrics.recall(ranked, gains, 5))
        rows["R@100"].append(metrics.recall(ranked, gains, DEPTH))
        if progress:
            progress(done, len(benchmark.relevant))
    return RetrievalReport(
        setup=dict(setup),
        n=len(benchmark.relevant),
        failed=failed,
        figures={name: statistics.fmean(values) for name, values in rows.items()},
        query_ms={"p50": metrics.percentile(times, 0.5), "p95": metrics.percentile(times, 0.95)},
    )


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


def _judged_id(scored: ScoredPaper, known: set[str]) -> str:
    """The id under which the judgements know this paper."""
    return next((i for i in scored.paper.source_ids if i in known), scored.paper.paper_id)


def _fingerprint(corpus: Path, model: str) -> str:
    digest = hashlib.sha256(model.encode())
    with corpus.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]
