"""Are the catalogue and what is derived from it sound, and do they agree?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import and_, select

from assistant.backup import damage
from assistant.doctor.finding import FIX, INGEST, RESTORE, Finding, failed
from assistant.embedding import EmbeddingModel, ReadsParts
from assistant.errors import AssistantError, StoreError
from assistant.settings import Settings
from assistant.stores import Catalogue, check_embedding, lexical_folder, rows_folder, schema, vector_place
from assistant.stores.following import IndexState
from assistant.stores.lexical import LexicalIndex
from assistant.stores.rows import VectorRows
from assistant.stores.schema import text_hash
from assistant.stores.unit_length import NORM_ERROR, not_unit
from assistant.stores.vectors import VectorIndex

_BATCH = 4096
_READ = """
import sys
from pathlib import Path
from assistant.doctor.stores import read_vector_index
from assistant.errors import StoreError
try:
    read_vector_index(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
except StoreError as error:
    print(error)
"""


def examine_stores(
    catalogue: Catalogue, model: EmbeddingModel | None, settings: Settings
) -> Iterator[Finding]:
    """The catalogue first; without it, or without the embedding model, there is nothing to compare with."""
    found = examine_catalogue(catalogue)
    yield found
    if model is None or found.mend == RESTORE:
        return
    yield examine_embeddings(catalogue, model)
    yield vector_index(catalogue, model, settings)
    yield vector_rows(catalogue, model, settings)
    yield lexical_index(catalogue, settings)


def examine_catalogue(catalogue: Catalogue) -> Finding:
    """Counts, and SQLite's own check."""
    name = "catalogue"
    fault = damage(catalogue.path) if catalogue.path is not None else ""
    if fault:
        return Finding(name, False, f"{catalogue.name} is damaged: {fault}", RESTORE)
    papers, chunks = catalogue.count_papers(), catalogue.count_chunks()
    with catalogue.connect() as connection:
        last = connection.execute(
            select(schema.journal.c.started).order_by(schema.journal.c.number.desc()).limit(1)
        ).scalar()
        altered = sum(
            text_hash(row[0]) != row[1]
            for row in connection.execute(select(schema.chunks.c.text, schema.chunks.c.text_hash))
        )
    detail = f"{papers} papers, {chunks} chunks, generation {catalogue.generation}"
    detail += f", last ingest {last}" if last else ""
    if altered:
        return Finding(name, False, f"{detail}; {altered} chunks are not what was written", RESTORE)
    return Finding(name, bool(papers), detail, None if papers else INGEST)


def require_sound(catalogue: Catalogue) -> None:
    """StoreError when the catalogue is damaged: nothing true can be derived from it."""
    found = examine_catalogue(catalogue)
    if found.mend == RESTORE:
        raise StoreError(f"{found.detail}; run: {RESTORE}")


def examine_embeddings(catalogue: Catalogue, model: EmbeddingModel) -> Finding:
    """Whether every text has a vector, by this model, of unit length."""
    name = "vectors in the catalogue"
    try:
        check_embedding(catalogue, model)
    except AssistantError as error:
        return failed(name, error, f"{INGEST} --reembed")
    missing, odd = without_vectors(catalogue, model)[0], len(odd_vectors(catalogue, model))
    detail = f"{model.name}, {model.dimension} dimensions; {missing} texts without a vector, {odd} spoiled"
    return Finding(name, not missing and not odd, detail, FIX if missing or odd else None)


def odd_vectors(catalogue: Catalogue, model: EmbeddingModel) -> list[bytes]:
    """The keys of vectors of a wrong length, or not of unit length: a disk may lose a page in silence."""
    embeddings, odd = schema.embeddings, []
    query = select(embeddings.c.text_hash, embeddings.c.vector).where(embeddings.c.model == model.name)
    with catalogue.connect() as connection:
        for rows in connection.execution_options(yield_per=_BATCH).execute(query).partitions():
            whole = [row for row in rows if len(row[1]) == 4 * model.dimension]
            odd += [row[0] for row in rows if len(row[1]) != 4 * model.dimension]
            vectors = np.frombuffer(b"".join(row[1] for row in whole), "<f4").reshape(-1, model.dimension)
            odd += [whole[at][0] for at in np.flatnonzero(not_unit(vectors, NORM_ERROR))]
    return odd


def vector_index(catalogue: Catalogue, model: EmbeddingModel, settings: Settings) -> Finding:
    """Chroma: what it says it holds, what it does hold, and whether all of that can be read and searched."""

    def held() -> tuple[IndexState, set[str]]:
        place = vector_place(settings)
        if isinstance(place, Path) and any(place.rglob("*.bin")):
            _read_apart(place, catalogue.store_id, model.dimension)
        else:  # no graph, which alone can end the process
            read_vector_index(place, catalogue.store_id, model.dimension)
        index = VectorIndex(place, catalogue.store_id)
        try:
            return index.state, index.chunk_ids()
        finally:
            index.close()

    made_with = (model.name, model.dimension)
    return _index("vector index", "chunks", catalogue, held, schema.chunks.c.chunk_id, made_with)


def read_vector_index(place: Path | str, store_id: str, dimension: int) -> None:
    """Read every vector of an index, and search it: ids are in Chroma's database, the graph in its own files.

    Raises:
        StoreError: something cannot be read, or is not what was written.
    """
    index = VectorIndex(place, store_id)
    try:
        if spoiled := index.spoiled():
            raise StoreError(f"{spoiled} vectors of the vector index {place} are not what was written")
        index.search(np.full(dimension, dimension**-0.5, np.float32), 1)
    finally:
        index.close()


def _read_apart(place: Path, store_id: str, dimension: int) -> None:
    """`read_vector_index` in a process of its own, which a graph's file that was cut short may end.

    Chroma maps these files without a look whether they are whole.
    """
    path = os.pathsep.join(entry for entry in sys.path if entry)
    command = [sys.executable, "-c", _READ, str(place), store_id, str(dimension)]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        why = signal.Signals(-done.returncode).name if done.returncode < 0 else done.stderr.strip()[-200:]
        raise StoreError(f"the vector index {place} is damaged: reading it ends the process ({why})")
    if fault := done.stdout.strip():
        raise StoreError(fault)


def vector_rows(catalogue: Catalogue, model: EmbeddingModel, settings: Settings) -> Finding:
    """The mapped files of vectors by paper."""

    def held() -> tuple[IndexState, set[str]]:
        rows = VectorRows(rows_folder(settings))
        if altered := rows.altered_files():
            raise StoreError(f"the vector rows are not what was written: {', '.join(altered)}")
        if spoiled := rows.spoiled():
            raise StoreError(f"{spoiled} of the vector rows are not what was written")
        return IndexState(rows.state.store_id, rows.state.generation, rows.model, rows.state.dimension), set(
            rows.paper_ids()
        )

    made_with = (model.name, model.dimension)
    return _index("vector rows", "papers", catalogue, held, schema.papers.c.paper_id, made_with)


def lexical_index(catalogue: Catalogue, settings: Settings) -> Finding:
    """tantivy: every paper is read back."""

    def held() -> tuple[IndexState, set[str]]:
        index = LexicalIndex(lexical_folder(settings))
        altered = index.altered_files()
        if altered:
            raise StoreError(
                f"{len(altered)} files of the lexical index are not what was written: {altered[0]}"
            )
        return index.state, index.paper_ids()

    return _index("lexical index", "papers", catalogue, held, schema.papers.c.paper_id, None)


def _index(
    name: str,
    unit: str,
    catalogue: Catalogue,
    held: Callable[[], tuple[IndexState, set[str]]],
    column: Any,
    made_with: tuple[str, int] | None,
) -> Finding:
    try:
        state, ids = held()
    except AssistantError as error:
        return failed(name, error, FIX)
    with catalogue.connect() as connection:
        true_ids = set(connection.execute(select(column)).scalars())
    faults = []
    if state.store_id != catalogue.store_id:
        faults.append("it belongs to another store")
    if made_with is not None and (state.model, state.dimension) != made_with:
        faults.append(f"it was made with {state.model} ({state.dimension} dimensions)")
    if state.generation != catalogue.generation:
        faults.append(f"the catalogue is at {catalogue.generation}")
    if true_ids - ids:
        faults.append(f"{len(true_ids - ids)} missing")
    if ids - true_ids:
        faults.append(f"{len(ids - true_ids)} that the catalogue does not have")
    detail = "; ".join([f"{len(ids)} {unit}, generation {state.generation}", *faults])
    return Finding(name, not faults, detail, FIX if faults else None)


def without_vectors(catalogue: Catalogue, model: EmbeddingModel) -> tuple[int, list[str]]:
    """How many chunks and sentences have no vector, or no signs of words, and the papers they belong to."""
    chunks, sentences, embeddings = schema.chunks, schema.sentences, schema.embeddings
    wanted = [(chunks, model.name), (sentences, model.name)]
    if isinstance(model, ReadsParts):
        wanted.append((chunks, schema.signs_of(model.name)))
    papers: list[str] = []
    with catalogue.connect() as connection:
        for table, made_by in wanted:
            stored = (
                select(embeddings.c.model)
                .where(and_(embeddings.c.text_hash == table.c.text_hash, embeddings.c.model == made_by))
                .exists()
            )
            papers += connection.execute(select(table.c.paper_id).where(~stored)).scalars()
    return len(papers), list(dict.fromkeys(papers))
