"""The dense index: chunk vectors in Chroma. The only importer of chromadb.

Chroma is written with its own `upsert` (`add` keeps old records in silence, and LlamaIndex's
batches are larger than Chroma takes). Ranking asks it for ids and distances only: LlamaIndex's
`ChromaVectorStore` also fetches the text and the metadata of each hit, and makes a node of it,
20 of the 23 ms that 200 hits of 10,000 take. `as_vector_store` gives LlamaIndex that face.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from llama_index.vector_stores.chroma import ChromaVectorStore
from numpy.typing import NDArray

from assistant.errors import ConfigurationError, StoreError
from assistant.stores import graph_files
from assistant.stores.catalogue import Catalogue, EmbeddedChunk
from assistant.stores.following import IndexState, current_folder, new_folder, openable, publish_folder
from assistant.stores.rows import VectorRows
from assistant.stores.unit_length import NORM_ERROR, not_unit

_T = TypeVar("_T")

_BATCH = 512
_READ_AT_ONCE = 2_000
# Two ways to a filtered search: compare all passages allowed, or ask Chroma for more hits and drop
# the others (its own `where` scans: 157 ms instead of 3 ms on 100,000 records). Comparing a passage
# costs about 0.5 µs and a hit more 7.5 µs, measured on 10,000 to 200,000 passages.
_HIT_PER_COMPARISON = 15
# Hits beyond those expected, for when fewer than the average of them are allowed.
_MARGIN = 1.5
# `ef_search` bounds the candidates the graph keeps: above what retrieval asks for, so that the
# approximate search loses nothing that matters.
_openings = count()
_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400}}


class VectorIndex:
    """Nearest chunks by cosine; shared by threads, and reopened by `refresh`."""

    def __init__(self, place: Path | str, store_id: str, rows: VectorRows | None = None) -> None:
        """Open the index of store `store_id` in a folder (Path) or on a Chroma server (URL).

        `rows` are asked for the passages of given papers; without them Chroma's `where` is.

        Raises:
            StoreError: there is none, or it cannot be read.
            ConfigurationError: the URL is none.
        """
        self._place = place
        self._store_id = store_id
        self._rows = rows
        self._retired: Client | None = None
        self._open()

    def _open(self) -> None:
        self._path = current_folder(self._place) if isinstance(self._place, Path) else None
        if self._path is not None and (altered := graph_files.altered_files(self._path)):
            raise StoreError(
                f"the vector index {self._place} is damaged: {altered[0]} is not what was written;"
                " run: python -m assistant doctor --fix"
            )
        with _translated(self._place):
            self._client = _server(self._place) if isinstance(self._place, str) else _local(self._path)
            try:
                self._collection = self._client.get_collection(
                    _collection_name(self._store_id), embedding_function=None
                )
            except BaseException:
                _close(self._client)
                raise
            self.state = _state(self._collection)
            self._size = int(self._collection.count())

    @property
    def count(self) -> int:
        """Number of chunks."""
        with _translated(self._place):
            return int(self._collection.count())

    def chunk_ids(self) -> set[str]:
        """The ids of all chunks, for a check against the catalogue."""
        with _translated(self._place):
            return set(self._collection.get(include=[])["ids"])

    def spoiled(self) -> int:
        """How many vectors are not of unit length, as all were when written; every one is read."""
        wrong, ids = 0, sorted(self.chunk_ids())
        with _translated(self._place):
            for at in range(0, len(ids), _READ_AT_ONCE):
                read = self._collection.get(ids=ids[at : at + _READ_AT_ONCE], include=["embeddings"])
                wrong += int(np.count_nonzero(not_unit(np.asarray(read["embeddings"]), NORM_ERROR)))
        return wrong

    def search(
        self, vector: NDArray[np.float32], top: int, paper_ids: Collection[str] | None = None
    ) -> list[tuple[str, str, float]]:
        """The `top` chunks nearest to a unit-length `vector`, as (chunk_id, paper_id, cosine).

        Best first. With `paper_ids`, only chunks of these papers.
        """
        if top < 1 or (paper_ids is not None and not paper_ids):
            return []
        if paper_ids is None:
            return self._query(vector, top)
        if self._rows is None:
            return self._query(vector, top, {"paper_id": {"$in": list(paper_ids)}})
        share = len(paper_ids) / max(1, self._rows.papers)
        hits_needed = top / max(share, 1e-9)
        if share * self._size > _HIT_PER_COMPARISON * hits_needed:
            among = frozenset(paper_ids)
            hits = self._query(vector, math.ceil(_MARGIN * hits_needed))
            kept = [hit for hit in hits if hit[1] in among]
            if len(kept) >= top:
                return kept[:top]
        return self._rows.nearest(vector, top, paper_ids)

    def _query(
        self, vector: NDArray[np.float32], top: int, where: dict[str, Any] | None = None
    ) -> list[tuple[str, str, float]]:
        with _translated(self._place):
            found = self._collection.query(
                query_embeddings=vector, n_results=top, where=where, include=["distances"]
            )
        distances = (found["distances"] or [[]])[0]
        # Chroma's cosine distance is 1 - cosine.
        return [
            (chunk_id, paper_of(chunk_id), 1.0 - distance)
            for chunk_id, distance in zip(found["ids"][0], distances, strict=True)
        ]

    def as_vector_store(self) -> ChromaVectorStore:
        """The same collection for programs built on LlamaIndex; its scores are exp(cosine - 1)."""
        return ChromaVectorStore.from_collection(self._collection)

    def refresh(self) -> None:
        """Reopen: Chroma does not see what another process wrote after it was opened."""
        before, retired = self._client, self._retired
        self._open()
        self._retired = before  # another thread may still be asking it
        if retired is not None:
            _close(retired)

    def close(self) -> None:
        """Release Chroma's files."""
        for client in (self._client, self._retired):
            if client is not None:
                _close(client)


