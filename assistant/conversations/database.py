"""Connecting to the conversations' file, and telling its troubles in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from assistant.conversations import schema
from assistant.errors import StoreError

FILE_NAME = "conversations.sqlite3"


def conversations_file(data_dir: Path) -> Path:
    """Where the conversations of a data folder lie."""
    return data_dir / FILE_NAME


class Database:
    """One SQLite file, opened for each use (about 1 ms): one put in its place is found at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Made anew each time: a connection kept open would go on writing into a file that was deleted.
        self._engine: Engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction on an up-to-date schema.

        Raises:
            StoreError: the file cannot be read or written; the line says what to do.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.begin() as connection:
                found = schema.revision(connection)
                if found is None or found < schema.HEAD:
                    schema.migrate(connection)
                elif found > schema.HEAD:
                    raise StoreError(self._told(f"it is of a newer version, {found}"))
                yield connection
        except (DatabaseError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(self._told(reason)) from error

    def _told(self, reason: str) -> str:
        return (
            f"conversations cannot be kept in {self.path} ({reason});"
            " move that file away, or make its folder writable, and reload the page"
        )


def _prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3 begins no transaction of its own: `_begin` does
    connection.execute("pragma busy_timeout = 5000")


def _begin(connection: Connection) -> None:
    # Two that read first and go on to write would lock each other out at once, without waiting.
    connection.exec_driver_sql("begin immediate")
