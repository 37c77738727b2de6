"""What a language model has written of a summary that is not finished yet.

A summary takes many requests; when one of them fails, those that were answered are not asked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.models import Usage
from prompts import Prompt

KEPT = 500  # answers of summaries that were never finished; the oldest go first


@dataclass(frozen=True, slots=True)
class Written:
    """A model's whole answer to one prompt."""

    text: str
    truncated: bool
    usage: Usage


class Drafts:
    """Answers by prompt, in `folder` so that they outlive the process; in memory without one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._kept: dict[str, Written] = {}

    def find(self, model: str, prompt: Prompt) -> Written | None:
        """The answer to exactly this prompt, if it was kept; an unreadable file counts as none."""
        key = _key(model, prompt)
        if self._folder is None:
            return self._kept.get(key)
        try:
            row = json.loads((self._folder / f"{key}.json").read_text("utf-8"))
            return Written(str(row["text"]), bool(row["truncated"]), Usage(**row["usage"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, model: str, prompt: Prompt, written: Written) -> None:
        key = _key(model, prompt)
        if self._folder is None:
            self._kept[key] = written
            while len(self._kept) > KEPT:
                self._kept.pop(next(iter(self._kept)))
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{key}.part"
        part.write_text(json.dumps(asdict(written), ensure_ascii=False), "utf-8")
        part.replace(self._folder / f"{key}.json")
        oldest = sorted(self._folder.glob("*.json"), key=lambda p: p.stat().st_mtime)
        for path in oldest[:-KEPT]:
            path.unlink(missing_ok=True)

    def drop(self, model: str, prompts: Iterable[Prompt]) -> None:
        """Forget the answers of a summary that is finished: the next one is written anew."""
        for prompt in prompts:
            key = _key(model, prompt)
            self._kept.pop(key, None)
            if self._folder is not None:
                (self._folder / f"{key}.json").unlink(missing_ok=True)


def _key(model: str, prompt: Prompt) -> str:
    return hashlib.sha256("\0".join((model, prompt.system, prompt.user)).encode()).hexdigest()
