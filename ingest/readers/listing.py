"""Scraped listings of papers, in three layouts.

(a) an author's profile: a header of statistics, then entries "20.0CLApr 3, 2023Code", title, authors
    and abstract, with blank lines between;
(b) entries "CVSep 30, 2022Code", then the title glued to the first author
    ("…Message FlowsShurui Gui, Hao Yuan et al."), then the abstract;
(c) an institution's line, then paragraphs "Abstract:…" without title.

The layout is found for each entry from what stands there. Missing parts are tolerated: score, year,
code flag, authors, abstract. Lines of one paragraph are joined by a space, paragraphs by an empty line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.errors import IngestError
from ingest.dates import MONTH_PATTERN, parse_date
from ingest.links import find_urls
from ingest.readers.bylines import Byline, is_byline, read_byline, split_glued, vocabulary_of
from ingest.readers.source import MAX_RECORD, Source
from ingest.records import Attempt, Record

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# "CL", "cs.CL", "hep-th", "astro-ph.GA", "cond-mat.mtrl-sci", "physics.flu-dyn"
_CATEGORY = (
    r"(?:[a-z]+(?:-[a-z]+)*\.(?:[A-Z]{2,3}|[a-z]+(?:-[a-z]+)+|[a-z]+)|[A-Z]{2,3}|[a-z]+-[a-z]+(?:-[a-z]+)?)"
)
_DATE = (
    rf"(?:{MONTH_PATTERN}\s*\d{{1,2}}(?:\s*,?\s*\d{{4}})?|{MONTH_PATTERN}\s*\d{{4}}"
    rf"|\d{{1,2}}\s+{MONTH_PATTERN}(?:\s+\d{{4}})?|\d{{4}}-\d{{2}}(?:-\d{{2}})?)"
)
_GAP = r"[ \t]*[·•|]?[ \t]*"
_HEADER = re.compile(
    rf"(?P<score>\d{{1,3}}(?:\.\d+)?)?{_GAP}(?P<categories>{_CATEGORY}(?:[,;/ ]+{_CATEGORY})*)"
    rf"{_GAP}(?P<date>{_DATE})(?P<code>{_GAP}Code)?"
)
# Only inside a file that is a listing by its other entries: one part of the header is missing.
_PARTIAL_HEADER = re.compile(
    rf"(?:(?P<score>\d{{1,3}}\.\d+){_GAP}(?P<categories>{_CATEGORY})|(?P<only_date>(?=\S*?)(?:\d{{1,3}}\.\d+)?{_DATE}))"
    rf"(?P<code>{_GAP}Code)?"
)
_ABSTRACT_LABEL = re.compile(r"\s*abstract\s*[:：—]\s*", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_STATISTIC = re.compile(
    r"(?:h|i10|g)-?index\s*:?\s*[\d.]+"
    r"|[\d.,]+[kKM]?\+?\s*(?:papers?|citations?|publications?|followers?|coauthors?)"
    r"|(?:novelty|ai score|impact|influence|papers?|citations?|score|rank|rating|followers?)"
    r"\s*:?\s*[\d.,]+[kKM]?\s*%?",
    re.I,
)
_PAGE_FURNITURE = re.compile(
    r"(?:load|show|see|view) (?:more|all)(?: papers| results)?|next(?: page)?|previous(?: page)?|prev"
    r"|back to top|page \d+(?: of \d+)?|\d+ papers",
    re.I,
)
_MARKDOWN = re.compile(r"^(?:#{1,6} |```|\* \[|<!DOCTYPE|<html)", re.M | re.I)
_MAX_ABSTRACT = 20_000  # characters; more is a whole text that has a line "Abstract:", not a listing
_MAX_LEAD = 200  # characters of an institution's line


@dataclass(frozen=True, slots=True)
class _Header:
    categories: tuple[str, ...]
    published: str | None
    has_code: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """The lines below one header; blank lines are kept as ""."""

    header: _Header
    lines: tuple[str, ...]
    raw: str


def recognises(head: bytes) -> bool:
    """True when the beginning of the file reads as a listing."""
    if b"\0" in head and not head.startswith(UTF16_MARKS):
        return False
    lines = _lines(decode(head))
    first = next((i for i, line in enumerate(lines) if _header_match(line)), None)
    if first is not None:
        below = [line for line in lines[first + 1 :] if line]
        return bool(below) and len(below[0]) > 3 and not _MARKDOWN.search("\n".join(lines[:first]))
    return _starts_with_abstracts(lines)


def read(source: Source) -> Iterator[Attempt]:
    """The listing's entries, by the line where each begins. A listing is a page, and is read whole.

    Raises:
        IngestError: the file is too large to be a page.
    """
    data = source.stream.read(MAX_RECORD + 1)
    if len(data) > MAX_RECORD:
        raise IngestError(f"{source.key} is longer than {MAX_RECORD >> 20} MB: no page that lists papers")
    lines = _lines(decode(data))
    if any(_header_match(line) for line in lines):
        yield from _read_entries(lines, source.crawl_year)
    else:
        yield from _read_abstracts(lines)


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 by its mark, else the legacy Western encoding."""
    if data.startswith(UTF16_MARKS):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 4:  # a character cut at the end of the sample
            return data[: error.start].decode("utf-8-sig")
        return data.decode("cp1252", "replace")


