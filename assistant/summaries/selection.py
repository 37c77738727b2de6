"""Which papers belong to a topic: a cut-off between what is typical and what is best.

A paper's relevance is the mean of three signals of the search, each in about [0, 1]: the
similarity of its nearest passage, that of its nearest sentence, and the share of the topic's
words it uses, rare words counting more. What counts is where a paper lies on the way from the
typical candidate to the best one, by relevance and by the search's own score: on a corpus where
everything is medical, "medical" in a topic then selects nothing by itself. In a second look,
likeness to the papers that surely belong counts as well. Where a topic joins two subjects, how a paper
stands in a search for the one it is nearest to counts beside how it stands for the whole. A paper that
is near the topic by itself belongs in any case, so that a topic that is all the corpus is about selects
all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.models import Paper, ScoredPaper, Span
from assistant.retrieval.relevance import relevance as evidence
from assistant.retrieval.terms import Statistics
from assistant.summaries.sides import read_sides

Vectors = NDArray[np.float32]
Scores = NDArray[np.float64]

FIRST_LOOK = 200  # papers looked at
WIDE_LOOK = 1000  # as many when a topic turns out to be broad: more than BROAD of the first belong
BROAD = 0.2
# Chosen on the first 20 of tests/benchmarks/summary_topics_seeds.jsonl, with the search of that time
# (precision, recall): 0.35 0.77, 0.95; 0.40 0.83, 0.94; 0.45 0.88, 0.91; 0.50 0.89, 0.89. On 45 queries
# each of CISI and NFCorpus with 10 to 60 relevant papers, whose judgements are loose, it trades the same
# way: CISI 0.36, 0.23, NFCorpus 0.36, 0.14. A paper that is missing hurts a summary more than one too many.
BELONGS = 0.40  # share of the way from the typical candidate to the best
RELATED = 0.30  # below BELONGS, but near enough to be named as left out
SURE = 0.5  # from here on a paper vouches for others
COMPANY = 0.3  # weight of the likeness to the papers that surely belong
# Of a topic that joins subjects: the weight of the whole, the rest is that of the paper's own side; and
# the cut-off, higher as the best of several is high by chance. On the 41 such topics on the seeds and the
# 5 on SciFact of tests/benchmarks/summary_topics_*.jsonl (precision, recall) the whole alone 0.79, 0.92
# and 0.90, 0.87; both 0.82, 0.94 and 0.92, 0.88. From 0.44 to 0.52 F2, which counts recall twice, changes
# by less than 0.01: the middle was taken.
WHOLE = 0.6
SIDED = 0.48
# Relevance from which a paper belongs whatever the others are: of the 38 such papers on the topics
# above all belong, of the 48 on CISI and 84 on NFCorpus more than half.
NEAR = 0.55
# A best relevance below this, with the refusal's own evidence against it, is no match: 25 topics that
# the seeds do not have reach 0.37, the 20 they have begin at 0.41.
FLOOR = 0.4


class PaperSource(Protocol):
    """The part of the catalogue a summary reads."""

    @property
    def generation(self) -> int: ...
    def get_papers(self, ids: Iterable[str]) -> dict[str, Paper]: ...
    def sentence_vectors(self, paper_ids: Sequence[str], model: str) -> Mapping[str, HasVectors]: ...


class HasVectors(Protocol):
    """The sentences of one abstract: spans into it and unit vectors of shape (n, dimension)."""

    @property
    def spans(self) -> tuple[Span, ...]: ...
    @property
    def vectors(self) -> Vectors: ...


class Embeds(Protocol):
    """The part of an embedding model a summary uses."""

    @property
    def name(self) -> str: ...
    def embed(self, texts: Sequence[str]) -> Vectors: ...


Search = Callable[[str, int], Sequence[ScoredPaper]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper with its vectors, all of unit length.

    `vector` (dimension,) stands for the abstract, `sentences` (n, dimension) belong to `spans`.
    """

    paper: Paper
    vector: Vectors
    spans: tuple[Span, ...]
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class Selection:
    """Papers by falling relevance: those that `belong`, then those merely `related`.

    `filtered` counts those that belong but for the filters; `closest` are the best papers whether
    or not they belong; `considered` counts all that were scored. `topic` is the topic's vector.
    `lacking` are the subjects joined in the topic of which the corpus holds nothing.
    """

    belong: tuple[Candidate, ...]
    related: tuple[Paper, ...]
    closest: tuple[Paper, ...]
    considered: int
    topic: Vectors
    filtered: int = 0
    lacking: tuple[str, ...] = ()


def select(
    topic: str,
    search: Search,
    catalogue: PaperSource,
    statistics: Statistics,
    model: Embeds,
    allowed: Collection[str] | None = None,
) -> Selection:
    """Choose the papers that belong to `topic` among what `search` finds.

    `allowed`, when given, are the ids of the papers that satisfy the filters. The others are
    scored all the same: what is typical does not depend on the filters.
    """
    sources = _Sources(search, catalogue, statistics, model)
    sides = read_sides(topic)
    for top in (FIRST_LOOK, WIDE_LOOK):
        whole = _look(topic, top, sources)
        apart = [_look(side, top, sources) for side in sides]
        standing = _joined(whole, apart) if apart else whole.standing
        ranked = [s.paper for s in whole.ranked]
        if len(ranked) < top or (standing >= BELONGS).sum() <= BROAD * len(ranked):
            break
    order = np.argsort(-standing, kind="stable")
    belong = [ranked[i] for i in order if standing[i] >= BELONGS]
    kept = [p for p in belong if allowed is None or p.paper_id in allowed]
    near = (ranked[i] for i in order if RELATED <= standing[i] < BELONGS)
    return Selection(
        belong=tuple(candidate(p, whole.vectors[p.paper_id]) for p in kept),
        related=tuple(p for p in near if allowed is None or p.paper_id in allowed),
        closest=tuple(ranked[i] for i in order[:5]),
        considered=len(ranked),
        topic=model.embed([topic])[0],
        filtered=len(belong) - len(kept),
        lacking=tuple(side for side, its in zip(sides, apart, strict=True) if not its.standing.any()),
    )


