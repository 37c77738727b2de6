"""The Atom feed of arXiv's API, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ingest.dates import parse_date
from ingest.readers.fields import make_record
from ingest.readers.markup import one_line, undo_accents
from ingest.readers.source import Head, Source
from ingest.readers.status import status_of_arxiv
from ingest.readers.xml_stream import elements, local, text_of
from ingest.records import Attempt, Record, attempt

FORMAT = "arxiv-atom"
_ENTRY = frozenset(("entry",))


def recognises(head: Head) -> bool:
    """True for an Atom feed."""
    return "http://www.w3.org/2005/Atom" in head.text and "<feed" in head.text


def read(source: Source) -> Iterator[Attempt]:
    """The entries, by their place."""
    for number, element in enumerate(elements(source.stream, _ENTRY), 1):
        place = f"entry {number}"
        yield (place, element) if isinstance(element, str) else attempt(place, _record, element)


def _record(entry: Element) -> Record | str:
    parts: dict[str, list[Element]] = {}
    for child in entry:
        parts.setdefault(local(child.tag), []).append(child)

    def first(name: str) -> str:
        return text_of(parts[name][0]).strip() if name in parts else ""

    address = first("id")
    if "/api/errors" in address:
        return f"arXiv's API reports an error: {one_line(first('summary'))}"
    links = [link.get("href", "") for link in parts.get("link", ()) if link.get("title") == "doi"]
    names = [text_of(n) for author in parts.get("author", ()) for n in author if local(n.tag) == "name"]
    abstract = first("summary")
    categories = [c.get("term", "") for name in ("primary_category", "category") for c in parts.get(name, ())]
    return make_record(
        title=undo_accents(first("title")),
        abstract=abstract,
        authors=[one_line(name) for name in names],
        published=parse_date(first("published")) or parse_date(first("updated")),
        categories=categories,
        doi_text=first("doi") or next(iter(links), ""),
        arxiv_text=address,
        source_ids=[address.rpartition("/abs/")[2]],
        status=status_of_arxiv(first("comment"), abstract),
    )
