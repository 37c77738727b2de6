"""Does the abstract of a paper say what is asked about it? A small, readable scorer.

An abstract that does not say it still shares the question's topic. What tells is what the question
asks for: the words and names of it that the record lacks, and a kind of answer (a number, a name)
that no sentence on the matter gives.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.answering.answer_type import Expected, expected_answer, is_given
from assistant.answering.cues import ASKS_LIMITS, IS_LIMIT
from assistant.models import Paper
from assistant.readable import readable
from assistant.retrieval.everyday import specificity
from assistant.retrieval.lacking import as_terms, held_stems, lacking_words
from assistant.retrieval.members import ASKED_WITH
from assistant.retrieval.names import paper_names, without_names
from assistant.retrieval.terms import (
    Statistics,
    content_terms,
    coverage,
    inverse_document_frequencies,
    missing_names,
)
from assistant.words import content_words

_TELLING = 0.25  # specificity from which a lacking word is worth telling, if any reaches it

# Log-odds that the abstract does not say it; fitted by tests/benchmarks/refusal.py on the questions of
# tests/questions/{questions,hard}.jsonl about one paper, the answerable ones also with the sentences
# that hold the answer taken out of the abstract.
_PER_COVERAGE, _PER_NAME, _PER_UNMET_TYPE = -2.67, 3.23, 4.48
_INTERCEPT = 0.46
# Doubt from which the answer is only what comes nearest, and from which nothing is quoted at all.
PARTIAL, REFUSED = 0.0, 1.2


@dataclass(frozen=True, slots=True)
class Support:
    """How the record of a paper meets what is asked about it.

    `covered`: the share, by rarity, of the question's own words that it has. `names`: things the
    question names that it never mentions. `unmet`: the kind of answer that no sentence gives, if
    one is asked for. `lacking`: names and words it lacks, for people to read. `asked`: the kind
    of answer that is asked for; `kind_given` when that is of something that the record mentions, and given.
    """

    covered: float
    names: tuple[str, ...] = ()
    unmet: Expected | None = None
    lacking: tuple[str, ...] = ()
    asked: Expected | None = None
    kind_given: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether to tell the reader that the abstract may not say it.

        Words alone weigh little: "on what GPU was it run?" is answered by a sentence with an A100,
        which neither says GPU nor run. They do not count where the thing that is asked for is there.
        """
        if self.names or self.unmet is not None:
            return self.unmet is not None or self.doubt > PARTIAL
        return self.doubt > PARTIAL and not self.kind_given

    @property
    def features(self) -> tuple[float, ...]:
        """What the scorer weighs, in the order of its coefficients."""
        return (self.covered, float(len(self.names)), float(self.unmet is not None))

    @property
    def doubt(self) -> float:
        """Log-odds that the abstract does not say it."""
        weights = (_PER_COVERAGE, _PER_NAME, _PER_UNMET_TYPE)
        return _INTERCEPT + sum(w * x for w, x in zip(weights, self.features, strict=True))


def support(
    question: str, paper: Paper, sentences: Sequence[str], likely: Collection[int], statistics: Statistics
) -> Support:
    """Weigh the record of `paper` against `question`, the paper's own names taken out of it.

    `sentences` are those of the abstract, `likely` the indices of those that answer best.
    """
    asked = without_names(question, [paper])
    if any(IS_LIMIT.search(sentence) for sentence in sentences):
        asked = ASKS_LIMITS.sub(" ", asked)  # "it fails on small lesions" has no word for limitations
    terms = content_terms(asked, statistics)
    held = held_stems(paper, asked, statistics)
    lacking = lacking_words(asked, held, statistics)
    names = missing_names(asked, held.__contains__, statistics)
    expected = expected_answer(question)
    own = {*paper_names(paper), *re.findall(r"[\w+-]+", readable(paper.display_title))}
    given = expected is None or is_given(expected, question, sentences, likely, own, statistics)
    return Support(
        coverage(terms, held, inverse_document_frequencies(terms, statistics)) if terms else 1.0,
        names,
        None if given else expected,
        as_terms(question, lacking, names, _TELLING) or as_terms(question, _most_telling(lacking)),
        expected,
        expected is not None and given and not _is_headed_by(expected.what, lacking),
    )


def _is_headed_by(what: str, lacking: Collection[str]) -> bool:
    """True when the thing itself is lacking: the last noun of "text encoder", not its first."""
    return bool(words := content_words(what)) and words[-1] in lacking


def _most_telling(lacking: Sequence[str]) -> list[str]:
    """The most specific of some everyday words, none of which only asks: "cover", "methods"."""
    return sorted((word for word in lacking if word.lower() not in ASKED_WITH), key=specificity)[-1:]
