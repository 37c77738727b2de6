"""Does the corpus hold anything on a question that names no paper? A small, readable scorer.

Similarity alone cannot tell: a question put in words of the reader's own can be as far from its
paper as a question on what no paper is about. What tells besides is what else it comes near to
(`subjects`), and the kind of words that the nearest papers lack. A question on something else uses the
words of that field ("polyps in colonoscopy video"); a description in other words uses everyday ones.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import ScoredPaper
from assistant.retrieval.everyday import specificity
from assistant.retrieval.lacking import abbreviates, as_terms, held_stems, lacking_words
from assistant.retrieval.subjects import NOTHING_KNOWN, Elsewhere
from assistant.retrieval.terms import (
    Statistics,
    content_terms,
    coverage,
    inverse_document_frequencies,
    missing_names,
)
from assistant.words import content_places, content_words

_COMPARED = 5  # papers of which one may have most of the question's words
_ANSWERING = 3  # papers an answer could rest on; what these lack, it lacks
_NEAR = 1.2  # nearness from which a name that no paper mentions no longer speaks against them
_TELLING_NAMES = 2
_MOST_EVERYDAY = 4.0  # a long story of everyday words says no more than a short one
_NEARNESS_OF_WORDS = 0.9  # from which even words that nobody knows are like some: "federatedlearning"
_ALL = 0.99
_FIELD_WORD = 0.5  # specificity from which a lacking word is told to the reader
# A token as only someone of the field writes it: "LLM", "MIMIC", "4x", "ViT"; not "3rd" or "1990s".
_TECHNICAL = re.compile(r"[A-Z]{2}|[A-Za-z]\d|\d(?!(?:s|st|nd|rd|th)\b)[A-Za-z]|[a-z][A-Z]")
# One such token says little of a long sentence. From .12 to .2, cross-validated, 5 of 19 wrong refusals are
# gone and none of the right ones; with no such rule, 6 and one.
_TECHNICAL_SHARE = 0.2
_PRIOR_SPECIFICITY = 0.5  # keeps the share of unknown words of a one-word question from 0 and 1
# A store of an earlier version has no word vectors: what `late` is on average, given `nearness`
# (correlation 0.89 on the sample that the scorer is fitted on).
_LATE_AT_NEARNESS, _LATE_BASE = 0.31, 0.15
_FOREIGN_AVERAGE = 0.50  # `foreign` on average there, for a model without vectors of the subjects

# Log-odds that the corpus holds nothing, a feature at a time: paste what `tests/benchmarks/refusal.py
# --fit` prints. Fitted on questions written for it, on BEIR queries put to their own and to other
# corpora, and on tests/questions/{questions,hard}.jsonl, of which only cross-validated figures count;
# tests/questions/heldout.jsonl is not among them.
_PER_NEARNESS, _PER_LATE, _PER_COVERAGE, _PER_ALL_COVERED = -4.07, -25.25, -0.51, -1.62
_PER_NAME, _PER_EVERYDAY_WORD, _PER_UNKNOWN = 22.98, -0.56, -3.38
_PER_FOREIGN, _PER_SUBJECT = 7.61, 12.21
_INTERCEPT = 9.47
# The lines weigh what mistakes cost: a hedge 1, a plain answer from papers on something else 2.5, and as
# much a refusal of what the corpus does answer, which still names the closest papers. So refuse where
# p > 1.5 (1 - p). By these costs the line of hedging would be at 1.5 p > 1 - p; cross-validated, even odds
# cost the same on the questions written for it, and hedge fewer of those that are answered.
SILENT, UNSURE = math.log(1.5), 0.0
_NOTHING_KNOWN = math.log(10)
NOWHERE_NEAR = math.log(19)  # 95 % sure that there is nothing: the best hits are no suggestions either


@dataclass(frozen=True, slots=True)
class Relevance:
    """How the nearest papers meet a question.

    `nearness`: the highest sum of a paper's passage and sentence cosine. `late`: the first paper's
    likeness word by word; the highest among all tells less, a word by itself is matched by some paper
    or other. `covered`: the highest share, by rarity, of the question's words that one paper has.
    `everyday`: how many everyday words none of the nearest papers has (each counted as
    1 - specificity). `names`: name-like words that no paper mentions. `unknown`: the share, by
    specificity, of the question's words that no paper of the corpus has; as near and as well covered,
    a question full of them is a description in other words, one without is about another matter of
    the same field. It is 0 for a question full of technical tokens: who writes "KV cache" describes
    nothing in other words; who names ImageNet in a long sentence may. `foreign` and `subject`: how near
    it comes to a subject that the corpus has nothing on, and how much of it names one; see `Elsewhere`.
    `known`: whether a paper or the vocabulary has a word of it, the vector of "zxcv qwerty" lies anywhere.
    `lacking`: what the papers lack, as the question says it, for people to read.
    """

    nearness: float
    late: float
    covered: float
    everyday: float
    names: int
    unknown: float
    foreign: float
    subject: float = 0.0
    known: bool = True
    lacking: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[float, ...]:
        """What the scorer weighs, in the order of its coefficients."""
        return (
            self.nearness,
            self.late,
            self.covered,
            float(self.covered > _ALL),
            min(_TELLING_NAMES, self.names) * max(0.0, _NEAR - self.nearness),
            min(_MOST_EVERYDAY, self.everyday),
            self.unknown,
            self.foreign,
            self.subject,
        )

    @property
    def doubt(self) -> float:
        """Log-odds that the corpus holds nothing on this; the fitted sample has as many of both."""
        weights = (
            _PER_NEARNESS,
            _PER_LATE,
            _PER_COVERAGE,
            _PER_ALL_COVERED,
            _PER_NAME,
            _PER_EVERYDAY_WORD,
            _PER_UNKNOWN,
            _PER_FOREIGN,
            _PER_SUBJECT,
        )
        doubt = _INTERCEPT + sum(w * x for w, x in zip(weights, self.features, strict=True))
        return doubt if self.known else max(doubt, _NOTHING_KNOWN)


def relevance(
    topic: str, ranked: Sequence[ScoredPaper], statistics: Statistics, elsewhere: Elsewhere = NOTHING_KNOWN
) -> Relevance:
    """Compare `topic` with the best of the `ranked` papers, of which there is at least one.

    `elsewhere` is what `Subjects` say of the topic.
    """
    nearest = [s.paper for s in ranked[:_COMPARED]]
    held = [held_stems(p, topic, statistics) for p in nearest]
    terms = content_terms(topic, statistics)
    weights = inverse_document_frequencies(terms, statistics)
    somewhere = set().union(*held[:_ANSWERING])
    lacking = lacking_words(topic, somewhere, statistics)
    meant = set().union(*held)
    names = [
        n for n in unknown_names(topic, statistics)
        if not any(abbreviates(n, p) for p in nearest) and meant.isdisjoint(content_terms(n, statistics))
    ]  # fmt: skip
    near = nearness(ranked)
    return Relevance(
        near,
        ranked[0].why.get("late", _LATE_AT_NEARNESS * near + _LATE_BASE),
        max(coverage(terms, found, weights) for found in held),
        sum(1 - specificity(word) for word in lacking),
        len(names),
        0.0 if technical(topic) else unknown_share(topic, statistics),
        _FOREIGN_AVERAGE if elsewhere.nearness is None else elsewhere.nearness,
        elsewhere.named,
        near >= _NEARNESS_OF_WORDS or _is_known(topic, statistics),
        as_terms(topic, lacking, names, _FIELD_WORD),
    )


def nearness(ranked: Sequence[ScoredPaper]) -> float:
    """The highest sum of a paper's passage and sentence cosine."""
    return max(s.why["passage"] + s.why["sentence"] for s in ranked)


