"""Stores with one truth: the catalogue, and the indexes and vector rows that are derived from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.embedding import EmbeddingModel
from assistant.errors import EmbeddingMismatchError, EmptyStoreError, StoreError, StoreLockedError
from assistant.models import Filters, Paper
from assistant.settings import Settings
from assistant.stores.catalogue import Catalogue, SentenceVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assistant.stores.lexical import LexicalIndex
    from assistant.stores.rows import VectorRows
    from assistant.stores.vectors import VectorIndex

__all__ = [
    "Catalogue",
    "SentenceVectors",
    "Stores",
    "check_embedding",
    "lexical_folder",
    "open_stores",
    "rows_folder",
    "sync_indexes",
    "vector_place",
]

Progress = Callable[[str, int, int | None], None]
"""Called with a stage's name, how much of it is done, and how much there is (None: unknown)."""


@dataclass
class Stores:
    """The stores of one data folder, open for reading.

    A store of an earlier version that cannot be written has no `rows`: it is slower, no less exact.
    """

    catalogue: Catalogue
    vectors: VectorIndex
    lexical: LexicalIndex
    rows: VectorRows | None
    generation: int

    @property
    def reached(self) -> int:
        """The generation that all that is derived has reached."""
        generations = [self.vectors.state.generation, self.lexical.state.generation]
        if self.rows is not None:
            generations.append(self.rows.state.generation)
        return min(generations)

    def get_papers(self, ids: Sequence[str]) -> dict[str, Paper]:
        """As the catalogue's."""
        return self.catalogue.get_papers(ids)

    def select_ids(self, filters: Filters) -> list[str]:
        """As the catalogue's."""
        return self.catalogue.select_ids(filters)

    def sentence_vectors(self, paper_ids: Sequence[str], model: str) -> dict[str, SentenceVectors]:
        """As the catalogue's, from the rows: 2 ms for 150 papers of 5,000 instead of 25."""
        if self.rows is None or self.rows.model != model:
            return self.catalogue.sentence_vectors(paper_ids, model)
        return self.rows.sentence_vectors(paper_ids)

    def word_signs(self, paper_ids: Sequence[str], model: str) -> dict[str, NDArray[np.uint8]]:
        """As the catalogue's, from the rows."""
        if self.rows is None or self.rows.model != model:
            return self.catalogue.word_signs(paper_ids, model)
        return self.rows.word_signs(paper_ids)

    def refresh(self) -> bool:
        """Reload the indexes when the catalogue has a new generation; True when it had."""
        # While an ingest is at work the catalogue runs ahead: the lexical index is the last to
        # follow, so there is nothing to reload before it has.
        if self.catalogue.generation == self.generation or not self.lexical.is_stale():
            return False
        if self.rows is not None:
            self.rows.refresh()
        self.vectors.refresh()
        self.lexical.refresh()
        self.generation = self.reached
        return True

    def close(self) -> None:
        self.vectors.close()
        self.catalogue.close()


def open_stores(settings: Settings, model: EmbeddingModel, *, create: bool = False) -> Stores:
    """Open the stores for reading; indexes that are behind are brought up first, if that is possible.

    With `create`, a store that was never written is made, and may be empty.

    Raises:
        EmptyStoreError: nothing has been ingested yet.
        EmbeddingMismatchError: the store's vectors are another model's.
        StoreError: a store cannot be read, and could not be mended.
    """
    # chromadb and LlamaIndex take seconds to import: commands that only read the catalogue don't.
    from assistant.stores.lexical import LexicalIndex
    from assistant.stores.lock import writer_lock
    from assistant.stores.vectors import VectorIndex

    catalogue = Catalogue(settings.resolved_catalogue_url, create=create)
    if create:
        from assistant.stores.recording import found_store

        found_store(catalogue, model)
    if not create and not catalogue.count_papers():
        raise EmptyStoreError(f"the store in {settings.data_dir} has no papers; run: python -m ingest PATH")
    check_embedding(catalogue, model)
    place = vector_place(settings)

    def opened() -> Stores:
        rows = _open_rows(settings, catalogue, model)
        vectors = VectorIndex(place, catalogue.store_id, rows)
        return Stores(catalogue, vectors, LexicalIndex(lexical_folder(settings)), rows, generation)

    generation = catalogue.generation
    trouble: StoreError | None = None
    try:
        stores = opened()
        if stores.reached == generation and stores.rows is not None:
            return stores
        stores.vectors.close()
    except StoreError as error:
        trouble = error
    try:
        with writer_lock(settings.data_dir):
            sync_indexes(settings, catalogue, model)
    except StoreLockedError:
        if trouble is not None:  # else an ingest is at work, and will bring them up itself
            raise
    except StoreError as error:
        if trouble is not None:
            raise trouble from error
        if os.access(settings.data_dir, os.W_OK):
            raise
        # Read-only: what the indexes hold can be asked all the same.
    stores = opened()
    stores.generation = stores.reached
    return stores


def _open_rows(settings: Settings, catalogue: Catalogue, model: EmbeddingModel) -> VectorRows | None:
    """The rows of this store and model; None where they have to be made first."""
    from assistant.stores.rows import VectorRows

    try:
        rows = VectorRows(rows_folder(settings))
    except StoreError:
        return None
    return rows if (rows.state.store_id, rows.model) == (catalogue.store_id, model.name) else None


def sync_indexes(
    settings: Settings,
    catalogue: Catalogue,
    model: EmbeddingModel,
    progress: Progress | None = None,
    *,
    rebuild: bool = False,
) -> None:
    """Bring all that is derived up to the catalogue, or make it anew; the caller holds the writer lock."""
    from assistant.stores.lexical import sync_lexical
    from assistant.stores.rows import sync_rows
    from assistant.stores.vectors import sync_vectors

    def vectors_written(done: int) -> None:
        if progress is not None:
            progress("index", done, None)

    place = vector_place(settings)
    sync_vectors(place, catalogue, model.name, model.dimension, vectors_written, rebuild=rebuild)
    sync_rows(rows_folder(settings), catalogue, model.name, model.dimension, rebuild=rebuild)
    sync_lexical(lexical_folder(settings), catalogue, rebuild=rebuild)  # the last: see Stores.refresh


def check_embedding(catalogue: Catalogue, model: EmbeddingModel) -> None:
    """Raise EmbeddingMismatchError unless the store's vectors are this model's."""
    made_with = catalogue.meta("embedding_model")
    if made_with is not None and made_with != model.name:
        raise EmbeddingMismatchError(
            f"the store was made with the embedding model {made_with}, settings say {model.name};"
            f" set ASSISTANT_EMBEDDING back, or run: python -m ingest --reembed"
        )


def vector_place(settings: Settings) -> Path | str:
    """Where Chroma is: a server's URL, or a folder."""
    return settings.chroma_url or settings.data_dir / "chroma"


def lexical_folder(settings: Settings) -> Path:
    return settings.data_dir / "lexical"


def rows_folder(settings: Settings) -> Path:
    return settings.data_dir / "rows"