def _lines(text: str) -> list[str]:
    """Lines without surrounding white space, entities decoded, invisible signs removed."""
    text = _ENTITY.sub(lambda m: html.unescape(m.group()), text)
    text = re.sub("[\u200b\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f]", "", text).replace("\u00a0", " ")
    return [line.strip() for line in re.split(r"\r\n|\r|\n|\x0b|\x0c|\u2028|\u2029", text)]


def _header_match(line: str) -> re.Match[str] | None:
    """A full header: category and date glued together, or at least a score or a dotted category."""
    match = _HEADER.fullmatch(line) if 4 < len(line) < 120 else None
    if match is None:
        return None
    glued = line[match.end("categories") : match.start("date")] == ""
    return match if glued or match["score"] or "." in match["categories"] or match["code"] else None


def _parse_header(line: str, crawl_year: int) -> _Header | None:
    if not line or len(line) > 120:
        return None
    match = _header_match(line) or _HEADER.fullmatch(line)
    if match:
        categories, date = tuple(re.split(r"[,;/ ]+", match["categories"])), match["date"]
    elif match := _PARTIAL_HEADER.fullmatch(line):
        categories = (match["categories"],) if match["categories"] else ()
        date = re.sub(r"^\d{1,3}\.\d+", "", match["only_date"] or "")
    else:
        return None
    published = parse_date(date, default_year=crawl_year) if date else None
    return _Header(categories, published, bool(match["code"]))


def _read_entries(lines: Sequence[str], crawl_year: int) -> Iterator[Attempt]:
    entries = _split_entries(lines, crawl_year)
    vocabulary = vocabulary_of([entry.lines for _, entry in entries])
    separate = _bylines_stand_alone(entries, vocabulary)
    for line_number, entry in entries:
        title, byline, body = _take_apart(entry.lines, separate, vocabulary)
        abstract = _ABSTRACT_LABEL.sub("", _join_paragraphs(body), count=1)
        if not title and not abstract:
            yield line_number, "a header without a title or an abstract below it"
            continue
        yield (
            line_number,
            Record(
                raw=entry.raw,
                title=title or None,
                authors=byline.authors,
                et_al=byline.et_al,
                affiliation_tag=byline.affiliation_tag,
                published=entry.header.published,
                categories=entry.header.categories,
                has_code=entry.header.has_code,
                urls=find_urls(abstract),
                abstract=abstract,
            ),
        )


def _split_entries(lines: Sequence[str], crawl_year: int) -> list[tuple[int, _Entry]]:
    """(line number of the header, entry); what stands before the first header is the page's own."""
    first = next(i for i, line in enumerate(lines) if _header_match(line))
    starts: list[tuple[int, _Header]] = []
    for i in range(first, len(lines)):
        header = _parse_header(lines[i], crawl_year)
        if header is not None:
            starts.append((i, header))
    entries = []
    for (start, header), end in zip(starts, [*(i for i, _ in starts[1:]), len(lines)], strict=True):
        body = _without_page_furniture(lines[start + 1 : end])
        entries.append((start + 1, _Entry(header, tuple(body), "\n".join([lines[start], *body]))))
    return entries


def _without_page_furniture(lines: Sequence[str]) -> list[str]:
    """Drop the next profile's header, and buttons, from the end of an entry."""
    kept = list(lines)
    statistics = [i for i, line in enumerate(kept) if _STATISTIC.fullmatch(line)]
    if len(statistics) > 1:
        cut = statistics[0]
        # Back over the profile's name, affiliation and field: short lines that are no sentences. The title
        # and one line below it belong to the entry in any case.
        floor = [i for i, line in enumerate(kept) if line][:2][-1] + 1
        while cut > floor and (not (line := kept[cut - 1]) or (len(line) <= 60 and line[-1] not in ".!?)")):
            cut -= 1
        kept = kept[:cut]
    while kept and (not kept[-1] or _PAGE_FURNITURE.fullmatch(kept[-1])):
        kept.pop()
    return kept


