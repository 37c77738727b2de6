"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
    op.create_table(
        "papers",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("paper_id", sa.String, nullable=False, unique=True),
        sa.Column("title", sa.Text),
        sa.Column("display_title", sa.Text, nullable=False),
        sa.Column("abstract", sa.Text, nullable=False),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("et_al", sa.Boolean, nullable=False),
        sa.Column("affiliation_tag", sa.String),
        sa.Column("published", sa.String),
        sa.Column("year", sa.Integer, index=True),
        sa.Column("earliest", sa.String, index=True),
        sa.Column("latest", sa.String),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("has_code", sa.Boolean, nullable=False),
        sa.Column("urls", sa.Text, nullable=False),
        sa.Column("doi", sa.String),
        sa.Column("arxiv", sa.String),
        sa.Column("pmid", sa.String),
        sa.Column("source_ids", sa.Text, nullable=False),
        sa.Column("sources", sa.Text, nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, index=True),
    )
    op.create_table(
        "aliases",
        sa.Column("alias", sa.String, primary_key=True),
        sa.Column("paper_id", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "match_keys",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("paper_id", sa.String, primary_key=True, index=True),
    )
    op.create_table(
        "authors",
        sa.Column("paper_id", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "categories",
        sa.Column("paper_id", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, index=True),
        sa.Column("bare", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "records",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("paper_id", sa.String, nullable=False, index=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Index("records_by_source", "source", "fingerprint", unique=True),
    )
    op.create_table(
        "chunks",
        sa.Column("chunk_id", sa.String, primary_key=True),
        sa.Column("paper_id", sa.String, nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_hash", sa.LargeBinary, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, index=True),
    )
    op.create_table(
        "sentences",
        sa.Column("paper_id", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text_hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "embeddings",
        sa.Column("text_hash", sa.LargeBinary, primary_key=True),
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "deletions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("item_id", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, index=True),
    )
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("started", sa.String, nullable=False),
        sa.Column("seconds", sa.String, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
    )
