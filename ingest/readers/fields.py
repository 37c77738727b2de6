"""JSON Lines: one record a line, with a title or an abstract; unknown fields are left alone.

Read line by line, so that a file of any size needs the memory of one line. A bad line becomes a
`Rejection` with its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from assistant.models import Identifiers
from assistant.readable import readable
from ingest.dates import format_date, parse_date
from ingest.identifiers import arxiv_id, doi, pmid
from ingest.links import find_urls
from ingest.records import Record, Rejection

_MAX_LINE = 64 << 20  # bytes
_SAMPLE = 20  # lines looked at to recognise the format
_TITLE = ("title", "paper_title", "display_title")
_ABSTRACT = ("abstract", "text", "summary", "paperAbstract", "description")
_KEYS_OF_A_RECORD = frozenset((*_TITLE, *_ABSTRACT))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def recognises(head: bytes) -> bool:
    """True when one of the first lines is a JSON object with a title or a text."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in text or (not text.lstrip().startswith((b"{", b"[", b'"')) and b"\n{" not in text):
        return False
    lines = [line for line in text.splitlines() if line.strip()][:_SAMPLE]
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and not _KEYS_OF_A_RECORD.isdisjoint(value):
            return True
    # A first line longer than the sample.
    return len(text) > 60_000 and b"\n" not in text and re.match(rb'\s*\{\s*"', text) is not None


def read(path: Path, crawl_year: int) -> Iterator[Record | Rejection]:
    """The records in order; `Record.number` counts records, `Rejection.record` is the line's number."""
    del crawl_year  # JSON dates have their year
    number = 0
    with path.open("rb") as file:
        for line_number, line in _numbered_lines(file):
            if line is None:
                yield Rejection(path.name, line_number, f"the line is longer than {_MAX_LINE >> 20} MB")
                continue
            if not line.strip():
                continue
            outcome = _read_line(line, path.name, number + 1)
            if isinstance(outcome, str):
                yield Rejection(path.name, line_number, outcome)
            else:
                number += 1
                yield outcome


def _numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """(number, line), None for a line too long to hold."""
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(_MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        else:
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line


def _read_line(line: bytes, source: str, number: int) -> Record | str:
    """The record, or why there is none."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = error.msg if isinstance(error, json.JSONDecodeError) else str(error) or type(error).__name__
        return f"not JSON: {message}"
    if not isinstance(value, dict):
        return f"not an object but {type(value).__name__}"
    return record_from_mapping(value, source, number, raw=_clean(text.strip()))


def record_from_mapping(fields: Mapping[str, Any], source: str, number: int, *, raw: str) -> Record | str:
    """A record of named fields, or the reason why they make none. Fields of odd types are passed over."""
    title = " ".join(_text(fields, *_TITLE).split()) or None
    abstract = _text(fields, *_ABSTRACT)
    if not title and not abstract:
        return "neither title nor abstract"
    authors, et_al = _authors(fields.get("authors", fields.get("author")))
    given = _strings(fields.get("urls", fields.get("url", fields.get("link"))))
    urls = tuple(dict.fromkeys([u for text in given for u in find_urls(text)] + list(find_urls(abstract))))
    code = fields.get("has_code")
    return Record(
        source=source,
        number=number,
        raw=raw,
        title=title,
        authors=authors,
        et_al=et_al or fields.get("et_al") is True,
        affiliation_tag=_text(fields, "affiliation_tag") or None,
        published=_published(fields),
        categories=_categories(fields.get("categories", fields.get("category"))),
        has_code=code if isinstance(code, bool) else None,
        urls=urls,
        abstract=abstract,
        identifiers=_identifiers(fields),
        source_ids=tuple(i for name in ("_id", "id") for i in _strings(fields.get(name)))[:1],
    )


def _identifiers(fields: Mapping[str, Any]) -> Identifiers:
    nested = fields.get("identifiers", fields.get("externalIds"))
    more = {k.lower(): v for k, v in nested.items()} if isinstance(nested, dict) else {}

    def first(*names: str) -> str:
        values = (_strings(source.get(name)) for source in (fields, more) for name in names)
        return next((v[0] for v in values if v), "")

    return Identifiers(
        doi=doi(first("doi", "DOI")),
        arxiv=arxiv_id(first("arxiv", "arxiv_id", "arxivId", "eprint")),
        pmid=pmid(first("pmid", "PMID", "pubmed", "pubmed_id")),
    )


def _text(fields: Mapping[str, Any], *names: str) -> str:
    """The first of the fields that holds text; lists of paragraphs are joined."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            value = " ".join(v for v in value if isinstance(v, str))
        if isinstance(value, str) and (text := _clean(value).strip()):
            return text
    return ""


def _strings(value: object) -> list[str]:
    """The non-empty strings in a string, a number or a list of them."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, str | int | float):
        text = _clean(str(value)).strip()
        return [text] if text else []
    if isinstance(value, list | tuple):
        return [text for item in value if not isinstance(item, list | dict) for text in _strings(item)]
    return []


def _categories(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[;,]\s*" if re.search("[;,]", value) else r"\s+", value)
    return tuple(dict.fromkeys(_strings(value)))


def _published(fields: Mapping[str, Any]) -> str | None:
    for name in ("published", "publication_date", "publicationDate", "date", "year", "publication_year"):
        value = fields.get(name)
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            if 0 < value < 10_000 and (date := format_date(int(value))):
                return date
        elif isinstance(value, str) and (date := parse_date(_clean(value))):
            month = fields.get("month")
            if len(date) == 4 and isinstance(month, int) and not isinstance(month, bool):
                return format_date(int(date), month)
            return date
    return None


def _authors(value: object) -> tuple[tuple[str, ...], bool]:
    """Names as given, from a list of strings or objects or from one string; and whether "et al." cut them."""
    items = value if isinstance(value, list) else [value]
    names: list[str] = []
    for item in items:
        if isinstance(item, dict):
            item = _name_of(item)
        if isinstance(item, str) and (text := " ".join(readable(_clean(item)).split())):
            names += [text] if isinstance(value, list) else split_authors(text)
    cut = [n for n in names if not re.fullmatch(r"(?:and\s+)?(?:et\.?\s*al\.?|others)", n, re.I)]
    stripped = [re.sub(r",?\s+(?:et\.?\s*al\.?|and others)$", "", n, flags=re.I) for n in cut]
    return tuple(n for n in stripped if n), len(cut) < len(names) or stripped != cut


def _name_of(item: Mapping[str, Any]) -> str:
    for name in ("name", "display_name", "full_name", "author", "literal"):
        value = item.get(name)
        if isinstance(value, dict):
            return _name_of(value)
        if isinstance(value, str) and value.strip():
            return value
    parts = ("given", "first", "first_name", "forename", "middle", "family", "last", "last_name", "surname")
    found = (" ".join(_strings(item.get(name))) for name in parts)
    return " ".join(p for p in found if p)


def split_authors(text: str) -> list[str]:
    """The names in one string: "A, B and C", "A; B", "Smith, J. and Doe, A.", "Smith, John"."""
    if ";" in text:
        return [n for part in text.split(";") if (n := part.strip(" ,"))]
    joined = [p.strip(" ,") for p in re.split(r"\s+(?:and|&)\s+|,\s*and\s+", text) if p.strip(" ,")]
    inverted = all(len(parts := p.split(",")) == 2 and len(parts[0].split()) <= 2 for p in joined)
    if inverted and (len(joined) > 1 or re.fullmatch(r"[^\s,]+,(?:\s*[^\s,]+){1,2}", joined[0])):
        return joined
    names: list[str] = []
    for name in (n.strip() for p in joined for n in p.split(",")):
        if names and name.rstrip(".").lower() in ("jr", "sr", "ii", "iii", "iv"):
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return names


def _clean(text: str) -> str:
    """Text that every store accepts: no lone surrogates, no control characters but line breaks and tabs."""
    if text.isprintable():
        return text
    return _CONTROLS.sub(lambda m: "�" if m.group() >= "\ud800" else "", text)
