"""One file as readers see it: a stream of bytes that is read once, in a known encoding, within limits."""

from __future__ import annotations

import codecs
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

from assistant.errors import IngestError

HEAD_BYTES = 1 << 18
"""What is looked at to recognise a format."""
MAX_RECORD = 64 << 20
"""Bytes (or characters) one record may take; what is longer is no bibliographic record."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MULTIBYTE = frozenset(("gb2312", "gbk", "gb18030", "big5", "big5hkscs", "cp932", "shift_jis", "euc_jp"))
_KOREAN = frozenset(("cp949", "euc_kr", "johab"))
_COMMON_SYLLABLES = frozenset("이다의는을가에한고지하은로기사대를시자정")
_OTHER_SCRIPTS = frozenset(
    "cp1251 koi8_r cp866 mac_cyrillic iso8859_5 cp1253 iso8859_7 cp1255 cp1256 iso8859_6 iso8859_8".split()
)


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are read as Windows-1252: files are glued together from several encodings."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("ingest-western", _as_western)


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, for recognising its format; `suffix` is the name's, in lower case."""

    data: bytes
    text: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file whose format is known; `key` names it in its records. Read it once, front to back."""

    key: str
    stream: io.BufferedReader[Any]
    encoding: str
    crawl_year: int

    def text(self) -> io.TextIOWrapper:
        """The decoded text; what its encoding does not know becomes a character all the same."""
        errors = "ingest-western" if self.encoding.startswith("utf-8") else "replace"
        return io.TextIOWrapper(self.stream, self.encoding, errors=errors)

    def lines(self) -> Iterator[tuple[int, str]]:
        """(number from 1, line without its end). IngestError at a line longer than `MAX_RECORD`."""
        text, number = self.text(), 0
        while line := text.readline(MAX_RECORD):
            number += 1
            if len(line) == MAX_RECORD:
                raise IngestError(f"line {number} is longer than {MAX_RECORD >> 20} MB: no list of papers")
            yield number, line.rstrip("\n")

    def utf8(self, *, strict: bool = False) -> BinaryIO:
        """The bytes as UTF-8, for parsers of nothing else; `strict` leaves foreign bytes as they are."""
        if self.encoding == "utf-8" or (strict and self.encoding != "utf-16"):
            return self.stream
        return io.BufferedReader(_Transcoded(self.text()))


class _Transcoded(io.RawIOBase):
    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self._left = text, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._left or self._text.read(1 << 15).encode("utf-8", "replace")
        taken = data[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = data[len(taken) :]
        return len(taken)


class Guarded(io.RawIOBase):
    """A stream that fails in one line (IngestError), and that stops a file which unpacks to too much.

    `allowed` gives the bytes that may have come out by now; None for no limit.
    """

    def __init__(self, stream: BinaryIO, name: str, allowed: Callable[[], int] | None = None) -> None:
        self._stream, self._name, self._allowed = stream, name, allowed
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled = 0
        try:
            while filled < len(buffer) and (data := self._stream.read(len(buffer) - filled)):
                buffer[filled : filled + len(data)] = data
                filled += len(data)
        except Exception as error:  # what a damaged archive raises differs between versions of Python
            if isinstance(error, IngestError):
                raise
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise IngestError(f"{self._name} cannot be read on: {reason}; check the file") from error
        self.given += filled
        if self._allowed is not None and self.given > self._allowed():
            raise IngestError(
                f"{self._name} unpacks to far more than a list of papers would; unpack it yourself to read it"
            )
        return filled

    def close(self) -> None:
        self._stream.close()
        super().close()


def decode_head(data: bytes) -> tuple[str, str]:
    """(encoding, text) of a file's beginning: by its mark, else UTF-8 if it is that, else by its letters."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding == "utf-16":
        return encoding, data[: len(data) & ~1].decode(encoding, "replace")
    if encoding is None:
        encoding = _guess(data)
    decoder = codecs.getincrementaldecoder(encoding)("ingest-western" if "utf-8" in encoding else "replace")
    return encoding, decoder.decode(data).replace("\r\n", "\n").replace("\r", "\n")


def _guess(data: bytes) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(data)
        return "utf-8"
    except UnicodeDecodeError as error:
        before = data[: error.start]
    # Some valid UTF-8 beyond ASCII: UTF-8 with foreign bytes in it.
    if b"\0" in data or not before.isascii():
        return "utf-8"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = from_bytes(data[: 1 << 16]).best()
    found = best.encoding if best else "cp1252"
    if found in _KOREAN and _is_chinese(data):
        return "gb18030"
    if found in _MULTIBYTE | _KOREAN | _OTHER_SCRIPTS:
        return found
    return "cp1252"  # Western and Central European ones cannot be told apart by a few accents


def _is_chinese(data: bytes) -> bool:
    """GB 2312 and Korean share their bytes; in Korean a few syllables make up a third of any text."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError as error:
        if error.start < len(data) - 4:
            return False
    syllables = [c for c in data.decode("cp949", "replace") if "\uac00" <= c <= "\ud7a3"]
    return sum(c in _COMMON_SYLLABLES for c in syllables) * 10 < len(syllables)