def select_all(papers: Sequence[Paper], catalogue: PaperSource, model: Embeds) -> Selection:
    """Every one of `papers` that has an abstract, for a topic that is nothing but filters."""
    vectors = catalogue.sentence_vectors([p.paper_id for p in papers], model.name)
    usable = [p for p in papers if p.paper_id in vectors and len(vectors[p.paper_id].spans)]
    belong = tuple(candidate(p, vectors[p.paper_id]) for p in usable)
    centre = unit_vector(np.mean([c.vector for c in belong], axis=0)) if belong else np.zeros(1, np.float32)
    return Selection(belong, (), (), len(papers), centre)


def candidate(paper: Paper, its: HasVectors) -> Candidate:
    return Candidate(paper, unit_vector(its.vectors.mean(axis=0)), its.spans, its.vectors)


def unit_vector(vector: Vectors) -> Vectors:
    """`vector` with length 1; a zero vector stays one."""
    return np.asarray(vector / (np.linalg.norm(vector) or 1.0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Sources:
    search: Search
    catalogue: PaperSource
    statistics: Statistics
    model: Embeds


@dataclass(frozen=True, slots=True)
class _Look:
    """What a search found, best first: each paper's relevance and standing, and the vectors by paper id.

    `standing` says where a paper lies between the typical one (0) and the best (1); all 0 when the
    corpus holds nothing on what was searched for, and 0 for a paper without an abstract.
    """

    ranked: Sequence[ScoredPaper]
    relevance: Scores
    standing: Scores
    vectors: Mapping[str, HasVectors]


def _look(query: str, top: int, sources: _Sources) -> _Look:
    ranked = sources.search(query, top)
    if not ranked:
        return _Look((), np.zeros(0), np.zeros(0), {})
    ids = [s.paper.paper_id for s in ranked]
    vectors = sources.catalogue.sentence_vectors(ids, sources.model.name)
    near = np.array([(s.why["passage"] + s.why["sentence"] + s.why["words"]) / 3 for s in ranked])
    if near.max() < FLOOR and evidence(query, ranked, sources.statistics).doubt > 0:
        return _Look(ranked, near, np.zeros(len(ranked)), vectors)
    by_search = _standing(np.array([s.score for s in ranked]))
    standing = (_standing(near) + by_search) / 2
    told = np.array([i in vectors and len(vectors[i].spans) > 0 for i in ids])
    standing = _with_company(standing, [vectors[ids[i]] for i in np.flatnonzero(told)], told)
    standing = np.where(near >= NEAR, np.maximum(standing, BELONGS), standing)
    return _Look(ranked, near, np.where(told, standing, 0.0), vectors)


def _joined(whole: _Look, sides: Sequence[_Look]) -> Scores:
    """Standings, of the papers found for the whole, by the whole and by each paper's best side.

    Where the corpus holds nothing on the whole, what it holds on a side is all there is.
    """
    ids = [s.paper.paper_id for s in whole.ranked]
    best = np.zeros(len(ids))
    for side in sides:
        its = {s.paper.paper_id: x for s, x in zip(side.ranked, side.standing.tolist(), strict=True)}
        best = np.maximum(best, [its.get(i, 0.0) for i in ids])
    if not whole.standing.any():
        return best
    standing = (WHOLE * whole.standing + (1 - WHOLE) * best) * BELONGS / SIDED
    near = (whole.relevance >= NEAR) & (whole.standing > 0)
    return np.where(near, np.maximum(standing, BELONGS), standing)


def _standing(scores: Scores) -> Scores:
    """Where scores lie on the way from the typical one (0) to the best (1); 0 if nothing stands out."""
    best, middle = float(scores.max()), float(np.median(scores))
    return (scores - middle) / (best - middle) if best > middle else np.zeros_like(scores)


def _with_company(standing: Scores, found: Sequence[HasVectors], told: NDArray[np.bool_]) -> Scores:
    """Let the papers that surely belong vouch for others like them (Rocchio's feedback).

    A paper may belong without the topic's words; that it resembles the best papers, beyond
    what all candidates share, then tells.
    """
    with_text = np.flatnonzero(told)
    sure = np.where(standing >= SURE, standing, 0.0)[with_text]
    if not sure.any():
        return standing
    vectors = np.array([unit_vector(f.vectors.mean(axis=0)) for f in found])
    vectors = np.array([unit_vector(v) for v in vectors - vectors.mean(axis=0)])
    centre = unit_vector((vectors * sure[:, None]).sum(axis=0))
    likeness = np.zeros_like(standing)
    likeness[with_text] = _standing(np.asarray(vectors @ centre, dtype=np.float64))
    return (1 - COMPANY) * standing + COMPANY * likeness
