"""One writer a store: an operating-system lock on a file that names its owner."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import StoreError, StoreLockedError

_LOCK = "writer.lock"
_OWNER = "writer.json"  # beside the lock: on Windows a locked file cannot be read


@contextmanager
def writer_lock(data_dir: Path) -> Iterator[None]:
    """Be the store's only writer; the system frees the lock even when the process is killed.

    Raises:
        StoreLockedError: another process writes; the message names it.
        StoreError: the folder cannot be written.
    """
    require_writable(data_dir)
    lock = FileLock(data_dir / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreLockedError(
            f"{data_dir} is being written by {lock_owner(data_dir) or 'another process'};"
            " wait until it is done, then run the command again"
        ) from error
    try:
        owner = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        (data_dir / _OWNER).write_text(json.dumps(owner), "utf-8")
        yield
    finally:
        (data_dir / _OWNER).unlink(missing_ok=True)
        lock.release()


def lock_owner(data_dir: Path) -> str | None:
    """Who writes now, in words; None when nobody does (a killed owner's note is not believed)."""
    try:
        owner = json.loads((data_dir / _OWNER).read_text("utf-8"))
        told = f"process {owner['pid']} on {owner['host']} since {owner['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (data_dir / _LOCK).exists():
        return None
    if not os.access(data_dir / _LOCK, os.W_OK):
        return told
    probe = FileLock(data_dir / _LOCK, timeout=0)
    try:
        with probe:
            return None
    except Timeout:
        return told


def require_writable(data_dir: Path) -> None:
    """Make `data_dir`; StoreError, with what mends it, when it cannot be written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        writable = os.access(data_dir, os.W_OK | os.X_OK)
        reason = "it is read-only"
    except OSError as error:
        writable, reason = False, error.strerror or str(error)
    if not writable:
        raise StoreError(
            f"the data folder {data_dir} cannot be written ({reason});"
            f" run: chmod u+w {data_dir}, or choose another with --data DIR"
        )
