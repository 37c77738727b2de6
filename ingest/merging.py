"""Batches of records -> decided papers -> the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import assistant
import ingest
from assistant.models import Paper
from assistant.program import program_digest
from assistant.stores import lookups
from ingest.dedupe import Decision, Deduper, PaperIndex, match_keys
from ingest.notices import Notices
from ingest.pending import Pending, fingerprint, notices_of, separate_id, stored_record
from ingest.records import Record
from ingest.report import Outcome
from ingest.tally import Tally
from ingest.writing import PaperWriter


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record of a batch; `paper_id` is its paper's where nothing about it needs deciding again."""

    record: Record
    fingerprint: str
    paper_id: str | None


def paper_rules(*, dedupe: bool) -> str:
    """What decides which papers records make, to be told from what decided it before.

    This program's code, for titles and texts are read by more of it than this package, and whether
    records are joined.
    """
    return f"{program_digest(assistant, ingest)} dedupe={dedupe}"


class RecordMerger:
    """Decides what each record does to the corpus, and has it written; one serves one run."""

    def __init__(self, writer: PaperWriter, tally: Tally, *, dedupe: bool, trust_known: bool = False) -> None:
        """With `trust_known` a record that the catalogue has keeps its paper, without a look at the rules."""
        self._writer, self._tally, self._trust_known = writer, tally, trust_known
        self._catalogue = writer.catalogue
        self._stored: Mapping[str, Paper] = {}
        self._index = PaperIndex(self._lookup)
        self._notices = Notices(writer.catalogue)
        self._deduper = Deduper(
            lambda key: self._index(key), dedupe=dedupe, apart=writer.apart, mark=self._notices.mark
        )

    def _lookup(self, key: str) -> Paper | None:
        return self._stored.get(key)

    def take(self, records: Sequence[Record], seen: set[str], name: str) -> set[str]:
        """Merge a batch of one source and write it; return the papers that got a record they had not.

        `seen` are the fingerprints of the source's records so far; the batch's are added. `name` is
        the source's in outcomes.
        """
        with self._tally.stage("merge"):
            marks = [fingerprint(record) for record in records]
            known = lookups.known_records(self._catalogue, records[0].source, marks)
            again = set(seen)
            new = set(marks).difference(seen, known)
            seen.update(marks)
            entries = [
                _Entry(record, mark, known.get(mark) if self._trust_known and not record.notices else None)
                for record, mark in zip(records, marks, strict=True)
            ]
            undecided = [entry.record for entry in entries if entry.paper_id is None]
            notices = notices_of(undecided)
            self._look_up(undecided, notices)
            if not self._writer.dry_run:
                self._index = PaperIndex(self._lookup)  # the catalogue has the earlier batches
            pending = Pending()
            outcomes: list[Outcome] = []
            for entry in entries:
                if entry.paper_id is not None:
                    outcomes.append(self._unchanged(entry, entry.paper_id, name, entry.fingerprint in again))
                    again.add(entry.fingerprint)
                    continue
                decision = self._deduper.decide(entry.record, known=entry.fingerprint in known)
                self._index.apply(decision)
                action = self._tally.count(decision)
                paper_id = decision.paper.paper_id
                outcomes.append(Outcome(name, entry.record.number, action, paper_id, decision.reason))
                # Known, yet without a paper: it was merged before, and is kept separate now.
                keep = entry.fingerprint in new or decision.action == "added"
                new.discard(entry.fingerprint)
                stored = stored_record(entry.record) if keep else None
                pending.add(decision, stored, entry.record.title or "")
            self._mark(notices, pending)
        self._writer.write(
            pending.papers(), pending.replaces, pending.records(), merges=pending.merges(), notices=notices
        )
        for outcome in outcomes:
            merged = outcome.outcome == "merged"
            final = pending.final(outcome.paper_id or "")
            self._tally.tell(replace(outcome, paper_id=final, reason=outcome.reason if merged else ""))
        return {paper_id for _, paper_id in pending.records()}

    def _unchanged(self, entry: _Entry, paper_id: str, name: str, again: bool) -> Outcome:
        """The outcome of a record that the catalogue has; `again` when the source gave it before."""
        self._deduper.touch(paper_id, entry.record.source)
        action = self._tally.count_again(paper_id)
        return Outcome(
            name, entry.record.number, action, paper_id, "the same record" if again else "merged before"
        )

    def _look_up(self, records: Sequence[Record], notices: Sequence[tuple[str, str, str]]) -> None:
        """Fetch what the catalogue has of the papers that a batch is about, in few queries."""
        keys = [key for record in records for key in (*match_keys(record), separate_id(record))]
        keys += [key for key, _, _ in notices]
        self._stored = lookups.papers_by_key(self._catalogue, keys)
        self._notices.look_up(keys, self._stored.values())
        self._notices.add(notices)

    def _mark(self, notices: Sequence[tuple[str, str, str]], pending: Pending) -> None:
        """Mark the papers that are there already, and that a notice is about."""
        for key, _, _ in notices:
            paper = self._index(key)
            if paper is not None:
                marked = Decision("updated", self._notices.mark(paper), paper)
                self._index.apply(marked)
                pending.add(marked, None)
