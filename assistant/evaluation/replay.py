"""Asking the questions of a set, in order, and keeping what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import AssistantError
from assistant.evaluation.questions import Question, raise_faults, read_json_lines
from assistant.models import Answer, Paper, ScoredPaper

RETRIEVED = 10


class AnswersQuestions(Protocol):
    """The part of `assistant.engine.Assistant` a replay needs."""

    @property
    def answerer(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...
    def search(self, query: str, top: int = 10) -> list[ScoredPaper]: ...
    def papers(self) -> list[Paper]: ...


def replay(
    assistant: AnswersQuestions,
    questions: Iterable[Question],
    progress: Callable[[int], None] | None = None,
) -> list[dict[str, Any]]:
    """Ask every question; return the objects of `ask --batch`, one a question, in order.

    Each also has "retrieved", the ids of the best papers for the question as it was
    understood. A question that fails becomes {"id", "error"}. `progress` is called with the
    number of questions done.
    """
    answers = []
    for done, question in enumerate(questions, start=1):
        answers.append(_ask(assistant, question))
        if progress:
            progress(done)
    return answers


def _ask(assistant: AnswersQuestions, question: Question) -> dict[str, Any]:
    try:
        answer = assistant.ask(question.question, history=question.history)
        found = assistant.search(answer.standalone_question, RETRIEVED)
    except AssistantError as error:
        return {"id": question.id, "error": str(error)}
    except Exception as error:  # an edge: one broken question must not cost the others' answers
        return {"id": question.id, "error": f"{type(error).__name__}: {error}"}
    return {"id": question.id, **answer.to_dict(), "retrieved": [s.paper.paper_id for s in found]}


def read_answers(path: Path) -> dict[str, dict[str, Any]]:
    """Read the output of `ask --batch` or of an earlier replay, by question id.

    Raises:
        ConfigurationError: the file is unreadable or a line has no id.
    """
    faults: list[str] = []
    answers: dict[str, dict[str, Any]] = {}
    for number, row in read_json_lines(path, faults):
        if row.get("id") is None:
            faults.append(f"line {number}: no 'id'")
        else:
            answers[str(row["id"])] = row
    raise_faults(path, faults)
    return answers


def write_answers(path: Path, answers: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in answers:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
