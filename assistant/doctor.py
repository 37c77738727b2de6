"""Is everything in order? Findings about the model, the three stores and the settings; and mending."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, select, text

from assistant.embedding import EmbeddingModel, ReadsParts, open_embedding_model
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.stores import Catalogue, check_embedding, lexical_folder, rows_folder, schema, vector_place
from assistant.stores.following import IndexState
from assistant.stores.lexical import LexicalIndex, sync_lexical
from assistant.stores.lock import lock_owner, writer_lock
from assistant.stores.reading import place_sentences, read_missing
from assistant.stores.recording import Batch, commit
from assistant.stores.rows import sync_rows
from assistant.stores.vectors import VectorIndex, sync_vectors

_FIX = "python -m assistant doctor --fix"
_INGEST = "python -m ingest"
_BATCH = 512


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` is the command that puts it right, None when it is."""

    name: str
    ok: bool
    detail: str
    mend: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """One entry of what `doctor --json` prints."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "mend": self.mend}


def all_ok(findings: Sequence[Finding]) -> bool:
    """Whether nothing needs mending."""
    return all(finding.ok for finding in findings)


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Look at everything an answer depends on; changes nothing and raises nothing of ours."""
    findings: list[Finding] = []
    model: EmbeddingModel | None = None
    catalogue: Catalogue | None = None
    try:
        model = open_embedding_model(settings.embedding)
        detail = f"{model.name}, {model.dimension} dimensions, files unchanged"
        findings.append(Finding("embedding model", True, detail))
    except AssistantError as error:
        findings.append(_failed("embedding model", error))
    findings += [_data_folder(settings.data_dir), _writer(settings.data_dir), _provider(settings)]
    try:
        catalogue = Catalogue(settings.resolved_catalogue_url)
        findings += _look_into(catalogue, model, settings)
    except AssistantError as error:
        findings.append(_failed("catalogue", error, _INGEST))
    finally:
        if catalogue is not None:
            catalogue.close()
    return tuple(findings)


def repair(settings: Settings) -> tuple[Finding, ...]:
    """Mend what can be mended from the catalogue, and examine again.

    Missing vectors are embedded, indexes that are behind, broken or at odds with the catalogue
    are brought up or made anew. A catalogue that cannot be read has no source but the files.

    Raises:
        AssistantError: the store is being written, is read-only, or has nothing to mend from.
    """
    model = open_embedding_model(settings.embedding)
    with writer_lock(settings.data_dir):
        catalogue = Catalogue(settings.resolved_catalogue_url)
        try:
            check_embedding(catalogue, model)
            _embed_missing(catalogue, model)
            vectors_ok = _vector_index(catalogue, model, settings).ok
            place = vector_place(settings)
            sync_vectors(place, catalogue, model.name, model.dimension, rebuild=not vectors_ok)
            sync_rows(rows_folder(settings), catalogue, model.name, model.dimension, rebuild=not vectors_ok)
            lexical_ok = _lexical_index(catalogue, settings).ok
            sync_lexical(lexical_folder(settings), catalogue, rebuild=not lexical_ok)
        finally:
            catalogue.close()
    return examine(settings)


def _failed(name: str, error: AssistantError, mend: str | None = None) -> Finding:
    return Finding(name, False, str(error), mend)


def _data_folder(folder: Path) -> Finding:
    name = "data folder"
    if not folder.is_dir():
        return Finding(name, False, f"{folder} does not exist", f"{_INGEST} --data {folder}")
    if os.access(folder, os.W_OK):
        return Finding(name, True, f"{folder}, writable")
    return Finding(name, True, f"{folder}, read-only: it can be asked; to ingest, run: chmod u+w {folder}")


def _writer(folder: Path) -> Finding:
    owner = lock_owner(folder)
    return Finding("writer", True, f"at work: {owner}" if owner else "nobody is writing")


