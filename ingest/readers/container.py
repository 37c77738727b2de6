"""Plain, gzip and zip files -> the streams in them, never unpacked to disk and never without limit."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from assistant.errors import IngestError, UnsupportedFileError
from ingest.readers.source import HEAD_BYTES, Guarded

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
# Text packs 3 to 30 times; a file of zeros 1,000 times. The largest dump in use is some 300 GB.
_MAX_RATIO = 200
_FREE_BYTES = 64 << 20  # small files may pack better: one word many times
_MAX_BYTES = 1 << 40
_MAX_MEMBERS = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """One stream of a file: `inside` is its path in an archive, else "". `name` is for messages.

    `position` gives the bytes of the file on disk that have been read.
    """

    name: str
    inside: str
    suffix: str
    stream: io.BufferedReader[Any]
    position: Callable[[], int]


def open_members(path: Path) -> Iterator[Member | IngestError]:
    """The streams of a file, one for a plain or gzipped one; an error for a member that cannot be read.

    Raises:
        IngestError: the file cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror or error}; check the path") from error
    with file:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(_ZIP):
            yield from _zipped(path, file)
        elif magic.startswith(_GZIP):
            yield _gunzipped(str(path), "", path.name, Guarded(file, str(path)))
        else:
            guarded = Guarded(file, str(path))
            stream = io.BufferedReader(guarded, HEAD_BYTES)
            yield Member(str(path), "", path.suffix.lower(), stream, lambda: guarded.given)


def _gunzipped(name: str, inside: str, file_name: str, file: Guarded) -> Member:
    def allowed() -> int:
        return min(_MAX_BYTES, max(_FREE_BYTES, _MAX_RATIO * file.given))

    unpacked = cast(BinaryIO, gzip.GzipFile(fileobj=io.BufferedReader(file)))
    stream = io.BufferedReader(Guarded(unpacked, name, allowed), HEAD_BYTES)
    suffix = PurePosixPath(_without_gz(file_name)).suffix.lower()
    return Member(name, inside, suffix, stream, lambda: file.given)


def _zipped(path: Path, file: BinaryIO) -> Iterator[Member | IngestError]:
    try:
        archive = zipfile.ZipFile(file)
        infos = archive.infolist()
    except Exception as error:  # struct.error, NotImplementedError, ... on damaged directories
        raise IngestError(f"{path} is a damaged zip archive: {error}; pack it again") from error
    if len(infos) > _MAX_MEMBERS:
        raise IngestError(f"{path} holds {len(infos)} files, more than {_MAX_MEMBERS}; unpack it yourself")
    for info in infos:
        inside = PurePosixPath(info.filename)
        hidden = any(part.startswith((".", "__MACOSX")) for part in inside.parts)
        if info.is_dir() or hidden:
            continue
        try:
            yield _zip_member(path, archive, info)
        except IngestError as error:
            yield error
        except Exception as error:  # encrypted, an unknown method, a damaged header
            yield IngestError(f"{path}/{info.filename} cannot be read: {error}")


def _zip_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    name = f"{path}/{info.filename}"
    limit = min(_MAX_BYTES, max(_FREE_BYTES, _MAX_RATIO * info.compress_size))
    guarded = Guarded(cast(BinaryIO, archive.open(info)), name, lambda: limit)
    stream = io.BufferedReader(guarded, HEAD_BYTES)
    magic = stream.peek(4)[:4]
    if magic.startswith(_ZIP):
        raise UnsupportedFileError(f"{name} is an archive in an archive; unpack {path} first")
    if magic.startswith(_GZIP):
        packed = Guarded(cast(BinaryIO, archive.open(info)), name, lambda: limit)
        return _gunzipped(name, info.filename, info.filename, packed)
    share = info.compress_size / max(1, info.file_size)
    suffix = PurePosixPath(info.filename).suffix.lower()
    return Member(
        name, info.filename, suffix, stream, lambda: info.header_offset + int(guarded.given * share)
    )


def _without_gz(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name
