"""What a running ingest has done so far, which makes its report at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.errors import IngestError
from ingest.dedupe import Decision
from ingest.records import WHOLE_FILE, Rejection
from ingest.report import FileReport, IngestReport, Outcome


class Tally:
    """Counts records by what became of them, and times the stages.

    Each record's outcome is told to `outcomes` when it is final. `title_only`, `removed` and
    `embedded` are counted by those who know.
    """

    def __init__(self, outcomes: Callable[[Outcome], None] = lambda _outcome: None) -> None:
        self.tell = outcomes
        self.counts = dict.fromkeys(("added", "updated", "unchanged", "merged"), 0)
        self.title_only = self.removed = self.embedded = 0
        self._files: list[FileReport] = []
        self._rejected: list[Rejection] = []
        self._counted: set[str] = set()
        self._seconds: dict[str, float] = {}
        self._began = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time that passes inside to the stage's."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - start

    def count(self, decision: Decision) -> str:
        """Each paper counts once; every further record of it is a merged one, on every run."""
        ids = {decision.paper.paper_id}
        ids.update(p.paper_id for p in (decision.replaces, *decision.absorbed) if p is not None)
        return self._count(decision.action, ids)

    def count_again(self, paper_id: str) -> str:
        """Count a record that is as it was, of this paper; see `count`."""
        return self._count("unchanged", {paper_id})

    def _count(self, action: str, ids: set[str]) -> str:
        counted = action if ids.isdisjoint(self._counted) else "merged"
        self._counted |= ids
        self.counts[counted] += 1
        return counted

    def add_file(self, file: FileReport, rejected: list[Rejection]) -> None:
        """Take in a file that was read, and what of it was not."""
        self._files.append(file)
        self._rejected += rejected
        for rejection in rejected:
            self.tell(Outcome(file.path, rejection.record, "rejected", None, rejection.reason))

    def reject_file(self, name: str, error: IngestError | str) -> None:
        """Take in a file that could not be read at all."""
        self.add_file(FileReport(name, None, 1, 0, 1), [Rejection(name, WHOLE_FILE, str(error))])

    def report(self, papers: int, *, dry_run: bool) -> IngestReport:
        """What was done; `papers` are in the store now, or would be."""
        return IngestReport(
            **self.counts,
            title_only=self.title_only,
            removed=self.removed,
            total=papers,
            files=tuple(self._files),
            rejected=tuple(self._rejected),
            embedded=self.embedded,
            seconds={**self._seconds, "total": time.perf_counter() - self._began},
            dry_run=dry_run,
        )
