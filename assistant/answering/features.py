"""What two sentences have in common: word stems, figures, names, and the direction they claim.

Deliberately small and deterministic: no model, no dictionary beyond the lists below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from assistant.readable import readable

__all__ = ["Features", "contains", "features", "normalise", "stem", "strange_names", "turned"]

_FUNCTION_WORDS = """
    a an the of in on for to and or nor is are was were be been being am do does did doing done how
    what which who whom whose when where why with by from as at it its this that these those than
    then there here their they them we us i me you he him she her his my our your can could may
    might will would shall should if so but into onto about over per via such own same too very also
    just only both each either has have had having using used use uses paper papers authors author
    study studies work works abstract passage passages propose proposed proposes present presents
    presented introduce introduces introduced describe describes described according shows show
    shown called named approach method methods between among while which thus therefore however
    moreover furthermore
"""
_STOPWORDS = frozenset(_FUNCTION_WORDS.split())
_COUNTING = "two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTING.split(), start=2)}
_DENYING = """
    no not never none neither nor without cannot fail fails failed unable lack lacks lacked lacking
    absence absent dispensable independent unaffected unchanged unrelated
"""
_NEGATIONS = frozenset(_DENYING.split())
# Pairs that turn a claim round; each side by the starts of its words.
_OPPOSITES = (
    (
        "increas rais elevat enhanc improv promot boost higher greater more gain activat upregulat accelerat"
        " stimulat strengthen exceed outperform better best superior gener induc",
        "decreas reduc lower diminish worsen inhibit less fewer loss suppress downregulat slow block weaken"
        " prevent underperform worse worst inferior drop declin degrad impair",
    ),
    ("with present", "without absent"),
    ("succe", "fail"),
    ("before", "after"),
    ("larg big long fast", "small short slow"),
)
_CALENDAR = """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
"""
_NO_NAMES = _STOPWORDS | frozenset(_CALENDAR.split()) | frozenset(_NUMBER_WORDS)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_FIGURE = re.compile(r"(?<![\w.,])(?<![A-Za-z]-)[-+]?\d+(?:[.,]\d+)*(?![\w])")


@dataclass(frozen=True, slots=True)
class Features:
    """A text taken apart. `stems` are of content words; `figures` as plain decimal numbers."""

    stems: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]
    negated: bool
    directions: frozenset[tuple[int, int]]


def normalise(text: str) -> str:
    """Readable text with compatibility characters, dashes, quotes and white space made equal."""
    text = unicodedata.normalize("NFKC", readable(text))
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = re.sub(r"[“”„]", '"', re.sub(r"[‘’]", "'", text))
    return re.sub(r"\s+", " ", text).strip()


def contains(abstract: str, sentence: str) -> bool:
    """True when the sentence stands in the abstract, but for case, spacing and the final stop."""
    wanted = normalise(re.sub(r"\\([\[\]*_])", r"\1", sentence)).strip(" .\"'").casefold()
    return len(wanted) > 15 and wanted in normalise(abstract).casefold()


@lru_cache(maxsize=4096)
def features(text: str) -> Features:
    text = normalise(text)
    words = _WORD.findall(text)
    lower = [w.lower() for w in words]
    parts = [part for w in lower for part in ({w} | set(w.split("-")))]
    content = {stem(p) for p in parts if p not in _STOPWORDS and (len(p) > 1 or p.isalpha())}
    figures = {_plain(f) for f in _FIGURE.findall(text)} | {
        _NUMBER_WORDS[w] for w in lower if w in _NUMBER_WORDS
    }
    return Features(
        stems=frozenset(s for s in content if not s.isdigit()),
        figures=frozenset(figures),
        names=frozenset(_names(words)),
        negated=any(w in _NEGATIONS or w.endswith(("n't", "n’t")) for w in lower),
        directions=frozenset(_directions(lower)),
    )


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without its inflection; cruder than Porter, but it never joins short words."""
    word = re.sub(r"['’]s?$", "", word.lower())
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + instead
            break
    for ending in ("ations", "ation", "ingly", "edly", "ing", "ed", "ly", "ion", "er", "or"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def strange_names(claim: Features, *known: Features) -> frozenset[str]:
    """The claim's names that stand in none of the other texts, under any inflection."""
    words = frozenset[str]().union(*(k.names | k.stems for k in known))
    return frozenset(n for n in claim.names if n not in words and stem(n) not in words)


def turned(claim: Features, evidence: Features) -> bool:
    """True when one of the two denies, or points the other way, and the other does not."""
    if claim.negated != evidence.negated:
        return True
    for pair, side in claim.directions:
        if (pair, 1 - side) in evidence.directions and (pair, side) not in evidence.directions:
            return True
    return False


def _directions(words: Iterable[str]) -> Iterable[tuple[int, int]]:
    for word in words:
        for pair, sides in enumerate(_OPPOSITES):
            for side, stems in enumerate(sides):
                if word.startswith(tuple(stems.split())):
                    yield pair, side


def _names(words: Iterable[str]) -> Iterable[str]:
    """Words that look like names: a capital that opens no sentence, or letters with digits."""
    for position, word in enumerate(words):
        if position and word.istitle() and len(word) > 2 and word.lower() not in _NO_NAMES:
            yield word.lower()
        for part in {word, *word.split("-")}:
            inner = part[1:]
            mixed = any(c.isdigit() for c in part) and any(c.isalpha() for c in part)
            if len(part) > 1 and (any(c.isupper() for c in inner) or mixed):
                yield part.lower().rstrip("s") if part.endswith("s") and part[:-1].isupper() else part.lower()


def _plain(figure: str) -> str:
    figure = re.sub(r",(?=\d{3}\b)", "", figure.lstrip("+")).replace(",", ".").lstrip("-")
    return figure.rstrip("0").rstrip(".") if "." in figure else str(int(figure))
