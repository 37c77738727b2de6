"""What the stores stand on: settings, versions, folder, disk, writer, conversations, provider."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from assistant.accounts.store import accounts_file
from assistant.backup import damage
from assistant.conversations import conversations_file
from assistant.doctor.finding import INGEST, RESTORE, Finding
from assistant.settings import Settings
from assistant.stores.lock import lock_owner

_LIBRARIES = ("chromadb", "tantivy", "onnxruntime", "llama-index-core", "gradio")
_PROVIDER_TIMEOUT = 3.0  # seconds: a doctor that hangs is no doctor
_SPARE = 50_000_000  # bytes: a small store's rebuild, journals and locks included
_DERIVED = ("chroma", "lexical", "rows")
_UNAUTHORIZED = (401, 403)
_KEPT = ("conversations", "turns", "feedback")


def examine_surroundings(settings: Settings) -> Iterator[Finding]:
    """Everything but the model and the stores; changes nothing."""
    yield _settings(settings)
    yield _versions()
    yield _data_folder(settings.data_dir)
    if settings.data_dir.is_dir():
        yield _disk(settings.data_dir)
    yield _writer(settings.data_dir)
    yield _database("conversations", conversations_file(settings.data_dir), _KEPT)
    accounts = accounts_file(settings.data_dir)
    if accounts.exists():  # most stores have none
        yield _database("accounts", accounts, ("users",))
    yield _provider(settings)


def _settings(settings: Settings) -> Finding:
    told = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value != field.default:
            told.append(f"{field.validation_alias or f'ASSISTANT_{name.upper()}'}={_redacted(name, value)}")
    return Finding(
        "settings", True, ", ".join(told) + "; the others as documented" if told else "all defaults"
    )


def _redacted(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set)"
    if name == "catalogue_url":
        try:
            return make_url(str(value)).render_as_string(hide_password=True)
        except ArgumentError:
            return "(no database's address)"
    if name in ("chroma_url", "openai_base_url"):
        return _without_credentials(str(value))
    return str(value)


def _without_credentials(url: str) -> str:
    """The address without what may be secret in it: user, password, query."""
    before, _, rest = url.partition("://")
    place = rest if rest else before
    place = place.partition("?")[0].rpartition("@")[2]
    return f"{before}://{place}" if rest else place


def _versions() -> Finding:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    told = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    return Finding("versions", True, told)


def _data_folder(folder: Path) -> Finding:
    name = "data folder"
    if not folder.is_dir():
        return Finding(name, False, f"{folder} does not exist", f"{INGEST} --data {folder}")
    if os.access(folder, os.W_OK):
        return Finding(name, True, f"{folder}, writable")
    return Finding(name, True, f"{folder}, read-only: it can be asked; to ingest, run: chmod u+w {folder}")


def _disk(folder: Path) -> Finding:
    """A rebuilt index is written beside the old one, so that the old one serves until it is done."""
    derived = sum(
        path.stat().st_size for name in _DERIVED for path in (folder / name).rglob("*") if path.is_file()
    )
    needed, free = derived + _SPARE, shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free; rebuilding the indexes takes {needed / 1e9:.1f} GB"
    mend = None if free >= needed else f"delete other files: {needed - free:,} bytes more have to be free"
    return Finding("disk", free >= needed, detail, mend)


def _writer(folder: Path) -> Finding:
    owner = lock_owner(folder)
    return Finding("writer", True, f"at work: {owner}" if owner else "nobody is writing")


def _database(name: str, path: Path, tables: tuple[str, ...]) -> Finding:
    """One of the small databases: SQLite's own check, and how much is in it."""
    if not path.exists():
        return Finding(name, True, "none kept yet")
    fault = damage(path)
    if not fault:
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                counts = [
                    f"{connection.execute(f'select count(*) from {table}').fetchone()[0]} {table}"
                    for table in tables
                ]
            return Finding(name, True, ", ".join(counts))
        except sqlite3.Error as error:
            fault = str(error)
    return Finding(name, False, f"{path} is damaged: {fault}", f"{RESTORE} (or move {path} away)")


def _provider(settings: Settings) -> Finding:
    name = "answerer"
    if settings.resolved_answerer == "extractive":
        return Finding(name, True, "extractive: needs no key and no network")
    key = "key set" if settings.openai_api_key else "no key"
    if not settings.openai_api_key and not settings.openai_base_url:
        mend = "export OPENAI_API_KEY=... (or ASSISTANT_ANSWERER=extractive)"
        return Finding(name, False, f"{settings.model}, {key}", mend)
    from assistant.answering.provider import OPENAI_ADDRESS  # loads the OpenAI client

    address = (settings.openai_base_url or OPENAI_ADDRESS).rstrip("/")
    detail = f"{settings.model} at {_without_credentials(address)}, {key}"
    fault, mend = _reached(address, settings.openai_api_key)
    return Finding(name, not fault, f"{detail}; {fault or 'it responds'}", mend if fault else None)


def _reached(address: str, key: SecretStr | None) -> tuple[str, str]:
    """What is wrong with the model's server, "" when nothing is, and what to do about it."""
    start = "start that server, or export ASSISTANT_ANSWERER=extractive"
    if urlsplit(address).scheme not in ("http", "https"):
        return "that is no address", "export OPENAI_BASE_URL=http://HOST:PORT/v1"
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    try:
        # The status says enough. What the server sends is not read: it may never end.
        with httpx.stream("GET", f"{address}/models", headers=headers, timeout=_PROVIDER_TIMEOUT) as reply:
            status = reply.status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"it cannot be reached ({type(error).__name__})", start
    if status in _UNAUTHORIZED:
        return f"it refuses the key (HTTP {status})", "export OPENAI_API_KEY=..."
    return (f"it fails (HTTP {status})", start) if status >= 500 else ("", "")
