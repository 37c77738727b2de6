"""The catalogue: the one truth about papers, their chunks and their vectors, in SQL.

Everything is read in few large queries through SQLAlchemy Core. The write side is in
`assistant.stores.recording`, which only an ingest imports.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError

from assistant.database.migrations import revision
from assistant.errors import ConfigurationError, EmptyStoreError, StoreError
from assistant.models import Chunk, Filters, Identifiers, Paper, Span
from assistant.stores import schema
from assistant.stores.database import database_file, is_writable, make_engine, nothing_in, slices, translated
from assistant.stores.filtering import filter_conditions
from assistant.stores.lock import writer_lock

_SELECTIONS = 16  # filters whose papers are remembered, of 100,000 papers at most 1 MB each

_PAPER_COLUMNS = (
    schema.papers.c.paper_id,
    schema.papers.c.display_title,
    schema.papers.c.abstract,
    schema.papers.c.title,
    schema.papers.c.authors,
    schema.papers.c.et_al,
    schema.papers.c.affiliation_tag,
    schema.papers.c.published,
    schema.papers.c.categories,
    schema.papers.c.has_code,
    schema.papers.c.urls,
    schema.papers.c.doi,
    schema.papers.c.arxiv,
    schema.papers.c.pmid,
    schema.papers.c.source_ids,
    schema.papers.c.sources,
    schema.papers.c.aliases,
    schema.papers.c.status,
)
_CHUNK_COLUMNS = (
    schema.chunks.c.chunk_id,
    schema.chunks.c.paper_id,
    schema.chunks.c.number,
    schema.chunks.c.start,
    schema.chunks.c.end,
    schema.chunks.c.text,
)


@dataclass(frozen=True, slots=True)
class SentenceVectors:
    """The sentences of one abstract: spans into it, and one unit-length row a sentence."""

    spans: tuple[Span, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddedChunk:
    """A chunk with its vector and the generation that wrote it."""

    chunk: Chunk
    vector: NDArray[np.float32]
    generation: int


class Catalogue:
    """The papers of one store. Safe to share between threads; readers never lock."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Open the database at an SQLAlchemy `url`; `create` makes it.

        One that an earlier version of the program made is migrated first.

        Raises:
            EmptyStoreError: there is none, and `create` is false.
            ConfigurationError: the url is no database's.
            StoreError: the database cannot be read, or is of a newer version.
            StoreLockedError: it has to be migrated, and another process is writing.
        """
        try:
            self.url = make_url(url)
        except ArgumentError as error:
            raise ConfigurationError(
                f"ASSISTANT_CATALOGUE_URL = {url!r} is not a database's;"
                " set it to sqlite:///PATH or leave it unset"
            ) from error
        self.path = database_file(self.url)
        self.writable = self.path is None or is_writable(self.path)
        if self.path is not None and not self.path.exists():
            if not create:
                raise EmptyStoreError(nothing_in(self.path))
            self.path.parent.mkdir(parents=True, exist_ok=True)
        self._selected: dict[tuple[int, Filters], tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self.engine = make_engine(self.url, self.path, self.writable)
        with translated(self.name):
            if create:
                schema.migrate(self.engine)
            found = self._revision()
            if found is not None and found < schema.HEAD and self.path is not None and self.writable:
                # A new version of the program finds its predecessor's store: no reason to trouble anybody.
                with writer_lock(self.path.parent):
                    schema.migrate(self.engine)
                found = self._revision()
        if found is None:
            raise EmptyStoreError(nothing_in(self.path))
        if found != schema.HEAD:
            known, mend = (
                ("an older", "make it writable") if found < schema.HEAD else ("a newer", "update the program")
            )
            raise StoreError(
                f"{self.name} has the schema of {known} version ({found}, not {schema.HEAD}); {mend}"
                " and run the command again"
            )

    def _revision(self) -> str | None:
        with self.engine.connect() as connection:
            return revision(connection)

    @property
    def name(self) -> str:
        """What messages call this database; never a password."""
        return str(self.path) if self.path is not None else self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give the connections back; the last one to close empties SQLite's journal."""
        self.engine.dispose()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection whose database errors are raised as StoreError."""
        with translated(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; only `assistant.stores.recording` opens it."""
        with translated(self.name), self.engine.begin() as connection:
            yield connection

    # -- what the store is ------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """A fact about the store: "generation", "store_id", "embedding_model", "dimension"."""
        with self.connect() as connection:
            return connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar()

    @property
    def generation(self) -> int:
        """Number of committed batches, read afresh each time (about 0.1 ms)."""
        return int(self.meta("generation") or 0)

    @property
    def store_id(self) -> str:
        """A name made with the store; an index that carries another belongs to another store."""
        return self.meta("store_id") or ""

    # -- papers -----------------------------------------------------------------------------

    def count_papers(self) -> int:
        with self.connect() as connection:
            return connection.execute(select(func.count()).select_from(schema.papers)).scalar_one()

    def papers(self) -> list[Paper]:
        """All papers, in order of first ingest."""
        with self.connect() as connection:
            rows = connection.execute(select(*_PAPER_COLUMNS).order_by(schema.papers.c.position))
            return [_paper(row) for row in rows]

    def get_papers(self, ids: Iterable[str]) -> dict[str, Paper]:
        """The papers with these ids, by the id that was asked for (an alias counts); no others."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Paper] = {}
        with self.connect() as connection:
            for some in slices(wanted):
                rows = connection.execute(
                    select(*_PAPER_COLUMNS).where(schema.papers.c.paper_id.in_(some))
                ).all()
                found.update((row.paper_id, _paper(row)) for row in rows)
                missing = [paper_id for paper_id in some if paper_id not in found]
                if missing:
                    aliased = connection.execute(
                        select(schema.aliases.c.alias, *_PAPER_COLUMNS)
                        .join(schema.papers, schema.papers.c.paper_id == schema.aliases.c.paper_id)
                        .where(schema.aliases.c.alias.in_(missing))
                    )
                    found.update((row.alias, _paper(row[1:])) for row in aliased)
        return {paper_id: found[paper_id] for paper_id in wanted if paper_id in found}

    def select_ids(self, filters: Filters) -> list[str]:
        """Ids of the papers that satisfy every filter, newest first, undated last.

        A paper dated by year or month only satisfies a date filter when all days it may mean do.
        What was asked last is remembered until the next generation: a conversation asks again, and
        selecting a third of 100,000 papers takes 0.2 s.
        """
        key = (self.generation, filters)
        with self._lock:
            known = self._selected.get(key)
        if known is None:
            known = self._select(filters)
            with self._lock:
                self._selected[key] = known
                if len(self._selected) > _SELECTIONS:
                    self._selected.pop(next(iter(self._selected)))
        return list(known)

    def _select(self, filters: Filters) -> tuple[str, ...]:
        papers = schema.papers
        query = select(papers.c.paper_id).where(*filter_conditions(filters, self.affiliation_tags))
        # The position keeps papers of one day in order of first ingest.
        query = query.order_by(papers.c.earliest.is_(None), papers.c.earliest.desc(), papers.c.position)
        with self.connect() as connection:
            return tuple(connection.execute(query).scalars())

    def author_names(self) -> list[str]:
        """Every author's name as given, once, alphabetically."""
        return self._distinct(schema.authors.c.name)

    def categories(self) -> list[str]:
        """Every category as given, once, alphabetically."""
        return self._distinct(schema.categories.c.category)

    def affiliation_tags(self) -> list[str]:
        return self._distinct(schema.papers.c.affiliation_tag)

    def years(self) -> list[int]:
        """The years papers are dated with, ascending."""
        return self._distinct(schema.papers.c.year)

    def _distinct(self, column: ColumnElement[Any]) -> list[Any]:
        with self.connect() as connection:
            query = select(column).where(column.is_not(None)).distinct().order_by(column)
            return list(connection.execute(query).scalars())

    # -- chunks and vectors -----------------------------------------------------------------

    def get_chunks(self, chunk_ids: Iterable[str]) -> dict[str, Chunk]:
        """The chunks with these ids; missing ones are absent."""
        found: dict[str, Chunk] = {}
        with self.connect() as connection:
            for some in slices(list(dict.fromkeys(chunk_ids))):
                rows = connection.execute(select(*_CHUNK_COLUMNS).where(schema.chunks.c.chunk_id.in_(some)))
                found.update((row.chunk_id, Chunk(*row)) for row in rows)
        return found

    def chunks_of(self, paper_ids: Sequence[str]) -> dict[str, list[Chunk]]:
        """The chunks of these papers, in order."""
        found: dict[str, list[Chunk]] = {}
        with self.connect() as connection:
            for some in slices(paper_ids):
                query = select(*_CHUNK_COLUMNS).where(schema.chunks.c.paper_id.in_(some))
                for row in connection.execute(query.order_by(schema.chunks.c.number)):
                    found.setdefault(row.paper_id, []).append(Chunk(*row))
        return found

    def count_chunks(self) -> int:
        with self.connect() as connection:
            return connection.execute(select(func.count()).select_from(schema.chunks)).scalar_one()

    def sentence_vectors(self, paper_ids: Sequence[str], model: str) -> dict[str, SentenceVectors]:
        """The sentences of these papers with their vectors by `model`; papers without are absent."""
        sentences, embeddings = schema.sentences, schema.embeddings
        found: dict[str, SentenceVectors] = {}
        with self.connect() as connection:
            for some in slices(list(dict.fromkeys(paper_ids))):
                rows = connection.execute(
                    select(sentences.c.paper_id, sentences.c.start, sentences.c.end, embeddings.c.vector)
                    .join(
                        embeddings,
                        and_(embeddings.c.text_hash == sentences.c.text_hash, embeddings.c.model == model),
                    )
                    .where(sentences.c.paper_id.in_(some))
                    .order_by(sentences.c.paper_id, sentences.c.number)
                )
                for paper_id, group in groupby(rows.all(), key=lambda row: cast(str, row[0])):
                    its = list(group)
                    vectors = np.frombuffer(b"".join(row[3] for row in its), dtype="<f4")
                    spans = tuple(Span(row[1], row[2]) for row in its)
                    found[paper_id] = SentenceVectors(spans, vectors.reshape(len(its), -1))
        return found

    def word_signs(self, paper_ids: Sequence[str], model: str) -> dict[str, NDArray[np.uint8]]:
        """The signs of the papers' word vectors by `model`, (words, dimension / 8); some have none."""
        found: dict[str, list[bytes]] = {}
        for paper_id, _, signs in self._embedded_chunks(paper_ids, schema.signs_of(model)):
            found.setdefault(paper_id, []).append(signs)
        width = -(-int(self.meta("dimension") or 0) // 8)
        return {
            paper_id: np.frombuffer(b"".join(its), dtype=np.uint8).reshape(-1, width)
            for paper_id, its in found.items()
        }

    def chunk_vectors(
        self, paper_ids: Sequence[str], model: str
    ) -> dict[str, list[tuple[str, NDArray[np.float32]]]]:
        """The chunks of these papers, in order, as (chunk_id, vector by `model`)."""
        found: dict[str, list[tuple[str, NDArray[np.float32]]]] = {}
        for paper_id, chunk_id, vector in self._embedded_chunks(paper_ids, model):
            found.setdefault(paper_id, []).append((chunk_id, np.frombuffer(vector, dtype="<f4")))
        return found

    def _embedded_chunks(self, paper_ids: Sequence[str], model: str) -> Iterator[tuple[str, str, bytes]]:
        """The chunks of these papers, each paper's in order, with what `embeddings` has of `model`."""
        chunks, embeddings = schema.chunks, schema.embeddings
        made = and_(embeddings.c.text_hash == chunks.c.text_hash, embeddings.c.model == model)
        columns = (chunks.c.paper_id, chunks.c.chunk_id, embeddings.c.vector)
        with self.connect() as connection:
            for some in slices(list(dict.fromkeys(paper_ids))):
                query = select(*columns).join(embeddings, made).where(chunks.c.paper_id.in_(some))
                ordered = query.order_by(chunks.c.paper_id, chunks.c.number)
                yield from ((row[0], row[1], row[2]) for row in connection.execute(ordered))

    # -- what a derived index follows -------------------------------------------------------

    def chunks_since(self, generation: int, model: str) -> Iterator[EmbeddedChunk]:
        """The chunks written after `generation`, oldest first, streamed."""
        chunks, embeddings = schema.chunks, schema.embeddings
        query = (
            select(*_CHUNK_COLUMNS, embeddings.c.vector, chunks.c.generation)
            .join(embeddings, and_(embeddings.c.text_hash == chunks.c.text_hash, embeddings.c.model == model))
            .where(chunks.c.generation > generation)
            .order_by(chunks.c.generation, chunks.c.chunk_id)
        )
        with self.connect() as connection:
            for row in connection.execution_options(yield_per=512).execute(query):
                yield EmbeddedChunk(Chunk(*row[:6]), np.frombuffer(row[6], dtype="<f4"), row[7])

    def papers_since(self, generation: int) -> Iterator[Paper]:
        """The papers written after `generation`, oldest first, streamed."""
        papers = schema.papers
        query = select(*_PAPER_COLUMNS).where(papers.c.generation > generation)
        query = query.order_by(papers.c.generation, papers.c.position)
        with self.connect() as connection:
            for row in connection.execution_options(yield_per=512).execute(query):
                yield _paper(row)

    def paper_ids_since(self, generation: int) -> list[str]:
        """The ids of the papers written after `generation`, oldest first."""
        papers = schema.papers
        query = select(papers.c.paper_id).where(papers.c.generation > generation)
        with self.connect() as connection:
            ordered = query.order_by(papers.c.generation, papers.c.position)
            return list(connection.execute(ordered).scalars())

    def deleted_since(self, generation: int, kind: str) -> list[str]:
        """Ids of the chunks (kind "chunk") or papers ("paper") deleted after `generation`."""
        deletions = schema.deletions
        with self.connect() as connection:
            return list(
                connection.execute(
                    select(deletions.c.item_id)
                    .where(and_(deletions.c.kind == kind, deletions.c.generation > generation))
                    .distinct()
                ).scalars()
            )


def _paper(row: Any) -> Paper:
    return Paper(
        paper_id=row[0],
        display_title=row[1],
        abstract=row[2],
        title=row[3],
        authors=tuple(json.loads(row[4])),
        et_al=row[5],
        affiliation_tag=row[6],
        published=row[7],
        categories=tuple(json.loads(row[8])),
        has_code=row[9],
        urls=tuple(json.loads(row[10])),
        identifiers=Identifiers(row[11], row[12], row[13]),
        source_ids=tuple(json.loads(row[14])),
        sources=tuple(json.loads(row[15])),
        aliases=tuple(json.loads(row[16])),
        status=row[17],
    )
