"""Between records and the catalogue: what a batch of decisions comes to, and records as stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from hashlib import sha256

from assistant.models import Identifiers, Paper
from assistant.stores.batch import Merge, StoredRecord
from ingest.dedupe import Decision, build_papers, new_paper
from ingest.records import Record

_FIELDS = tuple(field.name for field in fields(Record))
_NOTHING: tuple[object, ...] = (None, "", (), [], False)  # left out of what is stored


class Pending:
    """What a batch's decisions come to: each paper once, as it is at the end."""

    def __init__(self) -> None:
        self._papers: dict[str, Paper] = {}
        self.replaces: dict[str, list[str]] = {}
        self._became: dict[str, str] = {}
        self._records: list[tuple[StoredRecord, str]] = []
        self._merges: list[Merge] = []

    def add(self, decision: Decision, record: StoredRecord | None, title: str = "") -> None:
        """Take in a decision, and the record behind it (with its title) unless it is stored already."""
        paper_id = decision.paper.paper_id
        former = [p.paper_id for p in (decision.replaces, *decision.absorbed) if p is not None]
        former = [old for old in former if old != paper_id]
        for old in former:
            self._papers.pop(old, None)
            self._became[old] = paper_id
            self.replaces.setdefault(paper_id, []).extend([old, *self.replaces.pop(old, ())])
        self._became.pop(paper_id, None)
        if decision.paper != decision.replaces or former:
            self._papers[paper_id] = decision.paper
        if record is not None:
            self._records.append((record, paper_id))
            if decision.action == "merged":
                absorbed = tuple(f"{p.paper_id}: {p.display_title}" for p in decision.absorbed)
                self._merges.append(Merge(paper_id, record.source, title, decision.reason, absorbed))

    def papers(self) -> list[Paper]:
        """The papers to write."""
        return list(self._papers.values())

    def records(self) -> list[tuple[StoredRecord, str]]:
        """The new records, each with the id its paper has in the end."""
        return [(record, self.final(paper_id)) for record, paper_id in self._records]

    def merges(self) -> list[Merge]:
        """The new records that joined a paper of others, each with the id that paper has in the end."""
        return [replace(merge, paper_id=self.final(merge.paper_id)) for merge in self._merges]

    def final(self, paper_id: str) -> str:
        """The id that a paper of this batch has in the end."""
        while paper_id in self._became:
            paper_id = self._became[paper_id]
        return paper_id


def rebuild_paper(records: Sequence[Record], paper: Paper) -> Paper | None:
    """The paper that these records make, under the ids it had; None without records."""
    if not records:
        return None
    separate = paper.paper_id == separate_id(records[0])
    rebuilt = build_papers(records, dedupe=not separate)[0]
    former = (*rebuilt.aliases, paper.paper_id, *paper.aliases)
    return replace(rebuilt, aliases=tuple(dict.fromkeys(a for a in former if a != rebuilt.paper_id)))


def separate_id(record: Record) -> str:
    """The id of a paper that is kept to this one record."""
    return new_paper(record, separate=True).paper_id


def stored_record(record: Record) -> StoredRecord:
    """The record as JSON, with its fingerprint."""
    return StoredRecord(record.source, fingerprint(record), _as_json(_told(record)))


def fingerprint(record: Record) -> str:
    """A digest of what the record says, which another file or another place in it does not change."""
    told = {name: value for name, value in _told(record).items() if name not in ("source", "number")}
    return sha256(_as_json(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _told(record: Record) -> dict[str, object]:
    """The record's fields that say something."""
    told = {name: getattr(record, name) for name in _FIELDS}
    told["identifiers"] = asdict(record.identifiers)
    return {name: value for name, value in told.items() if value not in _NOTHING}


def _as_json(told: dict[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False)


def notices_of(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """What the records say of other papers: (identifier, source, status)."""
    said = ((*notice.partition(" ")[::2], record.source) for record in records for notice in record.notices)
    return [(key, source, status) for status, key, source in said]


def moved_record(content: str, source: str) -> StoredRecord:
    """The stored record under another name of its source."""
    return stored_record(replace(read_record(content), source=source))


def is_unicode(record: Record) -> bool:
    """Whether a database can keep the record: no half of a surrogate pair in its texts."""
    names = (record.authors, record.categories, record.urls, record.source_ids)
    lists = (*names, record.notices, record.same_as)
    texts = (record.source, record.raw, record.title, record.abstract, record.affiliation_tag)
    identifiers = (record.identifiers.doi, record.identifiers.arxiv, record.identifiers.pmid)
    try:
        for text in (*texts, *identifiers, *(item for items in lists for item in items)):
            (text or "").encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read_record(content: str) -> Record:
    """The record that `stored_record` made this JSON of."""
    told = json.loads(content)
    identifiers = Identifiers(**told.pop("identifiers", {}))
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return Record(**{**told, **lists}, identifiers=identifiers)
