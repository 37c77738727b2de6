"""What files hold: bibliographic records, and the reasons why one could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from assistant.models import Identifiers


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of one source file, before any merging.

    `source` is the file's path, `number` counts the file's records from 1; a reader leaves both to
    `accept`. `raw` is the entry as the file has it. `has_code` is None when the source has no such
    flag. `abstract` may be "" when there is a title; it is the source's text with container encoding
    undone, LaTeX included.
    `published` is YYYY, YYYY-MM or YYYY-MM-DD; `source_ids` are ids the source itself gave.
    `status` says what became of the paper ("retracted", "withdrawn", "concern"). `notices` are such
    words about other papers, each with its identifier: "retracted doi:10.1000/x". `same_as` are
    identifiers ("doi:…", "arxiv:…") that the source declares to be versions of this paper.
    """

    source: str = ""
    number: int = 0
    raw: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    et_al: bool = False
    affiliation_tag: str | None = None
    published: str | None = None
    categories: tuple[str, ...] = ()
    has_code: bool | None = None
    urls: tuple[str, ...] = ()
    abstract: str = ""
    identifiers: Identifiers = field(default_factory=Identifiers)
    source_ids: tuple[str, ...] = ()
    status: str | None = None
    notices: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """An entry that was skipped; `record` is its line number, or its name where lines say nothing.

    For a whole file, or the rest of one, it is `WHOLE_FILE`.
    """

    source: str
    record: int | str
    reason: str


Attempt = tuple[int | str, Record | str]
"""What a reader yields for an entry: where it stands, as in `Rejection`, and its record or what is wrong."""

WHOLE_FILE = "file"

UNFORESEEN = "its reader failed on it"
"""How the reason of an entry begins that no reader should have failed on: a fault of ours."""


def attempt(place: int | str, make: Callable[..., Record | str], *entry: object) -> Attempt:
    """What `make` makes of an entry; an exception of any kind costs this entry, and not the others."""
    try:
        return place, make(*entry)
    except Exception as error:
        return place, f"{UNFORESEEN} ({type(error).__name__}: {error})"


def accept(source: str, attempts: Iterable[Attempt]) -> Iterator[Record | Rejection]:
    """The records of a source, named and numbered, and rejections in the place of those it has not."""
    number = 0
    for place, made in attempts:
        if isinstance(made, str):
            yield Rejection(source, place, " ".join(made.split()))  # a parser may tell it in several lines
        else:
            number += 1
            yield replace(made, source=source, number=number)
