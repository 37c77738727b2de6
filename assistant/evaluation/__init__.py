"""Replaying question sets: did a change make the answers better?"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from assistant.evaluation.details import describe_row
from assistant.evaluation.gold import name_papers, read_gold
from assistant.evaluation.journal import Journal, describe_circumstances, describe_corpus
from assistant.evaluation.prices import Prices, describe_cost
from assistant.evaluation.questions import Question, read_questions
from assistant.evaluation.replay import AnswersQuestions, read_answers, replay, write_answers
from assistant.evaluation.report import EvaluationReport, make_report
from assistant.evaluation.scoring import score
from assistant.evaluation.thresholds import Thresholds
from assistant.models import Paper

__all__ = [
    "EvaluationReport",
    "Question",
    "describe_build",
    "read_questions",
    "replay",
    "run",
]

ANSWERS = "answers.jsonl"
PARTIAL = "answers.jsonl.partial"


def run(
    questions_path: Path,
    assistant: AnswersQuestions,
    report_dir: Path | None,
    papers_path: Path | None = None,
    answers_path: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    jobs: int = 1,
    settings: Mapping[str, Any] | None = None,
    resume: bool = True,
    thresholds: Thresholds | None = None,
    prices: Prices | None = None,
) -> EvaluationReport:
    """Replay a question set and score it; write the report when `report_dir` is given.

    The set is read, checked and resolved against the catalogue before any question is
    asked. With `answers_path` (the output of ``ask --batch`` or an earlier replay's
    answers.jsonl) nothing is asked and those answers are scored. `progress` is called with
    (done, total). `settings` are all that the answers depend on beside the questions and the
    papers; an interrupted run goes on only where they are the same, and never without `resume`.
    The report says which of the `thresholds` are missed, and what the answers cost by `prices`.

    Writes `report.html`, the same as `report.json`, `questions.csv` and `figures.csv`, and, when
    questions were asked, `answers.jsonl`. Until the run is complete its answers stand in
    `answers.jsonl.partial`, from which another call goes on.

    Raises:
        ConfigurationError: the set, the keys or the answers cannot be used.
    """
    papers = assistant.papers()
    names = name_papers(papers, papers_path)
    gold = read_gold(questions_path, names)
    questions = [g.question for g in gold]
    if thresholds is not None:
        thresholds.check_types({question.type for question in questions})
    if answers_path is not None:
        answers = read_answers(answers_path)
    else:
        replayed = _replayed(assistant, questions, papers, report_dir, progress, jobs, settings or {}, resume)
        answers = {row["id"]: row for row in replayed}
    abstracts = {paper.paper_id: paper.abstract for paper in papers}
    rows = [score(g, answers.get(g.question.id), abstracts, names.canonical, prices) for g in gold]
    setup: dict[str, Any] = {
        "questions": questions_path.name,
        "answers": answers_path.name if answers_path else "asked now",
        **_answered_by(answers, assistant, asked=answers_path is None),
        "judged by": _listed(answers, "judged_by"),
        "cost": describe_cost(answers.values(), prices) if prices else None,
        "papers": len(papers),
        "corpus": describe_corpus(papers),
        **describe_build(),
    }
    titles = {paper.paper_id: paper.display_title for paper in papers}
    details = {g.question.id: describe_row(g, answers.get(g.question.id), titles, names) for g in gold}
    report = make_report(rows, setup, details)
    if thresholds is not None:
        report = replace(report, missed=thresholds.missed(report.values))
    if report_dir is not None:
        report.write(report_dir)
    return report


def _replayed(
    assistant: AnswersQuestions,
    questions: Sequence[Question],
    papers: Sequence[Paper],
    folder: Path | None,
    progress: Callable[[int, int], None] | None,
    jobs: int,
    settings: Mapping[str, Any],
    resume: bool,
) -> list[dict[str, Any]]:
    """Ask the questions, going on from what an interrupted run left in `folder`."""
    advance = (lambda done: progress(done, len(questions))) if progress else None
    if folder is None:
        return replay(assistant, questions, advance, jobs=jobs)
    if not resume:
        (folder / PARTIAL).unlink(missing_ok=True)
    journal = Journal(folder / PARTIAL, describe_circumstances(settings, papers))
    try:
        replayed = replay(assistant, questions, advance, jobs=jobs, journal=journal)
    finally:
        journal.close()
    write_answers(folder / ANSWERS, replayed)
    journal.remove()
    return replayed


def _answered_by(
    answers: dict[str, dict[str, Any]], assistant: AnswersQuestions, *, asked: bool
) -> dict[str, str | None]:
    """Who gave the answers: the assistant, or, for a file of answers, whoever that file names."""
    if asked:
        return {"answerer": assistant.answerer, "model": assistant.model}
    return {name: _listed(answers, name) for name in ("answerer", "model")}


def _listed(answers: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    return ", ".join(sorted({str(row[name]) for row in answers.values() if row.get(name)})) or None


def describe_build() -> dict[str, str | None]:
    """The version, the commit (None outside a checkout) and the time, for a report's head."""
    here = Path(__file__).resolve().parent
    try:
        commit: str | None = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        commit = None
    try:
        version: str | None = metadata.version("paper-assistant")
    except metadata.PackageNotFoundError:
        version = None
    return {"version": version, "commit": commit, "time": datetime.now(UTC).isoformat(timespec="seconds")}