def sync_vectors(
    place: Path | str,
    catalogue: Catalogue,
    model: str,
    dimension: int,
    progress: Callable[[int], None] | None = None,
    *,
    rebuild: bool = False,
) -> int:
    """Bring the index at `place` up to the catalogue; return how many chunks were written.

    Only later rows are applied. A missing, broken or foreign index (or, with `rebuild`, any) is
    made anew from the catalogue's vectors: in a folder, beside the old one and then swapped in.
    """
    wanted = IndexState(catalogue.store_id, catalogue.generation, model, dimension)
    state = None if rebuild else _reached(place, wanted, catalogue.count_chunks())
    if state == wanted:
        return 0
    fresh = state is None
    state = state or IndexState(wanted.store_id, 0, model, dimension)
    if isinstance(place, str):
        with _translated(place), _closing(_server(place)) as client:
            return _write(client, catalogue, state, wanted, fresh, progress)
    path = new_folder(place) if fresh else current_folder(place)
    with graph_files.writing(path), _translated(place), _closing(_local(path)) as client:
        written = _write(client, catalogue, state, wanted, fresh, progress)
    if fresh:
        publish_folder(place, path)
    return written


def _reached(place: Path | str, wanted: IndexState, chunks: int) -> IndexState | None:
    """The state of a usable index at `place`; None when it has to be made anew."""
    try:
        index = VectorIndex(place, wanted.store_id)
        try:
            whole = index.state != wanted or index.count == chunks
        finally:
            index.close()
    except StoreError:
        return None
    return index.state if whole and index.state.leads_to(wanted) else None


def _write(
    client: Client,
    catalogue: Catalogue,
    state: IndexState,
    wanted: IndexState,
    fresh: bool,
    progress: Callable[[int], None] | None,
) -> int:
    name = _collection_name(wanted.store_id)
    if fresh:
        with suppress(NotFoundError):
            client.delete_collection(name)
        metadata: Any = asdict(state)
        collection = client.create_collection(
            name, configuration=_CONFIGURATION, metadata=metadata, embedding_function=None
        )
    else:
        collection = client.get_collection(name, embedding_function=None)
    size = min(_BATCH, client.get_max_batch_size())
    if not fresh:
        for some in _batches(iter(catalogue.deleted_since(state.generation, "chunk")), size):
            collection.delete(ids=some)
    written = 0
    for chunks in _batches(catalogue.chunks_since(state.generation, wanted.model), size):
        _upsert(collection, chunks)
        written += len(chunks)
        if progress is not None:
            progress(written)
    collection.modify(metadata=asdict(wanted))
    return written


def paper_of(chunk_id: str) -> str:
    """The paper of a chunk: ids are `paper_id#number-hash`, so that no table has to be asked."""
    return chunk_id.rpartition("#")[0]


def _upsert(collection: chromadb.Collection, chunks: list[EmbeddedChunk]) -> None:
    collection.upsert(
        ids=[c.chunk.chunk_id for c in chunks],
        embeddings=np.stack([c.vector for c in chunks]),
        metadatas=[{"paper_id": c.chunk.paper_id, "number": c.chunk.number} for c in chunks],
        documents=[c.chunk.text for c in chunks],
    )


def _batches(items: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while batch := list(islice(items, size)):
        yield batch


def _collection_name(store_id: str) -> str:
    return f"papers-{store_id}"


def _state(collection: chromadb.Collection) -> IndexState:
    try:
        return IndexState(**dict(collection.metadata or {}))
    except TypeError as error:
        raise StoreError(
            f"the Chroma collection {collection.name} does not say what it holds;"
            " run: python -m assistant doctor --fix"
        ) from error


def _local(path: Path | None) -> Client:
    assert path is not None
    settings = ChromaSettings(anonymized_telemetry=False)
    return cast(Client, chromadb.PersistentClient(_spell(openable(path)), settings=settings))


def _spell(path: Path) -> str:
    """The path, spelled as no earlier call did.

    Chroma shares what it has opened between all clients of one spelling of a path, also when
    opening failed or another process has written since.
    """
    number = next(_openings)
    return f"{path}{'/' * (number % 64 + 1)}.{'/' * (number // 64 % 64 + 1)}"


@contextmanager
def _closing(client: Client) -> Iterator[Client]:
    try:
        yield client
    finally:
        _close(client)


def _close(client: Client) -> None:
    client.close()
    # Chroma leaves the connections to a server open, its own and its administrator's (1.5.9).
    for owner in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(owner, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            session.close()


def _server(url: str) -> Client:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"ASSISTANT_CHROMA_URL = {url!r} is not a server's address; write http://HOST:PORT"
        )
    client = chromadb.HttpClient(
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 8000),
        ssl=parts.scheme == "https",
        settings=ChromaSettings(anonymized_telemetry=False),
    )
    return cast(Client, client)


@contextmanager
def _translated(place: Path | str) -> Iterator[None]:
    try:
        yield
    except (ChromaError, ValueError, OSError, httpx.HTTPError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        mend = (
            "start that server or unset ASSISTANT_CHROMA_URL"
            if isinstance(place, str)
            else "run: python -m assistant doctor --fix"
        )
        raise StoreError(f"the vector index {place} cannot be used: {reason}; {mend}") from error
