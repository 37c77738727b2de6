"""The search beside its parts: each leg alone, and each signal off in turn.

A ranking that is put together of several signals has to earn each of them. The legs rank the
whole corpus, not only what the search would have looked at, so that none is helped by another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from assistant.corpus import CorpusStatistics
from assistant.embedding import EmbeddingModel
from assistant.evaluation import metrics
from assistant.evaluation.benchmark import Measured, Ranking
from assistant.retrieval.retriever import PaperRetriever, Weights
from assistant.stores import Stores
from assistant.words import content_words

FUSED = "fused"
_FEW = 20  # queries; the bootstrap of fewer knows too little doubt


def weights_without_each(weights: Weights) -> dict[str, Weights]:
    """`weights` with each one that counts set to 0 in turn, by "without NAME"."""
    return {
        f"without {field.name}": replace(weights, **{field.name: 0.0})
        for field in fields(weights)
        if getattr(weights, field.name)
    }


def our_rankings(stores: Stores, model: EmbeddingModel, weights: Weights | None = None) -> dict[str, Ranking]:
    """The search over `stores` by "fused", its legs by "only ...", its ablations by "without ..."."""
    whole = weights or Weights()
    return our_legs(stores, model, whole) | {
        name: _search(stores, model, less) for name, less in weights_without_each(whole).items()
    }


def our_legs(stores: Stores, model: EmbeddingModel, weights: Weights | None = None) -> dict[str, Ranking]:
    """The search over `stores` by "fused", its legs by "only ..."."""
    return {
        FUSED: _search(stores, model, weights or Weights()),
        "only passages": _by_passage(stores, model),
        "only sentences": _by_sentence(stores, model),
        "only words": _by_words(stores),
    }


def _search(stores: Stores, model: EmbeddingModel, weights: Weights) -> Ranking:
    statistics = CorpusStatistics(stores.lexical, model)
    retriever = PaperRetriever(stores, stores.vectors, stores.lexical, statistics, model, weights)
    return lambda query, top: [scored.paper.paper_id for scored in retriever.search(query, top)]


def _by_passage(stores: Stores, model: EmbeddingModel) -> Ranking:
    """By the cosine of a paper's best chunk."""

    def rank(query: str, top: int) -> list[str]:
        vector = model.embed([query])[0]
        wanted = 2 * top
        while True:  # until so many chunks are of enough papers
            hits = stores.vectors.search(vector, wanted)
            papers = list(dict.fromkeys(paper_id for _, paper_id, _ in hits))
            if len(papers) >= top or len(hits) < wanted:
                return papers[:top]
            wanted *= 2

    return rank


def _by_sentence(stores: Stores, model: EmbeddingModel) -> Ranking:
    """By the cosine of the best sentence of an abstract; of the best chunk, where there is none."""
    ids = [paper.paper_id for paper in stores.catalogue.papers()]
    found = stores.catalogue.sentence_vectors(ids, model.name)
    spoken = [paper_id for paper_id in ids if paper_id in found and len(found[paper_id].spans)]
    silent = sorted(set(ids) - set(spoken))
    if not spoken:
        return _by_passage(stores, model)
    vectors = np.concatenate([found[paper_id].vectors for paper_id in spoken])
    lengths = [len(found[paper_id].spans) for paper_id in spoken]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])

    def rank(query: str, top: int) -> list[str]:
        vector = model.embed([query])[0]
        best = dict(zip(spoken, np.maximum.reduceat(vectors @ vector, starts).tolist(), strict=True))
        for _, paper_id, cosine in stores.vectors.search(vector, 2 * len(silent), silent):
            best[paper_id] = max(cosine, best.get(paper_id, -1.0))
        return sorted(best, key=lambda paper_id: (-best[paper_id], paper_id))[:top]

    return rank


