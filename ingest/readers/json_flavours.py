"""JSON objects of known services -> records: arXiv, OpenAlex, Crossref (and CSL), Semantic Scholar."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from ingest.dates import format_date, parse_date
from ingest.identifiers import arxiv_id
from ingest.readers.fields import make_record, name_of, names_of, record_from_mapping, strings
from ingest.readers.markup import one_line, undo_accents, undo_markup, without_label
from ingest.readers.status import status_of_arxiv
from ingest.records import Record

Fields = Mapping[str, Any]
_MAX_WORDS = 50_000  # of an inverted abstract
_VERSIONS = ("has-preprint", "is-preprint-of", "has-version", "is-version-of")  # Crossref's words
_ARXIV_ONLY = ("submitter", "authors_parsed", "journal-ref", "report-no", "versions", "update_date")


@dataclass(frozen=True, slots=True)
class Flavour:
    """How objects of one service are told from others, and read."""

    name: str
    fits: Callable[[Fields], bool]
    record: Callable[[Fields], Record | str]


def flavour_of(fields: Fields) -> Flavour | None:
    """The service the object comes from; None for an object of plain fields."""
    return next((flavour for flavour in FLAVOURS if flavour.fits(fields)), None)


def read_object(fields: Fields, raw: str) -> Record | str:
    """The record, or why there is none."""
    message = fields.get("message")
    if isinstance(message, dict) and "title" not in fields:
        fields = message
    try:
        flavour = flavour_of(fields)
        if flavour is None:
            return record_from_mapping(fields, raw)
        return flavour.record(fields)
    except RecursionError:
        return "nested too deeply"


# -- arXiv's metadata, as the Kaggle snapshot has it ----------------------------------------------


def _is_arxiv(fields: Fields) -> bool:
    return sum(name in fields for name in _ARXIV_ONLY) > 1 and arxiv_id(str(fields.get("id", ""))) is not None


def _arxiv(fields: Fields) -> Record | str:
    identifier, abstract = str(fields.get("id", "")), _string(fields, "abstract")
    parsed = [_parsed_name(name) for name in _list(fields, "authors_parsed")]
    return make_record(
        title=undo_accents(_string(fields, "title")),
        abstract=abstract,
        authors=[name for name in parsed if name] or names_of(fields.get("authors")),
        published=_arxiv_date(fields, identifier),
        categories=_string(fields, "categories").split(),
        doi_text=_string(fields, "doi"),
        arxiv_text=identifier,
        source_ids=[identifier],
        status=status_of_arxiv(_string(fields, "comments"), abstract),
    )


def _parsed_name(parts: object) -> str:
    """["Family", "Given", "Jr.", …]; what follows are affiliations."""
    if not isinstance(parts, list):
        return ""
    family, given, suffix = (p if isinstance(p, str) else "" for p in (*parts[:3], "", "", "")[:3])
    return one_line(f"{given} {family}{f', {suffix}' if suffix else ''}")


def _arxiv_date(fields: Fields, identifier: str) -> str | None:
    """The day of the first version; else the month that is in the id."""
    for version in _list(fields, "versions")[:1]:
        try:
            return parsedate_to_datetime(str(version["created"])).date().isoformat()
        except (TypeError, ValueError, KeyError, IndexError, OverflowError):
            pass
    digits = re.search(r"(\d\d)(\d\d)(?:\.\d|\d{3}$)", arxiv_id(identifier) or "")
    if digits:
        return format_date(int(digits[1]) + (1900 if int(digits[1]) > 90 else 2000), int(digits[2]))
    return parse_date(_string(fields, "update_date"))


# -- OpenAlex ---------------------------------------------------------------------------------------


def _is_openalex(fields: Fields) -> bool:
    return "abstract_inverted_index" in fields or (
        "authorships" in fields and "openalex.org" in str(fields.get("id", ""))
    )


def _openalex(fields: Fields) -> Record | str:
    ids = _dict(fields, "ids")
    places = [fields.get("primary_location"), *_list(fields, "locations")]
    pages = [str(p.get("landing_page_url") or "") for p in places if isinstance(p, dict)]
    topic = fields.get("primary_topic")
    urls = [page for page in pages if page and "doi.org" not in page]
    date = fields.get("publication_date") or fields.get("publication_year")
    return make_record(
        title=undo_markup(_string(fields, "title") or _string(fields, "display_name")),
        abstract=without_label(undo_markup(_inverted(fields.get("abstract_inverted_index")))),
        authors=[name_of(a) for a in _list(fields, "authorships") if isinstance(a, dict)],
        published=parse_date(str(date or "")),
        categories=strings(topic.get("display_name")) if isinstance(topic, dict) else (),
        urls=urls[:3],
        doi_text=_string(fields, "doi") or _string(ids, "doi"),
        arxiv_text=next((page for page in pages if "arxiv.org" in page), ""),
        pmid_text=_string(ids, "pmid").rstrip("/").rpartition("/")[2],
        source_ids=[_string(fields, "id").rpartition("/")[2]],
        status="retracted" if fields.get("is_retracted") is True else None,
    )


def _inverted(index: object) -> str:
    """Words from {word: [places]}; a place that two words claim keeps the first."""
    if not isinstance(index, dict):
        return ""
    placed: dict[int, str] = {}
    for word, places in index.items():
        for place in places if isinstance(places, list) else ():
            if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < _MAX_WORDS:
                placed.setdefault(place, str(word))
    return " ".join(placed[place] for place in sorted(placed))


# -- Crossref, and CSL as reference managers export it ------------------------------------------------


def _is_crossref(fields: Fields) -> bool:
    author = next(iter(_list(fields, "author")), None)
    named = isinstance(author, dict) and not {"family", "given", "literal", "sequence"}.isdisjoint(author)
    return "DOI" in fields or "issued" in fields or "container-title" in fields or named


def _crossref(fields: Fields) -> Record | str:
    doi = _string(fields, "DOI")
    status, notices = _updates(fields, doi)
    same = [other for kind in _VERSIONS for other in _list(_dict(fields, "relation"), kind)]
    titles = strings(fields.get("title")) or strings(fields.get("container-title"))
    names = _list(fields, "author") or _list(fields, "editor")
    return make_record(
        title=undo_markup(titles[0]) if titles else "",
        abstract=without_label(undo_markup(_string(fields, "abstract"))),
        authors=[_crossref_name(name) for name in names if isinstance(name, dict)],
        published=_crossref_date(fields),
        urls=[url for url in strings(fields.get("URL")) if "doi.org" not in url],
        doi_text=doi,
        pmid_text=" ".join(strings(fields.get("PMID"))[:1]),
        source_ids=[doi or " ".join(strings(fields.get("id"))[:1])],
        status=status,
        notices=notices,
        same_as=[
            f"doi:{str(r.get('id', '')).lower()}"
            for r in same
            if isinstance(r, dict) and r.get("id-type") == "doi" and str(r.get("id", "")).startswith("10.")
        ],
    )


def _crossref_name(name: Fields) -> str:
    """Given and family name, with the particles and suffix of CSL; or an organisation's."""
    whole = strings(name.get("literal")) or strings(name.get("name"))
    if whole:
        return whole[0]
    parts = ("given", "dropping-particle", "non-dropping-particle", "family")
    words = " ".join(word for part in parts for word in strings(name.get(part)))
    suffix = strings(name.get("suffix"))
    return f"{words}, {suffix[0]}" if suffix and words else words


