"""Close reading: of the best papers, each sentence is read by itself and asked for the question's words.

`late_interaction` compares the question with words as they were read within the whole abstract, and with
their signs alone: that is what can be kept for every paper. Read in its own sentence, a word means what
it means there and not what the abstract is about, and its vector is whole. This costs a pass of the
model for each sentence, so it is done for the first `CLOSE` papers, and only where the words of the
question do not decide: the less of them the best paper has, the more it counts.

Measured by the search alone, on questions in other words than their paper's that had no part in
choosing: of tests/questions/hard.jsonl 20 of 40 find it first (16 without), of questions.jsonl 26 of 28
within the first three (24). Form and weights were chosen on the questions of
tests/benchmarks/refusal_questions.jsonl that have a paper, on unseen.jsonl and reworded_scifact.jsonl:
MRR +.019 of 326 (95 % +.008 to +.030), first in place of another 10 times, the reverse once. nDCG@10:
CISI +.004 (its MRR +.030, 95 % +.002 to +.065), Cranfield -.001, SciFact and NFCorpus unchanged: their
queries mostly share words with a paper. tests/benchmarks/retrieval.py has the row "without close".
More weight for `late` in its place brings half of it. No better: sentences' vectors as wholes (the best,
the mean of two), pairs of sentences, the question by clauses, the title, the title before the best sentence.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import ReadsParts
from assistant.models import Paper
from assistant.readable import readable
from assistant.sentences import split_sentences
from assistant.words import content_places

CLOSE = 6  # papers that are read
_DECIDED = 0.4  # share of the best possible BM25 from which words decide
_KEPT = 256  # papers whose words are remembered, about 20 MB


def undecided(words: Sequence[float]) -> float:
    """How far words leave open which paper is meant, 0 to 1, by what share of the question's each has."""
    return max(0.0, 1 - max(words, default=0.0) / _DECIDED)


@dataclass(frozen=True, slots=True)
class _Read:
    abstract: str
    words: NDArray[np.float16]  # (content words, dimension), those of all sentences


class CloseReader:
    """Reads abstracts sentence by sentence and remembers them; shared by threads."""

    def __init__(self, model: ReadsParts) -> None:
        self._model = model
        self._known: dict[str, _Read] = {}
        self._lock = threading.Lock()

    def match(
        self, vectors: NDArray[np.float32], weights: NDArray[np.float32], papers: Sequence[Paper]
    ) -> list[float | None]:
        """How each paper matches the question's words: a weighted mean of the best similarities.

        Args:
            vectors: (words, dimension), the question's content words in context, of unit length.
            weights: (words,), summing to 1.
            papers: None in their place is what an abstract without content words gets.
        """
        read = self._read(papers)
        return [
            float((words.astype(np.float32) @ vectors.T).max(axis=0) @ weights) if len(words) else None
            for words in read
        ]

    def _read(self, papers: Sequence[Paper]) -> list[NDArray[np.float16]]:
        with self._lock:
            found = {p.paper_id: self._known.get(p.paper_id) for p in papers}
        unread = [p for p in papers if (its := found[p.paper_id]) is None or its.abstract != p.abstract]
        texts = [
            [readable(p.abstract[span.start : span.end]) for span in split_sentences(p.abstract)]
            for p in unread
        ]
        # All sentences in one call: they are read side by side.
        passes = iter(self._model.embed_with_parts([(t, content_places(t)) for its in texts for t in its]))
        for paper, sentences in zip(unread, texts, strict=True):
            rows = [words for words in (next(passes)[1] for _ in sentences) if len(words)]
            words = np.concatenate(rows) if rows else np.empty((0, 0))
            found[paper.paper_id] = _Read(paper.abstract, words.astype(np.float16))
        read = {paper_id: its for paper_id, its in found.items() if its is not None}
        with self._lock:
            for paper_id, its in read.items():
                self._known.pop(paper_id, None)  # the latest stand last
                self._known[paper_id] = its
            while len(self._known) > _KEPT:
                self._known.pop(next(iter(self._known)))
        return [read[p.paper_id].words for p in papers]