def _by_words(stores: Stores) -> Ranking:
    """By BM25 of the question's content words."""
    return lambda query, top: [
        paper_id for paper_id, _ in stores.lexical.search(" ".join(content_words(query)), top)
    ]


def named(rankings: Mapping[str, Ranking], names: Mapping[str, str]) -> dict[str, Ranking]:
    """The same rankings with every paper id replaced by its name in `names`."""

    def renamed(rank: Ranking) -> Ranking:
        def ranked(query: str, top: int) -> Sequence[str]:
            return [names[paper_id] for paper_id in rank(query, top)]

        return ranked

    return {name: renamed(rank) for name, rank in rankings.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A ranking's means over the queries.

    `ours_better_by` is the mean of the fused search minus its own, in the measure compared, and
    `interval` the 95 % interval of that by a paired bootstrap over the queries; None for the
    fused search itself, and for a single query. `p50_ms` is the median time of a query.
    """

    ranking: str
    figures: Mapping[str, float]
    ours_better_by: float
    interval: tuple[float, float] | None
    p50_ms: float | None
    failed: int


@dataclass(frozen=True, slots=True)
class RankingTable:
    """All rankings on the `n` queries of one set, the fused search first.

    `compared` is the measure that "ours better by" is about, `about` what else there is to know.
    """

    name: str
    n: int
    compared: str
    rows: Sequence[Row]
    about: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def to_markdown(self) -> str:
        """A line on what was measured, and a line for each ranking."""
        measures = list(self.rows[0].figures)
        about = "".join(f", {name}: {value}" for name, value in self.about.items())
        lines = [
            f"{self.name}, queries: {self.n}{about}; ours better by: {self.compared}",
            "",
            f"| ranking | {' | '.join(measures)} | ours better by | 95 % interval | p50 ms | failed |",
            "|---" + "|---:" * (len(measures) + 4) + "|",
        ]
        for row in self.rows:
            cells = [row.ranking, *(f"{value:.4f}" for value in row.figures.values())]
            cells.append(f"{row.ours_better_by:+.4f}" if row.interval else "")
            cells.append("{:+.4f} to {:+.4f}".format(*row.interval) if row.interval else "")
            cells += [f"{row.p50_ms:.0f}" if row.p50_ms is not None else "", str(row.failed)]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines)


def compare_rankings(measured: Mapping[str, Measured], shown: Sequence[str], compared: str) -> list[Row]:
    """A row for each ranking, with the measures `shown`, set against the fused one in `compared`."""
    ours = np.asarray(measured[FUSED].scores[compared], dtype=np.float64)
    rows = []
    for name, its in measured.items():
        differences = ours - np.asarray(its.scores[compared], dtype=np.float64)
        rows.append(
            Row(
                name,
                {measure: its.means[measure] for measure in shown},
                float(differences.mean()),
                metrics.bootstrap_interval(differences.tolist()) if name != FUSED else None,
                its.query_ms["p50"],
                its.failed,
            )
        )
    return rows


def summarize_tables(tables: Sequence[RankingTable]) -> str:
    """A line for each ranking and a column for each table: what ours is better by.

    Bold where the interval excludes 0, with 20 queries or more; the fused search's line has its
    own figure.
    """
    heads = [f"{table.name} ({table.n}), {table.compared}" for table in tables]
    lines = [f"| ours better than | {' | '.join(heads)} |", "|---" + "|---:" * len(tables) + "|"]
    for name in dict.fromkeys(row.ranking for table in tables for row in table.rows):
        cells = [name]
        for table in tables:
            row = next((row for row in table.rows if row.ranking == name), None)
            if row is None:
                cells.append("")
            elif name == FUSED:
                cells.append(f"{row.figures[table.compared]:.4f}")
            else:
                low, high = row.interval or (0.0, 0.0)
                sure = table.n >= _FEW and (low > 0 or high < 0)
                cells.append(f"**{row.ours_better_by:+.4f}**" if sure else f"{row.ours_better_by:+.4f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
