"""A backup while the chat runs, and making a store of it: `backup FILE.zip`, `restore FILE.zip`.

What cannot be made again goes in: the catalogue with its vectors, the conversations, the accounts,
uploaded files and the drafts of summaries. The indexes are left out: they are made anew from the
catalogue, without embedding anything. SQLite's own backup gives each database as it was at one moment.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

from assistant.accounts.store import FILE_NAME as ACCOUNTS
from assistant.conversations.store import FILE_NAME as CONVERSATIONS
from assistant.errors import ConfigurationError, StoreError
from assistant.settings import Settings
from assistant.stores import Catalogue, lexical_folder, rows_folder, vector_place
from assistant.stores.database import is_writable
from assistant.stores.lexical import sync_lexical
from assistant.stores.lock import writer_lock
from assistant.stores.rows import sync_rows
from assistant.stores.vectors import sync_vectors

CATALOGUE = "catalogue.sqlite3"
_FOLDERS = ("uploads", "drafts")
_MANIFEST = "manifest.json"
_FORMAT = 1
_BLOCK = 1 << 20
_LONGEST_MANIFEST = 50 * _BLOCK  # a hundred bytes a file
_LOCK_FILES = {"writer.lock", "writer.json"}


@dataclass(frozen=True, slots=True)
class BackedUp:
    """One file of a backup; `sha256` in hex, `size` in bytes."""

    name: str
    size: int
    sha256: str


def back_up(settings: Settings, target: Path) -> list[BackedUp]:
    """Write the backup `target`, whole or not at all; readers and writers go on meanwhile.

    Raises:
        ConfigurationError: `target` exists, or the catalogue is on a server.
        EmptyStoreError: nothing has been ingested yet.
        StoreError: a database is damaged, or the backup cannot be written.
    """
    if target.exists():
        raise ConfigurationError(f"{target} exists; choose another name, or delete it first")
    catalogue = Catalogue(settings.resolved_catalogue_url)
    catalogue.close()
    if catalogue.path is None:
        raise ConfigurationError(f"the catalogue {catalogue.name} is on a server; back it up with its tools")
    databases = {CATALOGUE: catalogue.path}
    databases |= {name: settings.data_dir / name for name in (CONVERSATIONS, ACCOUNTS)}
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.touch(mode=0o600)  # it holds what people asked
        with (
            tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as scratch,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            files = []
            for name, path in databases.items():
                if path.exists():
                    snapshot = Path(scratch) / name
                    _snapshot(path, snapshot)
                    files.append(_add(archive, name, snapshot))
                    snapshot.unlink()
            for folder in _FOLDERS:
                for path in sorted((settings.data_dir / folder).rglob("*")):
                    if path.is_file():
                        name = path.relative_to(settings.data_dir).as_posix()
                        files.append(_add(archive, name, path))
            manifest = {
                "format": _FORMAT,
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "files": [asdict(file) for file in files],
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        os.replace(partial, target)
    except OSError as error:
        raise StoreError(
            f"the backup {target} cannot be written: {error.strerror or error};"
            " make room there, or choose another place"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return files


def restore(settings: Settings, source: Path, *, force: bool = False) -> list[BackedUp]:
    """Make the data folder of a backup and build its indexes, without embedding anything.

    Every file is checked before the first is put in place. With `force` the folder may hold a
    store already; its databases stay beside the new ones as NAME.replaced.

    Raises:
        ConfigurationError: the folder is not empty, or the settings say a catalogue elsewhere.
        StoreError: `source` is no backup, or damaged; the folder cannot be written.
    """
    folder = settings.data_dir
    if settings.catalogue_url is not None:
        raise ConfigurationError("a backup is restored into a folder; unset ASSISTANT_CATALOGUE_URL first")
    held = [path.name for path in folder.iterdir() if path.name not in _LOCK_FILES] if folder.is_dir() else []
    if held and not force:
        raise ConfigurationError(
            f"{folder} is not empty; choose another --data DIR, or replace what it holds with --force"
        )
    with writer_lock(folder):
        try:
            with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as scratch:
                files = _unpack(source, Path(scratch))
                for file in files:
                    if file.name.endswith(".sqlite3"):
                        _require_sound(Path(scratch) / file.name)
                # From here on the folder changes. Indexes go first: one of the replaced store must
                # never be taken for one of the restored store.
                for index in ("chroma", "lexical", "rows"):
                    shutil.rmtree(folder / index, ignore_errors=True)
                for file in files:
                    _put(Path(scratch) / file.name, folder / file.name)
        except OSError as error:
            raise StoreError(
                f"{folder} cannot be written: {error.strerror or error}; make room, and restore again"
            ) from error
        catalogue = Catalogue(settings.resolved_catalogue_url, create=True)  # an older one is migrated
        try:
            build_indexes(settings, catalogue)
        finally:
            catalogue.close()
    return files


def build_indexes(settings: Settings, catalogue: Catalogue) -> None:
    """Make all that is derived anew from the catalogue's vectors; the caller holds the writer lock."""
    model, dimension = catalogue.meta("embedding_model"), int(catalogue.meta("dimension") or 0)
    if model is None:
        return  # a store that was never written
    sync_vectors(vector_place(settings), catalogue, model, dimension, rebuild=True)
    sync_rows(rows_folder(settings), catalogue, model, dimension, rebuild=True)
    sync_lexical(lexical_folder(settings), catalogue, rebuild=True)