def _is_known(topic: str, statistics: Statistics) -> bool:
    """Whether a paper of the corpus, or the bundled model's vocabulary, has any word of `topic`."""
    words = content_words(topic)
    if not words or any(specificity(word) < 1.0 for word in words):
        return True
    return any(statistics.document_frequencies(content_terms(topic, statistics)).values())


def technical(topic: str) -> bool:
    """True when a fifth of the words of `topic` are such as no one writes by the way: "LLM", "4x", "ViT"."""
    if topic.isupper():
        return False
    tokens = sum(_TECHNICAL.search(token) is not None for token in topic.split())
    return tokens > 0 and tokens >= _TECHNICAL_SHARE * len(content_words(topic))


def unknown_share(topic: str, statistics: Statistics) -> float:
    """The share, by specificity, of the content words of `topic` that no paper of the corpus has."""
    known = unknown = 0.0
    for start, end in content_places(topic):
        word = topic[start:end]
        value = max(map(specificity, content_words(word)), default=0.0)
        if any(statistics.document_frequencies(content_terms(word, statistics)).values()):
            known += value
        else:
            unknown += value
    return unknown / (known + unknown + _PRIOR_SPECIFICITY)


def unknown_names(topic: str, statistics: Statistics) -> tuple[str, ...]:
    """The name-like words of `topic` that no paper of the corpus mentions."""
    return missing_names(topic, lambda stem: statistics.document_frequencies([stem])[stem] > 0, statistics)
