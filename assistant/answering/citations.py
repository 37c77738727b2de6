"""Citation markers: from what models write to `[1][2]`, numbered in order of first use.

Models cite as they please: [1], [1, 2], [1-3], (2), "Source 2", 【1†source】, [^1]. `resolve`
turns all of that into the one form of an answer and drops numbers that were not offered.
Numbers live for one answer and count papers: several passages of one paper share a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answering.markup import addresses, defuse
from assistant.models import Citation, Evidence, Paper
from assistant.sentences import split_sentences

__all__ = [
    "AnswerPiece",
    "Resolved",
    "build_citations",
    "renumber",
    "resolve",
    "resolve_prefix",
    "split_answer",
    "strip_markers",
    "without_pieces",
]

MAX_RANGE = 20  # "[1-3]" is a range of passages; "[1-100]" is an interval somebody wrote about

_LABEL = (
    r"(?:sources?|passages?|papers?|documents?|docs?|refs?\.?|references?|citations?|abstracts?|articles?)"
)
_SEPARATOR = r"\s*(?:,\s*and\b|,|;|&|and\b|to\b|[-‐‑‒–—])\s*"
_NUMBERS = rf"\d{{1,3}}(?!\d)(?:{_SEPARATOR}(?:{_LABEL}\s*)?[#^]?\d{{1,3}}(?!\d))*"
_CANDIDATE = re.compile(
    rf"""(?P<escaped>\\[\[\]])
    | (?P<bracket>(?:\[{{1,2}}|【|［)\s*[\^#]?(?:{_LABEL}\s*[:\#]?\s*)?(?P<in_bracket>{_NUMBERS})
        (?:\s*†[^\]】］\n]*)?\s*(?:\]{{1,2}}|】|］))
    | (?P<labelled>\(\s*(?:see\s+|cf\.?\s+|from\s+)?{_LABEL}\s*[:\#]?\s*(?P<in_labelled>{_NUMBERS})\s*\))
    | (?P<parenthesis>\(\s*(?P<in_parenthesis>{_NUMBERS})\s*\))
    | (?P<mention>(?<![\w-])(?:(?:sources|passages|papers|documents|abstracts)\s+(?P<in_plural>{_NUMBERS})
        |(?:source|passage|paper|document|abstract)\s+\#?(?P<in_single>\d{{1,3}}))(?![\w%]|[.,]\d))
    | (?P<other>\[\s*\d[\d\s.,;–-]*\])""",
    re.VERBOSE | re.IGNORECASE,
)
_KINDS = ("bracket", "labelled", "parenthesis", "mention")
# "(2)" after one of these words belongs to the word.
_NUMBERED_THINGS = re.compile(
    r"\b(?:eqs?|equations?|figs?|figures?|tables?|steps?|secs?|sections?|phases?|stages?|types?|levels?|grades?"
    r"|cases?|class(?:es)?|items?|no|tiers?|parts?|questions?|rq|n|x|theorem|lemma|algorithm)\.?\s*$",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"(?:\b(?:range|interval|scale|between|from)(?:\s+of)?|∈|\\in)\s*$", re.IGNORECASE)
_ENUMERATION = re.compile(
    r"(?:^|[:;,]|\b(?:and|or|by|are|is|to))\s*\(\d{1,2}\)\s+\w", re.MULTILINE | re.IGNORECASE
)
_NEEDS_OBJECT = re.compile(
    r"\b(?:to|in|of|by|from|see|per|with|than|as|both|between|unlike|like)$", re.IGNORECASE
)
_MARKER_RUN = re.compile(r"[ \t]*(?:\[\d+\])+")
_NUMBER = re.compile(r"\[(\d+)\]")
_BARE_BULLET = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])[ \t]*(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """An answer with resolved markers.

    `order[n - 1]` is the paper of marker `[n]`; `dropped` counts numbers that were not offered.
    """

    text: str
    order: tuple[Paper, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class AnswerPiece:
    """A sentence of an answer: without its markers, with the numbers they had.

    `start` and `end` delimit it in the answer, without the markers that follow it.
    """

    text: str
    numbers: tuple[int, ...]
    start: int
    end: int


def resolve(text: str, offered: Mapping[int, Paper]) -> Resolved:
    """Rewrite the markers of `text` to `[1][2]`, numbered by paper in order of first use.

    `offered` maps the numbers the text may cite to papers. Numbers that belong to text copied
    from an offered paper, years, intervals and enumerations are no markers; where they stand in
    brackets these are escaped as `\\[3\\]`. Images, foreign links and HTML are defused.
    """
    text = defuse(text, addresses(offered.values()))
    source = _Source(text, offered)
    numbering: dict[str, int] = {}
    papers: list[Paper] = []
    out: list[str] = []
    dropped = 0
    run: list[int] = []  # numbers of the marker run being collected
    position = 0
    for match in _CANDIDATE.finditer(text):
        numbers = source.numbers(match)
        if numbers is None:
            _flush(out, run)
            out.append(text[position : match.start()] + _literal(match))
            position = match.end()
            continue
        between = text[position : match.start()]
        if not (run and _joins(between, text[match.end() :])):
            _flush(out, run)
            out.append(between)
        valid = [offered[n] for n in numbers if n in offered]
        dropped += len(numbers) - len(valid)
        for paper in valid:
            if paper.paper_id not in numbering:
                papers.append(paper)
                numbering[paper.paper_id] = len(papers)
            run.append(numbering[paper.paper_id])
        position = match.end()
        if not valid and not run:
            _drop(out, match, text)
    _flush(out, run)
    out.append(text[position:])
    result = "".join(out)
    if dropped:
        result = re.sub(r"\s+\((?:see|cf\.?|from|e\.g\.,?)?\s*\)", "", result)
    return Resolved(text=result, order=tuple(papers), dropped=dropped)


def renumber(text: str, order: Sequence[Paper]) -> Resolved:
    """Number a resolved text's markers anew, in order of first use.

    `order[n - 1]` is the paper of marker `[n]`; papers that the text no longer cites leave the
    order. For texts whose markers were changed after `resolve`.
    """
    numbering: dict[str, int] = {}
    papers: list[Paper] = []

    def replace(match: re.Match[str]) -> str:
        paper = order[int(match[1]) - 1]
        if paper.paper_id not in numbering:
            papers.append(paper)
            numbering[paper.paper_id] = len(papers)
        return f"[{numbering[paper.paper_id]}]"

    return Resolved(text=_NUMBER.sub(replace, text), order=tuple(papers))


def resolve_prefix(text: str, offered: Mapping[int, Paper]) -> str:
    """Resolve the beginning of an answer that is still being written, for display.

    Whatever at the end may turn out to be (part of) a marker or a link is held back, so that a
    reader never sees half of one.
    """
    return resolve(text[: _safe_end(text)], offered).text.rstrip()


def without_pieces(text: str, pieces: Sequence[AnswerPiece]) -> str:
    """A resolved text without some of its sentences, and without the markers that follow them."""
    for piece in sorted(pieces, key=lambda p: p.start, reverse=True):
        tail = _MARKER_RUN.sub("", text[piece.end :], count=1) if _MARKER_RUN.match(text, piece.end) else None
        text = (
            text[: piece.start].rstrip(" ") + " " + (text[piece.end :] if tail is None else tail).lstrip(" ")
        )
    return _BARE_BULLET.sub("", text).strip()


def strip_markers(text: str) -> str:
    """`text` without its markers; escaped brackets stay."""
    return re.sub(r"  +", " ", _MARKER_RUN.sub("", text)).strip()


def split_answer(text: str) -> tuple[AnswerPiece, ...]:
    """Split a resolved answer into sentences, each with the numbers it cites.

    A marker belongs to the sentence it stands in; after a full stop to the sentence before,
    unless a lower-case word follows: "[1] proposes ..." opens a sentence, and keeps its marker
    in the text. Bullet and heading marks are no part of a sentence.
    """
    pieces: list[AnswerPiece] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        pieces += _split_line(line, offset)
        offset += len(line)
    return tuple(pieces)


def build_citations(
    order: Sequence[Paper],
    evidence: Mapping[str, Sequence[Evidence]],
    fields: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Citation, ...]:
    """The citations of an answer; `evidence` and `fields` by paper id.

    Evidence is given in the order of the abstract, each stretch once.
    """
    citations = []
    for number, paper in enumerate(order, start=1):
        unique = {(e.start, e.end): e for e in evidence.get(paper.paper_id, ())}
        named = (fields or {}).get(paper.paper_id, ())
        citations.append(
            Citation(
                number=number,
                paper=paper,
                evidence=tuple(unique[key] for key in sorted(unique)),
                fields=tuple(dict.fromkeys(named)),
            )
        )
    return tuple(citations)


class _Source:
    """The text being resolved, and what decides whether a candidate is a marker."""

    def __init__(self, text: str, offered: Mapping[int, Paper]) -> None:
        self._text = text
        self._offered = offered
        self._enumerates = _ENUMERATION.search(text) is not None
        unique = {p.paper_id: p for p in offered.values()}.values()
        self._corpus = "\n".join(" ".join(f"{p.display_title} {p.abstract}".split()) for p in unique)

    def numbers(self, match: re.Match[str]) -> list[int] | None:
        """The numbers a candidate cites; None when it is no marker."""
        kind = next((k for k in _KINDS if match[k]), None)
        if kind is None:
            return None
        written = next(g for name, g in match.groupdict().items() if name.startswith("in_") and g)
        numbers = _expand(written)
        before = self._text[: match.start()]
        if numbers is None or self._copied(match):
            return None
        if kind == "bracket" and len(numbers) > 1 and _INTERVAL.search(before):
            return None
        if kind == "parenthesis" and not self._is_closing(match, numbers, before):
            return None
        if kind == "mention" and re.search(r"\bopen[ -]$", before, re.IGNORECASE):
            return None
        return numbers

    def _copied(self, match: re.Match[str]) -> bool:
        """True when the candidate, with what stands before it, stands in an offered paper."""
        context = " ".join(self._text[max(0, match.start() - 24) : match.start()].split("\n")[-1].split())
        if len(context) < 8:
            return False
        gap = " " if self._text[match.start() - 1].isspace() else ""
        return context + gap + " ".join(match[0].split()) in self._corpus

    def _is_closing(self, match: re.Match[str], numbers: list[int], before: str) -> bool:
        """True for "(2)" at the end of a sentence or clause, where only a citation makes sense."""
        if self._enumerates or any(n not in self._offered for n in numbers):
            return False
        line = before.rsplit("\n", 1)[-1].rstrip()
        if not line or line[-1] in ":;,(" or _NUMBERED_THINGS.search(line):
            return False
        after = self._text[match.end() :]
        return bool(re.match(r"\s*(?:[.!?,;]|$|\n|[\[(【])", after)) or line[-1] in ".!?"


def _expand(written: str) -> list[int] | None:
    """The numbers of "1, 3-5"; None when this cannot be a list of passages."""
    numbers: list[int] = []
    previous_end = 0
    for match in re.finditer(r"\d+", written):
        number = int(match[0])
        if number == 0:
            return None
        link = re.sub(_LABEL, "", written[previous_end : match.start()], flags=re.IGNORECASE).strip(" #^")
        if numbers and re.fullmatch(r"[-‐‑‒–—]|to", link, re.IGNORECASE):
            if not numbers[-1] < number <= numbers[-1] + MAX_RANGE:
                return None
            numbers += range(numbers[-1] + 1, number + 1)
        else:
            numbers.append(number)
        previous_end = match.end()
    return list(dict.fromkeys(numbers))


def _literal(match: re.Match[str]) -> str:
    """A candidate that is no marker, as it may stand in an answer."""
    if match["bracket"] or match["other"]:
        inner = match[0].strip("[]【】［］")
        return f"\\[{inner}\\]"
    return match[0]


def _joins(between: str, after: str) -> bool:
    """True when two markers form one run: "[1] [2]", or "[1], [2]" before punctuation."""
    if not between.strip():
        return "\n" not in between
    return between.strip() in (",", ";") and re.match(r"\s*(?:[.,;:!?)]|$|\n)", after) is not None


def _flush(out: list[str], run: list[int]) -> None:
    if run:
        out.append("".join(f"[{n}]" for n in sorted(set(run))))
        run.clear()


def _drop(out: list[str], match: re.Match[str], text: str) -> None:
    """Leave no trace of a marker without a valid number, but keep the sentence readable."""
    if match["mention"]:
        out.append("a source")
    elif out and re.match(r"[\s.,;:!?)\]]", text[match.end() :] + "\n"):
        out[-1] = out[-1].rstrip(" \t")


def _safe_end(text: str) -> int:
    """How much of an unfinished text can be shown."""
    end, before = len(text), -1
    while end != before:  # what is cut off may lay bare another unfinished thing
        before = end
        for pattern in _UNFINISHED:
            if found := pattern.search(text[:end]):
                end = found.start()
    return end


_UNFINISHED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"!?(?<!\\)\[[^\]\n]*\]?\((?:[^()\n]|\([^()\n]*\))*$",  # a link without its end
        r"(?:!|!?(?<!\\)\[[^\]\n]*|!\[[^\]\n]*\]|[【［][^】］\n]*|\\)$",
        r"(?<!\\)\[(?!\s*[\^#]?\d[\d\s,;–-]*\])[^\]\n]*\]$",  # "[words]": a link's address may follow
        r"[ \t]*\(\s*(?:see|cf\.?|from)?\s*(?:[a-z]{0,12}\.?)?\s*[#:]?"
        r"(?:[\d\s,;&–-]|\b(?:a|an|and|t|to)\b)*\)?$",
        r"(?<!\w)(?:sources?|passages?|papers?|documents?|abstracts?)\s*#?\d*$",
        r"(?:https?:|www\.)[^\s)]*$|<[a-z/!][^<>\n]*$",
        r"[ \t]+$",
    )
)


def _split_line(line: str, offset: int) -> list[AnswerPiece]:
    lead = re.match(r"\s*(?:[-*•+]\s+|\d{1,2}[.)]\s+|#{1,6}\s+|>\s+)*", line)
    first = lead.end() if lead else 0
    plain: list[str] = []
    origin: list[int] = []  # plain[i] stands at line[origin[i]]
    markers: list[tuple[int, tuple[int, ...]]] = []
    position = first
    for match in _MARKER_RUN.finditer(line, first):
        if _is_word(line, match, first):
            continue
        plain += line[position : match.start()]
        origin += range(position, match.start())
        markers.append((len(plain), _numbers_in(match[0])))
        position = match.end()
    plain += line[position:]
    origin += range(position, len(line))
    text = "".join(plain)
    pieces = []
    spans = split_sentences(text)
    for index, span in enumerate(spans):
        sentence = text[span.start : span.end]
        after = spans[index + 1].start if index + 1 < len(spans) else len(text) + 1
        low = span.start if index else -1
        numbers = [n for at, group in markers if low < at < after for n in group]
        numbers += _numbers_in(sentence)
        start, end = offset + origin[span.start], offset + origin[span.end - 1] + 1
        if not any(c.isalnum() for c in sentence):
            continue
        pieces.append(AnswerPiece(sentence, tuple(sorted(set(numbers))), start, end))
    return pieces


def _is_word(line: str, match: re.Match[str], first: int) -> bool:
    """True for a marker that the sentence needs: "[1] proposes ...", "according to [1]"."""
    before, after = line[first : match.start()].rstrip(), line[match.end() :]
    if not before or before[-1] in ".!?:":
        return re.match(r"\s+[a-z]", after) is not None
    return _NEEDS_OBJECT.search(before) is not None


def _numbers_in(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in _NUMBER.findall(text))
