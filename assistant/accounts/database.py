"""Connecting to the accounts' file, and telling its troubles in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from assistant.accounts import schema
from assistant.errors import StoreError


class Database:
    """One SQLite file, opened for each use: what another process changed is seen at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
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
                self._check(schema.revision(connection))
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction on an up-to-date schema.

        Raises:
            StoreError: the file cannot be read or written; the line says what to do.
        """
        with self._troubles_told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # For its owner alone, from its first moment.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            with self._writing.begin() as connection:
                found = schema.revision(connection)
                self._check(found)
                if found is None or found < schema.HEAD:
                    schema.migrate(connection)
                yield connection

    def _check(self, found: str | None) -> None:
        if found is not None and found > schema.HEAD:
            raise StoreError(self._told(f"it is of a newer version, {found}"))

    @contextmanager
    def _troubles_told(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(self._told(reason)) from error

    def _told(self, reason: str) -> str:
        return (
            f"the accounts in {self.path} cannot be used ({reason}); make the file readable and its folder"
            " writable, or move it away and make accounts anew: python -m assistant users add NAME"
        )


def _engine(path: Path, begin: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # sqlite3 begins no transaction of its own
        connection.execute("pragma busy_timeout = 5000")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
