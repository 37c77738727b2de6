"""Does the corpus hold anything on a question that names no paper? A small, readable scorer.

Similarity alone cannot tell: the questions of tests/questions that are put in words of their own
are as far from their paper as questions on what no paper is about. What does tell is the kind of
words that the nearest papers lack. A question on something else uses the words of that field
("polyps in colonoscopy video"); a description in other words uses everyday ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import ScoredPaper
from assistant.retrieval.everyday import specificity
from assistant.retrieval.lacking import abbreviates, as_phrases, held_stems, lacking_words
from assistant.retrieval.terms import (
    Statistics,
    content_terms,
    coverage,
    inverse_document_frequencies,
    missing_names,
)

_COMPARED = 5  # papers of which one may have most of the question's words
_ANSWERING = 3  # papers an answer could rest on; what these lack, it lacks
_NEAR = 1.2  # nearness from which a name that no paper mentions no longer speaks against them
_TELLING_NAMES = 2
_FIELD_WORD = 0.5  # specificity from which a lacking word is told to the reader

# Log-odds that the corpus holds nothing, a feature at a time; fitted by tests/benchmarks/refusal.py
# on tests/questions/{questions,hard}.jsonl and, at three tenths of the weight, on samples of PubMedQA,
# Cranfield and SciFact, where the papers of half the queries were taken out.
_PER_NEARNESS, _PER_COVERAGE, _PER_SPECIFICITY = -1.03, -2.94, 0.61
_PER_NAME, _PER_EVERYDAY_WORD = 5.91, -0.52
_INTERCEPT = 2.61


@dataclass(frozen=True, slots=True)
class Relevance:
    """How the nearest papers meet a question.

    `nearness`: the highest sum of a paper's passage and sentence cosine. `covered`: the highest
    share, by rarity, of the question's words that one paper has. Of the words that none of the
    nearest papers has: `specific`, their mean specificity, and `everyday`, how many are everyday
    words (each counted as 1 - specificity). `names`: name-like words that no paper mentions.
    `lacking`: what the papers lack, as the question says it, for people to read.
    """

    nearness: float
    covered: float
    specific: float
    everyday: float
    names: int
    lacking: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[float, ...]:
        """What the scorer weighs, in the order of its coefficients."""
        strange = min(_TELLING_NAMES, self.names) * max(0.0, _NEAR - self.nearness)
        return (self.nearness, self.covered, self.specific, strange, self.everyday)

    @property
    def doubt(self) -> float:
        """Log-odds that the corpus holds nothing on this; the fitted sample has as many of both."""
        weights = (_PER_NEARNESS, _PER_COVERAGE, _PER_SPECIFICITY, _PER_NAME, _PER_EVERYDAY_WORD)
        return _INTERCEPT + sum(w * x for w, x in zip(weights, self.features, strict=True))


def relevance(topic: str, ranked: Sequence[ScoredPaper], statistics: Statistics) -> Relevance:
    """Compare `topic` with the best of the `ranked` papers, of which there is at least one."""
    nearest = [s.paper for s in ranked[:_COMPARED]]
    held = [held_stems(p, topic, statistics) for p in nearest]
    terms = content_terms(topic, statistics)
    weights = inverse_document_frequencies(terms, statistics)
    somewhere = set().union(*held[:_ANSWERING])
    lacking = lacking_words(topic, somewhere, statistics)
    values = [specificity(word) for word in lacking]
    names = [n for n in unknown_names(topic, statistics) if not any(abbreviates(n, p) for p in nearest)]
    return Relevance(
        nearness(ranked),
        max(coverage(terms, found, weights) for found in held),
        sum(values) / len(values) if values else 0.0,
        sum(1 - v for v in values),
        len(names),
        as_phrases(topic, lacking, names, _FIELD_WORD),
    )


def nearness(ranked: Sequence[ScoredPaper]) -> float:
    """The highest sum of a paper's passage and sentence cosine."""
    return max(s.why["passage"] + s.why["sentence"] for s in ranked)


def unknown_names(topic: str, statistics: Statistics) -> tuple[str, ...]:
    """The name-like words of `topic` that no paper of the corpus mentions."""
    return missing_names(topic, lambda stem: statistics.document_frequencies([stem])[stem] > 0, statistics)
