"""The vectors of a store by paper, in files that are mapped into memory: what Chroma is slow at.

Chroma finds the nearest of all passages; for the passages of 60 given papers of 5,000 it takes
34 ms, and it has no sentences. Here a paper's vectors stand side by side, so that those of given
papers are read and compared exactly, a hundred papers in a millisecond. Derived from the
catalogue, as the other indexes are, and rebuilt from it without embedding anything.

A folder holds `passages` (float32) and `sentences` (float16: cosines within 0.001), a row a vector,
`spans`, a row a sentence, and `words`, a row the signs of a word's vector; rows are only ever
appended. `chunk_ids.json` names the passages, and `table.json`, written last, says where the rows
of each paper are, and holds a CRC-32 of every other file, which grows with the file; its own stands
in its last line. Stores from before there were sums go without until they are next written to.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from assistant.errors import StoreError
from assistant.models import Span
from assistant.stores.catalogue import Catalogue, SentenceVectors
from assistant.stores.following import IndexState, current_folder, new_folder, publish_folder, replace_file
from assistant.stores.unit_length import not_unit

_FORMAT = ", rows 2"  # another number when the files are written otherwise
_BATCH = 512  # papers read from the catalogue at once
_BLOCK = 2048  # rows compared at once: 3 MB, which stays in a core's cache
_NORM_ERROR = 0.01  # of a unit vector in float16
_TABLE, _CHUNK_IDS = "table.json", "chunk_ids.json"
_ROWS = ("passages", "sentences", "spans", "words")


class VectorRows:
    """Passage and sentence vectors of given papers; shared by threads, reopened by `refresh`."""

    def __init__(self, folder: Path) -> None:
        """Open the rows published in `folder`.

        Raises:
            StoreError: there are none, or they cannot be read.
        """
        self._folder = folder
        self._files = _Files(current_folder(folder))

    @property
    def state(self) -> IndexState:
        return self._files.table.state

    @property
    def model(self) -> str:
        """The embedding model of the vectors."""
        return self.state.model.removesuffix(_FORMAT)

    @property
    def count(self) -> int:
        """Number of passages."""
        return int(self._files.places[:, 1].sum())

    @property
    def papers(self) -> int:
        """Number of papers."""
        return len(self._files.paper_ids)

    def paper_ids(self) -> set[str]:
        """The ids of all papers, for a check against the catalogue."""
        return set(self._files.paper_ids)

    def altered_files(self) -> list[str]:
        """The names of the files that are not what was written; every byte is read."""
        files = self._files
        sums = files.table.sums or {}
        altered = [name for name in _ROWS if name in sums and _sum(getattr(files, name).data) != sums[name]]
        try:
            _read_chunk_ids(files.path, files.table)
        except StoreError:
            altered.append(_CHUNK_IDS)
        return altered

    def spoiled(self) -> int:
        """How many vectors of passages and sentences are not of unit length, as all were when written.

        All that can be told of rows without sums.
        """
        files, wrong = self._files, 0
        for rows in (files.passages, files.sentences):
            for at in range(0, len(rows), _BLOCK):
                wrong += int(np.count_nonzero(not_unit(rows[at : at + _BLOCK], _NORM_ERROR)))
        return wrong

    def nearest(
        self, vector: NDArray[np.float32], top: int, paper_ids: Collection[str]
    ) -> list[tuple[str, str, float]]:
        """The `top` passages of these papers nearest to a unit-length `vector`, best first.

        As (chunk_id, paper_id, cosine), exactly: every passage is compared.
        """
        files = self._files
        slots = files.slots(paper_ids)
        first, number = files.places[slots, 0], files.places[slots, 1]
        rows = _ranges(first, number)
        if not len(rows) or top < 1:
            return []
        cosines = np.concatenate(
            [_products(files.passages[rows[at : at + _BLOCK]], vector) for at in range(0, len(rows), _BLOCK)]
        )
        best = np.arange(len(rows))
        if top < len(rows):
            best = np.argpartition(-cosines, top - 1)[:top]
        best = best[np.argsort(-cosines[best], kind="stable")]
        owners = np.repeat(slots, number)[best]
        return [
            (files.chunk_ids[rows[at]], files.paper_ids[owner], float(cosines[at]))
            for at, owner in zip(best.tolist(), owners.tolist(), strict=True)
        ]

    def sentence_vectors(self, paper_ids: Sequence[str]) -> dict[str, SentenceVectors]:
        """The sentences of these papers with their vectors; papers without are absent."""
        files = self._files
        slots = files.slots(paper_ids)
        slots = slots[files.places[slots, 3] > 0]
        first, number = files.places[slots, 2], files.places[slots, 3]
        if not len(slots):
            return {}
        rows = _ranges(first, number)
        vectors = files.sentences[rows].astype(np.float32)
        spans = [Span(start, end) for start, end in files.spans[rows].tolist()]
        ends = np.cumsum(number).tolist()
        return {
            files.paper_ids[slot]: SentenceVectors(tuple(spans[end - n : end]), vectors[end - n : end])
            for slot, n, end in zip(slots.tolist(), number.tolist(), ends, strict=True)
        }

    def word_signs(self, paper_ids: Sequence[str]) -> dict[str, NDArray[np.uint8]]:
        """The signs of the papers' word vectors, (words, dimension / 8); papers without are absent."""
        files = self._files
        slots = files.slots(paper_ids)
        places = files.places[slots, 4:6].tolist()
        return {
            files.paper_ids[slot]: files.words[first : first + number]
            for slot, (first, number) in zip(slots.tolist(), places, strict=True)
            if number
        }

    def refresh(self) -> None:
        """Look at what has been published since."""
        self._files = _Files(current_folder(self._folder))


