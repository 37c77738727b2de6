"""Connecting to the catalogue's database, and telling its errors in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.errors import ConfigurationError, StoreError

T = TypeVar("T")

_BOUND_VALUES = 5_000  # of one IN (...); SQLite allows 32,766


def database_file(url: URL) -> Path | None:
    """The file of an SQLite database; None for one in memory or on a server."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def is_writable(path: Path) -> bool:
    """Whether SQLite can write there: it needs the folder, for its journal, as well as the file."""
    if path.exists():
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    existing = next(folder for folder in path.absolute().parents if folder.exists())
    return os.access(existing, os.W_OK)


def nothing_in(path: Path | None) -> str:
    """What to tell when there is no catalogue yet."""
    where = f" --data {path.parent}" if path is not None and str(path.parent) != "data" else ""
    place = path.parent if path is not None else "the catalogue"
    return f"nothing has been ingested into {place} yet; run: python -m ingest{where}"


def make_engine(url: URL, path: Path | None, writable: bool) -> Engine:
    """Connect; a file that cannot be written is opened so that SQLite does not try to."""
    try:
        if path is None:
            return create_engine(url)
        if writable:
            engine = create_engine(url)
            event.listen(engine, "connect", _prepare)
            return engine
        # A database in WAL mode opens read-only when its journal's files are there; without
        # them SQLite would have to make them, and is told instead that nobody writes.
        mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "immutable=1"
        return create_engine(f"sqlite:///file:{path.absolute()}?{mode}&uri=true")
    except (NoSuchModuleError, ImportError) as error:
        raise ConfigurationError(
            f"no driver for ASSISTANT_CATALOGUE_URL = {url.render_as_string()!r} ({error}); install it"
        ) from error


def _prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode = wal")
    # A power cut may lose the last batch, never the database: the next ingest redoes it.
    cursor.execute("pragma synchronous = normal")
    cursor.execute("pragma busy_timeout = 30000")
    cursor.close()


def slices(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that fit into one `IN (...)`."""
    for start in range(0, len(values), _BOUND_VALUES):
        yield values[start : start + _BOUND_VALUES]


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise the database's own errors as one-line StoreErrors."""
    try:
        yield
    except DatabaseError as error:
        reason = str(error.orig).splitlines()[0]
        raise StoreError(
            f"the catalogue {name} cannot be used: {reason}; run: python -m assistant doctor"
        ) from error
