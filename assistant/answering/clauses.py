# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""The parts of a long sentence that can be quoted by themselves.

Abstracts put whole lists into one sentence: "our contributions are threefold: (i) ...; (ii) ...;
(iii) ...". Who asks for one of them should not have to read the others. A part is a stretch of the
sentence as it stands; what leads to the list stays with its first item.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.answering.cues import TACKLE, WHAT_WAS_SAID
from assistant.answering.poison import blank_orders
from assistant.models import ScoredSentence, Span

__all__ = ["joined", "quotable_parts", "split_clauses", "without_link", "without_links"]

_LONG = 30  # words from which a sentence is taken apart
_ITEM, _CLAUSE = 4, 8  # words that an item behind a mark, and one behind a semicolon, has at least
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_MARK = re.compile(r"(?<!\S)(?:\((?P<inside>[ivx]{1,4}|[a-j]|\d)\)|(?P<bare>[ivx]{1,4}|[a-j]|\d)\))(?=\s|\w)")
_ORDINAL = re.compile(
    r"(?:(?<=[;:,]\s)|^)(?:and\s+)?(?P<word>first|second|third|fourth|fifth)(?:ly)?,\s", re.I
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_NUMBERINGS: tuple[Callable[[str], int | None], ...] = (
    lambda mark: int(mark) if mark.isdigit() else None,
    lambda mark: _ROMAN.index(mark) + 1 if mark in _ROMAN else None,
    lambda mark: ord(mark) - ord("a") + 1 if len(mark) == 1 and mark.isalpha() else None,
)
# What links a sentence to the one before it, and says nothing by itself: "To address these issues, we ...".
_LINK = re.compile(
    r"(?:(?:however|moreover|furthermore|additionally|in addition|besides|therefore|thus|hence|consequently|nevertheless|nonetheless"
    r"|meanwhile|similarly|finally|lastly|in response|as a result|accordingly|specifically|concretely|in particular|more (?:specifically|precisely)"
    r"|on the (?:one|other) hand|(?:in|by) contrast|contrary to (?:this|these)[^,]{0,40}|interestingly|notably|importantly|inspired by (?:this|these)|in this way|to (?:this|that) end|to (?:achieve|accomplish|realize|reach|meet) (?:this|these|the above)[^,]{0,40}"
    rf"|to (?:{TACKLE}) (?:{WHAT_WAS_SAID})[^,]{{0,60}}"
    r"|based on (?:this|these)[^,]{0,40}|motivated by (?:this|these)[^,]{0,40}),\s+)+(?=\w)",
    re.I,
)
_JOINT = re.compile(r"[\s,;]*(?:(?<=[\s,;])(?:and|or)\s*)?$", re.I)


def split_clauses(sentence: str) -> tuple[Span, ...]:
    """The parts of `sentence`, in order; the sentence itself where it is short or of one piece.

    Parts are set apart by marks that count up ("(i)", "2)", "second,") or by semicolons outside
    brackets. The commas, semicolons and conjunctions between them belong to none.
    """
    whole = (Span(0, len(sentence)),)
    if len(sentence.split()) < _LONG:
        return whole
    for cuts, least in ((_marks(sentence), _ITEM), (_semicolons(sentence), _CLAUSE)):
        parts = _between(sentence, cuts)
        if len(parts) > 1 and all(len(sentence[p.start : p.end].split()) >= least for p in parts):
            return parts
    return whole


def quotable_parts(sentences: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """`sentences`, the long ones in parts; a part has the similarity of its sentence.

    A sentence that gives orders stays whole, so that no part of it passes for a description.
    """
    return [
        replace(s, text=s.text[p.start : p.end], start=s.start + p.start, end=s.start + p.end)
        for s in sentences
        for p in (split_clauses(s.text) if blank_orders(s.text) == s.text else (Span(0, len(s.text)),))
    ]


def joined(
    chosen: Sequence[ScoredSentence], parts: Sequence[ScoredSentence], sentences: Sequence[ScoredSentence]
) -> list[ScoredSentence]:
    """The `chosen` ones of `parts` in order, neighbours in one sentence as one stretch of it."""
    found: list[ScoredSentence] = []
    last = -2
    for place in sorted(parts.index(part) for part in chosen):
        part = parts[place]
        home = next(s for s in sentences if s.start <= part.start and part.end <= s.end)
        if place == last + 1 and found and found[-1].start >= home.start:
            start = found.pop().start
            part = replace(part, text=home.text[start - home.start : part.end - home.start], start=start)
        found.append(part)
        last = place
    return found


def without_link(sentence: str) -> str:
    """`sentence` without the words at its head that only link it to the one before."""
    link = _LINK.match(sentence)
    return sentence[link.end() :] if link else sentence


def without_links(
    chosen: Sequence[ScoredSentence], sentences: Sequence[ScoredSentence]
) -> tuple[ScoredSentence, ...]:
    """The `chosen` sentences without the words that link them to one before, where that is not shown."""
    found, shown = [], set[int]()
    for part in chosen:
        place = next(i for i, s in enumerate(sentences) if part.end <= s.end)
        if part.start == sentences[place].start and place - 1 not in shown:
            text = without_link(part.text)
            part = replace(part, text=text, start=part.start + len(part.text) - len(text))
        shown.add(place)
        found.append(part)
    return tuple(found)


def _marks(sentence: str) -> list[int]:
    """Where the items of a counted list start, but for the first, which its lead goes with."""
    marks = [(m.start(), m["inside"] or m["bare"]) for m in _MARK.finditer(sentence)]
    for number in _NUMBERINGS:
        if cuts := _counted(
            [(start, n) for start, mark in marks if (n := number(mark)) is not None], sentence
        ):
            return cuts
    words = [(m.start(), _ORDINALS.index(m["word"].lower()) + 1) for m in _ORDINAL.finditer(sentence)]
    return _counted(words, sentence)


def _counted(marks: Sequence[tuple[int, int]], sentence: str) -> list[int]:
    numbers = [number for _, number in marks]
    if not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return []
    if numbers[0] == 1:
        return [start for start, _ in marks[1:]]
    # A full stop inside an item has parted the list: the rest of one item stands before the next.
    return [start for start, _ in marks] if sentence[: marks[0][0]].rstrip().endswith(";") else []


def _semicolons(sentence: str) -> list[int]:
    cuts, depth = [], 0
    for match in re.finditer(r"[()\[\]{}]|;(?=\s)", sentence):
        if match[0] == ";":
            cuts += [match.end()] if depth == 0 else []
        else:
            depth = max(0, depth + (1 if match[0] in "([{" else -1))
    return cuts


def _between(sentence: str, cuts: Sequence[int]) -> tuple[Span, ...]:
    edges = [0, *cuts, len(sentence)]
    parts = []
    for start, end in pairwise(edges):
        start += len(sentence[start:end]) - len(sentence[start:end].lstrip())
        if end < len(sentence):
            joint = _JOINT.search(sentence, start, end)
            end = joint.start() if joint else end
        if start < end:
            parts.append(Span(start, end))
    return tuple(parts)