@dataclass(frozen=True, slots=True)
class _Table:
    """What `table.json` holds: for each paper its first passage, their number, its first sentence,
    their number, its first word, their number; and how many rows were written, those of papers that
    are gone included. `sums` has a CRC-32 for each file, of the rows written; None in older stores."""

    state: IndexState
    passages: int
    sentences: int
    words: int
    papers: dict[str, list[int]]
    sums: dict[str, int] | None = None

    def write(self, path: Path) -> None:
        # One line, whatever the ids hold: JSON writes line breaks as \n.
        text = json.dumps(asdict(self), ensure_ascii=False)
        replace_file(path / _TABLE, f"{text}\n{_sum(text.encode())}")

    @classmethod
    def read(cls, path: Path) -> _Table:
        try:
            text, _, own = (path / _TABLE).read_text("utf-8").partition("\n")
            held = json.loads(text)
            if (own or held.get("sums")) and own != str(_sum(text.encode())):
                raise ValueError(f"{_TABLE} is not what was written")
            return cls(**{**held, "state": IndexState(**held["state"])})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _unreadable(path, error) from error


class _Files:
    """One opened folder; a newer one takes its place whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.table = _Table.read(path)
        self.paper_ids = list(self.table.papers)
        self.places = np.array(list(self.table.papers.values()), dtype=np.int64).reshape(-1, 6)
        self._slots = {paper_id: slot for slot, paper_id in enumerate(self.paper_ids)}
        dimension, sentences = self.table.state.dimension, self.table.sentences
        self.passages = _mapped(path / "passages", np.dtype("<f4"), self.table.passages, dimension)
        self.sentences = _mapped(path / "sentences", np.dtype("<f2"), sentences, dimension)
        self.spans = _mapped(path / "spans", np.dtype("<i4"), sentences, 2)
        self.words = _mapped(path / "words", np.dtype("u1"), self.table.words, -(-dimension // 8))

    def slots(self, paper_ids: Iterable[str]) -> NDArray[np.int64]:
        """Where the papers stand in `places`, each once, ascending; those without rows are left out."""
        found = map(self._slots.get, paper_ids)
        return np.unique(np.array([slot for slot in found if slot is not None], dtype=np.int64))

    @cached_property
    def chunk_ids(self) -> list[str]:
        """The ids of the passages, by row; read when the first are asked for."""
        return _read_chunk_ids(self.path, self.table)


def sync_rows(
    folder: Path, catalogue: Catalogue, model: str, dimension: int, *, rebuild: bool = False
) -> int:
    """Bring the rows in `folder` up to the catalogue; return how many papers were written.

    Rows of changed papers are appended. Missing, broken or foreign rows, those of which half
    belong to papers that are gone, and with `rebuild` any, are made anew and swapped in.
    """
    wanted = IndexState(catalogue.store_id, catalogue.generation, f"{model}{_FORMAT}", dimension)
    table = None if rebuild else _reached(folder, wanted, catalogue.count_chunks())
    if table is not None and table.state == wanted:
        return 0
    chunk_ids: list[str] = []
    if table is not None:
        try:
            chunk_ids = _read_chunk_ids(current_folder(folder), table)
        except StoreError:
            table = None
    fresh = table is None
    path = new_folder(folder) if fresh else current_folder(folder)
    try:
        written = _write(path, table, chunk_ids, wanted, catalogue, model)
    except OSError as error:
        raise StoreError(f"the vector rows in {path} cannot be written: {error.strerror}") from error
    if fresh:
        publish_folder(folder, path)
    return written


def _reached(folder: Path, wanted: IndexState, chunks: int) -> _Table | None:
    """The table of usable rows in `folder`; None when they have to be made anew."""
    try:
        table = _Files(current_folder(folder)).table
    except StoreError:
        return None
    live = sum(place[1] for place in table.papers.values())
    usable = table.state.leads_to(wanted) and 2 * live >= table.passages
    return table if usable and (table.state != wanted or live == chunks) else None


def _write(
    path: Path,
    table: _Table | None,
    chunk_ids: list[str],
    wanted: IndexState,
    catalogue: Catalogue,
    model: str,
) -> int:
    passages, sentences, words = (table.passages, table.sentences, table.words) if table else (0, 0, 0)
    papers = dict(table.papers) if table else {}
    sums = (table.sums if table else None) or {}
    since = table.state.generation if table else 0
    for paper_id in catalogue.deleted_since(since, "paper") if since else ():
        papers.pop(paper_id, None)
    changed = catalogue.paper_ids_since(since)
    width = wanted.dimension
    with (
        _appended(path / "passages", passages * width * 4, sums) as passage_file,
        _appended(path / "sentences", sentences * width * 2, sums) as sentence_file,
        _appended(path / "spans", sentences * 8, sums) as span_file,
        _appended(path / "words", words * -(-width // 8), sums) as word_file,
    ):
        for start in range(0, len(changed), _BATCH):
            some = changed[start : start + _BATCH]
            chunks = catalogue.chunk_vectors(some, model)
            spoken = catalogue.sentence_vectors(some, model)
            worded = catalogue.word_signs(some, model)
            for paper_id in some:
                its = chunks.get(paper_id, ())
                said = spoken.get(paper_id)
                count = len(said.spans) if said else 0
                signs = worded.get(paper_id, ())
                papers[paper_id] = [passages, len(its), sentences, count, words, len(signs)]
                for chunk_id, vector in its:
                    chunk_ids.append(chunk_id)
                    passage_file.write(vector.astype("<f4").tobytes())
                if said:
                    sentence_file.write(said.vectors.astype("<f2").tobytes())
                    span_file.write(np.array([(s.start, s.end) for s in said.spans], "<i4").tobytes())
                if len(signs):
                    word_file.write(np.asarray(signs).tobytes())
                passages, sentences = passages + len(its), sentences + count
                words += len(signs)
    files = {file.name: file.sum for file in (passage_file, sentence_file, span_file, word_file)}
    files[_CHUNK_IDS] = _sum("\n".join(chunk_ids).encode())
    replace_file(path / _CHUNK_IDS, json.dumps(chunk_ids, ensure_ascii=False))
    _Table(wanted, passages, sentences, words, papers, files).write(path)
    return len(changed)


class _Growing:
    """A file that is only appended to, and the sum of all its bytes."""

    def __init__(self, file: BinaryIO, name: str, sum_before: int) -> None:
        self.name, self.sum = name, sum_before
        self._file = file

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.sum = zlib.crc32(data, self.sum)


@contextmanager
def _appended(path: Path, size: int, sums: dict[str, int]) -> Iterator[_Growing]:
    """The file, cut to `size` bytes (what a killed writer left is dropped), open at its end."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(size)
        before = sums.get(path.name)
        if before is None:  # it is new, or from before there were sums
            before = 0
            while block := file.read(1 << 20):
                before = zlib.crc32(block, before)
        file.seek(size)
        yield _Growing(file, path.name, before)


