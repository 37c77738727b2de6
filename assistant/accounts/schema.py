"""The tables of the accounts' database; `migrations/versions` holds the numbered steps to them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Float, MetaData, String, Table, inspect, text

HEAD = "0001"
"""The newest migration."""

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


def revision(connection: Connection) -> str | None:
    """The migration a database has reached; None for one without any of our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def migrate(connection: Connection) -> None:
    """Take every step that is left, within the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
