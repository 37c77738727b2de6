"""Reading the files of an evaluation row by row, with line numbers, collecting every fault."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError

TABLES = (".csv", ".tsv")
_SHOWN = 50  # faults that one message spells out; of the others it gives the lines


def read_rows(
    path: Path, faults: list[str], faults_of_names: Callable[[Collection[str]], Iterable[str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) of a CSV file (`.csv`, `.tsv`), else of a JSONL file.

    The cells of a CSV file are strings; empty ones are left out. A row's line is its first.
    `faults_of_names` says what is wrong with the names of fields, for each row of a JSONL file, once
    for the header of a CSV file.

    Raises:
        ConfigurationError: the file cannot be read as text.
    """
    if path.suffix.lower() in TABLES:
        yield from _read_table(path, faults, faults_of_names)
        return
    for number, row in read_json_lines(path, faults):
        wrong = ", ".join(faults_of_names(row))
        if wrong:
            faults.append(f"line {number}: {wrong}")
        yield number, row


def read_json_lines(path: Path, faults: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a JSONL file; lines that are no JSON object go to `faults`.

    Raises:
        ConfigurationError: the file cannot be read as text.
    """
    for number, line in enumerate(_text(path, "JSONL").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: not JSON ({error.msg} at column {error.colno})")
            continue
        except (RecursionError, ValueError) as error:
            faults.append(f"line {number}: not JSON ({error})")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            faults.append(f"line {number}: not a JSON object")


def _read_table(
    path: Path, faults: list[str], faults_of_names: Callable[[Collection[str]], Iterable[str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    text = _text(path, "CSV")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    start = 1
    try:
        for cells in reader:
            number, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip() for cell in cells]
                if twice := sorted({name for name in names if names.count(name) > 1}):
                    faults.append(f"line {number}: the header names {', '.join(map(repr, twice))} twice")
                faults += [f"line {number}: {wrong}" for wrong in faults_of_names(names)]
            elif len(cells) > len(names):
                faults.append(f"line {number}: {len(cells)} cells, but the header has {len(names)}")
            else:
                row = zip(names, cells, strict=False)
                yield number, {name: cell.strip() for name, cell in row if cell.strip()}
    except csv.Error as error:
        faults.append(f"line {start}: not CSV ({error})")


def _text(path: Path, kind: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; give a {kind} file in UTF-8") from error


def raise_faults(path: Path, faults: Sequence[str], mend: str = "") -> None:
    """Raise one ConfigurationError for all `faults` ("line N: ..."), if there are any.

    The message is one line that holds every fault; of more than fifty, the lines of the rest.
    """
    if not faults:
        return
    told, rest = faults[:_SHOWN], faults[_SHOWN:]
    message = f"{path}: {'; '.join(told)}"
    if rest:
        message += f"; and {len(rest)} more ({', '.join(fault.split(':', 1)[0] for fault in rest)})"
    raise ConfigurationError(message + (f"; {mend}" if mend else ""))
