"""BEIR folders: their queries and judgements, a store of each one's corpus, and scoring rankings.

A BEIR folder (Thakur et al. 2021) holds `corpus.jsonl` and `queries.jsonl` ({"_id", "text"},
papers with "title") and `qrels/SPLIT.tsv` (query, paper, grade, after a header line).
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.embedding import EmbeddingModel
from assistant.errors import ConfigurationError, IngestError
from assistant.evaluation import describe_build, metrics
from assistant.evaluation.files import raise_faults, read_json_lines
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

    A query that failed is 0 in each of the `scores`, and counted in `failed`. `ranked` holds what
    was found, by query id.
    """

    scores: Mapping[str, Sequence[float]]
    milliseconds: Sequence[float]
    failed: int
    ranked: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def means(self) -> dict[str, float]:
        return {name: statistics.fmean(values) for name, values in self.scores.items()}

    @property
    def query_ms(self) -> dict[str, float | None]:
        return {name: metrics.percentile(self.milliseconds, at) for name, at in (("p50", 0.5), ("p95", 0.95))}


def benchmark_store(folder: Path, settings: Settings, model: EmbeddingModel) -> Settings:
    """The settings of a store that holds just the BEIR folder's corpus, ingested when there is none.

    The store lies under the data folder, is named for the corpus's content and the embedding
    model, and is used again, whatever the folder is called by then: remove it to have the corpus
    read, divided and embedded anew. Nothing is merged, as the judgements know papers by their ids.

    Raises:
        IngestError: the corpus cannot be read.
    """
    corpus = folder / "corpus.jsonl"
    stores, fingerprint = settings.data_dir / "evaluation", _fingerprint(corpus, model.name)
    kept = sorted(path.parent for path in stores.glob(f"*-{fingerprint}/{_DONE}"))
    place = kept[0] if kept else stores / f"{folder.resolve().name}-{fingerprint}"
    own = settings.model_copy(
        update={"data_dir": place, "catalogue_url": None, "chroma_url": None, "answerer": "extractive"}
    )
    if not (place / _DONE).exists():
        report = ingest_paths([corpus], own, model, dedupe=False)
        if not report.total:
            raise IngestError(f"nothing could be read from {corpus}; give a BEIR folder")
        made = {**describe_build(), "rejected": len(report.rejected)}
        (place / _DONE).write_text(json.dumps(made) + "\n", encoding="utf-8")
    return own


def store_made(settings: Settings) -> dict[str, Any]:
    """When a `benchmark_store` was made, by which build, and how many documents were no papers.

    Empty for a store that an earlier version made.
    """
    written = (settings.data_dir / _DONE).read_text(encoding="utf-8")
    return dict(json.loads(written)) if written.strip() else {}


def judged_ids(papers: Iterable[Paper], benchmark: Benchmark) -> dict[str, str]:
    """The id that the corpus, and so its judgements, gives each paper, by paper id.

    Of several such ids it is one that is judged; a paper that has none keeps its own.
    """
    known = {judged for gains in benchmark.relevant.values() for judged in gains}

    def own(paper: Paper) -> str:
        return next((i for i in paper.source_ids if i in known), (*paper.source_ids, paper.paper_id)[0])

    return {paper.paper_id: own(paper) for paper in papers}


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
    found: dict[str, dict[str, Sequence[str]]] = {name: {} for name in rankings}
    failed = dict.fromkeys(rankings, 0)
    order, shuffler = list(rankings), random.Random(0)
    for done, (query_id, gains) in enumerate(benchmark.relevant.items(), start=1):
        shuffler.shuffle(order)
        for name in order:
            start = time.perf_counter()
            try:
                # As BEIR's own evaluation does: where documents ask, they do not find themselves.
                ranked = [i for i in rankings[name](benchmark.queries[query_id], DEPTH) if i != query_id]
            except Exception:  # an edge: a query that breaks the search is a zero, and is counted
                ranked = []
                failed[name] += 1
            times[name].append(1000 * (time.perf_counter() - start))
            found[name][query_id] = ranked
            for measure_name, score in measures.items():
                scores[name][measure_name].append(score(ranked, gains))
        if progress:
            progress(done, len(benchmark.relevant))
    return {name: Measured(scores[name], times[name], failed[name], found[name]) for name in rankings}


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
        if not line.strip():
            continue
        try:
            query_id, paper, grade = line.split("\t")[:3]
            if float(grade) > 0:
                relevant.setdefault(query_id, {})[paper] = float(grade)
        except ValueError:
            if number == 1:
                continue  # the header
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
