"""Short forms that a text defines, and their long forms: "Low-Rank Adaptation (LoRA)".

After Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical
text", Pacific Symposium on Biocomputing 2003: from right to left, every letter of the short form is
found in the words before the bracket, its first letter at the start of a word.
"""

import re
from functools import lru_cache

from assistant.models import Paper
from assistant.readable import readable
from assistant.stores.folding import fold

__all__ = ["definitions", "other_forms"]

_BRACKET = re.compile(r"\(([A-Za-z][\w^+-]{1,11})(?:[,;]\s[^()]{0,40})?\)")
_WORD = re.compile(r"[\w'’]+")
_BEGINNING = 5  # letters that make two words forms of one
_MOST_EXTRA = 1  # words that a long form has beyond the letters of its short form


@lru_cache(maxsize=1024)
def _definitions(text: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for match in _BRACKET.finditer(text):
        short = match[1]
        if sum(c.isupper() for c in short) < 2:
            continue
        singular = short[:-1] if short.endswith("s") and short[-2].isupper() else short
        if long := _long_form(singular, text[: match.start()].rstrip()):
            found.setdefault(singular, long)
    return tuple(found.items())


def definitions(paper: Paper) -> tuple[tuple[str, str], ...]:
    """The short forms that the abstract defines with their long forms, in the order of the text."""
    return _definitions(readable(paper.abstract))


def other_forms(phrase: str, paper: Paper) -> tuple[str, ...]:
    """What `paper` also calls `phrase`: the long form of a short one in it, or the reverse."""
    words = f" {fold(phrase)} "
    forms: list[str] = []
    for short, long in definitions(paper):
        if re.search(rf"(?<![\w-]){re.escape(short)}s?(?![\w-])", phrase):
            forms.append(long)
        elif f" {fold(long)} " in words or f" {fold(long)}s " in words or _same(fold(long), fold(phrase)):
            forms.append(short)
    return tuple(forms)


def _same(long: str, phrase: str) -> bool:
    """True when two phrases differ in the ends of words alone: "low-rank adapters", "low-rank adaptation"."""
    one, other = long.split(), phrase.split()
    return len(one) == len(other) > 1 and all(
        a == b or (a[:_BEGINNING] == b[:_BEGINNING] and min(len(a), len(b)) >= _BEGINNING)
        for a, b in zip(one, other, strict=True)
    )


def _long_form(short: str, before: str) -> str | None:
    words = list(_WORD.finditer(before[-200:]))[-(len(short) + _MOST_EXTRA) :]
    if not words:
        return None
    start = words[0].start()
    text = before[-200:][start:]
    letters = [c.lower() for c in short if c.isalnum()]
    place = len(text)
    for i in range(len(letters) - 1, -1, -1):
        place -= 1
        while place >= 0 and (
            text[place].lower() != letters[i]
            or (i == 0 and place > 0 and (text[place - 1].isalnum() or text[place - 1] == "_"))
        ):
            place -= 1
        if place < 0:
            return None
    long = text[place:]
    # What spells itself is no long form, and one across a stop belongs to two sentences.
    enough = len(long.split()) > 1 or "-" in long
    return (
        long
        if enough and not re.search(r"[.;:()]\s?", long) and fold(short) not in fold(long).split()
        else None
    )