def _provider(settings: Settings) -> Finding:
    name, chosen = "answerer", settings.resolved_answerer
    if chosen == "extractive":
        return Finding(name, True, "extractive: needs no key and no network")
    key = "key set" if settings.openai_api_key else "no key"
    detail = f"{settings.model} at {settings.openai_base_url or 'https://api.openai.com/v1'}, {key}"
    if settings.openai_api_key or settings.openai_base_url:
        return Finding(name, True, detail)
    return Finding(name, False, detail, "export OPENAI_API_KEY=... (or ASSISTANT_ANSWERER=extractive)")


def _look_into(catalogue: Catalogue, model: EmbeddingModel | None, settings: Settings) -> Iterator[Finding]:
    papers = catalogue.count_papers()
    faults = _integrity(catalogue)
    detail = f"{papers} papers, {catalogue.count_chunks()} chunks, generation {catalogue.generation}"
    if faults:
        yield Finding("catalogue", False, f"{detail}; damaged: {faults}", "restore a copy, or ingest anew")
    else:
        mend = None if papers else _INGEST
        yield Finding("catalogue", bool(papers), detail, mend)
    if model is None:
        return
    yield _embedding(catalogue, model)
    yield _vector_index(catalogue, model, settings)
    yield _lexical_index(catalogue, settings)


def _integrity(catalogue: Catalogue) -> str:
    if catalogue.path is None:
        return ""
    with catalogue.connect() as connection:
        told = [str(row[0]) for row in connection.execute(text("pragma quick_check"))]
    return "" if told == ["ok"] else told[0].splitlines()[0]


def _embedding(catalogue: Catalogue, model: EmbeddingModel) -> Finding:
    name = "vectors in the catalogue"
    try:
        check_embedding(catalogue, model)
    except AssistantError as error:
        return _failed(name, error, f"{_INGEST} --reembed")
    missing = _without_vectors(catalogue, model)[0]
    odd = _odd_vectors(catalogue, model)
    detail = f"{model.name}; {missing} texts without a vector, {odd} of a wrong length"
    return Finding(name, not missing and not odd, detail, _FIX if missing or odd else None)


def _odd_vectors(catalogue: Catalogue, model: EmbeddingModel) -> int:
    embeddings = schema.embeddings
    wrong = func.length(embeddings.c.vector) != 4 * model.dimension
    with catalogue.connect() as connection:
        query = select(func.count()).where(and_(embeddings.c.model == model.name, wrong))
        return connection.execute(query).scalar_one()


def _vector_index(catalogue: Catalogue, model: EmbeddingModel, settings: Settings) -> Finding:
    def held() -> tuple[IndexState, set[str]]:
        index = VectorIndex(vector_place(settings), catalogue.store_id)
        try:
            return index.state, index.chunk_ids()
        finally:
            index.close()

    return _index(
        "vector index", "chunks", catalogue, held, schema.chunks.c.chunk_id, (model.name, model.dimension)
    )


def _lexical_index(catalogue: Catalogue, settings: Settings) -> Finding:
    def held() -> tuple[IndexState, set[str]]:
        index = LexicalIndex(lexical_folder(settings))
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
        return _failed(name, error, _FIX)
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
    return Finding(name, not faults, detail, _FIX if faults else None)


def _without_vectors(catalogue: Catalogue, model: EmbeddingModel) -> tuple[int, list[str]]:
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


def _embed_missing(catalogue: Catalogue, model: EmbeddingModel) -> None:
    paper_ids = _without_vectors(catalogue, model)[1]
    for start in range(0, len(paper_ids), _BATCH):
        papers = catalogue.get_papers(paper_ids[start : start + _BATCH])
        chunks = catalogue.chunks_of(list(papers))
        texts = [chunk.text for its in chunks.values() for chunk in its]
        placed = [s for i, paper in papers.items() for s in place_sentences(paper, chunks.get(i, ()))]
        read = read_missing(catalogue, model, texts, placed)
        commit(catalogue, Batch(model=model.name, vectors=read.vectors, signs=read.signs))
