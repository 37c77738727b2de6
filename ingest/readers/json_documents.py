"""JSON Lines and whole JSON documents -> objects, one at a time.

A line is read by itself, and a bad one is rejected by its number. A document ([…], {"results": […]},
{"message": {"items": […]}}, or one object) is streamed by ijson, whatever its size.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import ijson  # type: ignore[import-untyped]

from ingest.readers.fields import ABSTRACT, TITLE, clean
from ingest.readers.json_flavours import flavour_of, read_object
from ingest.readers.source import MAX_RECORD, Head, Source
from ingest.records import Attempt, Record, attempt

# Not its C backend, which some damaged files bring down with the whole process (ijson 3.6.0).
_PARSER = ijson.get_backend("python")
_SAMPLE = 20  # lines looked at to recognise JSON Lines
_KEYS_OF_A_RECORD = frozenset((*TITLE, *ABSTRACT, "DOI", "abstract_inverted_index"))
# Where documents keep their records; an object by itself is a record when it has a record's names.
_LISTS = (
    *("item", "message.items.item", "results.item", "data.item", "items.item", "papers.item"),
    *("records.item", "works.item", "documents.item", "articles.item", "references.item", "hits.hits.item"),
)
_EMPTY = tuple(prefix.removesuffix(".item") for prefix in _LISTS if prefix != "item")
_MAX_DEPTH = 200  # of a document; services nest six or seven deep
_JSON_NAMES = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}
_RAW = 20_000  # bytes of a line that is kept beside its record


def recognises_lines(head: Head) -> bool:
    """True when one of the first lines is a JSON object with a title or a text."""
    text = head.text.lstrip("\ufeff")
    if not text.lstrip().startswith(("{", "[", '"')) and "\n{" not in text:
        return False
    objects = _line_objects(text)
    if any(_is_record(value) for value in objects):
        return True
    # A first line longer than the sample, which is no document's.
    return "\n" not in text and len(text) > 60_000 and _prefix(head) == ""


def recognises_document(head: Head) -> bool:
    """True for a JSON document with records in a place known to hold them."""
    return head.text.lstrip("\ufeff \t\r\n").startswith(("{", "[")) and _prefix(head) is not None


def name_of_lines(head: Head) -> str:
    """The service the lines come from, or "jsonl"."""
    flavour = next((f for o in _line_objects(head.text) if (f := flavour_of(o))), None)
    return flavour.name if flavour else "jsonl"


def name_of_document(head: Head) -> str:
    """The service the document comes from, or "json"."""
    prefix = _prefix(head)
    walk = _Walk(prefix or "")
    try:
        for value in walk.values(_PARSER.basic_parse(BytesIO(head.data.removeprefix(b"\xef\xbb\xbf")))):
            flavour = flavour_of(value) if isinstance(value, dict) else None
            return flavour.name if flavour else "json"
    except (ijson.JSONError, ValueError, RecursionError):
        pass
    marks = (('"message-type"', "crossref"), ("openalex.org", "openalex"), ('"paperId"', "semantic-scholar"))
    return next((name for mark, name in marks if mark in head.text), "json")


def read_lines(source: Source) -> Iterator[Attempt]:
    """The objects, by their line."""
    for line_number, line in _numbered_lines(source):
        if line is None:
            yield line_number, f"the line is longer than {MAX_RECORD >> 20} MB"
        elif line.strip():
            yield attempt(line_number, _read_line, line)


def read_document(source: Source) -> Iterator[Attempt]:
    """The objects, by their place."""
    number = 0
    try:
        for number, value in enumerate(_values(source), 1):
            yield attempt(f"record {number}", _read_value, value, "")
    except _DamageError as damage:
        yield f"record {number + 1}", str(damage)


class _DamageError(Exception):
    """Why a document cannot be read on."""


def _values(source: Source) -> Iterator[Any]:
    """The values at the document's place for records.

    Raises:
        _DamageError: the document is no JSON from some place on, or no list of papers.
    """
    stream = source.utf8()
    first = stream.peek(1 << 18) if hasattr(stream, "peek") else b""
    prefix = _prefix(Head(first, first.decode("utf-8", "replace"), "")) or ""
    found = ijson.sendable_list()
    parser = _PARSER.basic_parse_coro(found, use_float=True)
    walk = _Walk(prefix)
    since = 0
    try:
        while True:
            data = stream.read(1 << 16)
            since += len(data)
            try:
                parser.send(data)
            except StopIteration:
                data = b""
            for value in walk.values(found):
                since = 0
                yield value
            found.clear()
            if since > MAX_RECORD:
                raise _DamageError(f"a record longer than {MAX_RECORD >> 20} MB; the rest is not read")
            if not data:
                return
    except (ijson.JSONError, ValueError, RecursionError) as error:
        with suppress(ValueError):
            yield from walk.values(found)
        raise _DamageError(f"not JSON from here on: {' '.join(str(error).split())[:200]}") from error
    finally:
        with suppress(ijson.JSONError):  # a parser that is left in the middle complains of that
            parser.close()


class _Walk:
    """Builds the values that stand at one place of a document, from the parser's events.

    ijson's own `items` keeps the whole path of names, and takes time that grows with the square of
    the depth; here the path ends where a record begins.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._path: list[str] = []  # of each open container the name of its current value
        self._builder: ijson.ObjectBuilder | None = None
        self._depth = 0

    def values(self, events: Iterable[tuple[str, Any]]) -> Iterator[Any]:
        """The values completed by these events. ValueError where one is nested too deeply."""
        for event, value in events:
            opens, closes = event.startswith("start_"), event.startswith("end_")
            self._depth += opens - closes
            if self._depth > _MAX_DEPTH:
                raise ValueError(f"nested more than {_MAX_DEPTH} deep")
            if self._builder is not None:
                self._builder.event(event, value)
                if closes and self._depth == len(self._path):
                    built, self._builder = self._builder.value, None
                    yield built
            elif event == "map_key":
                self._path[-1] = value
            elif closes:
                self._path.pop()
            elif self.place == self._prefix:
                if not opens:
                    yield value
                    continue
                self._builder = ijson.ObjectBuilder()
                self._builder.event(event, value)
            elif opens:
                self._path.append("item" if event == "start_array" else "")

    @property
    def place(self) -> str:
        """Where the next value stands, in ijson's words."""
        return ".".join(self._path)


