"""The catalogue's tables, and bringing an older database up to them.

The tables below are what the code reads and writes; `migrations/versions` holds the numbered
steps that lead there. A database remembers its step in `alembic_version`, so that Alembic
(0.3 s to import) is loaded only when there is a step to take.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from assistant.database import migrations

HEAD = "0002"
"""The newest migration."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

papers = Table(
    "papers",
    metadata,
    # Order of first ingest; kept when a paper changes, or when it gets a better paper_id.
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("paper_id", String, nullable=False, unique=True),
    Column("title", Text),
    Column("display_title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("authors", Text, nullable=False),  # JSON lists, here and below
    Column("et_al", Boolean, nullable=False),
    Column("affiliation_tag", String),
    Column("published", String),
    Column("year", Integer, index=True),
    # The first and last day `published` can mean, so that a date filter is two comparisons.
    Column("earliest", String, index=True),
    Column("latest", String),
    Column("categories", Text, nullable=False),
    Column("has_code", Boolean, nullable=False),
    Column("urls", Text, nullable=False),
    Column("doi", String),
    Column("arxiv", String),
    Column("pmid", String),
    Column("source_ids", Text, nullable=False),
    Column("sources", Text, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("generation", Integer, nullable=False, index=True),
    Column("status", String),
)

aliases = Table(
    "aliases",
    metadata,
    Column("alias", String, primary_key=True),
    Column("paper_id", String, nullable=False, index=True),
)

match_keys = Table(
    "match_keys",
    metadata,
    Column("key", String, primary_key=True),
    Column("paper_id", String, primary_key=True, index=True),
)

authors = Table(
    "authors",
    metadata,
    Column("paper_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, index=True),
)

categories = Table(
    "categories",
    metadata,
    Column("paper_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("category", String, nullable=False),
    Column("folded", String, nullable=False, index=True),
    Column("bare", String, nullable=False, index=True),  # without the archive: "lg" of "cs.LG"
)

records = Table(
    "records",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("paper_id", String, nullable=False, index=True),
    Column("content", Text, nullable=False),  # the record as JSON, its raw text included
    Index("records_by_source", "source", "fingerprint", unique=True),
)

merges = Table(
    "merges",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("paper_id", String, nullable=False, index=True),
    Column("source", String, nullable=False),  # of the record that was joined to the paper
    Column("title", Text, nullable=False),
    Column("absorbed", Text, nullable=False),  # JSON list: the papers it proved to be the same
    Column("reason", String, nullable=False),
    Column("generation", Integer, nullable=False),
)

# What a source says of another's paper, which may come later: "retracted", under its identifier.
notices = Table(
    "notices",
    metadata,
    Column("key", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("status", String, nullable=False),
)

# Papers of one record that a person split off, and that nothing is merged with again.
apart = Table("apart", metadata, Column("paper_id", String, primary_key=True))

chunks = Table(
    "chunks",
    metadata,
    Column("chunk_id", String, primary_key=True),
    Column("paper_id", String, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("generation", Integer, nullable=False, index=True),
)

sentences = Table(
    "sentences",
    metadata,
    Column("paper_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("text_hash", LargeBinary, primary_key=True),
    Column("model", String, primary_key=True),
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian; see also `signs_of`
)


def text_hash(text: str) -> bytes:
    """The key of a text in the embedding cache."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def signs_of(model: str) -> str:
    """The `model` under which `embeddings` holds the signs of a text's word vectors, as bits."""
    return f"{model}, signs of words"


deletions = Table(
    "deletions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),  # "chunk" or "paper"
    Column("item_id", String, nullable=False),
    Column("generation", Integer, nullable=False, index=True),
)

journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("started", String, nullable=False),
    Column("seconds", String, nullable=False),
    Column("report", Text, nullable=False),
    Column("generation", Integer, nullable=False),
)


def migrate(engine: Engine) -> None:
    """Take every step that is left; does nothing, and imports nothing, at the newest."""
    with engine.connect() as connection:
        if migrations.revision(connection) == HEAD:
            return
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver begins no transaction for a table: a process that ends half-way, on a
            # full disk say, would leave a database that no later one could take to its end.
            connection.exec_driver_sql("begin immediate")
        migrations.migrate(connection, Path(__file__).parent / "migrations")
