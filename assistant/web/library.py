"""Adding papers from the page, undoing it, and what was merged: the work behind the tabs, without widgets."""

from __future__ import annotations

import queue
import re
import shutil
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, EmptyStoreError
from assistant.models import Paper
from assistant.readable import readable
from assistant.settings import Settings
from assistant.stores import Catalogue, lookups

if TYPE_CHECKING:
    from assistant.embedding import EmbeddingModel
    from ingest.report import IngestReport

_MOST_MERGED = 200  # papers told about; each takes reading its records
_REASONS = {
    "doi": "the same DOI",
    "arxiv": "the same arXiv number",
    "pmid": "the same PubMed number",
    "title": "the same title, first author and year",
    "abstract": "the same abstract",
    "p": "the same title and abstract",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is: `done` of `total` of a stage; `total` None when nobody knows."""

    stage: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Merged:
    """Records that became one paper: (source, title) of each, and why they were taken for the same."""

    paper: Paper
    records: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]


class Library:
    """The papers of one store, as people add to them from the page."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir / "uploads"
        self._lock = threading.Lock()
        self._model: EmbeddingModel | None = None

    def refusal(self) -> str:
        """Why whoever uses the page just now may not add papers; "" for who may."""
        return ""

    def add(self, files: Sequence[Path]) -> Iterator[Progress | IngestReport]:
        """Keep copies of uploaded files and read them, yielding progress and the report last.

        The work goes on in a thread of its own when nobody listens any more.

        Raises:
            AssistantError: nothing could be done; the line says why.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = []
        for file in files:
            place = self._folder / self._free_name(file.name)
            shutil.copyfile(file, place)
            kept.append(place)
        try:
            report = yield from self._ingest(kept, ())
        except AssistantError:
            for place in kept:
                place.unlink(missing_ok=True)
            raise
        for place, read in zip(kept, report.files, strict=False):
            if not read.read and len(report.files) == len(kept):
                place.unlink(missing_ok=True)
        yield report

    def undo(self, name: str) -> Iterator[Progress | IngestReport]:
        """Forget all that an uploaded file gave, yielding as `add` does."""
        if name not in self.uploads():
            raise AssistantError(
                f"{name} was not added from this page; run: python -m ingest --remove {name}"
            )
        place = self._folder / name
        report = yield from self._ingest((), self._sources(place))
        place.unlink(missing_ok=True)
        yield report

    def uploads(self) -> list[str]:
        """The names of the files that were added from the page, the newest first."""
        if not self._folder.is_dir():
            return []
        files = [file for file in self._folder.iterdir() if file.is_file()]
        return [file.name for file in sorted(files, key=lambda f: f.stat().st_mtime, reverse=True)]

    def merged(self, papers: Sequence[Paper]) -> list[Merged]:
        """Those of the papers that several records made, with the reasons."""
        from ingest.dedupe import match_keys
        from ingest.pending import read_record

        wanted = {p.paper_id: p for p in papers if len(p.sources) > 1 or p.aliases}
        some = dict(list(wanted.items())[:_MOST_MERGED])
        with self._catalogue() as catalogue:
            stored = lookups.records_of_papers(catalogue, some)
        found = []
        for paper_id, rows in stored.items():
            records = [read_record(row.content) for row in rows]
            if len(records) < 2:
                continue
            keys = [frozenset(match_keys(record)) for record in records]
            reasons = (_reason(keys[:i], own) for i, own in enumerate(keys) if i)
            told = tuple((Path(r.source).name, readable(r.title or "(no title)")) for r in records)
            found.append(Merged(some[paper_id], told, tuple(reasons)))
        return found

    def _ingest(
        self, files: Sequence[Path], remove: Sequence[str]
    ) -> Generator[Progress, None, IngestReport]:
        from assistant.embedding import open_embedding_model
        from ingest.pipeline import ingest_paths

        told: queue.Queue[Progress | IngestReport | Exception] = queue.Queue()

        def work() -> None:
            try:
                with self._lock:
                    if self._model is None:
                        self._model = open_embedding_model(self._settings.embedding)
                told.put(
                    ingest_paths(
                        files, self._settings, self._model, remove=remove,
                        progress=lambda stage, done, total: told.put(Progress(stage, done, total)),
                    )
                )  # fmt: skip
            except Exception as error:  # told where somebody listens
                told.put(error)

        threading.Thread(target=work, name="ingest from the page").start()
        while isinstance(part := told.get(), Progress):
            yield part
        if isinstance(part, Exception):
            raise part
        return part

    def _sources(self, place: Path) -> list[str]:
        """The sources of the catalogue that this file is: itself, or the files in it."""
        whole = place.resolve().as_posix()
        return [
            source for source in self._source_names()
            if source in (place.name, whole) or source.startswith(f"{whole}/")
        ]  # fmt: skip

    def _free_name(self, name: str) -> str:
        """A plain file name that no source has yet, so that undoing one upload takes nothing of another."""
        wanted = Path(safe_name(name))
        taken = {Path(source).name for source in self._source_names()} | set(self.uploads())
        number, free = 2, wanted.name
        while free in taken:
            free, number = f"{wanted.stem} ({number}){wanted.suffix}", number + 1
        return free

    def _source_names(self) -> list[str]:
        try:
            with self._catalogue() as catalogue:
                return lookups.source_names(catalogue)
        except EmptyStoreError:
            return []

    def _catalogue(self) -> _Closing:
        return _Closing(Catalogue(self._settings.resolved_catalogue_url))


class _Closing:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __enter__(self) -> Catalogue:
        return self._catalogue

    def __exit__(self, *_: object) -> None:
        self._catalogue.close()


def safe_name(name: str) -> str:
    """A file name of letters, digits, spaces and `.-_()`, not hidden, of at most 100 characters."""
    plain = re.sub(r"[^\w .()-]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "papers"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:90]}{dot}{ending[:8]}" if dot else plain[:100]


def counts_by(papers: Sequence[Paper]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How many papers there are by year, newest first, and by category, most frequent first."""
    years: dict[str, int] = {}
    categories: dict[str, int] = {}
    for paper in papers:
        year = str(paper.year or "undated")
        years[year] = years.get(year, 0) + 1
        for category in paper.categories or ("none",):
            categories[category] = categories.get(category, 0) + 1
    by_year = dict(sorted(years.items(), key=lambda item: (item[0] != "undated", item[0]), reverse=True))
    return by_year, dict(sorted(categories.items(), key=lambda item: (-item[1], item[0])))


def _reason(before: Sequence[frozenset[str]], own: frozenset[str]) -> str:
    shared = own & frozenset().union(*before)
    kinds = {key.partition(":")[0] for key in shared}
    found = [words for kind, words in _REASONS.items() if kind in kinds]
    return found[0] if found else "another record that is the same as both"
