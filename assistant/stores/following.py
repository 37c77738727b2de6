"""How a derived index says what it holds, and how a new one takes the place of an old one."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import StoreError

_POINTER = "CURRENT"
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class IndexState:
    """What an index was made from: the store, its generation, the model (or analyser) and its dimension."""

    store_id: str
    generation: int
    model: str
    dimension: int

    def leads_to(self, wanted: IndexState) -> bool:
        """Whether applying the catalogue's later rows to this index gives the wanted one."""
        same = (self.store_id, self.model, self.dimension) == (
            wanted.store_id,
            wanted.model,
            wanted.dimension,
        )
        return same and self.generation <= wanted.generation

    def write(self, folder: Path) -> None:
        """Record the state in `folder`, all or nothing."""
        replace_file(folder / _STATE, json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> IndexState:
        """The state recorded in `folder`; StoreError when there is none."""
        try:
            return cls(**json.loads((folder / _STATE).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(
                f"the index in {folder} does not say what it holds; run: python -m assistant doctor --fix"
            ) from error


def current_folder(parent: Path) -> Path:
    """The folder of the published index; StoreError when there is none."""
    try:
        name = (parent / _POINTER).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"no index in {parent}; run: python -m assistant doctor --fix") from error
    if not name.isdecimal() or not (parent / name).is_dir():
        raise StoreError(
            f"the index {name[:20]!r} in {parent} is gone; run: python -m assistant doctor --fix"
        )
    return parent / name


def new_folder(parent: Path) -> Path:
    """An empty folder beside the published one, never with a name that was used before."""
    parent.mkdir(parents=True, exist_ok=True)
    numbers = [int(folder.name) for folder in parent.iterdir() if folder.name.isdecimal()]
    folder = parent / f"{max(numbers, default=0) + 1:04d}"
    folder.mkdir()
    return folder


def publish_folder(parent: Path, folder: Path) -> None:
    """Make `folder` the published index and delete the others."""
    replace_file(parent / _POINTER, folder.name)
    for other in parent.iterdir():
        if other.is_dir() and other != folder:
            # A reader may still hold files of it; it reopens at its next refresh.
            shutil.rmtree(other, ignore_errors=True)


def openable(folder: Path) -> Path:
    """`folder`, or a copy of it when it is read-only; the copy is deleted at exit.

    Chroma and tantivy write lock files, and Chroma to its database, even to read.
    """
    if os.access(folder, os.W_OK) and all(os.access(path, os.W_OK) for path in folder.iterdir()):
        return folder
    copy = Path(tempfile.mkdtemp(prefix="paper-assistant-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    for path in folder.rglob("*"):
        target = copy / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return copy


def replace_file(path: Path, text: str) -> None:
    """Write a text file, all or nothing."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    os.replace(beside, path)
