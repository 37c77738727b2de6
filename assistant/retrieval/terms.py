"""Content words of a question and how rare they are in the corpus."""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from assistant.words import CALENDAR, STOPWORDS, content_words

# Acronyms, words with inner capitals or digits, and capitalised words inside a sentence; "Meta's tool" and
# "Van Gogh's manner" say whose a thing is, not what is asked for.
_NAME_LIKE = re.compile(
    r"(?<![\w-])(?=[\w/@+-]*(?:[A-Z][\w/@+-]*[A-Z]|\d|[a-z][A-Z]))[A-Za-z0-9][\w/@+-]*"
    r"|(?<=[a-z,;:] )[A-Z][\w-]+\b(?!(?: [A-Z][\w-]+)?['’]s\b)"
)
_NO_NAMES = STOPWORDS | CALENDAR
_APART_BY = 1  # words that may stand between those of a phrase: "generating realistic images"


class Statistics(Protocol):
    """What is needed of the lexical index."""

    @property
    def count(self) -> int: ...

    def analyze(self, text: str) -> list[str]: ...

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]: ...

    def nearest_term(self, word: str) -> str | None:
        """The stem in the corpus that an unknown `word` is a misspelling of, if it is one."""
        ...


def content_terms(text: str, statistics: Statistics) -> tuple[str, ...]:
    """The distinct stems of the content words, without variants, misspelt ones put right."""
    stems = {found[0]: word for word in content_words(text) if (found := statistics.analyze(word))}
    frequencies = statistics.document_frequencies(stems)
    known = (
        stem if frequencies[stem] else statistics.nearest_term(word) or stem for stem, word in stems.items()
    )
    return tuple(dict.fromkeys(known))


def inverse_document_frequencies(terms: Iterable[str], statistics: Statistics) -> Mapping[str, float]:
    """BM25's inverse document frequency of each term; largest for a term no paper has."""
    wanted = tuple(terms)
    frequency = statistics.document_frequencies(wanted)
    n = max(1, statistics.count)
    return {t: math.log(1 + (n - frequency[t] + 0.5) / (frequency[t] + 0.5)) for t in wanted}


def coverage(terms: Iterable[str], found: Iterable[str], weights: Mapping[str, float]) -> float:
    """The share, by weight, of `terms` that is among `found`; 0 when there are no terms."""
    wanted = tuple(terms)
    total = sum(weights[t] for t in wanted)
    present = set(found)
    return sum(weights[t] for t in wanted if t in present) / total if total else 0.0


def stand_together(stems: Collection[str], text: Sequence[str]) -> bool:
    """True when all `stems` stand in a stretch of the stems of a `text` with hardly a word between them."""
    wanted = set(stems)
    stretch = len(wanted) + _APART_BY
    return any(wanted <= set(text[i : i + stretch]) for i, stem in enumerate(text) if stem in wanted)


def missing_names(text: str, found: Callable[[str], bool], statistics: Statistics) -> tuple[str, ...]:
    """The name-like words of `text` none of whose parts satisfies `found`, as written.

    People who ask for a dataset, a model or a metric by name ("ChestX-ray14", "Whisper", "AUC")
    are not answered by a text that never mentions it. `found` gets stems.
    """
    names = dict.fromkeys(_NAME_LIKE.findall(text))
    return tuple(name for name in names if _is_missing(name, found, statistics))


def _is_missing(name: str, found: Callable[[str], bool], statistics: Statistics) -> bool:
    if re.fullmatch(r"[A-Za-z]+-\d+", name):  # "MeLo-2" is another thing than "MeLo"
        return not found(name.replace("-", "").lower())
    # Two letters ("MR", "4x") abbreviate too much to be looked up.
    stems = [s for s in statistics.analyze(name) if len(s) > 2 and not s.isdigit()]
    if name.lower() in _NO_NAMES or not stems or any(found(s) for s in stems):
        return False
    # What much of the corpus speaks of ("LLMs") is a class of things, not a name.
    frequency = statistics.document_frequencies(stems)
    return max(frequency.values()) <= max(3, 0.05 * statistics.count)
