"""What one transaction writes into the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.models import Chunk, Paper, Span


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as a source gave it: `content` is its JSON, `fingerprint` tells whether it changed."""

    source: str
    fingerprint: str
    content: str


@dataclass(frozen=True, slots=True)
class PaperChange:
    """A paper as it is to be stored, with all that is derived from it.

    `sentences` are spans of the abstract with the hash of the text that was embedded for each;
    `keys` are what merging finds the paper by; `replaces` are ids it had or has absorbed.
    """

    paper: Paper
    chunks: Sequence[Chunk]
    sentences: Sequence[tuple[Span, bytes]]
    keys: Sequence[str]
    replaces: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """A record that was joined to a paper: from which source, under which title, why.

    `absorbed` are papers that the record proved to be the same, each as "id: title".
    """

    paper_id: str
    source: str
    title: str
    reason: str
    absorbed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes. `records` come with the id of their paper.

    `notices` are what a source says of a paper: (identifier, source, status).
    """

    changes: Sequence[PaperChange] = ()
    records: Sequence[tuple[StoredRecord, str]] = ()
    removed: Sequence[str] = ()
    merges: Sequence[Merge] = ()
    notices: Sequence[tuple[str, str, str]] = ()
    model: str = ""
    vectors: Mapping[bytes, bytes] = field(default_factory=dict)
    signs: Mapping[bytes, bytes] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.changes or self.records or self.removed or self.vectors or self.signs or self.notices
        )
