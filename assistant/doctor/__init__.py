"""Is everything in order? Findings about the surroundings, the model and the stores; and mending."""

from __future__ import annotations

import json

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from assistant.backup import damage
from assistant.doctor.finding import INGEST, RESTORE, Finding, all_ok, failed
from assistant.doctor.stores import (
    examine_stores,
    lexical_index,
    odd_vectors,
    require_sound,
    vector_index,
    vector_rows,
    without_vectors,
)
from assistant.doctor.surroundings import examine_surroundings
from assistant.embedding import EmbeddingModel, open_embedding_model
from assistant.embedding.tokenizer import MODEL_DIR
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.stores import Catalogue, check_embedding, lexical_folder, rows_folder, vector_place
from assistant.stores.batch import Batch
from assistant.stores.database import database_file
from assistant.stores.lexical import sync_lexical
from assistant.stores.lock import writer_lock
from assistant.stores.reading import place_sentences, read_missing
from assistant.stores.recording import commit, forget_vectors
from assistant.stores.rows import sync_rows
from assistant.stores.vectors import sync_vectors

__all__ = ["Finding", "all_ok", "examine", "repair"]

_BATCH = 512  # papers


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Look at everything an answer depends on; changes nothing and raises nothing of ours."""
    findings = [*examine_surroundings(settings)]
    model: EmbeddingModel | None = None
    catalogue: Catalogue | None = None
    try:
        model = open_embedding_model(settings.embedding)
        findings.append(Finding("embedding model", True, _told(model, settings.embedding)))
    except AssistantError as error:
        findings.append(failed("embedding model", error))
    try:
        catalogue = Catalogue(settings.resolved_catalogue_url)
        findings += examine_stores(catalogue, model, settings)
    except AssistantError as error:
        findings.append(failed("catalogue", error, RESTORE if _damaged(settings) else INGEST))
    finally:
        if catalogue is not None:
            catalogue.close()
    return tuple(finding.at(settings.data_dir) for finding in findings)


def repair(settings: Settings) -> tuple[Finding, ...]:
    """Mend what can be mended from the catalogue, and examine again.

    Missing or spoiled vectors are embedded, indexes that are behind, broken or at odds with the
    catalogue are brought up or made anew. A damaged catalogue has no source but a backup.

    Raises:
        AssistantError: the store is being written, is read-only, or has nothing to mend from.
    """
    model = open_embedding_model(settings.embedding)
    with writer_lock(settings.data_dir):
        catalogue = Catalogue(settings.resolved_catalogue_url)
        try:
            require_sound(catalogue)
            check_embedding(catalogue, model)
            odd = odd_vectors(catalogue, model)
            forget_vectors(catalogue, odd, model.name)
            _embed_missing(catalogue, model)
            name, dimension = model.name, model.dimension
            rebuild = bool(odd) or not vector_index(catalogue, model, settings).ok
            sync_vectors(vector_place(settings), catalogue, name, dimension, rebuild=rebuild)
            rebuild = rebuild or not vector_rows(catalogue, model, settings).ok
            sync_rows(rows_folder(settings), catalogue, name, dimension, rebuild=rebuild)
            rebuild = not lexical_index(catalogue, settings).ok
            sync_lexical(lexical_folder(settings), catalogue, rebuild=rebuild)
        finally:
            catalogue.close()
    return examine(settings)


def _damaged(settings: Settings) -> bool:
    """Whether there is a catalogue's file, and SQLite cannot read all of it."""
    try:
        path = database_file(make_url(settings.resolved_catalogue_url))
    except ArgumentError:
        return False
    return path is not None and path.exists() and bool(damage(path))


def _told(model: EmbeddingModel, setting: str) -> str:
    """The model and, of the bundled one, its files; opening it has compared their hashes."""
    told = f"{model.name}, {model.dimension} dimensions"
    if setting != "bundled":
        return told
    hashes = json.loads((MODEL_DIR / "hashes.json").read_text("utf-8"))["sha256"]
    files = ", ".join(f"{name} {digest[:12]}" for name, digest in hashes.items())
    return f"{told}; files unchanged (sha256 {files})"


def _embed_missing(catalogue: Catalogue, model: EmbeddingModel) -> None:
    paper_ids = without_vectors(catalogue, model)[1]
    for start in range(0, len(paper_ids), _BATCH):
        papers = catalogue.get_papers(paper_ids[start : start + _BATCH])
        chunks = catalogue.chunks_of(list(papers))
        texts = [chunk.text for its in chunks.values() for chunk in its]
        placed = [s for i, paper in papers.items() for s in place_sentences(paper, chunks.get(i, ()))]
        read = read_missing(catalogue, model, texts, placed)
        commit(catalogue, Batch(model=model.name, vectors=read.vectors, signs=read.signs))
