"""What was joined into one paper, and why: `papers --duplicates`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import func, select

from assistant.models import Paper
from assistant.stores import schema
from assistant.stores.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Joined:
    """One record that was joined to a paper. `absorbed` are papers that it proved to be the same one."""

    source: str
    title: str
    reason: str
    absorbed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A paper made of several records. `joined` is empty when an earlier version merged them."""

    paper: Paper
    records: int
    joined: tuple[Joined, ...]

    def to_dict(self) -> dict[str, object]:
        """The object `papers --duplicates --json` prints."""
        return {
            "paper_id": self.paper.paper_id,
            "title": self.paper.display_title,
            "aliases": list(self.paper.aliases),
            "sources": list(self.paper.sources),
            "records": self.records,
            "joined": [asdict(joined) for joined in self.joined],
        }

    def to_text(self) -> str:
        """A few lines for people."""
        lines = [f"{self.paper.display_title}  [{self.paper.paper_id}], {self.records} records"]
        lines.append(f"    first in {self.paper.sources[0]}")
        for joined in self.joined:
            name = joined.source.rpartition("/")[2]
            lines.append(f"    + {name}: {joined.reason}: {joined.title or 'untitled'}")
            lines += [f"      so it is also {other}" for other in joined.absorbed]
        if not self.joined:
            lines.append("    joined by an earlier version, which kept no reasons")
        return "\n".join(lines)


def print_duplicates(catalogue: Catalogue, as_json: bool) -> None:
    """Print them, one object a line or as text; a line that says so when there are none."""
    found = 0
    for duplicate in duplicates(catalogue):
        found += 1
        print(json.dumps(duplicate.to_dict(), ensure_ascii=False) if as_json else duplicate.to_text())
    if not as_json:
        undo = "; undo one: python -m ingest --split PAPER_ID" if found else ""
        print(f"{found} papers were made of several records{undo}")


def duplicates(catalogue: Catalogue) -> Iterator[Duplicate]:
    """The papers that were made of more than one record, in order of first ingest."""
    records, merges = schema.records, schema.merges
    counted = select(records.c.paper_id, func.count()).group_by(records.c.paper_id).having(func.count() > 1)
    with catalogue.connect() as connection:
        counts = {row[0]: row[1] for row in connection.execute(counted)}
        columns = (merges.c.paper_id, merges.c.source, merges.c.title, merges.c.reason, merges.c.absorbed)
        trail: dict[str, list[Joined]] = {}
        for paper_id, source, title, reason, absorbed in connection.execute(
            select(*columns).order_by(merges.c.number)
        ):
            joined = Joined(source, title, reason, tuple(json.loads(absorbed)))
            trail.setdefault(paper_id, []).append(joined)
    papers = catalogue.get_papers([*counts, *trail])
    for paper_id, paper in papers.items():
        yield Duplicate(paper, counts.get(paper_id, 1), tuple(trail.get(paper_id, ())))