def _read_chunk_ids(path: Path, table: _Table) -> list[str]:
    """The ids of the passages, by row; StoreError when they are not what was written."""
    try:
        # A writer at work, or one that was killed, may have added names that the table has not yet.
        names: list[str] = json.loads((path / _CHUNK_IDS).read_text("utf-8"))[: table.passages]
        told = table.sums is None or _sum("\n".join(names).encode()) == table.sums[_CHUNK_IDS]
        if not told or len(names) != table.passages:
            raise ValueError(f"{_CHUNK_IDS} is not what was written")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _unreadable(path, error) from error
    return names


def _sum(data: bytes | memoryview) -> int:
    return zlib.crc32(data)  # 1 GB/s; enough against what a disk does, none against who means harm


def _unreadable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the vector rows in {path} cannot be read: {error}; run: python -m assistant doctor --fix"
    )


def _mapped(path: Path, dtype: np.dtype[Any], rows: int, width: int) -> NDArray[Any]:
    if not rows:
        return np.empty((0, width), dtype=dtype)  # an empty file cannot be mapped
    try:
        # As a plain array: slicing a memmap makes a memmap each time.
        return np.memmap(path, dtype=dtype, mode="r", shape=(rows, width)).view(np.ndarray)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _products(rows: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    # Not `rows @ vector`: BLAS would divide it between threads, which wait for one another where
    # other work is going on (1,400 rows: 16 ms on two busy cores, 0.1 ms so).
    products: NDArray[np.float32] = np.einsum("ij,j->i", rows, vector)
    return products


def _ranges(first: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers first[i] to first[i] + number[i], one range after the other."""
    before = np.cumsum(number) - number
    rows: NDArray[np.int64] = np.arange(number.sum(), dtype=np.int64) + np.repeat(first - before, number)
    return rows
