"""One Markdown file per prompt, and the one function that fills them in.

A file may hold a system and a user part, divided by a line of three or more dashes; without
such a line all of it is the user's part. Variables are written `$name` (`string.Template`), a
literal dollar sign `$$`. A value is put in as it is: dollar signs and dashes in it mean nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

__all__ = ["Prompt", "render", "version"]

_FOLDER = Path(__file__).parent
_DIVIDER = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A filled-in prompt; `system` is "" when the file has no such part."""

    system: str
    user: str


def render(name: str, **variables: object) -> Prompt:
    """Fill in `prompts/<name>.md`.

    Raises:
        LookupError: there is no such prompt.
        ValueError: a variable of the prompt is missing, or a given one is not used; the
            message names it.
    """
    text = _read(name)
    wanted = set(Template(text).get_identifiers())
    if missing := sorted(wanted - variables.keys()):
        raise ValueError(f"prompt {name!r} needs a value for {', '.join(missing)}")
    if unused := sorted(variables.keys() - wanted):
        raise ValueError(f"prompt {name!r} has no place for {', '.join(unused)}")
    parts = [Template(part).substitute(variables).strip() for part in _DIVIDER.split(text, maxsplit=1)]
    return Prompt(system=parts[0] if len(parts) == 2 else "", user=parts[-1])


def version(name: str) -> str:
    """A short hash of the prompt's text: reports name it, so that a run can be reproduced."""
    return hashlib.sha256(_read(name).encode()).hexdigest()[:12]


def _read(name: str) -> str:
    path = _FOLDER / f"{name}.md"
    if path.parent != _FOLDER or not path.is_file():
        known = ", ".join(sorted(p.stem for p in _FOLDER.glob("*.md")))
        raise LookupError(f"no prompt named {name!r}; known prompts: {known}")
    return path.read_text(encoding="utf-8")
