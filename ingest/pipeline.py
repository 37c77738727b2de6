"""Paths -> records -> papers -> catalogue -> indexes.

The catalogue is written first, a batch a transaction with its chunks, sentences and vectors, so
that an ingest that is killed goes on where it stopped; then the two indexes follow it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from assistant.embedding import EmbeddingModel
from assistant.errors import ConfigurationError, EmptyStoreError, IngestError
from assistant.models import Identifiers, Paper
from assistant.settings import Settings
from assistant.stores import Catalogue, Progress, check_embedding, recording, sync_indexes
from assistant.stores.lock import writer_lock
from assistant.stores.reading import PlacedSentence, Read, place_sentences, read_missing
from assistant.stores.recording import Batch, Merge, PaperChange, StoredRecord
from ingest.chunking import AbstractNodeParser, chunk_papers
from ingest.dedupe import Decision, Deduper, PaperIndex, build_papers, gravest, match_keys, new_paper
from ingest.matching import identifier_ids, is_identifier
from ingest.pending import (
    Pending,
    is_unicode,
    moved_record,
    notices_of,
    read_record,
    rebuild_paper,
    separate_id,
    stored_record,
)
from ingest.readers import FileReading, read_files
from ingest.records import Record, Rejection
from ingest.report import FileReport, IngestReport, Outcome

T = TypeVar("T")

# One transaction. Small enough that a killed ingest loses seconds, large enough that the
# transaction's own cost (about 10 ms) is nothing beside the embedding (seconds).
_BATCH = 64


def ingest_paths(
    paths: Sequence[Path],
    settings: Settings,
    model: EmbeddingModel,
    *,
    dry_run: bool = False,
    dedupe: bool = True,
    prune: bool = False,
    remove: Sequence[str] = (),
    split: Sequence[str] = (),
    reembed: bool = False,
    progress: Progress | None = None,
    outcomes: Callable[[Outcome], None] = lambda _outcome: None,
) -> IngestReport:
    """Read files and folders into the stores of `settings`.

    `remove` names sources (see `find_sources`) whose records are forgotten first. `prune` forgets
    the records of a source that is read now and no longer has them. `split` names papers whose
    records become papers of their own, for good. `reembed` takes on another
    embedding model. `outcomes` is told what became of each record, as soon as its batch is written.
    A file or record that cannot be read is reported, and the others go on.

    Raises:
        ConfigurationError: `remove` names no source, or `split` no paper of several records.
        StoreLockedError: another process writes.
        EmbeddingMismatchError: the store was made with another model, and `reembed` is false.
        StoreError: a store cannot be written.
    """
    with nullcontext() if dry_run else writer_lock(settings.data_dir):
        run = _Run(settings, model, dry_run=dry_run, dedupe=dedupe, progress=progress, outcomes=outcomes)
        try:
            if not reembed and run.catalogue is not None:
                check_embedding(run.catalogue, model)
            if reembed:
                run.reembed()
            for source in find_sources(settings, remove):
                run.remove(source)
            for paper_id in split:
                run.split(paper_id)
            files = find_files(paths, settings.data_dir)
            run.expect(files)
            for path in files:
                run.read(path, prune=prune)
            return run.finish()
        finally:
            if run.catalogue is not None:
                run.catalogue.close()


def find_files(paths: Iterable[Path], data_dir: Path) -> list[Path]:
    """The files named, and those in the folders named, sorted; no hidden files, no stores."""
    stores = data_dir.resolve()
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for inside in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in inside.relative_to(path).parts)
            if inside.is_file() and not hidden and stores not in inside.resolve().parents:
                found.append(inside)
    return list(dict.fromkeys(found))


def find_sources(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """The sources of the store that these name: a path, a folder, an archive, or the end of one path.

    Raises:
        ConfigurationError: a name fits no source, or the end of several.
    """
    if not wanted:
        return []
    catalogue = Catalogue(settings.resolved_catalogue_url)
    try:
        known = recording.source_names(catalogue)
    finally:
        catalogue.close()
    found: dict[str, None] = {}
    for name in wanted:
        path = Path(name).resolve().as_posix()
        fits = [s for s in known if s in (name, path) or s.startswith(f"{path}/")]
        fits = fits or [s for s in known if s.endswith(f"/{name.strip('/')}")]
        if not fits:
            raise ConfigurationError(
                f"--remove {name!r}: no paper came from it; sources are: {', '.join(known) or 'none'}"
            )
        if len(fits) > 1 and not any(s.startswith(path) for s in fits):
            raise ConfigurationError(f"--remove {name!r}: say which: {', '.join(fits)}")
        found.update(dict.fromkeys(fits))
    return list(found)


@dataclass(frozen=True, slots=True)
class _Entry:
    record: Record
    stored: StoredRecord


class _Run:
    """The state of one ingest."""

    def __init__(
        self,
        settings: Settings,
        model: EmbeddingModel,
        *,
        dry_run: bool,
        dedupe: bool,
        progress: Progress | None,
        outcomes: Callable[[Outcome], None],
    ) -> None:
        self.settings, self.model, self.dry_run = settings, model, dry_run
        self.progress = progress or (lambda _stage, _done, _total: None)
        self.outcomes = outcomes
        self.catalogue = _open_catalogue(settings, model, dry_run)
        self.generation = self.catalogue.generation if self.catalogue else 0
        sources = recording.source_names(self.catalogue) if self.catalogue else ()
        self._bare_sources = {source for source in sources if "/" not in source}
        self.parser = AbstractNodeParser.for_model(model)
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.clock = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.counts = dict.fromkeys(("added", "updated", "unchanged", "merged"), 0)
        self.removed = self.embedded = self.records = self.title_only = 0
        self.files: list[FileReport] = []
        self.rejected: list[Rejection] = []
        self._counted: set[str] = set()
        self._bytes = self._bytes_done = 0
        self._stored: Mapping[str, Paper] = {}
        self._index = PaperIndex(self._lookup)
        self._apart = recording.split_papers(self.catalogue) if self.catalogue else set()
        self._said: dict[str, list[str]] = {}  # what sources say of the works that a batch names
        self._deduper = Deduper(
            lambda key: self._index(key), dedupe=dedupe, apart=self._apart, notices=self._status_said
        )

    def _lookup(self, key: str) -> Paper | None:
        return self._stored.get(key)

    def _status_said(self, identifiers: Identifiers) -> str | None:
        return gravest(*(s for key in identifier_ids(identifiers) for s in self._said.get(key, ())))

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    # -- reading --------------------------------------------------------------------------------

    def expect(self, files: Sequence[Path]) -> None:
        """Take the measure of the files that are to be read, for the progress."""
        self._bytes = sum(map(_size, files))

    def read(self, path: Path, *, prune: bool) -> None:
        """Read one file, or the files in an archive, into the catalogue, batch by batch."""
        found = False
        try:
            for reading in read_files(path, crawl_year=self.settings.crawl_year):
                found = True
                if isinstance(reading, IngestError):
                    self._reject_file(str(path), str(reading))
                else:
                    self._read(reading, prune=prune)
        except IngestError as error:
            self._reject_file(str(path), str(error))
        else:
            if not found:
                self._reject_file(str(path), f"{path} holds no files")
        self._bytes_done += _size(path)

    def _expected(self, reading: FileReading) -> int | None:
        """How many records there will be, judged by the bytes read so far; None while that says nothing."""
        done = self._bytes_done + reading.position()
        if not self._bytes or done < self._bytes / 100:
            return None
        return max(self.records, round(self.records * self._bytes / done))

    def _reject_file(self, name: str, reason: str) -> None:
        self.outcomes(Outcome(name, "file", "rejected", None, reason))
        self.files.append(FileReport(name, None, 1, 0, 1))
        self.rejected.append(Rejection(name, "file", reason))

    def _read(self, reading: FileReading, *, prune: bool) -> None:
        rejected: list[Rejection] = []
        accepted, whole = 0, False
        seen: set[str] = set()
        touched: set[str] = set()
        self._adopt(reading.key)
        try:
            for batch in _batches(self._accept(reading.records, rejected), _BATCH):
                accepted += len(batch)
                self.title_only += sum(not record.abstract for record in batch)
                touched |= self._take(batch, seen, reading.name)
                self.records += len(batch)
                self.progress("papers", self.records, self._expected(reading))
            whole = True
        except IngestError as error:
            rejected.append(Rejection(reading.name, "file", str(error)))
        count = accepted + len(rejected)
        self.files.append(FileReport(reading.name, reading.format, count, accepted, len(rejected)))
        for rejection in rejected:
            self.rejected.append(replace(rejection, source=reading.name))
            self.outcomes(Outcome(reading.name, rejection.record, "rejected", None, rejection.reason))
        if whole and self.catalogue is not None:
            self._forget_missing(reading.key, seen, touched, prune=prune)

    def _adopt(self, key: str) -> None:
        """Earlier versions named a source by its file alone; the first file of that name takes it over."""
        name = key.rpartition("/")[2]
        if self.catalogue is None or self.dry_run or name not in self._bare_sources:
            return
        self._bare_sources.discard(name)
        recording.rename_source(self.catalogue, name, key, moved_record)

    def _accept(self, records: Iterator[Record | Rejection], rejected: list[Rejection]) -> Iterator[Record]:
        while True:
            with self._stage("read"):
                record = next(records, None)
            if record is None:
                return
            if isinstance(record, Rejection):
                rejected.append(record)
            elif not is_unicode(record):
                reason = "its text holds half a surrogate pair, which no database can keep"
                rejected.append(Rejection(record.source, record.number, reason))
            else:
                yield record

    def _take(self, records: Sequence[Record], seen: set[str], name: str) -> set[str]:
        """Merge a batch and write it; return the papers that got a record they did not have."""
        with self._stage("merge"):
            entries = [_Entry(record, stored_record(record)) for record in records]
            new = {e.stored.fingerprint: e for e in entries if e.stored.fingerprint not in seen}
            seen.update(new)
            notices: list[tuple[str, str, str]] = []
            if self.catalogue is not None:
                known = recording.known_records(self.catalogue, records[0].source, new)
                new = {f: e for f, e in new.items() if f not in known}
                keys = [key for record in records for key in (*match_keys(record), separate_id(record))]
                notices = notices_of(records)
                keys += [key for key, _, _ in notices]
                self._stored = recording.papers_by_key(self.catalogue, keys)
                ids = [k for paper in self._stored.values() for k in identifier_ids(paper.identifiers)]
                self._said = recording.notices_about(self.catalogue, [*filter(is_identifier, keys), *ids])
                for key, _, status in notices:
                    self._said.setdefault(key, []).append(status)
            if not self.dry_run:
                self._index = PaperIndex(self._lookup)  # the catalogue has the earlier batches
            pending = Pending()
            outcomes: list[Outcome] = []
            for entry in entries:
                decision = self._deduper.decide(entry.record)
                self._index.apply(decision)
                action = self._count(decision)
                paper_id = decision.paper.paper_id
                outcomes.append(Outcome(name, entry.record.number, action, paper_id, decision.reason))
                is_new = new.pop(entry.stored.fingerprint, None) is not None
                # Known, yet without a paper: it was merged before, and is kept separate now.
                stored = entry.stored if is_new or decision.action == "added" else None
                pending.add(decision, stored, entry.record.title or "")
            for key, _, _ in notices:
                paper = self._index(key)
                if paper is not None and self._status_said(paper.identifiers):
                    grave = gravest(paper.status, self._status_said(paper.identifiers))
                    marked = Decision("updated", replace(paper, status=grave), paper)
                    self._index.apply(marked)
                    pending.add(marked, None)
        self._write(
            pending.papers(), pending.replaces, pending.records(), merges=pending.merges(), notices=notices
        )
        for outcome in outcomes:
            merged = outcome.outcome == "merged"
            final = pending.final(outcome.paper_id or "")
            self.outcomes(replace(outcome, paper_id=final, reason=outcome.reason if merged else ""))
        return {paper_id for _, paper_id in pending.records()}

    def _count(self, decision: Decision) -> str:
        """Each paper counts once; every further record of it is a merged one, on every run."""
        ids = {decision.paper.paper_id}
        ids.update(p.paper_id for p in (decision.replaces, *decision.absorbed) if p is not None)
        again = not ids.isdisjoint(self._counted)
        self._counted |= ids
        action = "merged" if again else decision.action
        self.counts[action] += 1
        return action

    # -- writing --------------------------------------------------------------------------------

    def _write(
        self,
        papers: Sequence[Paper],
        replaces: Mapping[str, Sequence[str]] | None = None,
        records: Sequence[tuple[StoredRecord, str]] = (),
        removed: Sequence[str] = (),
        merges: Sequence[Merge] = (),
        notices: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        if self.dry_run or self.catalogue is None or not (papers or records or removed):
            return
        with self._stage("chunk"):
            chunks = chunk_papers(papers, self.parser)
            spoken = {paper.paper_id: place_sentences(paper, chunks[paper.paper_id]) for paper in papers}
        read = self._embed(
            [chunk.text for its in chunks.values() for chunk in its],
            [sentence for its in spoken.values() for sentence in its],
        )
        with self._stage("catalogue"):
            changes = [
                PaperChange(
                    paper,
                    chunks[paper.paper_id],
                    [(sentence.span, sentence.key) for sentence in spoken[paper.paper_id]],
                    match_keys(paper) if paper.paper_id not in self._apart else (paper.paper_id,),
                    (replaces or {}).get(paper.paper_id, ()),
                )
                for paper in papers
            ]
            recording.commit(
                self.catalogue,
                Batch(changes, records, removed, merges, notices, self.model.name, read.vectors, read.signs),
            )

    def _embed(self, texts: Sequence[str], sentences: Sequence[PlacedSentence]) -> Read:
        """What the texts, and the sentences and words in them, have no vectors of yet; each text once."""
        assert self.catalogue is not None
        with self._stage("embed"):
            read = read_missing(self.catalogue, self.model, texts, sentences)
            self.embedded += read.texts
            return read

    # -- forgetting -----------------------------------------------------------------------------

    def _forget_missing(self, source: str, seen: set[str], touched: set[str], *, prune: bool) -> None:
        """Forget the versions of a record that a changed one replaced; with `prune`, also lost records."""
        assert self.catalogue is not None
        if not touched and not prune:
            return
        held = recording.records_of_source(self.catalogue, source)
        gone = {f: paper_id for f, paper_id in held.items() if f not in seen}
        replaced = [f for f, paper_id in gone.items() if paper_id in touched]
        lost = {f: paper_id for f, paper_id in gone.items() if paper_id not in touched}
        if not self.dry_run and replaced:
            recording.delete_records(self.catalogue, source, replaced)
        if prune and lost:
            self._forget(source, lost)

    def remove(self, source: str) -> None:
        """Forget everything a source gave."""
        if self.catalogue is not None:
            self._forget(source, recording.records_of_source(self.catalogue, source))
            if not self.dry_run:
                recording.forget_notices(self.catalogue, source)

    def split(self, paper_id: str) -> None:
        """Make each record of a paper a paper of its own; the first keeps the paper's place."""
        assert self.catalogue is not None
        paper = self.catalogue.get_papers([paper_id]).get(paper_id)
        if paper is None:
            raise ConfigurationError(f"--split {paper_id!r}: no such paper; see python -m assistant papers")
        stored = recording.records_of_papers(self.catalogue, [paper.paper_id])[paper.paper_id]
        if len(stored) < 2:
            raise ConfigurationError(f"--split {paper_id!r}: nothing was merged into it")
        records = [read_record(record.content) for record in stored]
        first = build_papers(records[:1])[0]
        others = {new_paper(record, separate=True).paper_id: record for record in records[1:]}
        self.counts["updated"] += 1
        self.counts["added"] += len(others)
        if self.dry_run:
            return
        recording.keep_apart(self.catalogue, paper.paper_id, others)
        self._apart.update(others)
        moved = [(s, new_paper(r, separate=True).paper_id) for s, r in zip(stored, records, strict=True)][1:]
        papers = [first, *(new_paper(record, separate=True) for record in others.values())]
        replaces = {first.paper_id: (paper.paper_id,)} if first.paper_id != paper.paper_id else {}
        self._write(papers, replaces, moved)

    def _forget(self, source: str, gone: Mapping[str, str]) -> None:
        """Forget records (fingerprint -> paper_id); their papers are made of what is left, or deleted."""
        assert self.catalogue is not None
        for paper_ids in _batches(iter(dict.fromkeys(gone.values())), _BATCH):
            rebuilt: list[Paper] = []
            removed: list[str] = []
            replaces: dict[str, Sequence[str]] = {}
            stored = self.catalogue.get_papers(paper_ids)
            held = recording.records_of_papers(self.catalogue, paper_ids)
            for paper_id in paper_ids:
                left = [r for r in held.get(paper_id, ()) if r.source != source or r.fingerprint not in gone]
                paper = rebuild_paper([read_record(r.content) for r in left], stored[paper_id])
                if paper is None:
                    removed.append(paper_id)
                    continue
                rebuilt.append(paper)
                if paper.paper_id != paper_id:
                    replaces[paper.paper_id] = (paper_id,)
            self.removed += len(removed)
            if not self.dry_run:
                recording.delete_records(self.catalogue, source, gone)
                self._write(rebuilt, replaces, removed=removed)

    # -- another embedding model, and the end ---------------------------------------------------

    def reembed(self) -> None:
        """Cut and embed every paper for this run's model."""
        if self.catalogue is None or self.catalogue.meta("embedding_model") == self.model.name:
            return
        papers = self.catalogue.papers()
        for batch in _batches(iter(papers), _BATCH):
            self._write(batch)
            self.records += len(batch)
            self.progress("papers", self.records, len(papers))
        if not self.dry_run:
            recording.set_embedding(self.catalogue, self.model)
        self.records = 0

    def finish(self) -> IngestReport:
        """Bring the indexes up to the catalogue, and tell what was done."""
        total = self.catalogue.count_papers() if self.catalogue else 0
        if self.catalogue is not None and not self.dry_run:
            with self._stage("index"):
                sync_indexes(self.settings, self.catalogue, self.model, self.progress)
        if self.dry_run:
            total += self.counts["added"] - self.removed
        self.seconds["total"] = time.perf_counter() - self.clock
        report = IngestReport(
            **self.counts,
            title_only=self.title_only,
            removed=self.removed,
            total=total,
            files=tuple(self.files),
            rejected=tuple(self.rejected),
            embedded=self.embedded,
            seconds=self.seconds,
            dry_run=self.dry_run,
        )
        if self.catalogue is not None and self.catalogue.generation != self.generation and not self.dry_run:
            recording.write_journal(
                self.catalogue, self.started, self.seconds["total"], report.to_dict()["papers"]
            )
        return report


def _open_catalogue(settings: Settings, model: EmbeddingModel, dry_run: bool) -> Catalogue | None:
    if dry_run:
        try:
            return Catalogue(settings.resolved_catalogue_url)
        except EmptyStoreError:
            return None
    catalogue = Catalogue(settings.resolved_catalogue_url, create=True)
    recording.found_store(catalogue, model)
    return catalogue


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch
