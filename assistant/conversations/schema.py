"""The tables of the conversations' database; `migrations/versions` holds the numbered steps to them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

HEAD = "0001"
"""The newest migration."""
MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", String, primary_key=True),
    Column("owner", String, nullable=False, index=True),  # a hash of the browser's secret
    Column("title", Text, nullable=False),
    Column("created", String, nullable=False),  # UTC, ISO 8601
    Column("updated", String, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    # Never used again, so that an opinion on an answer cannot come to stand for its successor.
    Column("turn_id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", String, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text),  # JSON with the cited papers as they were; null until answered
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", Integer, primary_key=True, autoincrement=False),
    Column("conversation_id", String, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("history", Text, nullable=False),  # JSON list of the earlier questions
    Column("answer", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("paper_ids", Text, nullable=False),  # JSON list of the cited papers
    Column("rating", String, nullable=False),  # "good" or "bad"
    Column("reason", Text, nullable=False),
    Column("created", String, nullable=False),
)
