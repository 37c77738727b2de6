"""Question sets: JSONL or CSV, checked before any question is asked.

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
rating, reason, paper_ids, answer
                                what ``python -m assistant feedback`` writes of a rated answer; for people
============== ================ ======================================================================

In a CSV file (`.csv`, `.tsv`; the first line names the fields) a list is written with ";" between
its items, and in ``must_include`` with "|" between the strings of a group, or as JSON when it
begins with "[". ``answerable`` is true or false, ``filters`` a JSON object. docs/question-sets.md
says all this with examples.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import ConfigurationError
from assistant.evaluation.files import TABLES, raise_faults, read_json_lines, read_rows

__all__ = ["FIELDS", "Question", "raise_faults", "read_json_lines", "read_questions"]


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
_PAPERS = ("expected_papers", "also_ok")
#: The fields a row may have.
FIELDS = ("id", "type", "question", *_STRING_LISTS, "must_include", "answerable", "filters", "notes")
_FEEDBACK = ("rating", "reason", "paper_ids", "answer")  # what `feedback` exports beside them


class KnowsPapers(Protocol):
    """What a paper's name means, None when nothing; and the title that was perhaps meant."""

    def resolve(self, name: str) -> str | None: ...
    def suggest(self, name: str) -> str | None: ...


def read_questions(path: Path, papers: KnowsPapers | None = None) -> tuple[Question, ...]:
    """Read and check a question set; without `papers` their names are not checked.

    Raises:
        ConfigurationError: the file is missing, empty or has faulty lines; the one-line
            message names all faults with their line numbers.
    """
    questions: list[Question] = []
    faults: list[str] = []
    unknown_papers = False
    first_line: dict[str, int] = {}
    for number, row in read_rows(path, faults, _faults_of_names):
        if path.suffix.lower() in TABLES:
            row = _from_cells(row)
        wrong = list(_faults_of(row))
        name = row.get("id")
        if isinstance(name, str):
            if name in first_line:
                wrong.append(f"id {name!r} is already on line {first_line[name]}")
            first_line.setdefault(name, number)
        if missing := _unresolved(row, papers):
            unknown_papers = True
            wrong.append(f"no paper in the catalogue is called {', '.join(missing)}")
        if wrong:
            faults.append(f"line {number}: " + ", ".join(wrong))
        else:
            questions.append(_question(row, number))
    mend = "python -m assistant papers lists the papers, --papers FILE explains keys"
    raise_faults(path, faults, mend if unknown_papers else "")
    if not questions:
        raise ConfigurationError(
            f"{path} holds no question; give a JSONL or CSV file with at least 'id' and 'question'"
        )
    return tuple(questions)


def _faults_of(row: Mapping[str, Any]) -> Iterator[str]:
    for name in ("id", "question"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            yield f"{name!r} must be a non-empty string"
    for name in _STRING_LISTS:
        if not _is_string_list(_given(row, name, [])):
            yield f"{name!r} must be a list of non-empty strings"
    groups = _given(row, "must_include", [])
    if not isinstance(groups, list) or not all(_is_string_list(g) and g for g in groups):
        yield "'must_include' must be a list of non-empty lists of non-empty strings"
    for name, kind, word in (
        ("type", str, "a string"),
        ("answerable", bool, "true or false"),
        ("filters", dict, "an object or null"),
        ("notes", str, "a string"),
    ):
        if row.get(name) is not None and not isinstance(row[name], kind):
            yield f"{name!r} must be {word}"


def _faults_of_names(names: Collection[str]) -> Iterator[str]:
    for name in sorted(set(names) - {*FIELDS, *_FEEDBACK}):
        near = difflib.get_close_matches(name, FIELDS, 1)
        yield f"unknown field {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")


def _given(row: Mapping[str, Any], name: str, default: Any) -> Any:
    """The field's value; null is the same as no field."""
    value = row.get(name)
    return default if value is None else value


def _is_string_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _unresolved(row: Mapping[str, Any], papers: KnowsPapers | None) -> list[str]:
    """The names that mean no paper, each with the title that was perhaps meant."""
    if papers is None:
        return []
    lists = [_given(row, name, []) for name in _PAPERS]
    names = [name for given in lists if _is_string_list(given) for name in given]
    return [
        repr(name) + (f" (did you mean {near!r}?)" if (near := papers.suggest(name)) else "")
        for name in names
        if papers.resolve(name) is None
    ]


def _from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    """A CSV row as the JSON object it stands for; a cell that stands for none stays a string."""
    row: dict[str, Any] = dict(cells)
    for name in (*_STRING_LISTS, "must_include"):
        if name in row:
            row[name] = _list_of(row[name], groups=name == "must_include")
    if "answerable" in row:
        row["answerable"] = {"true": True, "false": False}.get(row["answerable"].lower(), row["answerable"])
    if "filters" in row:
        row["filters"] = _json_or_text(row["filters"])
    return row


def _list_of(cell: str, *, groups: bool) -> Any:
    if cell.startswith("["):
        return _json_or_text(cell)
    items = [item.strip() for item in cell.split(";") if item.strip()]
    return [[s.strip() for s in item.split("|") if s.strip()] for item in items] if groups else items


def _json_or_text(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _question(row: Mapping[str, Any], line: int) -> Question:
    lists = {name: tuple(_given(row, name, ())) for name in _STRING_LISTS}
    return Question(
        id=row["id"],
        question=row["question"],
        type=row.get("type") or "question",
        must_include=tuple(tuple(group) for group in _given(row, "must_include", ())),
        answerable=_given(row, "answerable", True),
        filters=row.get("filters") or {},
        notes=row.get("notes") or "",
        line=line,
        **lists,
    )
