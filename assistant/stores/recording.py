"""The catalogue's write side: one transaction a batch. Only the holder of the writer lock calls it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from assistant.embedding import EmbeddingModel
from assistant.errors import StoreError
from assistant.stores import schema
from assistant.stores.batch import Batch, StoredRecord
from assistant.stores.catalogue import Catalogue
from assistant.stores.database import slices
from assistant.stores.paper_rows import insert_rows, json_list, remove_papers, write_papers

PAPER_RULES = "paper_rules"


def found_store(catalogue: Catalogue, model: EmbeddingModel) -> None:
    """Give a new store its name and its embedding model; an existing one keeps them."""
    if catalogue.store_id:
        return
    facts = {
        "store_id": uuid.uuid4().hex,
        "generation": "0",
        "embedding_model": model.name,
        "dimension": str(model.dimension),
    }
    with catalogue.write() as connection:
        insert_rows(connection, schema.meta, ({"key": k, "value": v} for k, v in facts.items()))


def set_embedding(catalogue: Catalogue, model: EmbeddingModel) -> None:
    """Say that all chunks have vectors by `model` now."""
    with catalogue.write() as connection:
        _set_meta(connection, "embedding_model", model.name)
        _set_meta(connection, "dimension", str(model.dimension))


def set_paper_rules(catalogue: Catalogue, rules: str) -> None:
    """Say that every paper is what these rules (a digest) make of its records."""
    with catalogue.write() as connection:
        _set_meta(connection, PAPER_RULES, rules)


def commit(catalogue: Catalogue, batch: Batch) -> int:
    """Write a batch in one transaction; return the generation it made. An empty one makes none."""
    if not batch:
        return catalogue.generation
    with catalogue.write() as connection:
        generation = _raise_generation(connection)
        for model, made in ((batch.model, batch.vectors), (schema.signs_of(batch.model), batch.signs)):
            rows = [{"text_hash": h, "model": model, "vector": v} for h, v in made.items()]
            insert_rows(connection, schema.embeddings, rows)
        remove_papers(connection, batch.removed, generation)
        write_papers(connection, batch.changes, generation)
        _write_trail(connection, batch, generation)
        _delete_records(connection, [(r.source, r.fingerprint) for r, _ in batch.records])
        insert_rows(
            connection,
            schema.records,
            (
                {
                    "source": record.source,
                    "fingerprint": record.fingerprint,
                    "paper_id": paper_id,
                    "content": record.content,
                }
                for record, paper_id in batch.records
            ),
        )
    return generation


def forget_vectors(catalogue: Catalogue, hashes: Iterable[bytes], model: str) -> None:
    """Drop vectors by `model`, so that their texts are embedded again."""
    embeddings = schema.embeddings
    with catalogue.write() as connection:
        for some in slices(list(hashes)):
            connection.execute(
                delete(embeddings).where(embeddings.c.model == model, embeddings.c.text_hash.in_(some))
            )


def delete_records(catalogue: Catalogue, source: str, fingerprints: Iterable[str]) -> None:
    """Forget records; their papers stay as they are, until they are written again."""
    with catalogue.write() as connection:
        _delete_records(connection, [(source, fingerprint) for fingerprint in fingerprints])


def rename_source(
    catalogue: Catalogue, old: str, new: str, moved: Callable[[str, str], StoredRecord]
) -> None:
    """Give all that a source gave to its new name; `moved` makes a record's content that of the new name."""
    records, papers = schema.records, schema.papers
    with catalogue.write() as connection:
        mine = records.c.source == old
        rows = connection.execute(
            select(records.c.position, records.c.content, records.c.paper_id).where(mine)
        )
        paper_ids: dict[str, None] = {}
        for position, content, paper_id in rows.all():
            record = moved(content, new)
            values = {"source": new, "fingerprint": record.fingerprint, "content": record.content}
            connection.execute(update(records).where(records.c.position == position).values(values))
            paper_ids[paper_id] = None
        for some in slices(list(paper_ids)):
            found = connection.execute(
                select(papers.c.paper_id, papers.c.sources).where(papers.c.paper_id.in_(some))
            )
            for paper_id, sources in found.all():
                renamed = [new if source == old else source for source in json.loads(sources)]
                connection.execute(
                    update(papers).where(papers.c.paper_id == paper_id).values(sources=json_list(renamed))
                )


def keep_apart(catalogue: Catalogue, paper_id: str, apart: Iterable[str]) -> None:
    """Forget the paper's trail of merges, and merge nothing with the papers `apart` from now on."""
    with catalogue.write() as connection:
        connection.execute(delete(schema.merges).where(schema.merges.c.paper_id == paper_id))
        known = set(connection.execute(select(schema.apart.c.paper_id)).scalars())
        insert_rows(
            connection, schema.apart, ({"paper_id": p} for p in dict.fromkeys(apart) if p not in known)
        )


def forget_notices(catalogue: Catalogue, source: str) -> list[str]:
    """Forget what a source has said of others' papers; return their identifiers. The marks stay."""
    notices = schema.notices
    with catalogue.write() as connection:
        query = select(notices.c.key).where(notices.c.source == source)
        said = list(connection.execute(query).scalars())
        connection.execute(delete(notices).where(notices.c.source == source))
    return said


def write_journal(catalogue: Catalogue, started: str, seconds: float, report: Mapping[str, Any]) -> None:
    """Note what a run did."""
    row = {
        "started": started,
        "seconds": f"{seconds:.1f}",
        "report": json.dumps(report, ensure_ascii=False),
        "generation": catalogue.generation,
    }
    with catalogue.write() as connection:
        connection.execute(insert(schema.journal), [row])


def _write_trail(connection: Connection, batch: Batch, generation: int) -> None:
    rows = (
        {
            "paper_id": merge.paper_id,
            "source": merge.source,
            "title": merge.title,
            "absorbed": json_list(merge.absorbed),
            "reason": merge.reason,
            "generation": generation,
        }
        for merge in batch.merges
    )
    insert_rows(connection, schema.merges, rows)
    notices = schema.notices
    said = {(key, source): status for key, source, status in batch.notices}
    for key, source in said:
        same = and_(notices.c.key == key, notices.c.source == source)
        connection.execute(delete(notices).where(same))
    insert_rows(connection, notices, ({"key": k, "source": s, "status": v} for (k, s), v in said.items()))


def _delete_records(connection: Connection, keys: Iterable[tuple[str, str]]) -> None:
    """Delete the records with these (source, fingerprint)."""
    records = schema.records
    by_source: dict[str, list[str]] = {}
    for source, fingerprint in keys:
        by_source.setdefault(source, []).append(fingerprint)
    for source, fingerprints in by_source.items():
        for some in slices(fingerprints):
            same = and_(records.c.source == source, records.c.fingerprint.in_(some))
            connection.execute(delete(records).where(same))


def _raise_generation(connection: Connection) -> int:
    meta = schema.meta
    value = connection.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar()
    if value is None:
        raise StoreError("the catalogue has no store_id yet; run: python -m ingest")
    _set_meta(connection, "generation", str(int(value) + 1))
    return int(value) + 1


def _set_meta(connection: Connection, key: str, value: str) -> None:
    changed = connection.execute(update(schema.meta).where(schema.meta.c.key == key).values(value=value))
    if not changed.rowcount:  # stores of earlier versions have fewer facts
        insert_rows(connection, schema.meta, [{"key": key, "value": value}])
