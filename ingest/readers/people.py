"""Names of people as formats write them -> "Given Family"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.readable import readable

_ET_AL = re.compile(r"(?:and\s+)?(?:et\.?\s*al\.?|others)", re.I)
_ENDING = re.compile(r",?\s+(?:et\.?\s*al\.?|and others)$", re.I)
_SUFFIX = re.compile(r"(?:jr|sr|i{2,3}|iv|v|ph\.?d|m\.?d)\.?", re.I)


def natural(name: str) -> str:
    """ "Family, Given", or "Family, Jr., Given", turned round; other names as they are."""
    parts = [part for part in (p.strip() for p in name.split(",")) if part]
    if len(parts) == 2 and not _SUFFIX.fullmatch(parts[1]):
        return f"{parts[1]} {parts[0]}"
    if len(parts) == 3:
        given, suffix = (parts[2], parts[1]) if _SUFFIX.fullmatch(parts[1]) else (parts[1], parts[2])
        return f"{given} {parts[0]}, {suffix}" if _SUFFIX.fullmatch(suffix) else " ".join(name.split())
    return " ".join(name.split())


def cut_et_al(names: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """The names in readable form without "et al.", and whether it stood there."""
    given = [" ".join(readable(name).split()) for name in names]
    known = [name for name in given if name]
    kept = [name for name in known if not _ET_AL.fullmatch(name)]
    stripped = [_ENDING.sub("", name) for name in kept]
    return tuple(name for name in stripped if name), len(kept) < len(known) or stripped != kept
