"""Which papers belong to a topic: a cut-off between what is typical and what is best.

A paper's relevance is the mean of three signals, each in about [0, 1]: the similarity of the
whole paper to the topic, that of its best sentence (or its title), and the share of the
topic's words it uses, rare words counting more. What counts is where it lies on the way from
the typical candidate to the best one: on a corpus where everything is medical,
"medical" in a topic then selects nothing by itself. In a second look, likeness to the papers
that surely belong counts as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.models import Paper, ScoredPaper, Span
from assistant.retrieval.terms import Statistics, content_terms, inverse_document_frequencies

Vectors = NDArray[np.float32]
Scores = NDArray[np.float64]

CANDIDATES = 200  # papers looked at; less than half of them can belong, as the typical one is their median
# Chosen on 21 topics made up over the seeds (precision, recall): 0.40 0.72, 0.89; 0.45 0.78, 0.87;
# 0.50 0.80, 0.84; 0.55 0.84, 0.84. A paper that is missing hurts a summary more than one too many.
BELONGS = 0.45  # share of the way from the typical candidate to the best
RELATED = 0.35  # below BELONGS, but near enough to be named as left out
SURE = 0.5  # from here on a paper vouches for others
COMPANY = 0.3  # weight of the likeness to the papers that surely belong; 0.2 to 0.5 do as well
FLOOR = 0.3  # a best relevance below this is no match: made-up off-topic topics reach 0.28


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
    """A paper with what its relevance is computed from; all vectors have unit length.

    `vector` (dimension,) stands for title and abstract, `sentences` (n, dimension) belong
    to `spans`, `title` (dimension,) is the display title's.
    """

    paper: Paper
    vector: Vectors
    title: Vectors
    spans: tuple[Span, ...]
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class Selection:
    """Papers by falling relevance: those that `belong`, then those merely `related`.

    `closest` are the best papers whether or not they belong; `considered` counts all
    that were scored. `topic` is the topic's vector.
    """

    belong: tuple[Candidate, ...]
    related: tuple[Candidate, ...]
    closest: tuple[Candidate, ...]
    considered: int
    topic: Vectors


def select(
    topic: str, search: Search, catalogue: PaperSource, lexical: Statistics, model: Embeds
) -> Selection:
    """Choose the papers that belong to `topic` among what `search` finds."""
    ids = list(dict.fromkeys(s.paper.paper_id for s in search(topic, CANDIDATES)))
    found = load_candidates(ids, catalogue, model)
    vector = model.embed([topic])[0]
    if not found:
        return Selection((), (), (), 0, vector)
    scores = relevance(topic, vector, found, lexical)
    standing = _standing(scores) if scores.max() >= FLOOR else np.zeros_like(scores)
    standing = _with_company(standing, found)
    ranked = [(found[i], float(standing[i])) for i in np.lexsort((-scores, -standing))]
    return Selection(
        belong=tuple(c for c, s in ranked if s >= BELONGS),
        related=tuple(c for c, s in ranked if RELATED <= s < BELONGS),
        closest=tuple(c for c, _ in ranked[:5]),
        considered=len(found),
        topic=vector,
    )


def load_candidates(ids: Sequence[str], catalogue: PaperSource, model: Embeds) -> list[Candidate]:
    """Fetch papers with their vectors, in order; a paper whose abstract has no sentence is absent."""
    found = catalogue.get_papers(ids)
    vectors = catalogue.sentence_vectors(ids, model.name)
    usable = [found[i] for i in ids if i in found and i in vectors and len(vectors[i].spans)]
    titles = model.embed([p.display_title for p in usable]) if usable else ()
    candidates = []
    for paper, title in zip(usable, titles, strict=True):
        its = vectors[paper.paper_id]
        unit = unit_vector(np.vstack([its.vectors, title[None, :]]).mean(axis=0))
        candidates.append(Candidate(paper, unit, title, its.spans, its.vectors))
    return candidates


def relevance(topic: str, vector: Vectors, candidates: Sequence[Candidate], lexical: Statistics) -> Scores:
    """The mean of the three signals, of shape (len(candidates),); `vector` is the topic's."""
    whole = np.array([c.vector @ vector for c in candidates])
    best = np.array([max(float(np.max(c.sentences @ vector)), float(c.title @ vector)) for c in candidates])
    words = word_scores(topic, candidates, lexical)
    return np.asarray((whole + best + words) / 3, dtype=np.float64)


def _standing(scores: Scores) -> Scores:
    """Where scores lie on the way from the typical one (0) to the best (1); 0 if nothing stands out."""
    best, middle = float(scores.max()), float(np.median(scores))
    return (scores - middle) / (best - middle) if best > middle else np.zeros_like(scores)


def _with_company(standing: Scores, found: Sequence[Candidate]) -> Scores:
    """Let the papers that surely belong vouch for others like them (Rocchio's feedback).

    A paper may belong without the topic's words; that it resembles the best papers, beyond
    what all candidates share, then tells. Measured on the same topics: with it the cut-off can
    lie anywhere from 0.45 to 0.5 with the same result, without it precision falls from 0.79 to 0.71.
    """
    sure = np.where(standing >= SURE, standing, 0.0)
    if not sure.any():
        return standing
    vectors = np.array([c.vector for c in found])
    vectors = np.array([unit_vector(v) for v in vectors - vectors.mean(axis=0)])
    centre = unit_vector((vectors * sure[:, None]).sum(axis=0))
    likeness = np.asarray(vectors @ centre, dtype=np.float64)
    return (1 - COMPANY) * standing + COMPANY * _standing(likeness)


def unit_vector(vector: Vectors) -> Vectors:
    """`vector` with length 1; a zero vector stays one."""
    return np.asarray(vector / (np.linalg.norm(vector) or 1.0), dtype=np.float32)


def word_scores(topic: str, candidates: Sequence[Candidate], lexical: Statistics) -> Scores:
    """For each paper the share of the topic's words it uses, by rarity; BM25's saturation of repeats."""
    weights = inverse_document_frequencies(content_terms(topic, lexical), lexical)
    total = sum(weights.values())
    if not total:
        return np.zeros(len(candidates))
    scores = []
    for candidate in candidates:
        paper = candidate.paper
        counts = Counter(lexical.analyze(f"{paper.display_title}. {paper.abstract}"))
        scores.append(sum(w * counts[t] / (counts[t] + 1.0) for t, w in weights.items()) / total)
    return np.array(scores)