def _prefix(head: Head) -> str | None:
    """Where the document's records stand, in ijson's words; None when there are none."""
    data = head.data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = head.text.lstrip("\ufeff").encode("utf-8", "replace")
    prefixes: list[str] = []
    names: set[str] = set()
    path: list[str] = []
    try:
        for event, value in _PARSER.basic_parse(BytesIO(data)):
            place = ".".join(path)
            if event == "map_key":
                path[-1] = value
                if len(path) == 1:
                    names.add(value)
                elif path[0] == "message" and len(path) == 2 and value in _KEYS_OF_A_RECORD:
                    return "message"
            elif event.startswith("end_"):
                path.pop()
            elif event.startswith("start_"):
                if event == "start_map" and place in _LISTS:
                    prefixes.append(place)
                    break
                if event == "start_array" and place in _EMPTY:
                    prefixes.append(f"{place}.item")
                path.append("item" if event == "start_array" else "")
                if len(path) > _MAX_DEPTH:
                    break
    except (ijson.JSONError, ValueError, RecursionError):
        pass  # the sample ends in the middle
    if not _KEYS_OF_A_RECORD.isdisjoint(names):
        return ""
    return prefixes[-1] if prefixes else None


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and not _KEYS_OF_A_RECORD.isdisjoint(value)


def _line_objects(text: str) -> list[dict[str, Any]]:
    objects = []
    for line in [line for line in text.lstrip("\ufeff").split("\n") if line.strip()][:_SAMPLE]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            objects.append(value)
    return objects


def _numbered_lines(source: Source) -> Iterator[tuple[int, bytes | None]]:
    """(number, line), None for a line too long to hold."""
    number, stream = 0, source.utf8(strict=True)
    while line := stream.readline(MAX_RECORD):
        number += 1
        if len(line) == MAX_RECORD and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_RECORD)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        else:
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line


def _read_line(line: bytes) -> Record | str:
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
    return _read_value(value, clean(text.strip()) if len(line) < _RAW else "")


def _read_value(value: object, raw: str) -> Record | str:
    if not isinstance(value, dict):
        return f"not an object but {_JSON_NAMES.get(type(value), 'a number')}"
    return read_object(value, raw)
