"""The catalogue's write side: one transaction a batch. Only the holder of the writer lock calls it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, insert, select, update

from assistant.embedding import EmbeddingModel
from assistant.errors import StoreError
from assistant.models import Chunk, Paper, Span
from assistant.stores import schema
from assistant.stores.catalogue import Catalogue
from assistant.stores.folding import day_range, fold_category, fold_name

_BOUND_VALUES = 5_000


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as a source gave it: `content` is its JSON, `fingerprint` tells whether it changed."""

    source: str
    fingerprint: str
    content: str


@dataclass(frozen=True, slots=True)
class PaperChange:
    """A paper as it is to be stored, with all that is derived from it.

    `sentences` are spans of the abstract with the hash of the text that was embedded for each;
    `keys` are what merging finds the paper by; `replaces` are ids it had or has absorbed.
    """

    paper: Paper
    chunks: Sequence[Chunk]
    sentences: Sequence[tuple[Span, bytes]]
    keys: Sequence[str]
    replaces: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """A record that was joined to a paper: from which source, under which title, why.

    `absorbed` are papers that the record proved to be the same, each as "id: title".
    """

    paper_id: str
    source: str
    title: str
    reason: str
    absorbed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes. `records` come with the id of their paper.

    `notices` are what a source says of a paper: (identifier, source, status).
    """

    changes: Sequence[PaperChange] = ()
    records: Sequence[tuple[StoredRecord, str]] = ()
    removed: Sequence[str] = ()
    merges: Sequence[Merge] = ()
    notices: Sequence[tuple[str, str, str]] = ()
    model: str = ""
    vectors: Mapping[bytes, bytes] = field(default_factory=dict)
    signs: Mapping[bytes, bytes] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.changes or self.records or self.removed or self.vectors or self.signs or self.notices
        )


def text_hash(text: str) -> bytes:
    """The key of a text in the embedding cache."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


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
        _insert(connection, schema.meta, ({"key": k, "value": v} for k, v in facts.items()))


def set_embedding(catalogue: Catalogue, model: EmbeddingModel) -> None:
    """Say that all chunks have vectors by `model` now."""
    with catalogue.write() as connection:
        _set_meta(connection, "embedding_model", model.name)
        _set_meta(connection, "dimension", str(model.dimension))


