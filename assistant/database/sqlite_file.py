"""A small SQLite database in a file of its own, and its troubles told in one line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from assistant.database.migrations import migrate, revision
from assistant.errors import StoreError


class SqliteFile:
    """One SQLite file, opened for each use (about 1 ms).

    A connection kept open would go on writing into a file that was deleted; so one put in its place
    is found at once, and what another process changed is seen at once.
    """

    def __init__(
        self,
        path: Path,
        *,
        head: str,
        migrations: Path,
        told: Callable[[Path, str], str],
        private: bool = False,
    ) -> None:
        """`head` is the newest migration, `migrations` the folder of all.

        `told` words an error from the path and the reason. A `private` file is its owner's alone.
        """
        self.path = path
        self._head, self._migrations = head, migrations
        self._told, self._private = told, private
        self._up_to_date = False
        self._reading = _engine(path, "begin")
        # Two that read first and go on to write would lock each other out at once, without waiting.
        self._writing = _engine(path, "begin immediate")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads: it waits for nobody. Raises as `writing` does."""
        with self._troubles_told():
            if not (self._up_to_date and self.path.exists()):
                with self.writing():
                    self._up_to_date = True
            with self._reading.begin() as connection:
                self._check(revision(connection))
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction on an up-to-date schema.

        Raises:
            StoreError: the file cannot be read or written; the line says what to do.
        """
        with self._troubles_told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._private:  # from its first moment
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            with self._writing.begin() as connection:
                found = revision(connection)
                self._check(found)
                if found is None or found < self._head:
                    migrate(connection, self._migrations)
                yield connection

    def _check(self, found: str | None) -> None:
        if found is not None and found > self._head:
            raise StoreError(self._told(self.path, f"it is of a newer version, {found}"))

    @contextmanager
    def _troubles_told(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(self._told(self.path, reason)) from error


def _engine(path: Path, begin: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # sqlite3 begins no transaction of its own
        connection.execute("pragma busy_timeout = 5000")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
