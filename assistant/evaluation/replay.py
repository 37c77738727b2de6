"""Asking the questions of a set and keeping what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import AssistantError
from assistant.evaluation.journal import Journal
from assistant.evaluation.questions import Question, raise_faults, read_json_lines
from assistant.models import Paper, ScoredPaper

RETRIEVED = 10


class Replied(Protocol):
    """An answer: how its question was understood, and the object of `ask --json`."""

    @property
    def standalone_question(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...


class AnswersQuestions(Protocol):
    """What a replay needs: the part of `assistant.engine.Assistant` that `RemoteAssistant` has too.

    `search` gives None where the ranking of papers cannot be seen.
    """

    @property
    def answerer(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    def ask(self, question: str, history: Sequence[str] = ()) -> Replied: ...
    def search(self, query: str, top: int = 10) -> list[ScoredPaper] | None: ...
    def papers(self) -> list[Paper]: ...


def replay(
    assistant: AnswersQuestions,
    questions: Sequence[Question],
    progress: Callable[[int], None] | None = None,
    *,
    jobs: int = 1,
    journal: Journal | None = None,
) -> list[dict[str, Any]]:
    """Ask every question, `jobs` at a time; return the objects of `ask --batch` in the set's order.

    Each also has "retrieved", the ids of the best papers for the question as it was understood,
    where they can be seen. A question that fails becomes {"id", "error"}. What `journal` holds is
    not asked again, and it gets every answer as it arrives. `progress` is called with the number
    of questions done.
    """
    answers = {q.id: kept for q in questions if journal and (kept := journal.get(q))}
    waiting = [q for q in questions if q.id not in answers]
    if progress and answers:
        progress(len(answers))

    def asked(question: Question) -> dict[str, Any]:
        row = _ask(assistant, question)
        if journal and "error" not in row:
            journal.add(question, row)
        return row

    for row in _each(asked, waiting, jobs):
        answers[row["id"]] = row
        if progress:
            progress(len(answers))
    return [answers[q.id] for q in questions]


def _each(
    work: Callable[[Question], dict[str, Any]], questions: Sequence[Question], jobs: int
) -> Iterable[dict[str, Any]]:
    """The results of `work`, as they come; in this thread when there is one job."""
    if jobs == 1:
        yield from map(work, questions)
        return
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="question")
    try:
        for done in as_completed([pool.submit(work, question) for question in questions]):
            yield done.result()
    finally:  # after an interruption only the questions being answered are waited for
        pool.shutdown(cancel_futures=True)


def _ask(assistant: AnswersQuestions, question: Question) -> dict[str, Any]:
    try:
        answer = assistant.ask(question.question, history=question.history)
        found = assistant.search(answer.standalone_question, RETRIEVED)
    except AssistantError as error:
        return {"id": question.id, "error": str(error)}
    except Exception as error:  # an edge: one broken question must not cost the others' answers
        return {"id": question.id, "error": f"{type(error).__name__}: {error}"}
    row = {"id": question.id, **answer.to_dict()}
    return row if found is None else {**row, "retrieved": [s.paper.paper_id for s in found]}


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
