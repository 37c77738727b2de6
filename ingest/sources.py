"""Which files an ingest reads, and which sources of the store a name means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.errors import ConfigurationError
from assistant.settings import Settings
from assistant.stores import Catalogue, lookups


def find_files(paths: Iterable[Path], data_dir: Path) -> list[Path]:
    """The files named, and those in the folders named, sorted; no hidden files, no stores."""
    stores = data_dir.resolve()
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for inside in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in inside.relative_to(path).parts)
            if inside.is_file() and not hidden and stores not in inside.resolve().parents:
                found.append(inside)
    return list(dict.fromkeys(found))


def find_sources(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """The sources of the store that these name: a path, a folder, an archive, or the end of one path.

    Raises:
        ConfigurationError: a name fits no source, or the end of several.
    """
    if not wanted:
        return []
    catalogue = Catalogue(settings.resolved_catalogue_url)
    try:
        known = lookups.source_names(catalogue)
    finally:
        catalogue.close()
    found: dict[str, None] = {}
    for name in wanted:
        path = Path(name).resolve().as_posix()
        fits = [s for s in known if s in (name, path) or s.startswith(f"{path}/")]
        fits = fits or [s for s in known if s.endswith(f"/{name.strip('/')}")]
        if not fits:
            raise ConfigurationError(
                f"--remove {name!r}: no paper came from it; sources are: {', '.join(known) or 'none'}"
            )
        if len(fits) > 1 and not any(s.startswith(path) for s in fits):
            raise ConfigurationError(f"--remove {name!r}: say which: {', '.join(fits)}")
        found.update(dict.fromkeys(fits))
    return list(found)
