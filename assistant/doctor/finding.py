"""What the doctor tells of each thing it looked at."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.settings import DEFAULT_DATA_DIR

FIX = "python -m assistant doctor --fix"
INGEST = "python -m ingest"
RESTORE = "python -m assistant restore BACKUP.zip --force"
_COMMAND = re.compile(r"python -m (ingest|assistant \w+)( BACKUP\.zip)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` is the command that puts it right, None when it is."""

    name: str
    ok: bool
    detail: str
    mend: str | None = None

    def at(self, folder: Path) -> Finding:
        """The same, with a command that can be given as it stands: it names the data folder."""
        if self.mend is None or folder == DEFAULT_DATA_DIR or "--data" in self.mend:
            return self
        where = f" --data {shlex.quote(str(folder))}"
        return replace(self, mend=_COMMAND.sub(lambda command: command.group() + where, self.mend))

    def to_dict(self) -> dict[str, Any]:
        """One entry of what `doctor --json` prints."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "mend": self.mend}


def all_ok(findings: Sequence[Finding]) -> bool:
    """Whether nothing needs mending."""
    return all(finding.ok for finding in findings)


def failed(name: str, error: AssistantError, mend: str | None = None) -> Finding:
    """The finding that an error of ours makes."""
    return Finding(name, False, str(error), mend)
