"""Taking papers apart again: sources removed, records lost, merges undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.errors import ConfigurationError
from assistant.models import Paper
from assistant.stores import lookups, recording
from assistant.stores.batch import StoredRecord
from ingest.dedupe import build_papers, gravest, new_paper
from ingest.notices import marked
from ingest.pending import read_record, rebuild_paper
from ingest.tally import Tally
from ingest.writing import PaperWriter, batches


def forget_missing(
    writer: PaperWriter, tally: Tally, source: str, seen: set[str], touched: set[str], *, prune: bool
) -> None:
    """Forget the versions of a source's records that changed ones replaced; with `prune`, also lost ones.

    `seen` are the fingerprints of all that the source holds now, `touched` the papers that it gave a
    record they did not have.
    """
    if not touched and not prune:
        return
    held = lookups.records_of_source(writer.catalogue, source)
    gone = {f: paper_id for f, paper_id in held.items() if f not in seen}
    replaced = [f for f, paper_id in gone.items() if paper_id in touched]
    lost = {f: paper_id for f, paper_id in gone.items() if paper_id not in touched}
    if not writer.dry_run and replaced:
        recording.delete_records(writer.catalogue, source, replaced)
    if prune and lost:
        _forget(writer, tally, source, lost)


def remove_source(writer: PaperWriter, tally: Tally, source: str) -> None:
    """Forget everything a source gave, and what it said of others' papers."""
    _forget(writer, tally, source, lookups.records_of_source(writer.catalogue, source))
    if writer.dry_run:
        return
    freed = recording.forget_notices(writer.catalogue, source)
    about = lookups.papers_by_key(writer.catalogue, freed)
    for papers in batches({paper.paper_id: paper for paper in about.values()}.values()):
        held = lookups.records_of_papers(writer.catalogue, [paper.paper_id for paper in papers])
        own = [_own_status(paper, held.get(paper.paper_id, ())) for paper in papers]
        writer.write(
            [
                paper
                for paper, before in zip(marked(writer.catalogue, own), papers, strict=True)
                if paper != before
            ]
        )


def split_paper(writer: PaperWriter, tally: Tally, paper_id: str) -> None:
    """Make each record of a paper a paper of its own, for good; the first keeps the paper's place.

    Raises:
        ConfigurationError: there is no such paper, or it is made of one record.
    """
    paper = writer.catalogue.get_papers([paper_id]).get(paper_id)
    if paper is None:
        raise ConfigurationError(f"--split {paper_id!r}: no such paper; see python -m assistant papers")
    stored = lookups.records_of_papers(writer.catalogue, [paper.paper_id])[paper.paper_id]
    if len(stored) < 2:
        raise ConfigurationError(f"--split {paper_id!r}: nothing was merged into it")
    records = [read_record(record.content) for record in stored]
    first = build_papers(records[:1])[0]
    others = {new_paper(record, separate=True).paper_id: record for record in records[1:]}
    tally.counts["updated"] += 1
    tally.counts["added"] += len(others)
    if writer.dry_run:
        return
    recording.keep_apart(writer.catalogue, paper.paper_id, others)
    writer.apart.update(others)
    moved = [(s, new_paper(r, separate=True).paper_id) for s, r in zip(stored, records, strict=True)][1:]
    papers = [first, *(new_paper(record, separate=True) for record in others.values())]
    replaces = {first.paper_id: (paper.paper_id,)} if first.paper_id != paper.paper_id else {}
    writer.write(marked(writer.catalogue, papers), replaces, moved)


def _forget(writer: PaperWriter, tally: Tally, source: str, gone: Mapping[str, str]) -> None:
    """Forget records (fingerprint -> paper_id); their papers are made of what is left, or deleted."""
    for paper_ids in batches(dict.fromkeys(gone.values())):
        rebuilt: list[Paper] = []
        removed: list[str] = []
        replaces: dict[str, Sequence[str]] = {}
        stored = writer.catalogue.get_papers(paper_ids)
        held = lookups.records_of_papers(writer.catalogue, paper_ids)
        for paper_id in paper_ids:
            left = [r for r in held.get(paper_id, ()) if r.source != source or r.fingerprint not in gone]
            paper = rebuild_paper([read_record(r.content) for r in left], stored[paper_id])
            if paper is None:
                removed.append(paper_id)
                continue
            rebuilt.append(paper)
            if paper.paper_id != paper_id:
                replaces[paper.paper_id] = (paper_id,)
        tally.removed += len(removed)
        if not writer.dry_run:
            recording.delete_records(writer.catalogue, source, gone)
            writer.write(marked(writer.catalogue, rebuilt), replaces, removed=removed)


def _own_status(paper: Paper, stored: Sequence[StoredRecord]) -> Paper:
    """The paper with the mark that its own records put on it."""
    statuses = (read_record(record.content).status for record in stored)
    return replace(paper, status=gravest(*statuses))
