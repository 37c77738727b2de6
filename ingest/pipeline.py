"""Paths -> records -> papers -> catalogue -> indexes.

The catalogue is written first, a batch a transaction with its chunks, sentences and vectors, so
that an ingest that is killed goes on where it stopped; then the two indexes follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.embedding import EmbeddingModel
from assistant.errors import EmptyStoreError, IngestError
from assistant.settings import Settings
from assistant.stores import Catalogue, Progress, check_embedding, lookups, recording, sync_indexes
from assistant.stores.lock import writer_lock
from ingest.forgetting import forget_missing, remove_source, split_paper
from ingest.merging import RecordMerger, paper_rules
from ingest.pending import is_unicode, moved_record
from ingest.readers import FileReading, read_files
from ingest.records import UNFORESEEN, WHOLE_FILE, Record, Rejection
from ingest.report import FileReport, IngestReport, Outcome
from ingest.sources import find_files, find_sources
from ingest.tally import Tally
from ingest.writing import PaperWriter, batches


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
    progress = progress or (lambda _stage, _done, _total: None)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    tally = Tally(outcomes)
    with (
        nullcontext() if dry_run else writer_lock(settings.data_dir),
        closing(_open_catalogue(settings, model, dry_run)) as catalogue,
    ):
        generation = catalogue.generation
        if not reembed:
            check_embedding(catalogue, model)
        writer = PaperWriter(catalogue, model, tally, dry_run=dry_run)
        if reembed:
            _reembed(writer, progress)
        for source in find_sources(settings, remove):
            remove_source(writer, tally, source)
        for paper_id in split:
            split_paper(writer, tally, paper_id)
        files = find_files(paths, settings.data_dir)
        rules = paper_rules(dedupe=dedupe)
        settled = catalogue.meta(recording.PAPER_RULES) == rules
        merger = RecordMerger(writer, tally, dedupe=dedupe, trust_known=settled)
        reader = _FileReader(files, writer, merger, tally, progress, settings.crawl_year, prune=prune)
        for path in files:
            reader.read(path)
        if dry_run:
            total = catalogue.count_papers() + tally.counts["added"] - tally.removed
            return tally.report(total, dry_run=True)
        if not settled and reader.whole.issuperset(lookups.source_names(catalogue)):
            recording.set_paper_rules(catalogue, rules)
        with tally.stage("index"):
            sync_indexes(settings, catalogue, model, progress)
        report = tally.report(catalogue.count_papers(), dry_run=False)
        if catalogue.generation != generation:
            recording.write_journal(catalogue, started, report.seconds["total"], report.to_dict()["papers"])
        return report


def _open_catalogue(settings: Settings, model: EmbeddingModel, dry_run: bool) -> Catalogue:
    """The store's catalogue, made where there is none; for a dry run one in memory then."""
    if dry_run:
        try:
            return Catalogue(settings.resolved_catalogue_url)
        except EmptyStoreError:
            catalogue = Catalogue("sqlite://", create=True)
    else:
        catalogue = Catalogue(settings.resolved_catalogue_url, create=True)
    recording.found_store(catalogue, model)
    return catalogue


def _reembed(writer: PaperWriter, progress: Progress) -> None:
    """Cut and embed every paper for the writer's model."""
    if writer.catalogue.meta("embedding_model") == writer.model.name:
        return
    papers = writer.catalogue.papers()
    done = 0
    for batch in batches(papers):
        writer.write(batch)
        done += len(batch)
        progress("papers", done, len(papers))
    if not writer.dry_run:
        recording.set_embedding(writer.catalogue, writer.model)


class _FileReader:
    """Reads files into the catalogue, one after the other, batch by batch."""

    def __init__(
        self,
        files: Sequence[Path],
        writer: PaperWriter,
        merger: RecordMerger,
        tally: Tally,
        progress: Progress,
        crawl_year: int,
        *,
        prune: bool,
    ) -> None:
        """`files` are all that will be read, from whose size the progress is judged."""
        self.whole: set[str] = set()  # sources that were read to their end
        self._writer, self._merger, self._tally, self._progress = writer, merger, tally, progress
        self._crawl_year, self._prune = crawl_year, prune
        self._bytes, self._bytes_done, self._records = sum(map(_size, files)), 0, 0
        names = lookups.source_names(writer.catalogue)
        self._bare_sources = {source for source in names if "/" not in source}

    def read(self, path: Path) -> None:
        """Read one file, or the files in an archive; one that cannot be read is reported."""
        found = False
        try:
            for reading in read_files(path, crawl_year=self._crawl_year):
                found = True
                if isinstance(reading, IngestError):
                    self._tally.reject_file(str(path), reading)
                else:
                    self._read(reading)
        except IngestError as error:
            self._tally.reject_file(str(path), error)
        else:
            if not found:
                self._tally.reject_file(str(path), f"{path} holds no files")
        self._bytes_done += _size(path)

    def _read(self, reading: FileReading) -> None:
        rejected: list[Rejection] = []
        accepted = 0
        seen: set[str] = set()
        touched: set[str] = set()
        self._adopt(reading.key)
        for batch in batches(self._accept(reading, rejected)):
            accepted += len(batch)
            self._tally.title_only += sum(not record.abstract for record in batch)
            touched |= self._merger.take(batch, seen, reading.name)
            self._records += len(batch)
            self._progress("papers", self._records, self._expected(reading))
        count = accepted + len(rejected)
        self._tally.add_file(
            FileReport(reading.name, reading.format, count, accepted, len(rejected)),
            [replace(rejection, source=reading.name) for rejection in rejected],
        )
        if not any(rejection.record == WHOLE_FILE for rejection in rejected):
            self.whole.add(reading.key)
            forget_missing(self._writer, self._tally, reading.key, seen, touched, prune=self._prune)

    def _accept(self, reading: FileReading, rejected: list[Rejection]) -> Iterator[Record]:
        """The records of a file, as far as it can be read; what is wrong with the others in `rejected`."""
        while True:
            try:
                with self._tally.stage("read"):
                    record = next(reading.records, None)
            except IngestError as error:
                rejected.append(Rejection(reading.name, WHOLE_FILE, str(error)))
                return
            except Exception as error:  # of a parser between two records: the other files go on
                reason = f"{UNFORESEEN} ({type(error).__name__}: {error})"
                rejected.append(Rejection(reading.name, WHOLE_FILE, reason))
                return
            if record is None:
                return
            if isinstance(record, Rejection):
                rejected.append(record)
            elif not is_unicode(record):
                reason = "its text holds half a surrogate pair, which no database can keep"
                rejected.append(Rejection(record.source, record.number, reason))
            else:
                yield record

    def _adopt(self, key: str) -> None:
        """Earlier versions named a source by its file alone; the first file of that name takes it over."""
        name = key.rpartition("/")[2]
        if not self._writer.dry_run and name in self._bare_sources:
            self._bare_sources.discard(name)
            recording.rename_source(self._writer.catalogue, name, key, moved_record)

    def _expected(self, reading: FileReading) -> int | None:
        """How many records there will be, judged by the bytes read so far; None while that says nothing."""
        done = self._bytes_done + reading.position()
        if not self._bytes or done < self._bytes / 100:
            return None
        return max(self._records, round(self._records * self._bytes / done))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
