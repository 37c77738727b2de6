"""What the command lines share: clean failure, batches in, JSON lines out."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, ConfigurationError


@dataclass(frozen=True, slots=True)
class Input:
    """One row of a batch; `error` says why it cannot be used."""

    id: str | int | float
    text: str
    history: tuple[str, ...] = ()
    error: str | None = None


@contextmanager
def fail_cleanly(debug: bool) -> Iterator[None]:
    """Turn an error into one line on standard error and an exit code; with `debug`, the traceback.

    Raises:
        SystemExit: with 1 when the work failed, 2 for wrong usage or input, 130 when interrupted.
    """
    try:
        yield
    except KeyboardInterrupt:
        if debug:
            raise
        print("error: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
    except BrokenPipeError:
        # The reader (head, less) has gone. Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except (AssistantError, OSError) as error:
        if debug:
            raise
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(getattr(error, "exit_code", 1)) from None
    except Exception as error:  # the edge: whatever it is, the user is told in one line
        if debug:
            raise
        message = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"error: {message}; run again with --debug", file=sys.stderr)
        raise SystemExit(1) from None


def read_batch(path: Path, keys: Sequence[str]) -> list[Input]:
    """Read JSON lines with "id" (or "_id") and the text under the first of `keys` that is there.

    A line that cannot be used keeps its place, with its error.

    Raises:
        ConfigurationError: the file cannot be read, or holds no line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; give a JSONL file to --batch") from error
    rows = [_row(line, number, keys) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise ConfigurationError(f"{path} holds no rows; give a JSONL file with id and {keys[0]} to --batch")
    return rows


def _row(line: str, number: int, keys: Sequence[str]) -> Input:
    try:
        row = json.loads(line)
    except ValueError as error:
        return Input(f"line {number}", "", error=f"line {number} is not JSON: {error}")
    if not isinstance(row, dict):
        return Input(f"line {number}", "", error=f"line {number} is not a JSON object")
    given = row.get("id", row.get("_id"))
    if given is None or isinstance(given, bool):
        given = f"line {number}" if given is None else str(given)
    name = given if isinstance(given, (str, int, float)) else json.dumps(given, ensure_ascii=False)
    text = next((row[key] for key in keys if isinstance(row.get(key), str)), None)
    history = row.get("history") or []
    if text is None:
        return Input(name, "", error=f"line {number} has no {keys[0]!r}")
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        return Input(name, text, error=f"line {number}: 'history' is not a list of questions")
    return Input(name, text, tuple(history))


def write_lines(rows: Iterable[dict[str, Any]], output: Path | None) -> None:
    """Write one JSON object a line, each as soon as it is there."""
    if output is None:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False), flush=True)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
