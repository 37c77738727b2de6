"""What an ingest did, as data and as one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ingest.records import Rejection


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: `records` are its entries, `read` those that were accepted. `format` None: not recognised."""

    path: str
    format: str | None
    records: int
    read: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: `outcome` is "added", "updated", "unchanged", "merged" or "rejected".

    `paper_id` is the paper it belongs to now, None for a rejected one; `reason` says why it was merged
    or rejected. `record` is its number among the file's accepted ones, or a rejected one's line.
    """

    source: str
    record: int | str
    outcome: str
    paper_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Counts of records by what became of them, the files, and the seconds each stage took.

    A record is `added` (a new paper), `updated` or `unchanged` (its own paper again), or
    `merged` (joined into a paper that another record made). `title_only` counts those of them
    that have no abstract. `removed` counts papers that were
    deleted, `total` the papers in the store afterwards.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    title_only: int = 0
    removed: int = 0
    total: int = 0
    files: tuple[FileReport, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    embedded: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    dry_run: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The object `--report` writes."""
        return {
            "papers": {
                "added": self.added,
                "updated": self.updated,
                "unchanged": self.unchanged,
                "merged": self.merged,
                "rejected": len(self.rejected),
                "title_only": self.title_only,
                "removed": self.removed,
                "total": self.total,
            },
            "files": [asdict(file) for file in self.files],
            "rejected": [asdict(rejection) for rejection in self.rejected],
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }

    def summary(self) -> str:
        """One line for people."""
        bare = f"; {self.title_only} records have no abstract" if self.title_only else ""
        removed = f", {self.removed} removed" if self.removed else ""
        dry = "dry run, nothing written; " if self.dry_run else ""
        return (
            f"{dry}{self.total} papers: {self.added} added, {self.updated} updated,"
            f" {self.unchanged} unchanged, {self.merged} merged, {len(self.rejected)} rejected"
            f"{removed}{bare}; {self.seconds.get('total', 0.0):.1f} s"
        )

    def formats(self) -> list[str]:
        """A line for each format: how many files, and how many of their records were read."""
        found: dict[str, list[FileReport]] = {}
        for file in self.files:
            found.setdefault(file.format or "not recognised", []).append(file)
        width = max(map(len, found), default=0)
        lines = []
        for name, files in sorted(found.items(), key=lambda item: -sum(file.read for file in item[1])):
            read, records = sum(file.read for file in files), sum(file.records for file in files)
            told = f"{read:>7,} of {records:,} records" if files[0].format else "      0 records"
            lines.append(f"{name:{width}}  {len(files):>4} {'file ' if len(files) == 1 else 'files'} {told}")
        return lines
