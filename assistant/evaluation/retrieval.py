"""`evaluate --retrieval`: the search and each of its legs on a BEIR folder, with run files.

The legs (`ablation.our_legs`) rank the whole corpus by one kind of evidence; the fused ranking is what
`search` gives. All of them see the same queries in one run, so that their times can be compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.embedding import open_embedding_model
from assistant.evaluation import describe_build
from assistant.evaluation.ablation import FUSED, RankingTable, compare_rankings, named, our_legs
from assistant.evaluation.benchmark import (
    MEASURES,
    Measured,
    benchmark_store,
    judged_ids,
    measure,
    read_benchmark,
    store_made,
)
from assistant.settings import Settings
from assistant.stores import open_stores

_COMPARED = "nDCG@10"


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """What the fused search (`figures`, `query_ms`) and each ranking (`table`) did.

    Means over `n` judged queries; a query that failed counts as 0 and in `failed`. `measured` has
    the values of each query and what was found for it, by ranking.
    """

    setup: Mapping[str, Any]
    n: int
    failed: int
    figures: Mapping[str, float]
    query_ms: Mapping[str, float | None]
    table: RankingTable
    measured: Mapping[str, Measured] = field(repr=False)

    def to_text(self) -> str:
        """The table of rankings, and a line on what was measured."""
        setup = "  ".join(f"{name}: {value}" for name, value in self.setup.items() if value is not None)
        times = "  ".join(
            f"{name} {value:.0f} ms" for name, value in self.query_ms.items() if value is not None
        )
        return f"{self.table.to_markdown()}\n\nfused search: {times}\n{setup}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "setup": dict(self.setup),
            "n": self.n,
            "failed": self.failed,
            "figures": dict(self.figures),
            "query_ms": dict(self.query_ms),
            "rankings": self.table.to_dict()["rows"],
            "queries": {
                query_id: {
                    name: {m: round(values[place], 6) for m, values in its.scores.items()}
                    for name, its in self.measured.items()
                }
                for place, query_id in enumerate(self.measured[FUSED].ranked)
            },
        }

    def write(self, folder: Path) -> None:
        """Write report.json, report.md and the TREC run files `runs/RANKING.trec` into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
        (folder / "report.json").write_text(text + "\n", encoding="utf-8")
        (folder / "report.md").write_text(f"# Search\n\n{self.to_text()}\n", encoding="utf-8")
        write_runs(folder / "runs", self.measured)


def run_retrieval(
    folder: Path,
    split: str,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    report_dir: Path | None = None,
) -> RetrievalReport:
    """Run a split's queries through the search over a store of its own, and score the rankings.

    The store is made on the first call (see `benchmark_store`). With `report_dir` the report and the
    run files are written there.

    Raises:
        ConfigurationError: the folder is no BEIR folder or has no such split.
        IngestError: the corpus cannot be read.
    """
    benchmark = read_benchmark(folder, split)
    model = open_embedding_model(settings.embedding)
    own = benchmark_store(folder, settings, model)
    stores = open_stores(own, model)
    try:
        papers = stores.catalogue.papers()
        rankings = named(our_legs(stores, model), judged_ids(papers, benchmark))
        measured = measure(benchmark, rankings, progress)
    finally:
        stores.close()
    n, made = len(benchmark.relevant), store_made(own)
    rows = compare_rankings(measured, tuple(MEASURES), _COMPARED)
    about = {"papers": len(papers)}
    report = RetrievalReport(
        setup={
            "benchmark": folder.resolve().name,
            "split": split,
            "papers": len(papers),
            "documents without any text": made.get("rejected") or None,
            "embedding": model.name,
            "ingested by": made.get("commit") or made.get("version"),
            **describe_build(),
        },
        n=n,
        failed=measured[FUSED].failed,
        figures=measured[FUSED].means,
        query_ms=measured[FUSED].query_ms,
        table=RankingTable(f"{folder.resolve().name} {split}", n, _COMPARED, rows, about),
        measured=measured,
    )
    if report_dir is not None:
        report.write(report_dir)
    return report


def write_runs(folder: Path, measured: Mapping[str, Measured]) -> list[Path]:
    """Write a TREC run file for each ranking: query, "Q0", paper, rank, score, ranking.

    The score is 1 / rank: rankings of different kinds of evidence have no common scale, and
    evaluators sort by it. White space in an id, which the format cannot hold, becomes "_".
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, its in measured.items():
        tag = _field(name.replace(" ", "-"))
        path = folder / f"{tag}.trec"
        path.write_text("".join(_lines(its.ranked, tag)), encoding="utf-8")
        written.append(path)
    return written


def _lines(ranked: Mapping[str, Sequence[str]], tag: str) -> list[str]:
    return [
        f"{_field(query_id)} Q0 {_field(paper)} {rank} {1 / rank:.6f} {tag}\n"
        for query_id, papers in ranked.items()
        for rank, paper in enumerate(papers, start=1)
    ]


def _field(text: str) -> str:
    return re.sub(r"\s", "_", text)
