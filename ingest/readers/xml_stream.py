"""XML read one element at a time, by defusedxml: no entities of its own, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from ingest.readers.source import MAX_RECORD

_INLINE = frozenset(("i", "b", "u", "sub", "sup", "italic", "bold"))


class _Metered:
    """Lets the parser read at most `MAX_RECORD` bytes for one element."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.since = stream, 0

    def read(self, size: int = 1 << 16) -> bytes:
        data = self._stream.read(size)
        self.since += len(data)
        if self.since > MAX_RECORD:
            raise ParseError(f"a record longer than {MAX_RECORD >> 20} MB")
        return data


def elements(stream: BinaryIO, names: frozenset[str]) -> Iterator[Element | str]:
    """The elements with these local names, each gone when the next is asked for; at last what was wrong."""
    metered = _Metered(stream)
    inside = 0
    root: Element | None = None
    try:
        for event, element in iterparse(metered, events=("start", "end")):
            if root is None:
                root = element
            wanted = local(element.tag) in names
            if event == "start":
                inside += wanted
                continue
            if wanted:
                inside -= 1
                if not inside:
                    yield element
                    metered.since = 0
            if not inside and element is not root:
                element.clear()
                root.clear()
    except ParseError as error:
        yield f"not XML: {error}"
    except DefusedXmlException as error:
        yield f"XML with entities of its own is not read: {type(error).__name__}"
    except (ValueError, LookupError) as error:  # an encoding that is unknown, or not what is there
        yield f"not XML: {error}"


def local(tag: object) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: Element | None) -> str:
    """All text in an element, white space as it is; "" for None."""
    return "".join(element.itertext()) if element is not None else ""
