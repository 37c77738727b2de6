"""What an ingest looks up in the catalogue before it writes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, select

from assistant.models import Paper
from assistant.stores import schema
from assistant.stores.batch import StoredRecord
from assistant.stores.catalogue import Catalogue
from assistant.stores.database import slices


def papers_by_key(catalogue: Catalogue, keys: Iterable[str]) -> dict[str, Paper]:
    """The paper each match key leads to; the first ingested one where several have the key."""
    found: dict[str, str] = {}
    keyed, papers = schema.match_keys, schema.papers
    with catalogue.connect() as connection:
        for some in slices(list(dict.fromkeys(keys))):
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


def known_records(catalogue: Catalogue, source: str, fingerprints: Iterable[str]) -> dict[str, str]:
    """Those of the fingerprints that the catalogue has from this source, with the ids of their papers."""
    records = schema.records
    known: dict[str, str] = {}
    with catalogue.connect() as connection:
        for some in slices(list(dict.fromkeys(fingerprints))):
            query = select(records.c.fingerprint, records.c.paper_id).where(
                and_(records.c.source == source, records.c.fingerprint.in_(some))
            )
            known.update((row[0], row[1]) for row in connection.execute(query))
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
        for some in slices(list(paper_ids)):
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
        for some in slices(list(dict.fromkeys(keys))):
            query = select(notices.c.key, notices.c.status).where(notices.c.key.in_(some))
            for key, status in connection.execute(query):
                found.setdefault(key, []).append(status)
    return found


def split_papers(catalogue: Catalogue) -> set[str]:
    """The ids of papers that were split off, and that nothing is merged with."""
    with catalogue.connect() as connection:
        return set(connection.execute(select(schema.apart.c.paper_id)).scalars())


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
        for some in slices(list(hashes)):
            query = select(embeddings.c.text_hash).where(
                and_(embeddings.c.text_hash.in_(some), embeddings.c.model == model)
            )
            known.update(connection.execute(query).scalars())
    return known
