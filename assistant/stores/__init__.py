"""Three stores, one truth: the catalogue, and the two indexes that are derived from it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.embedding import EmbeddingModel
from assistant.errors import EmbeddingMismatchError, EmptyStoreError, StoreError, StoreLockedError
from assistant.settings import Settings
from assistant.stores.catalogue import Catalogue, SentenceVectors

if TYPE_CHECKING:
    from assistant.stores.lexical import LexicalIndex
    from assistant.stores.vectors import VectorIndex

__all__ = [
    "Catalogue",
    "SentenceVectors",
    "Stores",
    "check_embedding",
    "lexical_folder",
    "open_stores",
    "sync_indexes",
    "vector_place",
]

Progress = Callable[[str, int, int | None], None]
"""Called with a stage's name, how much of it is done, and how much there is (None: unknown)."""


@dataclass
class Stores:
    """The stores of one data folder, open for reading."""

    catalogue: Catalogue
    vectors: VectorIndex
    lexical: LexicalIndex
    generation: int

    def refresh(self) -> bool:
        """Reload the indexes when the catalogue has a new generation; True when it had."""
        # While an ingest is at work the catalogue runs ahead: the lexical index is the last to
        # follow, so there is nothing to reload before it has.
        if self.catalogue.generation == self.generation or not self.lexical.is_stale():
            return False
        self.vectors.refresh()
        self.lexical.refresh()
        self.generation = min(self.vectors.state.generation, self.lexical.state.generation)
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
        return Stores(
            catalogue,
            VectorIndex(place, catalogue.store_id),
            LexicalIndex(lexical_folder(settings)),
            generation,
        )

    generation = catalogue.generation
    trouble: StoreError | None = None
    try:
        stores = opened()
        if stores.vectors.state.generation == stores.lexical.state.generation == generation:
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
    stores.generation = min(stores.vectors.state.generation, stores.lexical.state.generation)
    return stores


def sync_indexes(
    settings: Settings,
    catalogue: Catalogue,
    model: EmbeddingModel,
    progress: Progress | None = None,
    *,
    rebuild: bool = False,
) -> None:
    """Bring both indexes up to the catalogue, or make them anew; the caller holds the writer lock."""
    from assistant.stores.lexical import sync_lexical
    from assistant.stores.vectors import sync_vectors

    def vectors_written(done: int) -> None:
        if progress is not None:
            progress("index", done, None)

    place = vector_place(settings)
    sync_vectors(place, catalogue, model.name, model.dimension, vectors_written, rebuild=rebuild)
    sync_lexical(lexical_folder(settings), catalogue, rebuild=rebuild)


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
