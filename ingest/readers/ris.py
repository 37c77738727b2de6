"""RIS, and the tagged export of the Web of Science. Each record is parsed by itself, by rispy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import rispy  # type: ignore[import-untyped]
from rispy.config import TAG_KEY_MAPPING  # type: ignore[import-untyped]

from ingest.dates import MONTHS, format_date, parse_date
from ingest.identifiers import arxiv_id
from ingest.readers.fields import make_record, strings
from ingest.readers.markup import undo_entities, undo_markup, without_label
from ingest.readers.people import natural
from ingest.readers.source import Head, Source
from ingest.records import Attempt, Record, attempt

FORMAT = "ris"
_START = re.compile(r"TY[ \t]{0,2}-(?:[ \t]|$)")
_END = re.compile(r"ER[ \t]{0,2}-\s*$")
_TAG = re.compile(r"([A-Z][A-Z0-9])(?:[ \t]{2}-|[ \t]?-(?=[ \t]))[ \t]?(.*)$")
_WOS_START = re.compile(r"PT [A-Z]$")
_SIGNATURE = re.compile(r"^TY[ \t]{0,2}-(?:[ \t]|$)", re.M)
_WOS_SIGNATURE = re.compile(r"^PT [JCBSP]$.{0,300}?^(?:AU|TI) ", re.M | re.S)
_MAX_LINES = 100_000  # of one record; the rest of a longer one is passed over


class _Parser(rispy.RisParser):  # type: ignore[misc]
    """rispy, lenient about the space around the dash; tags of more than two letters begin no value."""

    # rispy keeps unknown tags under the tag UK, and fails on a file that has one of that name.
    UNKNOWN_TAG = "??"
    DEFAULT_MAPPING: ClassVar = {"??" if tag == "UK" else tag: name for tag, name in TAG_KEY_MAPPING.items()}

    def parse_line(self, line: str) -> tuple[str, str] | tuple[None, str]:
        match = _TAG.match(line)
        known = match is not None and (line[2:5] == "  -" or match[1] in TAG_KEY_MAPPING)
        return (match[1], match[2].strip()) if match and known else (None, line.strip())


def recognises(head: Head) -> bool:
    """True when a line opens a record, in either format."""
    return bool(_SIGNATURE.search(head.text) or _WOS_SIGNATURE.search(head.text))


def read(source: Source) -> Iterator[Attempt]:
    """The records, by the line where each begins."""
    for line_number, lines in _records(source):
        yield attempt(line_number, _parse, lines)


def _records(source: Source) -> Iterator[tuple[int, list[str]]]:
    """(line of its beginning, lines) of each record, whether it is closed or not."""
    start, lines = 0, list[str]()
    for number, line in source.lines():
        line = line.removeprefix("\ufeff")
        if _START.match(line) or _WOS_START.match(line):
            if lines:
                yield start, lines
            start, lines = number, [line.rstrip()]
        elif lines and (_END.match(line) or line.rstrip() == "ER"):
            yield start, lines
            lines = []
        elif lines and len(lines) < _MAX_LINES and not line.startswith("% "):
            lines.append(line.rstrip())
    if lines:
        yield start, lines


def _parse(lines: list[str]) -> Record | str:
    web_of_science = lines[0].startswith("PT")
    parser = rispy.WokParser() if web_of_science else _Parser()
    try:
        parsed = parser.parse_lines(iter([*lines, "ER" if web_of_science else "ER  - "]))
    except Exception as error:  # a third-party parser on arbitrary text
        return f"not RIS: {error}"
    if not parsed:
        return "not RIS: a record without fields"
    return (_wos_record if web_of_science else _record)(parsed[0], "\n".join(lines).strip())


def _first(fields: Mapping[str, Any], *names: str) -> str:
    return next((found[0] for name in names if (found := strings(fields.get(name)))), "")


def _record(fields: Mapping[str, Any], raw: str) -> Record | str:
    urls = [url for name in ("urls", "link", "links") for url in strings(fields.get(name))]
    unknown = fields.get("unknown_tag") or {}
    abstract = _first(fields, "abstract") or _first(fields, "notes_abstract")
    titles = ("title", "primary_title", "translated_title", "short_title", "secondary_title")
    database = f"{_first(fields, 'database_provider')} {_first(fields, 'name_of_database')}".lower()
    accession = _first(fields, "accession_number")
    told = (_first(fields, "number"), _first(fields, "publisher"), accession, *urls)
    pubmed = accession if "pubmed" in database or "medline" in database else ""
    doi = _first(fields, "doi") or next((u for u in urls if "doi.org/10." in u), "")
    names = [name for field in ("authors", "first_authors") for name in strings(fields.get(field))]
    return make_record(
        title=undo_markup(_first(fields, *titles)),
        abstract=without_label(undo_markup(abstract)),
        authors=[natural(undo_entities(name)) for name in names],
        published=_published(fields),
        urls=urls,
        doi_text=doi,
        arxiv_text=next((t for t in told if "arxiv" in t.lower() and arxiv_id(t)), ""),
        pmid_text=_first(unknown, "PM") or pubmed,
        source_ids=[_first(fields, "id") or accession],
        raw=raw,
    )


def _published(fields: Mapping[str, Any]) -> str | None:
    dates = [d for name in ("year", "publication_year", "date") if (d := _date(_first(fields, name)))]
    if not dates:
        return None
    # "PY - 2016" beside "DA - 2016/04/16": the finer one of the same year.
    return next((d for d in sorted(dates, key=len, reverse=True) if d[:4] == dates[0][:4]), dates[0])


def _date(text: str) -> str | None:
    """ "2016/04/16/", "1948/07//", "2014///spring", "2020"; other texts as any date."""
    match = re.match(r"\s*(\d{4})/(\d{0,2})/(\d{0,2})(?:/|$)", text)
    if match:
        return format_date(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    return parse_date(text)


def _wos_record(fields: Mapping[str, Any], raw: str) -> Record | str:
    names = strings(fields.get("author_full_name")) or strings(fields.get("authors"))
    year, date = _first(fields, "publication_year"), _first(fields, "publication_date").lower()
    published = parse_date(year)
    month = re.match(r"([a-z]{3})(?:\s+(\d{1,2}))?$", date)
    if published and month and month[1] in MONTHS:
        published = format_date(int(published[:4]), MONTHS[month[1]], int(month[2] or 0))
    return make_record(
        title=_first(fields, "document_title"),
        abstract=_first(fields, "abstract"),
        authors=[natural(name) for name in names],
        published=published,
        doi_text=_first(fields, "doi"),
        pmid_text=_first(fields, "pubmed_id"),
        source_ids=[_first(fields, "accession_number")],
        raw=raw,
    )