def _crossref_date(fields: Fields) -> str | None:
    for name in ("published", "issued", "published-print", "published-online", "posted", "created"):
        date = fields.get(name)
        if isinstance(date, str) and (found := parse_date(date)):
            return found
        parts = date.get("date-parts") if isinstance(date, dict) else None
        if isinstance(parts, list) and parts and isinstance(parts[0], list):
            numbers = [_integer(part) for part in (*parts[0], 0, 0, 0)[:3]]
            if found := format_date(*numbers):
                return found
    return None


def _updates(fields: Fields, doi: str) -> tuple[str | None, list[str]]:
    """(what became of this work, what it says of others). `update-to` stands on the notice."""
    status: str | None = None
    notices = []
    for update in _list(fields, "updated-by"):
        status = status or _kind_of_update(update)
    for update in _list(fields, "update-to"):
        kind = _kind_of_update(update)
        other = str(update.get("DOI", "")).lower() if isinstance(update, dict) else ""
        if kind and other == doi.lower():
            status = status or kind
        elif kind and other.startswith("10."):
            notices.append(f"{kind} doi:{other}")
    return status, notices


def _kind_of_update(update: object) -> str | None:
    kind = str(update.get("type", "")).lower().replace("_", " ") if isinstance(update, dict) else ""
    if "retract" in kind:
        return "retracted"
    if "withdraw" in kind or kind == "removal":
        return "withdrawn"
    return "concern" if "concern" in kind else None


# -- Semantic Scholar ---------------------------------------------------------------------------------


def _is_semantic_scholar(fields: Fields) -> bool:
    return "paperId" in fields or "corpusid" in fields or isinstance(fields.get("externalIds"), dict)


def _semantic_scholar(fields: Fields) -> Record | str:
    ids = fields.get("externalIds", fields.get("externalids"))
    ids = {str(name).lower(): value for name, value in ids.items()} if isinstance(ids, dict) else {}
    date = fields.get("publicationDate") or fields.get("publicationdate") or fields.get("year")
    fields_of_study = [
        f.get("category") if isinstance(f, dict) else f
        for name in ("fieldsOfStudy", "s2FieldsOfStudy", "s2fieldsofstudy")
        for f in _list(fields, name)
    ]
    return make_record(
        title=_string(fields, "title"),
        abstract=without_label(_string(fields, "abstract") or _string(fields, "paperAbstract")),
        authors=names_of(fields.get("authors")),
        published=parse_date(str(date or "")),
        categories=[f for f in fields_of_study if isinstance(f, str)],
        doi_text=" ".join(strings(ids.get("doi"))[:1]),
        arxiv_text=" ".join(strings(ids.get("arxiv"))[:1]),
        pmid_text=" ".join(strings(ids.get("pubmed"))[:1]),
        source_ids=[_string(fields, "paperId") or " ".join(strings(fields.get("corpusid"))[:1])],
    )


FLAVOURS = (
    Flavour("arxiv-json", _is_arxiv, _arxiv),
    Flavour("openalex", _is_openalex, _openalex),
    Flavour("semantic-scholar", _is_semantic_scholar, _semantic_scholar),
    Flavour("crossref", _is_crossref, _crossref),
)


def _string(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _dict(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _list(fields: Fields, name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


def _integer(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
