"""Question -> ranked papers with their sentences: dense, lexical and sentence evidence, fused.

The signals are fused as they are, not by rank or min-max: cosines of the best passage and of
the best sentence are comparable between questions, and BM25 is made so by dividing it by the
score of a paper that holds every content word of the question. A question that shares no words
with a paper is then decided by the vectors, and a rare name by the words; min-max would make
the best of 100 bad word matches count in full.

The best papers by these three are then looked at again: word by word (`late_interaction`), beside
one another (`feedback`), and the very best, where words do not decide, sentence by sentence
(`close_reading`). All this only reorders: the mean over the papers is taken off, so that a score
means the same with and without.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import EmbeddingModel, ReadsParts
from assistant.models import Filters, Paper, ScoredPaper, ScoredSentence
from assistant.retrieval.close_reading import CLOSE, CloseReader, undecided
from assistant.retrieval.feedback import feedback
from assistant.retrieval.late_interaction import Match, match_words, told, word_weights
from assistant.retrieval.terms import Statistics, content_terms, inverse_document_frequencies
from assistant.retrieval.why import with_ranks
from assistant.stores.catalogue import SentenceVectors
from assistant.words import content_places, content_words

CANDIDATES = 100  # papers taken from each of the dense and the lexical list
LATE_CANDIDATES = 50  # papers whose words are compared with the question's
_TEXTS = 64  # texts whose vectors are remembered
# BM25 of a term that occurs about once in an abstract of average length, over its idf.
_TYPICAL_BM25 = 1.65


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of each signal adds to a paper's score.

    `passage` and `sentence`: cosine of the nearest; `words`: share of the best possible BM25; `late`:
    best matches word by word; `together`, `head`: these within a stretch of text, within the title,
    for a question of many words; `feedback`: likeness to the best papers; `contrast`: likeness to all,
    which is taken off; `close`: best matches word by word of sentences read by themselves, as far as
    words leave it open. What each is worth: tests/benchmarks/retrieval.py takes them away in turn.
    """

    passage: float = 1.0
    sentence: float = 0.6
    words: float = 0.9
    late: float = 1.25
    together: float = 1.0
    head: float = 0.4
    feedback: float = 0.3
    contrast: float = 0.45
    close: float = 2.5


class Dense(Protocol):
    def search(
        self, vector: NDArray[np.float32], top: int, paper_ids: Collection[str] | None = None
    ) -> list[tuple[str, str, float]]: ...


class Lexical(Protocol):
    def search(
        self, query: str, top: int, paper_ids: Collection[str] | None = None
    ) -> list[tuple[str, float]]: ...


class Papers(Protocol):
    def get_papers(self, ids: Sequence[str]) -> dict[str, Paper]: ...
    def select_ids(self, filters: Filters) -> list[str]: ...
    def sentence_vectors(self, paper_ids: Sequence[str], model: str) -> dict[str, SentenceVectors]: ...
    def word_signs(self, paper_ids: Sequence[str], model: str) -> dict[str, NDArray[np.uint8]]: ...


