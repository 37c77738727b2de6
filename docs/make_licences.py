"""Writes docs/licences.md: the licence of every package in requirements/ci.txt, as it states it itself.

    python docs/make_licences.py

Run it in an environment that has these packages (`requirements/renew.sh` makes one). A package that is not
installed, because it is for another platform, is listed as such.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "ci.txt"
PAGE = ROOT / "docs" / "licences.md"
_LINE = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.M)
_COPYLEFT = re.compile(r"\b(?:A|L)?GPL|MPL|EUPL|Mozilla|General Public", re.I)
# What the licence files say of packages whose metadata name none.
_LOOKED_UP = {"axe-playwright-python": "MIT; the axe-core in it MPL-2.0"}
_HEAD = """# Licences of the dependencies

Made by `python docs/make_licences.py` from `requirements/ci.txt`: all that the tests install, what the
product needs included. The words are each package's own (`License-Expression`, else its classifiers,
else `License`). The project itself is MIT; the embedding model it brings is Apache-2.0
(`assistant/embedding/model/LICENSE`).

"""


def main() -> int:
    rows, unknown = [], []
    for name, version, marker in _LINE.findall(LOCK.read_text("utf-8")):
        told = licence(name)
        if told is None:
            told = "not installed here" + (f" (only where {marker.strip()})" if marker else "")
        elif not told:
            unknown.append(name)
            told = "not stated"
        rows.append((name, version, told))
    copyleft = sorted({name for name, _, told in rows if _COPYLEFT.search(told)})
    text = _HEAD + f"{len(rows)} packages. With a copyleft licence, in part or as a choice: "
    text += (
        f"{', '.join(copyleft) or 'none'}. Not stated in the metadata: {', '.join(unknown) or 'none'}.\n\n"
    )
    text += "| package | version | licence |\n|---|---|---|\n"
    text += "".join(f"| {name} | {version} | {told.replace('|', '/')} |\n" for name, version, told in rows)
    PAGE.write_text(text, "utf-8")
    sys.stdout.write(f"{len(rows)} packages, {len(copyleft)} with copyleft, {len(unknown)} that state none\n")
    return 0


def licence(name: str) -> str | None:
    """What the package says of its licence, in short; "" when it says nothing, None when it is not here."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return None
    return _expression(found) or _LOOKED_UP.get(name.lower(), "")


def _expression(found: PackageMetadata) -> str:
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [
        c.split(" :: ")[-1] for c in found.get_all("Classifier") or () if c.startswith("License ::")
    ]
    classifiers = [c for c in classifiers if c != "OSI Approved"]
    if classifiers:
        return "; ".join(classifiers)
    stated = str(found.get("License") or "").strip()
    # Some put the whole text there: its first line names it.
    return stated.splitlines()[0][:80] if stated else ""


if __name__ == "__main__":
    sys.exit(main())
