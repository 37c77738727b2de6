"""Files -> records. The format is recognised from the content, never from the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import IngestError, UnsupportedFileError
from ingest.readers import jsonl, listing
from ingest.records import Record, Rejection

SUPPORTED = "paper listings (text) and JSON Lines with a title or an abstract"
_HEAD_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class FileReading:
    """A recognised file. `records` is lazy, is read once, and never stops at a bad entry."""

    path: Path
    format: str
    records: Iterator[Record | Rejection]


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[Path, int], Iterator[Record | Rejection]]


# In order of certainty: the first that recognises the beginning of the file reads it.
_FORMATS = (
    _Format("jsonl", jsonl.recognises, jsonl.read),
    _Format("listing", listing.recognises, listing.read),
)


def read_file(path: Path, *, crawl_year: int) -> FileReading:
    """Recognise a file and open its records.

    `crawl_year` completes listing dates that were printed without a year.

    Raises:
        UnsupportedFileError: the file is empty, binary, or in no supported format.
        IngestError: the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror or error}; check the path") from error
    advice = f"supported are {SUPPORTED}; give such a file: python -m ingest FILE"
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise UnsupportedFileError(f"{path} is empty; {advice}")
    for candidate in _FORMATS:
        if candidate.recognises(head):
            return FileReading(path, candidate.name, candidate.read(path, crawl_year))
    binary = b"\0" in head and not head.startswith(listing.UTF16_MARKS)
    raise UnsupportedFileError(f"{path} is {'a binary file' if binary else 'in no known format'}; {advice}")