class PaperRetriever:
    """Ranks the papers of one store for a question."""

    def __init__(
        self,
        papers: Papers,
        dense: Dense,
        lexical: Lexical,
        statistics: Statistics,
        model: EmbeddingModel,
        weights: Weights | None = None,
    ) -> None:
        self._papers, self._dense, self._lexical, self._model = papers, dense, lexical, model
        self._statistics = statistics
        self._weights = weights or Weights()
        self._reader = CloseReader(model) if isinstance(model, ReadsParts) else None
        # What a question is searched by, its answer's sentences are then compared with.
        self._remembered = lru_cache(maxsize=_TEXTS)(self._read)

    def search(
        self,
        question: str,
        top: int,
        filters: Filters | None = None,
        paper_ids: Collection[str] | None = None,
    ) -> list[ScoredPaper]:
        """The best `top` papers, best first, each with the similarity of all its sentences.

        `filters` are applied exactly; `paper_ids` restricts the search further. `why` holds
        "passage" and "sentence" (cosines) and "words" (share of the best possible BM25), each with
        its rank among all candidates ("passage_rank"), and the paper's own "rank".
        """
        allowed = self._allowed(filters, paper_ids)
        if allowed is not None and not allowed:
            return []
        asked = self._remembered(question)
        vector = asked.vector
        most = max(top, CANDIDATES)
        bag = self._bag(question)
        words = self._word_scores(bag, most, allowed)
        passages = self._passage_scores(vector, most, allowed)
        # What one list found and the other cut off is looked up, or it would pass for a stranger there.
        if missing := [p for p in words if p not in passages]:
            passages |= self._passage_scores(vector, len(missing), missing)
        if len(words) >= most and (missing := [p for p in passages if p not in words]):
            words |= self._word_scores(bag, len(missing), missing)
        candidates = list(passages | words)
        sentences = self._papers.sentence_vectors(candidates, self._model.name)
        scored = [
            self._score(
                paper_id,
                passages.get(paper_id, 0.0),
                words.get(paper_id, 0.0),
                sentences.get(paper_id),
                vector,
            )
            for paper_id in candidates
        ]
        scored = self._reordered(_sort(scored), asked)
        ranked = with_ranks([s.why for s in scored])
        return self._with_papers([replace(s, why=why) for s, why in zip(scored[:top], ranked, strict=False)])

    def vector(self, text: str) -> NDArray[np.float32]:
        """The text's vector, (dimension,): for a question just searched for, the one it was found by."""
        return self._remembered(text).vector

    def _read(self, question: str) -> "_Asked":
        """The question's vector and those of its content words, from one forward pass."""
        if not isinstance(self._model, ReadsParts):
            return _Asked(self._model.embed([question])[0])
        places = content_places(question)
        ((vector, vectors),) = self._model.embed_with_parts([(question, places)])
        return _Asked(vector, tuple(question[start:end] for start, end in places), vectors)

    def _reordered(self, scored: "list[_Scored]", asked: "_Asked") -> "list[_Scored]":
        """The papers by all signals; those beyond the first `CANDIDATES` stay where they are."""
        head, tail = scored[:CANDIDATES], scored[CANDIDATES:]
        w = self._weights
        if asked.words:
            best = [s.paper_id for s in head[:LATE_CANDIDATES]]
            found = match_words(
                asked.vectors,
                word_weights(asked.words, self._statistics),
                self._papers.word_signs(best, self._model.name),
            )
            if found:
                where = told(len(asked.words))
                lowest = Match(*map(min, zip(*found.values(), strict=True)))
                matches = [found.get(s.paper_id, lowest) for s in head]
                head = _adding(head, "late", [m.anywhere for m in matches], w.late)
                head = _adding(head, "together", [m.together for m in matches], w.together * where)
                head = _sort(_adding(head, "head", [m.head for m in matches], w.head * where))
        if (w.feedback or w.contrast) and len(head) > 1:
            likeness, commonness = feedback([s.direction for s in head], [s.score for s in head])
            head = _adding(head, "feedback", likeness, w.feedback)
            head = _sort(_adding(head, "contrast", commonness, -w.contrast))
        return self._read_closely(head, asked) + tail

    def _read_closely(self, scored: "list[_Scored]", asked: "_Asked") -> "list[_Scored]":
        """The papers, the first few of which are read sentence by sentence where words do not decide."""
        best = scored[:CLOSE]
        weight = self._weights.close * undecided([s.why["words"] for s in best]) * told(len(asked.words))
        if self._reader is None or not weight or len(best) < 2:
            return scored
        papers = self._papers.get_papers([s.paper_id for s in best])
        if len(papers) < len(best):  # one was removed a moment ago
            return scored
        weights = word_weights(asked.words, self._statistics)
        found = self._reader.match(asked.vectors, weights, [papers[s.paper_id] for s in best])
        if not (known := [match for match in found if match is not None]):
            return scored
        mean = sum(known) / len(known)
        matches = [mean if match is None else match for match in found]
        return _sort([*_adding(best, "close", matches, weight), *scored[CLOSE:]])

    def _allowed(self, filters: Filters | None, paper_ids: Collection[str] | None) -> list[str] | None:
        if not filters:
            return None if paper_ids is None else list(paper_ids)
        selected = self._papers.select_ids(filters)
        if paper_ids is None:
            return selected
        wanted = set(paper_ids)
        return [paper_id for paper_id in selected if paper_id in wanted]

    def _bag(self, question: str) -> tuple[str, float]:
        """The words to look for, and the BM25 of a paper that holds all of them."""
        terms = content_terms(question, self._statistics)
        idf = inverse_document_frequencies(terms, self._statistics)
        written = set(self._statistics.analyze(question))
        bag = " ".join([*content_words(question), *(t for t in terms if t not in written)])
        return bag, _TYPICAL_BM25 * sum(idf.values())

    def _word_scores(
        self, bag: tuple[str, float], top: int, allowed: Collection[str] | None
    ) -> dict[str, float]:
        words, best_possible = bag
        if not best_possible:
            return {}
        hits = self._lexical.search(words, top, allowed)
        return {paper_id: min(1.0, score / best_possible) for paper_id, score in hits}

    def _passage_scores(
        self, vector: NDArray[np.float32], top: int, allowed: Collection[str] | None
    ) -> dict[str, float]:
        # An abstract is one to three chunks: twice as many chunks as papers are asked for.
        best: dict[str, float] = {}
        for _, paper_id, cosine in self._dense.search(vector, 2 * top, allowed):
            best[paper_id] = max(cosine, best.get(paper_id, -1.0))
        return best

    def _score(
        self,
        paper_id: str,
        passage: float,
        words: float,
        sentences: SentenceVectors | None,
        vector: NDArray[np.float32],
    ) -> "_Scored":
        similarities = sentences.vectors @ vector if sentences and len(sentences.spans) else None
        # A paper without an abstract is judged by its title alone.
        sentence = float(similarities.max()) if similarities is not None else passage
        w = self._weights
        score = w.passage * passage + w.sentence * sentence + w.words * words
        why = {"passage": passage, "sentence": sentence, "words": words}
        return _Scored(paper_id, score, why, sentences, similarities)

    def _with_papers(self, scored: "Sequence[_Scored]") -> list[ScoredPaper]:
        papers = self._papers.get_papers([s.paper_id for s in scored])
        return [
            ScoredPaper(papers[s.paper_id], s.score, s.why, s.scored_sentences(papers[s.paper_id].abstract))
            for s in scored
            if s.paper_id in papers
        ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question's vector, and its content words with theirs, a row a word."""

    vector: NDArray[np.float32]
    words: tuple[str, ...] = ()
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))


