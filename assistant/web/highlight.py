"""Evidence in its abstract: the sentence marked, what answers the question emphasised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from assistant.answering.answer_type import expected_answer
from assistant.models import Evidence
from assistant.readable import readable

# A number with its unit, as "80%", "1.5B", "3 million", "25,692"; not the digits of a name ("CIFAR-10").
_NUMBER = re.compile(
    r"(?<![\w.-])[≥≤~<>±]?\d[\d,.]*(?:\s?(?:%|million|billion|thousand|times|percent)|\s?[kKMBxX×]\b)?(?![\w-]*\d*[A-Za-z])"
)
# A name inside a sentence: inner capitals or digits ("MedMNIST", "GPT-4o", "CIFAR-10").
_NAME = re.compile(r"\b(?=[\w+-]*(?:[A-Z][\w+-]*[A-Z]|[A-Za-z]-?\d|[a-z][A-Z]))[A-Za-z][\w+-]*")


def highlighted(text: str, spans: Iterable[Evidence], question: str = "") -> str:
    """Return `text` as HTML, readable, with the spans in <mark>.

    Within a span, what is of the kind that `question` asks for (a number, a name) is in <strong>.
    The spans are code points of the raw text, so the raw text is cut first and each piece is
    made readable by itself; spans that overlap or touch are marked as one.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, s.start), min(len(text), s.end)) for s in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    pieces, position = [], 0
    for start, end in merged:
        pieces.append(plain(text[position:start]))
        pieces.append(f"<mark>{emphasised(text[start:end], question)}</mark>")
        position = end
    pieces.append(plain(text[position:]))
    return "".join(pieces)


def emphasised(text: str, question: str) -> str:
    """Return a sentence as HTML, what is of the kind that `question` asks for in <strong>."""
    shown = _readable(text)
    pieces, position = [], 0
    for start, end in _answering(shown, question):
        pieces += [escape(shown[position:start]), f"<strong>{escape(shown[start:end])}</strong>"]
        position = end
    return "".join([*pieces, escape(shown[position:])])


def plain(text: str) -> str:
    """Readable, escaped text; keeps the white space at both ends, which joins it to its neighbours."""
    return escape(_readable(text))


def _answering(sentence: str, question: str) -> Iterator[tuple[int, int]]:
    expected = expected_answer(question) if question else None
    if expected is None:
        return
    asked = {word.casefold() for word in re.findall(r"[\w+-]+", question)}
    for found in (_NUMBER if expected.kind == "number" else _NAME).finditer(sentence):
        start, end = found.start(), found.start() + len(found[0].rstrip(",. "))
        if sentence[start:end].casefold() not in asked:
            yield start, end


def _readable(text: str) -> str:
    core = text.strip()
    if not core:
        return text
    start = text.index(core[0])
    return text[:start] + readable(core) + text[start + len(core) :]
