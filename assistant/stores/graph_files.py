"""Checksums of the files of Chroma's graph.

Chroma maps these files without a look whether they are whole: a damaged one ends the process that searches
it (SIGSEGV), with nothing that could be told the user. They change only when an ingest writes, so what it
left is recorded beside them, and compared whenever they are opened.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.stores.following import replace_file

_RECORD = "graph.json"
_FILLED = "index_metadata.pickle"  # is written with the graph itself
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Written:
    size: int
    changed: int  # nanoseconds; a file as old and as large as recorded is not summed again by its writer
    sum: int


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The record is withdrawn meanwhile, and made anew when all files are written and closed.

    A writer that is killed leaves none, and nothing is told of its files.
    """
    before = _read(folder)
    (folder / _RECORD).unlink(missing_ok=True)
    yield
    record = {}
    for name, path in _files(folder):
        known, status = before.get(name), path.stat()
        same = known is not None and (known.size, known.changed) == (status.st_size, status.st_mtime_ns)
        total = known.sum if same and known is not None else _sum(path)
        record[name] = asdict(_Written(status.st_size, status.st_mtime_ns, total))
    replace_file(folder / _RECORD, json.dumps(record))


def altered_files(folder: Path) -> list[str]:
    """The names of files that are not what was written; every byte is read (about 1 GB a second).

    Files that are gone are Chroma's business: it says so, or makes them anew from its database.
    An index of an earlier version has no record until it is next written.
    """
    while True:
        record = _read(folder)
        altered = [name for name, path in _files(folder) if name in record and _differs(path, record[name])]
        if not altered or _read(folder) == record:
            return altered  # else an ingest has begun meanwhile


def _differs(path: Path, written: _Written) -> bool:
    try:
        return path.stat().st_size != written.size or _sum(path) != written.sum
    except FileNotFoundError:
        return False


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """(name below the folder, path) of the files of graphs that have been filled.

    Of some hundred vectors Chroma makes the graph at each opening, over whatever the files hold.
    """
    for filled in sorted(folder.glob(f"*/{_FILLED}")):
        for path in sorted(filled.parent.iterdir()):
            yield path.relative_to(folder).as_posix(), path


def _sum(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total = zlib.crc32(block, total)
    return total


def _read(folder: Path) -> dict[str, _Written]:
    try:
        record = json.loads((folder / _RECORD).read_text("utf-8"))
        return {name: _Written(**written) for name, written in record.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
