"""The tables of the accounts' database; `migrations/versions` holds the numbered steps to them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Float, MetaData, String, Table

HEAD = "0001"
"""The newest migration."""
MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("password", String, nullable=False),  # argon2id, with its salt and parameters
    Column("role", String, nullable=False),
    # 256 random bits of this account alone: somebody who later gets the same name inherits nothing.
    Column("owner", String, nullable=False),
    Column("created", String, nullable=False),  # UTC, ISO 8601
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String, primary_key=True),  # sha256 of the token
    Column("name", String, nullable=False, index=True),
    Column("label", String, nullable=False),
    Column("created", String, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),  # sha256 of the cookie
    Column("name", String, nullable=False, index=True),
    Column("expires", Float, nullable=False),  # seconds since 1970
)