def commit(catalogue: Catalogue, batch: Batch) -> int:
    """Write a batch in one transaction; return the generation it made. An empty one makes none."""
    if not batch:
        return catalogue.generation
    with catalogue.write() as connection:
        generation = _raise_generation(connection)
        for model, made in ((batch.model, batch.vectors), (schema.signs_of(batch.model), batch.signs)):
            rows = [{"text_hash": h, "model": model, "vector": v} for h, v in made.items()]
            _insert(connection, schema.embeddings, rows)
        _remove_papers(connection, batch.removed, generation)
        _write_papers(connection, batch.changes, generation)
        _write_trail(connection, batch, generation)
        _delete_records(connection, [(r.source, r.fingerprint) for r, _ in batch.records])
        _insert(
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
        for some in _slices(list(hashes)):
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
        for some in _slices(list(paper_ids)):
            found = connection.execute(
                select(papers.c.paper_id, papers.c.sources).where(papers.c.paper_id.in_(some))
            )
            for paper_id, sources in found.all():
                renamed = [new if source == old else source for source in json.loads(sources)]
                connection.execute(
                    update(papers).where(papers.c.paper_id == paper_id).values(sources=_json(renamed))
                )


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


# -- what a run looks up before it writes -------------------------------------------------------


def papers_by_key(catalogue: Catalogue, keys: Iterable[str]) -> dict[str, Paper]:
    """The paper each match key leads to; the first ingested one where several have the key."""
    found: dict[str, str] = {}
    keyed, papers = schema.match_keys, schema.papers
    with catalogue.connect() as connection:
        for some in _slices(list(dict.fromkeys(keys))):
            rows = connection.execute(
                select(keyed.c.key, keyed.c.paper_id)
                .join(papers, papers.c.paper_id == keyed.c.paper_id)
                .where(keyed.c.key.in_(some))
                .order_by(papers.c.position)
            )
            for key, paper_id in rows:
                found.setdefault(key, paper_id)
    stored = catalogue.get_papers(found.values())
    return {key: stored[paper_id] for key, paper_id in found.items()}


def known_records(catalogue: Catalogue, source: str, fingerprints: Iterable[str]) -> set[str]:
    """Those of the fingerprints that the catalogue has from this source."""
    records = schema.records
    known: set[str] = set()
    with catalogue.connect() as connection:
        for some in _slices(list(fingerprints)):
            query = select(records.c.fingerprint).where(
                and_(records.c.source == source, records.c.fingerprint.in_(some))
            )
            known.update(connection.execute(query).scalars())
    return known


def records_of_source(catalogue: Catalogue, source: str) -> dict[str, str]:
    """Fingerprint -> paper_id of everything a source has given."""
    records = schema.records
    with catalogue.connect() as connection:
        query = select(records.c.fingerprint, records.c.paper_id).where(records.c.source == source)
        return {row[0]: row[1] for row in connection.execute(query)}


def records_of_papers(catalogue: Catalogue, paper_ids: Iterable[str]) -> dict[str, list[StoredRecord]]:
    """The records each of these papers was made of, in order."""
    records = schema.records
    found: dict[str, list[StoredRecord]] = {}
    with catalogue.connect() as connection:
        for some in _slices(list(paper_ids)):
            query = (
                select(records.c.paper_id, records.c.source, records.c.fingerprint, records.c.content)
                .where(records.c.paper_id.in_(some))
                .order_by(records.c.position)
            )
            for paper_id, *rest in connection.execute(query):
                found.setdefault(paper_id, []).append(StoredRecord(*rest))
    return found


def notices_about(catalogue: Catalogue, keys: Iterable[str]) -> dict[str, list[str]]:
    """What sources say of the works with these identifiers: identifier -> statuses."""
    notices = schema.notices
    found: dict[str, list[str]] = {}
    with catalogue.connect() as connection:
        for some in _slices(list(dict.fromkeys(keys))):
            query = select(notices.c.key, notices.c.status).where(notices.c.key.in_(some))
            for key, status in connection.execute(query):
                found.setdefault(key, []).append(status)
    return found


def split_papers(catalogue: Catalogue) -> set[str]:
    """The ids of papers that were split off, and that nothing is merged with."""
    with catalogue.connect() as connection:
        return set(connection.execute(select(schema.apart.c.paper_id)).scalars())


def keep_apart(catalogue: Catalogue, paper_id: str, apart: Iterable[str]) -> None:
    """Forget the paper's trail of merges, and merge nothing with the papers `apart` from now on."""
    with catalogue.write() as connection:
        connection.execute(delete(schema.merges).where(schema.merges.c.paper_id == paper_id))
        known = set(connection.execute(select(schema.apart.c.paper_id)).scalars())
        _insert(connection, schema.apart, ({"paper_id": p} for p in dict.fromkeys(apart) if p not in known))


def forget_notices(catalogue: Catalogue, source: str) -> None:
    """Forget what a source has said of others' papers; their marks go when they are read again."""
    with catalogue.write() as connection:
        connection.execute(delete(schema.notices).where(schema.notices.c.source == source))


def source_names(catalogue: Catalogue) -> list[str]:
    """The sources that have given records."""
    with catalogue.connect() as connection:
        column = schema.records.c.source
        return list(connection.execute(select(column).distinct().order_by(column)).scalars())


def cached_hashes(catalogue: Catalogue, hashes: Iterable[bytes], model: str) -> set[bytes]:
    """Those of the text hashes whose vectors by `model` are stored."""
    embeddings = schema.embeddings
    known: set[bytes] = set()
    with catalogue.connect() as connection:
        for some in _slices(list(hashes)):
            query = select(embeddings.c.text_hash).where(
                and_(embeddings.c.text_hash.in_(some), embeddings.c.model == model)
            )
            known.update(connection.execute(query).scalars())
    return known


# -- rows -----------------------------------------------------------------------------------------


def _delete_records(connection: Connection, keys: Iterable[tuple[str, str]]) -> None:
    """Delete the records with these (source, fingerprint)."""
    records = schema.records
    by_source: dict[str, list[str]] = {}
    for source, fingerprint in keys:
        by_source.setdefault(source, []).append(fingerprint)
    for source, fingerprints in by_source.items():
        for some in _slices(fingerprints):
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
    connection.execute(update(schema.meta).where(schema.meta.c.key == key).values(value=value))


def _remove_papers(connection: Connection, paper_ids: Sequence[str], generation: int) -> None:
    _clear(connection, paper_ids, (schema.records, schema.papers, schema.merges))
    gone: list[str] = []
    for some in _slices(paper_ids):
        column = schema.chunks.c
        gone += connection.execute(select(column.chunk_id).where(column.paper_id.in_(some))).scalars()
    _delete_chunks(connection, gone, generation)
    _bury(connection, "paper", paper_ids, generation)


def _write_papers(connection: Connection, changes: Sequence[PaperChange], generation: int) -> None:
    papers, records = schema.papers, schema.records
    last = connection.execute(select(func.max(papers.c.position))).scalar() or 0
    ids = [change.paper.paper_id for change in changes]
    former = [old for change in changes for old in change.replaces]
    positions: dict[str, int] = {}
    for some in _slices([*ids, *former]):
        query = select(papers.c.paper_id, papers.c.position).where(papers.c.paper_id.in_(some))
        positions.update((row[0], row[1]) for row in connection.execute(query))
    rows = []
    for change in changes:
        mine = [positions[i] for i in (change.paper.paper_id, *change.replaces) if i in positions]
        last += not mine
        rows.append(_paper_row(change.paper, min(mine, default=last), generation))
    for change in changes:
        if change.replaces:
            moved = records.c.paper_id.in_(change.replaces)
            connection.execute(update(records).where(moved).values(paper_id=change.paper.paper_id))
            trail = schema.merges.c.paper_id.in_(change.replaces)
            connection.execute(update(schema.merges).where(trail).values(paper_id=change.paper.paper_id))
    _clear(connection, [*ids, *former], (papers,))
    _bury(connection, "paper", former, generation)
    _insert(connection, papers, rows)
    _insert_details(connection, [change.paper for change in changes])
    _insert(
        connection,
        schema.match_keys,
        (
            {"key": key, "paper_id": change.paper.paper_id}
            for change in changes
            for key in dict.fromkeys(change.keys)
        ),
    )
    _insert(
        connection,
        schema.sentences,
        (
            {"paper_id": c.paper.paper_id, "number": n, "start": s.start, "end": s.end, "text_hash": h}
            for c in changes
            for n, (s, h) in enumerate(c.sentences)
        ),
    )
    _replace_chunks(connection, changes, [*ids, *former], generation)


def _write_trail(connection: Connection, batch: Batch, generation: int) -> None:
    rows = (
        {
            "paper_id": merge.paper_id,
            "source": merge.source,
            "title": merge.title,
            "absorbed": _json(merge.absorbed),
            "reason": merge.reason,
            "generation": generation,
        }
        for merge in batch.merges
    )
    _insert(connection, schema.merges, rows)
    notices = schema.notices
    said = {(key, source): status for key, source, status in batch.notices}
    for key, source in said:
        same = and_(notices.c.key == key, notices.c.source == source)
        connection.execute(delete(notices).where(same))
    _insert(connection, notices, ({"key": k, "source": s, "status": v} for (k, s), v in said.items()))


def _paper_row(paper: Paper, position: int, generation: int) -> dict[str, Any]:
    earliest, latest = day_range(paper.published) if paper.published else (None, None)
    return {
        "position": position,
        "paper_id": paper.paper_id,
        "title": paper.title,
        "display_title": paper.display_title,
        "abstract": paper.abstract,
        "authors": _json(paper.authors),
        "et_al": paper.et_al,
        "affiliation_tag": paper.affiliation_tag,
        "published": paper.published,
        "year": paper.year,
        "earliest": earliest,
        "latest": latest,
        "categories": _json(paper.categories),
        "has_code": paper.has_code,
        "urls": _json(paper.urls),
        "doi": paper.identifiers.doi,
        "arxiv": paper.identifiers.arxiv,
        "pmid": paper.identifiers.pmid,
        "source_ids": _json(paper.source_ids),
        "sources": _json(paper.sources),
        "aliases": _json(paper.aliases),
        "generation": generation,
        "status": paper.status,
    }


def _insert_details(connection: Connection, papers: Sequence[Paper]) -> None:
    # An id belongs to the last paper that claims it.
    aliases = {alias: paper.paper_id for paper in papers for alias in paper.aliases}
    for some in _slices(list(aliases)):
        connection.execute(delete(schema.aliases).where(schema.aliases.c.alias.in_(some)))
    _insert(connection, schema.aliases, ({"alias": a, "paper_id": p} for a, p in aliases.items()))
    _insert(
        connection,
        schema.authors,
        (
            {"paper_id": paper.paper_id, "number": n, "name": name, "folded": fold_name(name)}
            for paper in papers
            for n, name in enumerate(paper.authors)
        ),
    )
    rows = []
    for paper in papers:
        for n, category in enumerate(paper.categories):
            folded, bare = fold_category(category)
            row = {"paper_id": paper.paper_id, "number": n, "category": category}
            rows.append({**row, "folded": folded, "bare": bare})
    _insert(connection, schema.categories, rows)


def _replace_chunks(
    connection: Connection, changes: Sequence[PaperChange], paper_ids: Sequence[str], generation: int
) -> None:
    """Write the chunks that differ; the others keep their generation, so no index touches them."""
    columns = schema.chunks.c
    stored: dict[str, tuple[Any, ...]] = {}
    for some in _slices(paper_ids):
        query = select(
            columns.chunk_id, columns.paper_id, columns.number, columns.start, columns.end, columns.text
        ).where(columns.paper_id.in_(some))
        stored.update((row[0], tuple(row)) for row in connection.execute(query))
    new = {chunk.chunk_id: chunk for change in changes for chunk in change.chunks}
    rows = [
        {
            "chunk_id": chunk.chunk_id,
            "paper_id": chunk.paper_id,
            "number": chunk.number,
            "start": chunk.start,
            "end": chunk.end,
            "text": chunk.text,
            "text_hash": text_hash(chunk.text),
            "generation": generation,
        }
        for chunk in new.values()
    ]
    kept = {row["chunk_id"] for row in rows if stored.get(str(row["chunk_id"])) == tuple(row.values())[:6]}
    _delete_chunks(connection, [chunk_id for chunk_id in stored if chunk_id not in kept], generation)
    _insert(connection, schema.chunks, (row for row in rows if row["chunk_id"] not in kept))


def _delete_chunks(connection: Connection, chunk_ids: Sequence[str], generation: int) -> None:
    for some in _slices(chunk_ids):
        connection.execute(delete(schema.chunks).where(schema.chunks.c.chunk_id.in_(some)))
    _bury(connection, "chunk", chunk_ids, generation)


def _clear(connection: Connection, paper_ids: Sequence[str], more: Sequence[Table]) -> None:
    details = (schema.aliases, schema.authors, schema.categories, schema.match_keys, schema.sentences)
    for some in _slices(paper_ids):
        for table in (*details, *more):
            connection.execute(delete(table).where(table.c.paper_id.in_(some)))


def _bury(connection: Connection, kind: str, ids: Iterable[str], generation: int) -> None:
    rows = ({"kind": kind, "item_id": item, "generation": generation} for item in ids)
    _insert(connection, schema.deletions, rows)


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)


def _slices(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _BOUND_VALUES] for start in range(0, len(items), _BOUND_VALUES))


def _json(items: Sequence[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False)
