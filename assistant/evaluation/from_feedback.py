"""A question set from what people said of answers, or from saved chats.

A row of the input is {"id", "question", "history", "rating", "reason", "paper_ids", "answer"}, as
``python -m assistant feedback`` writes it; "rating" is "good", "bad" or nothing (a saved chat without an
opinion).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError
from assistant.evaluation.files import raise_faults, read_json_lines
from assistant.evaluation.questions import Question

_RATINGS = ("good", "bad", None)


def questions_from_feedback(path: Path, *, unrated: bool = False) -> tuple[Question, ...]:
    """One question for each that was asked, in order; of equal ones the last that was rated counts.

    What was rated good is expected again: the papers it cited, or, where it cited none, a refusal.
    What was rated bad is expected to be otherwise: its papers are unknown, and its notes say what
    the reader said, for a person to add what is right. Rows without a rating are left out unless
    `unrated`, and then expect nothing either.

    Raises:
        ConfigurationError: the file is unreadable, has faulty rows, or holds nothing to ask.
    """
    faults: list[str] = []
    kept: dict[tuple[str, ...], tuple[int, Mapping[str, Any]]] = {}
    for number, row in read_json_lines(path, faults):
        if wrong := _fault_of(row):
            faults.append(f"line {number}: {wrong}")
            continue
        key = (*_strings(row, "history"), row["question"].strip())
        if row.get("rating") is not None or (unrated and key not in kept):
            kept.pop(key, None)
            kept[key] = (number, row)
    raise_faults(path, faults)
    if not kept:
        raise ConfigurationError(
            f"{path} holds no rated answer; rate some in the chat, or take all with --unrated"
        )
    return tuple(_question(row, number) for number, row in kept.values())


def _question(row: Mapping[str, Any], line: int) -> Question:
    rating, papers = row.get("rating"), tuple(dict.fromkeys(_strings(row, "paper_ids")))
    good = rating == "good"
    refused = row.get("answerable") is False or not papers
    notes = [f"rated {rating}" if rating else "not rated", str(row.get("reason") or "")]
    if not good:
        notes.append(f"cited {', '.join(papers) or 'nothing'}; add what is right")
    return Question(
        id=str(row["id"]),
        question=row["question"].strip(),
        type=f"feedback: {rating}" if rating else "chat",
        history=tuple(_strings(row, "history")),
        expected_papers=papers if good and not refused else (),
        answerable=not (good and refused),
        notes=": ".join(note for note in notes if note),
        line=line,
    )


def _fault_of(row: Mapping[str, Any]) -> str | None:
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        return "'question' must be a non-empty string"
    if row.get("id") is None:
        return "no 'id'"
    if row.get("rating") not in _RATINGS:
        return f"'rating' must be good, bad or null, not {row['rating']!r}"
    for name in ("history", "paper_ids"):
        value = row.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return f"{name!r} must be a list of strings"
    return None


def _strings(row: Mapping[str, Any], name: str) -> list[str]:
    return list(row.get(name) or [])