@dataclass(frozen=True, slots=True)
class _Scored:
    paper_id: str
    score: float
    why: Mapping[str, float]
    sentences: SentenceVectors | None
    similarities: NDArray[np.float32] | None

    @property
    def direction(self) -> NDArray[np.float32] | None:
        """The sum of the sentences' vectors; None for a paper without sentences."""
        return self.sentences.vectors.sum(axis=0) if self.sentences and len(self.sentences.spans) else None

    def scored_sentences(self, abstract: str) -> tuple[ScoredSentence, ...]:
        if self.sentences is None or self.similarities is None:
            return ()
        return tuple(
            ScoredSentence(abstract[span.start : span.end], span.start, span.end, float(similarity))
            for span, similarity in zip(self.sentences.spans, self.similarities, strict=True)
        )


def _adding(
    scored: "Sequence[_Scored]", name: str, values: Sequence[float], weight: float
) -> "list[_Scored]":
    """The papers with a signal added, less its mean, so that scores keep their level."""
    mean = sum(values) / len(values)
    return [
        replace(s, score=s.score + weight * (value - mean), why={**s.why, name: value})
        for s, value in zip(scored, values, strict=True)
    ]


def _sort(scored: "list[_Scored]") -> "list[_Scored]":
    return sorted(scored, key=lambda s: (-s.score, s.paper_id))
