"""Numbered migrations: the step that a database has reached, and the steps that are left."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text


def revision(connection: Connection) -> str | None:
    """The migration a database has reached; None for one without any of our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def migrate(connection: Connection, migrations: Path) -> None:
    """Take every step that is left, within the connection's transaction.

    `migrations` is the folder whose `versions` hold the steps. Alembic (0.3 s to import) is only
    loaded here.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "newline")  # a folder may have a space in its name
    config.set_main_option("version_locations", str(migrations / "versions"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