def _snapshot(path: Path, target: Path) -> None:
    """Copy a database as it is at one moment, in one file; nobody who uses it has to wait."""
    try:
        with closing(_opened(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("pragma journal_mode = delete")
    except sqlite3.Error as error:
        raise StoreError(
            f"{path} cannot be copied: {error}; run: python -m assistant doctor --data {path.parent}"
        ) from error
    _require_sound(target, path)


def _opened(path: Path) -> sqlite3.Connection:
    # SQLite makes files beside a database to read it; where it cannot, nobody writes either.
    wal = path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro" if wal or is_writable(path) else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=30)


def _require_sound(path: Path, told_as: Path | None = None) -> None:
    fault = damage(path)
    if fault:
        name = told_as or path.name
        raise StoreError(f"{name} is damaged ({fault}); an earlier backup may be sound: restore that one")


def damage(path: Path) -> str:
    """What SQLite's quick check finds wrong with a database, in one line; "" when it is sound."""
    try:
        with closing(_opened(path)) as connection:
            told = [str(row[0]) for row in connection.execute("pragma quick_check(1)")]
    except sqlite3.Error as error:
        return str(error)
    return "" if told == ["ok"] else told[0].splitlines()[-1]  # after "*** in database main ***"


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> BackedUp:
    with path.open("rb") as file, archive.open(name, "w", force_zip64=True) as entry:
        size, digest = _copy(file, entry)
    return BackedUp(name, size, digest)


def _unpack(source: Path, scratch: Path) -> list[BackedUp]:
    """Unpack a backup and compare every file with the manifest."""
    try:
        with zipfile.ZipFile(source) as archive:
            if archive.getinfo(_MANIFEST).file_size > _LONGEST_MANIFEST:
                raise ValueError("its list of files is too long")
            manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
            if manifest["format"] != _FORMAT:
                raise ValueError(f"its format is {manifest['format']}, this version knows {_FORMAT}")
            files = [BackedUp(**file) for file in manifest["files"]]
            if not any(file.name == CATALOGUE for file in files):
                raise ValueError("it holds no catalogue")
            for file in files:
                _require_known(file.name)
                target = scratch / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(file.name) as entry, target.open("wb") as out:
                    if _copy(entry, out, file.size) != (file.size, file.sha256):
                        raise ValueError(f"{file.name} has not the sha256 it was written with")
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no {source}; name a file that backup wrote") from error
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError, NotImplementedError) as error:
        raise StoreError(
            f"{source} is no usable backup: {' '.join(str(error).split())}; restore another one"
        ) from error
    return files


def _require_known(name: str) -> None:
    """Only what `back_up` writes is unpacked: nothing outside the folder, nothing that is run."""
    parts = PurePosixPath(name).parts
    below = len(parts) > 1 and parts[0] in _FOLDERS and not {"..", "."} & {*parts} and "\\" not in name
    if name not in (CATALOGUE, CONVERSATIONS, ACCOUNTS) and not below:
        raise ValueError(f"it holds a file that no backup has, {name!r}")


def _copy(source: IO[bytes], target: IO[bytes], at_most: int | None = None) -> tuple[int, str]:
    """Copy all, or a little more than `at_most` bytes; return how many, and their sha256."""
    size, digest = 0, sha256()
    while (at_most is None or size <= at_most) and (block := source.read(_BLOCK)):
        target.write(block)
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _put(new: Path, place: Path) -> None:
    """Move a file into its place; a database that is there is kept beside it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.suffix == ".sqlite3" and place.exists():
        # With the journals, which belong to the old database and would spoil the new one.
        for end in ("", "-wal", "-shm", "-journal"):
            old = place.with_name(place.name + end)
            if old.exists():
                os.replace(old, place.with_name(f"{place.name}.replaced{end}"))
    os.replace(new, place)
