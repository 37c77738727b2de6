"""Papers -> the rows of the catalogue's tables, and away from them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from assistant.models import Paper
from assistant.stores import schema
from assistant.stores.batch import PaperChange
from assistant.stores.database import slices
from assistant.stores.folding import day_range, fold_category, fold_name
from assistant.stores.schema import text_hash


def write_papers(connection: Connection, changes: Sequence[PaperChange], generation: int) -> None:
    """Write new and changed papers, in place of those they replace; each keeps its position."""
    papers, records = schema.papers, schema.records
    last = connection.execute(select(func.max(papers.c.position))).scalar() or 0
    ids = [change.paper.paper_id for change in changes]
    former = [old for change in changes for old in change.replaces]
    positions: dict[str, int] = {}
    for some in slices([*ids, *former]):
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
    insert_rows(connection, papers, rows)
    _insert_details(connection, [change.paper for change in changes])
    insert_rows(
        connection,
        schema.match_keys,
        (
            {"key": key, "paper_id": change.paper.paper_id}
            for change in changes
            for key in dict.fromkeys(change.keys)
        ),
    )
    insert_rows(
        connection,
        schema.sentences,
        (
            {"paper_id": c.paper.paper_id, "number": n, "start": s.start, "end": s.end, "text_hash": h}
            for c in changes
            for n, (s, h) in enumerate(c.sentences)
        ),
    )
    _replace_chunks(connection, changes, [*ids, *former], generation)


def remove_papers(connection: Connection, paper_ids: Sequence[str], generation: int) -> None:
    """Delete papers with all that hangs on them; the indexes learn of it from `deletions`."""
    _clear(connection, paper_ids, (schema.records, schema.papers, schema.merges))
    gone: list[str] = []
    for some in slices(paper_ids):
        column = schema.chunks.c
        gone += connection.execute(select(column.chunk_id).where(column.paper_id.in_(some))).scalars()
    _delete_chunks(connection, gone, generation)
    _bury(connection, "paper", paper_ids, generation)


def insert_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert the rows, if there are any."""
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)


def json_list(items: Sequence[str]) -> str:
    """A list as the tables hold it."""
    return json.dumps(list(items), ensure_ascii=False)


def _paper_row(paper: Paper, position: int, generation: int) -> dict[str, Any]:
    earliest, latest = day_range(paper.published) if paper.published else (None, None)
    return {
        "position": position,
        "paper_id": paper.paper_id,
        "title": paper.title,
        "display_title": paper.display_title,
        "abstract": paper.abstract,
        "authors": json_list(paper.authors),
        "et_al": paper.et_al,
        "affiliation_tag": paper.affiliation_tag,
        "published": paper.published,
        "year": paper.year,
        "earliest": earliest,
        "latest": latest,
        "categories": json_list(paper.categories),
        "has_code": paper.has_code,
        "urls": json_list(paper.urls),
        "doi": paper.identifiers.doi,
        "arxiv": paper.identifiers.arxiv,
        "pmid": paper.identifiers.pmid,
        "source_ids": json_list(paper.source_ids),
        "sources": json_list(paper.sources),
        "aliases": json_list(paper.aliases),
        "generation": generation,
        "status": paper.status,
    }


def _insert_details(connection: Connection, papers: Sequence[Paper]) -> None:
    # An id belongs to the last paper that claims it.
    aliases = {alias: paper.paper_id for paper in papers for alias in paper.aliases}
    for some in slices(list(aliases)):
        connection.execute(delete(schema.aliases).where(schema.aliases.c.alias.in_(some)))
    insert_rows(connection, schema.aliases, ({"alias": a, "paper_id": p} for a, p in aliases.items()))
    insert_rows(
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
    insert_rows(connection, schema.categories, rows)


def _replace_chunks(
    connection: Connection, changes: Sequence[PaperChange], paper_ids: Sequence[str], generation: int
) -> None:
    """Write the chunks that differ; the others keep their generation, so no index touches them."""
    columns = schema.chunks.c
    stored: dict[str, tuple[Any, ...]] = {}
    for some in slices(paper_ids):
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
    insert_rows(connection, schema.chunks, (row for row in rows if row["chunk_id"] not in kept))


def _delete_chunks(connection: Connection, chunk_ids: Sequence[str], generation: int) -> None:
    for some in slices(chunk_ids):
        connection.execute(delete(schema.chunks).where(schema.chunks.c.chunk_id.in_(some)))
    _bury(connection, "chunk", chunk_ids, generation)


def _clear(connection: Connection, paper_ids: Sequence[str], more: Sequence[Table]) -> None:
    details = (schema.aliases, schema.authors, schema.categories, schema.match_keys, schema.sentences)
    for some in slices(paper_ids):
        for table in (*details, *more):
            connection.execute(delete(table).where(table.c.paper_id.in_(some)))


def _bury(connection: Connection, kind: str, ids: Iterable[str], generation: int) -> None:
    rows = ({"kind": kind, "item_id": item, "generation": generation} for item in ids)
    insert_rows(connection, schema.deletions, rows)
