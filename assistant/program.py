"""This program's own code, as a digest: what an earlier version made may not be what this one makes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from types import ModuleType

_SOURCES = ("*.py", "*.md", "*.json")


@cache
def program_digest(*packages: ModuleType) -> str:
    """A digest of the packages' code, prompts and tables; read once in a process."""
    found = hashlib.sha256()
    for package in packages:
        root = Path(str(package.__file__)).parent
        for path in sorted(p for pattern in _SOURCES for p in root.rglob(pattern)):
            found.update(f"{path.relative_to(root)}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
