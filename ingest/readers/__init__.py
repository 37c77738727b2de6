"""Files -> records. The format is recognised from the content; a file's name is only a hint."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import IngestError, UnsupportedFileError
from ingest.readers import arxiv_atom, bibtex, json_documents, listing, medline, pubmed, ris, tables
from ingest.readers.container import Member, open_members
from ingest.readers.source import HEAD_BYTES, Head, Source, decode_head
from ingest.records import Attempt, Record, Rejection, accept

SUPPORTED = (
    "BibTeX, RIS, MEDLINE, PubMed XML, arXiv Atom and JSON, OpenAlex, Crossref, Semantic Scholar, CSV,"
    " JSON and paper listings, also gzipped or zipped"
)


@dataclass(frozen=True, slots=True)
class FileReading:
    """A recognised file, or a file in an archive (`name` ends with its path there then).

    `records` is lazy, is read once, and never stops at a bad entry; with several files in an
    archive, read it before asking for the next. `key` names the source in its records. `position`
    gives the bytes of the file on disk that have been read.
    """

    name: str
    key: str
    format: str
    records: Iterator[Record | Rejection]
    position: Callable[[], int] = lambda: 0


@dataclass(frozen=True, slots=True)
class _Format:
    name: str | Callable[[Head], str]
    recognises: Callable[[Head], bool]
    read: Callable[[Source], Iterator[Attempt]]


# In order of certainty: the first that recognises the beginning of the file reads it.
_FORMATS = (
    _Format(pubmed.FORMAT, pubmed.recognises, pubmed.read),
    _Format(arxiv_atom.FORMAT, arxiv_atom.recognises, arxiv_atom.read),
    _Format(json_documents.name_of_lines, json_documents.recognises_lines, json_documents.read_lines),
    _Format(
        json_documents.name_of_document, json_documents.recognises_document, json_documents.read_document
    ),
    _Format(bibtex.FORMAT, bibtex.recognises, bibtex.read),
    _Format(ris.FORMAT, ris.recognises, ris.read),
    _Format(medline.FORMAT, medline.recognises, medline.read),
    _Format(tables.FORMAT, tables.recognises, tables.read),
    _Format("listing", lambda head: listing.recognises(head.data), listing.read),
)


def source_key(path: Path, inside: str = "") -> str:
    """What names a source in the catalogue: its full path, and the path in an archive."""
    whole = path.resolve().as_posix()
    return f"{whole}/{inside}" if inside else whole


def read_files(path: Path, *, crawl_year: int) -> Generator[FileReading | IngestError]:
    """Recognise a file, or the files in an archive, and open their records, one after the other.

    `crawl_year` completes listing dates that were printed without a year. A file in an archive that
    cannot be read gives an error and the others go on.

    Raises:
        UnsupportedFileError: the file is empty, binary, or in no supported format.
        IngestError: the file cannot be opened.
    """
    for member in open_members(path):
        if isinstance(member, IngestError):
            yield member
            continue
        try:
            reading = _recognise(member, source_key(path, member.inside), crawl_year)
        except IngestError as error:
            if not member.inside:
                raise
            yield error
            continue
        yield reading


def read_file(path: Path, *, crawl_year: int) -> FileReading:
    """As `read_files`, of a file that is no archive of several.

    Raises:
        UnsupportedFileError: the file is empty, binary, or in no supported format.
        IngestError: the file cannot be opened.
    """
    readings = read_files(path, crawl_year=crawl_year)
    first = next(readings, None)
    if first is None:
        raise UnsupportedFileError(f"{path} is empty; {_advice()}")
    if isinstance(first, IngestError):
        raise first

    def records() -> Iterator[Record | Rejection]:
        yield from first.records
        readings.close()

    return FileReading(first.name, first.key, first.format, records(), first.position)


def _recognise(member: Member, key: str, crawl_year: int) -> FileReading:
    data = member.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise UnsupportedFileError(f"{member.name} is empty; {_advice()}")
    encoding, text = decode_head(data)
    if encoding != "utf-16" and b"\0" in data[:4096]:
        raise UnsupportedFileError(f"{member.name} is a binary file; {_advice()}")
    head = Head(data, text, member.suffix)
    for candidate in _FORMATS:
        if candidate.recognises(head):
            name = candidate.name if isinstance(candidate.name, str) else candidate.name(head)
            source = Source(key, member.stream, encoding, crawl_year)
            return FileReading(member.name, key, name, accept(key, candidate.read(source)), member.position)
    raise UnsupportedFileError(f"{member.name} is in no known format; {_advice()}")


def _advice() -> str:
    return f"supported are {SUPPORTED}; give such a file: python -m ingest FILE"
