"""Question sets: one JSON object a line, checked before any question is asked.

============== ================ ======================================================================
field          type             meaning
============== ================ ======================================================================
id             str, required    unique in its file
question       str, required    what is asked
type           str              a label the report groups by; default "question"
history        list of str      earlier user questions of the same conversation, oldest first
expected_papers list of str     papers an answer should cite: a key of ``--papers``, a paper id, a DOI,
                                an arXiv id, a PubMed id or an exact title
also_ok        list of str      papers whose citation is no fault, given the same way
must_include   list of lists    every group needs at least one of its strings in the answer
must_not_include list of str    strings no answer may contain
answerable     bool             false: the right answer is a refusal; default true
filters        object or null   filters the question implies (kept for the reader, not scored yet)
notes          str              for people
============== ================ ======================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known about its right answer; see the module's table."""

    id: str
    question: str
    type: str = "question"
    history: tuple[str, ...] = ()
    expected_papers: tuple[str, ...] = ()
    also_ok: tuple[str, ...] = ()
    must_include: tuple[tuple[str, ...], ...] = ()
    must_not_include: tuple[str, ...] = ()
    answerable: bool = True
    filters: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""
    line: int = 0


_STRING_LISTS = ("history", "expected_papers", "also_ok", "must_not_include")
_KNOWN = frozenset(
    (*_STRING_LISTS, "id", "question", "type", "must_include", "answerable", "filters", "notes")
)


def read_questions(path: Path) -> tuple[Question, ...]:
    """Read and check a question set.

    Raises:
        ConfigurationError: the file is missing, empty or has faulty lines; the one-line
            message names the first faults with their line numbers.
    """
    questions: list[Question] = []
    faults: list[str] = []
    first_line: dict[str, int] = {}
    for number, row in read_json_lines(path, faults):
        wrong = list(_faults_of(row))
        name = row.get("id")
        if isinstance(name, str) and name in first_line:
            wrong.append(f"id {name!r} is already on line {first_line[name]}")
        if wrong:
            faults.append(f"line {number}: " + ", ".join(wrong))
            continue
        first_line[row["id"]] = number
        questions.append(_question(row, number))
    raise_faults(path, faults)
    if not questions:
        raise ConfigurationError(f"{path} holds no question; give a file with one JSON object a line")
    return tuple(questions)


def read_json_lines(path: Path, faults: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a JSONL file; lines that are no JSON object go to `faults`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; give a JSONL file in UTF-8") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: not JSON ({error.msg} at column {error.colno})")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            faults.append(f"line {number}: not a JSON object")


def raise_faults(path: Path, faults: list[str], shown: int = 3) -> None:
    """Raise one ConfigurationError for all `faults`, if there are any."""
    if faults:
        more = f" (and {len(faults) - shown} more)" if len(faults) > shown else ""
        raise ConfigurationError(f"{path}: {'; '.join(faults[:shown])}{more}")


def _faults_of(row: Mapping[str, Any]) -> Iterator[str]:
    for name in ("id", "question"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            yield f"{name!r} must be a non-empty string"
    for name in _STRING_LISTS:
        if not _is_string_list(row.get(name) or []):
            yield f"{name!r} must be a list of strings"
    groups = row.get("must_include") or []
    if not isinstance(groups, list) or not all(_is_string_list(g) and g for g in groups):
        yield "'must_include' must be a list of non-empty lists of strings"
    for name, kind, word in (
        ("type", str, "a string"),
        ("answerable", bool, "true or false"),
        ("filters", dict, "an object or null"),
        ("notes", str, "a string"),
    ):
        if row.get(name) is not None and not isinstance(row[name], kind):
            yield f"{name!r} must be {word}"
    unknown = sorted(set(row) - _KNOWN)
    if unknown:
        yield f"unknown field {', '.join(map(repr, unknown))}"


def _is_string_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _question(row: Mapping[str, Any], line: int) -> Question:
    lists = {name: tuple(row.get(name) or ()) for name in _STRING_LISTS}
    answerable = row.get("answerable")
    return Question(
        id=row["id"],
        question=row["question"],
        type=row.get("type") or "question",
        must_include=tuple(tuple(group) for group in row.get("must_include") or ()),
        answerable=True if answerable is None else answerable,
        filters=row.get("filters") or {},
        notes=row.get("notes") or "",
        line=line,
        **lists,
    )
