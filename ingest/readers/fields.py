"""Records of named fields, as JSON objects and rows of tables have them; unknown fields are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ingest.dates import format_date, parse_date
from ingest.identifiers import read_identifiers
from ingest.links import find_urls
from ingest.readers.markup import one_line
from ingest.readers.people import cut_et_al
from ingest.readers.status import status_of_title
from ingest.records import Record

TITLE = ("title", "paper_title", "display_title")
ABSTRACT = ("abstract", "text", "summary", "paperAbstract", "description")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAX_RAW = 20_000  # characters of an entry that are kept beside what was read of it
NOTHING = "neither title nor abstract"


def make_record(
    *,
    title: str,
    abstract: str,
    authors: Iterable[str] = (),
    published: str | None = None,
    categories: Iterable[str] = (),
    urls: Iterable[str] = (),
    doi_text: str = "",
    arxiv_text: str = "",
    pmid_text: str = "",
    source_ids: Iterable[str] = (),
    raw: str = "",
    status: str | None = None,
    notices: Iterable[str] = (),
    same_as: Iterable[str] = (),
) -> Record | str:
    """A record of what a reader found, its texts cleaned; or the reason why it makes none."""
    title, abstract = one_line(clean(title)), clean(abstract).strip()
    if not title and not abstract:
        return NOTHING
    names, et_al = cut_et_al(clean(name) for name in authors)
    given = [url for text in urls for url in find_urls(clean(text))]
    return Record(
        raw=clean(raw) if len(raw) < _MAX_RAW else "",
        title=title or None,
        authors=names,
        et_al=et_al,
        published=published,
        categories=tuple(dict.fromkeys(c for c in (one_line(clean(c)) for c in categories) if c)),
        urls=tuple(dict.fromkeys([*given, *find_urls(abstract)])),
        abstract=abstract,
        identifiers=read_identifiers(clean(doi_text), clean(arxiv_text), clean(pmid_text)),
        source_ids=tuple(dict.fromkeys(i for i in (one_line(clean(i)) for i in source_ids) if i)),
        status=status or status_of_title(title),
        notices=tuple(dict.fromkeys(notices)),
        same_as=tuple(dict.fromkeys(same_as)),
    )


def record_from_mapping(fields: Mapping[str, Any], raw: str) -> Record | str:
    """A record of named fields, or the reason why they make none. Fields of odd types are passed over."""
    abstract = text_of(fields, *ABSTRACT)
    code = fields.get("has_code")
    outcome = make_record(
        title=text_of(fields, *TITLE),
        abstract=abstract,
        authors=names_of(fields.get("authors", fields.get("author"))),
        published=date_of(fields),
        categories=_categories(fields.get("categories", fields.get("category"))),
        urls=strings(fields.get("urls", fields.get("url", fields.get("link")))),
        **_identifier_texts(fields),
        source_ids=[i for name in ("_id", "id") for i in strings(fields.get(name))][:1],
        raw=raw,
        status="retracted" if fields.get("is_retracted") is True else None,
    )
    if isinstance(outcome, str):
        return outcome
    return replace(
        outcome,
        et_al=outcome.et_al or fields.get("et_al") is True,
        affiliation_tag=text_of(fields, "affiliation_tag") or None,
        has_code=code if isinstance(code, bool) else None,
    )


def _identifier_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    nested = fields.get("identifiers", fields.get("externalIds"))
    more = {k.lower(): v for k, v in nested.items()} if isinstance(nested, dict) else {}

    def first(*names: str) -> str:
        values = (strings(source.get(name)) for source in (fields, more) for name in names)
        return next((v[0] for v in values if v), "")

    return {
        "doi_text": first("doi", "DOI"),
        "arxiv_text": first("arxiv", "arxiv_id", "arxivId", "eprint"),
        "pmid_text": first("pmid", "PMID", "pubmed", "pubmed_id"),
    }


def text_of(fields: Mapping[str, Any], *names: str) -> str:
    """The first of the fields that holds text; lists of paragraphs are joined."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            value = " ".join(v for v in value if isinstance(v, str))
        if isinstance(value, str) and (text := clean(value).strip()):
            return text
    return ""


def strings(value: object) -> list[str]:
    """The non-empty strings in a string, a number or a list of them."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, str | int | float):
        text = clean(str(value)).strip()
        return [text] if text else []
    if isinstance(value, list | tuple):
        return [text for item in value if not isinstance(item, list | dict) for text in strings(item)]
    return []


def _categories(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[;,]\s*" if re.search("[;,]", value) else r"\s+", value)
    return tuple(dict.fromkeys(strings(value)))


def date_of(fields: Mapping[str, Any]) -> str | None:
    """The publication date, from the field that has one."""
    for name in ("published", "publication_date", "publicationDate", "date", "year", "publication_year"):
        value = fields.get(name)
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            if 0 < value < 10_000 and (date := format_date(int(value))):
                return date
        elif isinstance(value, str) and (date := parse_date(clean(value))):
            month = fields.get("month")
            if len(date) == 4 and isinstance(month, int) and not isinstance(month, bool):
                return format_date(int(date), month)
            return date
    return None


def names_of(value: object) -> list[str]:
    """Names as given, from a list of strings or objects, or from one string of several."""
    if not isinstance(value, list):
        return split_authors(value) if isinstance(value, str) else names_of([value]) if value else []
    found = (name_of(item) if isinstance(item, dict) else item for item in value)
    return [name for name in found if isinstance(name, str)]


def name_of(item: Mapping[str, Any]) -> str:
    """A person's name from an object that has it whole or in parts; "" when it has none."""
    for name in ("name", "display_name", "full_name", "author", "literal"):
        value = item.get(name)
        if isinstance(value, dict):  # OpenAlex: {"author": {"display_name": …}}
            value = value.get("display_name", value.get("name"))
        if isinstance(value, str) and value.strip():
            return value
    parts = ("given", "first", "first_name", "forename", "middle", "family", "last", "last_name", "surname")
    found = (" ".join(strings(item.get(name))) for name in parts)
    return " ".join(p for p in found if p)


def split_authors(text: str) -> list[str]:
    """The names in one string: "A, B and C", "A; B", "Smith, J. and Doe, A.", "Smith, John"."""
    if ";" in text:
        return [n for part in text.split(";") if (n := part.strip(" ,"))]
    joined = [p.strip(" ,") for p in re.split(r"\s+(?:and|&)\s+|,\s*and\s+", text) if p.strip(" ,")]
    if not joined:
        return []
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


def clean(text: str) -> str:
    """Text that every store accepts: no lone surrogates, no control characters but line breaks and tabs."""
    if text.isprintable():
        return text
    return _CONTROLS.sub(lambda m: "�" if m.group() >= "\ud800" else "", text)
