"""CSV and TSV: the delimiter and the columns are found from the header."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from ingest.dates import parse_date
from ingest.readers.fields import make_record, split_authors
from ingest.readers.markup import undo_markup, without_label
from ingest.readers.source import MAX_RECORD, Head, Source
from ingest.records import Attempt, Record, attempt

FORMAT = "csv"
_DELIMITERS = ",\t;|"
_TITLE = ("title", "articletitle", "papertitle", "documenttitle", "primarytitle", "ti", "t1")
_ABSTRACT = ("abstract", "abstracttext", "abstractnote", "notesabstract", "summary", "ab", "n2")
_AUTHORS = ("authors", "author", "authornames", "authorfullnames", "firstauthors", "au", "firstauthor")
_DATE = (
    *("published", "publicationdate", "date", "publicationyear", "year", "pubyear", "py", "coverdate"),
    *("onlinedate", "createdate"),
)
_DOI = ("doi", "do", "doilink")
_PMID = ("pmid", "pubmedid")
_ARXIV = ("arxiv", "arxivid", "arxivnumber")
_URL = ("url", "urls", "link", "links", "pdflink", "ur")
_CATEGORY = ("categories", "primarycategory")
_ID = ("id", "recordid", "eid", "key", "utuniquewosid", "accessionnumber", "citationkey")
_KNOWN = frozenset((*_TITLE, *_ABSTRACT, *_AUTHORS, *_DATE, *_DOI, *_PMID, *_ARXIV, *_URL, *_CATEGORY, *_ID))
_EMPTY = frozenset(("", "nan", "none", "null", "n/a"))
_RETRACTED = re.compile(r"retracted", re.I)


def recognises(head: Head) -> bool:
    """True when the first line is a header with a title or an abstract and one more known column."""
    columns = _columns(_header_line(head.text))
    if columns is None:
        return False
    if len(columns[1]) == 1:
        return head.suffix in (".csv", ".tsv") and "\n" in head.text
    return True


def read(source: Source) -> Iterator[Attempt]:
    """The rows, by the line where each ends."""
    csv.field_size_limit(MAX_RECORD >> 2)
    lines = (line + "\n" for _, line in source.lines())
    header = ""
    skipped = 0
    for header in lines:
        if header.strip("\ufeff \t\r\n"):
            break
        skipped += 1
    found = _columns(header)
    if found is None:
        return
    delimiter, columns = found
    rows = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield skipped + 1 + rows.line_num, f"not a row: {error}"
            continue
        if any(cell.strip() for cell in row):
            fields = dict(zip(columns, row, strict=False))
            yield attempt(skipped + 1 + rows.line_num, _record, fields)


def _header_line(text: str) -> str:
    return next((line for line in text.lstrip("\ufeff").split("\n") if line.strip()), "")


def _columns(line: str) -> tuple[str, list[str]] | None:
    """(delimiter, column names in one spelling) of a header; None for a line that is none."""
    line = line.strip("\ufeff\r\n")
    if len(line) > 20_000:
        return None
    best: tuple[str, list[str]] | None = None
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in cells]
        if not set(names).isdisjoint((*_TITLE, *_ABSTRACT)) and (best is None or len(names) > len(best[1])):
            best = (delimiter, names)
    if best is None or (len(best[1]) > 1 and len(_KNOWN.intersection(best[1])) < 2 and len(best[1]) < 3):
        return None
    return best


def _record(row: Mapping[str, str]) -> Record | str:
    def first(names: Sequence[str]) -> str:
        cells = (row.get(name, "").strip() for name in names)
        return next((cell for cell in cells if cell.lower() not in _EMPTY), "")

    dates = [date for name in _DATE if (date := parse_date(row.get(name, "")))]
    categories = first(_CATEGORY)
    kind = row.get("publicationtype", "") + row.get("documenttype", "")
    return make_record(
        title=undo_markup(first(_TITLE)),
        abstract=without_label(undo_markup(first(_ABSTRACT))),
        authors=_authors(first(_AUTHORS)),
        published=_finest(dates),
        categories=re.split(r"[;,]\s*|\s+", categories)
        if "." in categories
        else re.split(r"[;,]\s*", categories),
        urls=[first(_URL)],
        doi_text=first(_DOI),
        arxiv_text=first(_ARXIV),
        pmid_text=first(_PMID),
        source_ids=[first(_ID) or first(_PMID)],
        status="retracted" if _RETRACTED.search(kind) else None,
    )


def _finest(dates: Sequence[str]) -> str | None:
    """The first date, or a finer one of the same year (a "Create Date" beside a "Publication Year")."""
    return max((d for d in dates if d[:4] == dates[0][:4]), key=len) if dates else None


def _authors(text: str) -> list[str]:
    if text.startswith("[") and text.endswith("]"):
        try:
            listed = ast.literal_eval(text) if len(text) < 100_000 else []
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            listed = []
        if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
            return [name for name in listed if name]
        return split_authors(text.strip("[]").replace("'", "").replace('"', ""))
    return split_authors(text)