def _bylines_stand_alone(entries: Sequence[tuple[int, _Entry]], vocabulary: frozenset[str]) -> bool:
    """Layout (a): most second lines are lists of names."""
    second = [[line for line in entry.lines if line][1:2] for _, entry in entries]
    known = [lines[0] for lines in second if lines]
    bylines = sum(is_byline(line) and not _ends_title(line, vocabulary) for line in known)
    return bool(known) and 2 * bylines >= len(known)


def _ends_title(line: str, vocabulary: frozenset[str]) -> bool:
    """The second half of a broken title with authors glued to it: "That BreakYi Li, Bo Xu et al."."""
    if len(line) > 300:
        return False
    split = split_glued(line, vocabulary)
    if split is None or not (split[1].et_al or len(split[1].authors) > 1) or " " not in split[0]:
        return False
    return "," not in split[0] or not is_byline(split[0])


def _take_apart(
    lines: Sequence[str], separate: bool, vocabulary: frozenset[str]
) -> tuple[str, Byline, Sequence[str]]:
    """(title, byline, lines of the abstract)"""
    filled = [i for i, line in enumerate(lines) if line]
    if not filled:
        return "", Byline(), ()
    title = lines[filled[0]]
    if _ABSTRACT_LABEL.match(title):
        return "", Byline(), lines
    if len(filled) > 1 and not separate and _ends_title(lines[filled[1]], vocabulary):
        split = split_glued(lines[filled[1]], vocabulary)
        if split and not split_glued(title, vocabulary):
            return f"{title} {split[0]}", split[1], lines[filled[1] + 1 :]
    if len(filled) > 1 and is_byline(lines[filled[1]], sure=not separate):
        return title, read_byline(lines[filled[1]]), lines[filled[1] + 1 :]
    if separate:
        return title, Byline(), lines[filled[0] + 1 :]
    if split := split_glued(title, vocabulary):
        return split[0], split[1], lines[filled[0] + 1 :]
    return title, Byline(), lines[filled[0] + 1 :]


def _starts_with_abstracts(lines: Sequence[str]) -> bool:
    """Layout (c): "Abstract:" after at most a few short lines, and no text too long to be one."""
    filled = [line for line in lines if line]
    first = next((i for i, line in enumerate(filled[:6]) if _ABSTRACT_LABEL.match(line)), None)
    if first is None or any(len(line) > _MAX_LEAD for line in filled[:first]):
        return False
    if _MARKDOWN.search("\n".join(filled)):
        return False
    lengths = [len(_join_paragraphs(body)) for _, body in _abstract_blocks(lines)]
    return max(lengths) > 40 and sum(length <= _MAX_ABSTRACT for length in lengths) * 2 > len(lengths)


def _abstract_blocks(lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """(line number, lines) of each "Abstract:" paragraph; an institution's line before one is left out."""
    starts = [i for i, line in enumerate(lines) if _ABSTRACT_LABEL.match(line)]
    blocks = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = list(lines[start:end])
        while body and (not body[-1] or _PAGE_FURNITURE.fullmatch(body[-1])):
            body.pop()
        # The last line of a block that no sentence ends, after a complete one: the next page's institution.
        if end < len(lines) and len(body) > 1 and len(body[-1]) < _MAX_LEAD and body[-1][-1] not in ".!?)/":
            before = next((line for line in reversed(body[:-1]) if line), "")
            if re.search(r"[.!?)/]$|https?://\S+$", before):
                body.pop()
        body[0] = _ABSTRACT_LABEL.sub("", body[0], count=1)
        blocks.append((start + 1, body))
    return blocks


def _read_abstracts(lines: Sequence[str]) -> Iterator[Attempt]:
    for line_number, body in _abstract_blocks(lines):
        abstract = _join_paragraphs(body)
        if not abstract:
            yield line_number, "an abstract without text"
        elif len(abstract) > _MAX_ABSTRACT:
            yield line_number, f"{len(abstract)} characters are no abstract"
        else:
            raw = "\n".join(body).strip()
            yield line_number, Record(raw=raw, urls=find_urls(abstract), abstract=abstract)


def _join_paragraphs(lines: Sequence[str]) -> str:
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
    return "\n\n".join(" ".join(p.split("\n")) for p in paragraphs if p)
