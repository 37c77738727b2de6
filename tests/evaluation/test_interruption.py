"""A replay that is interrupted goes on where it stopped, with the result of one that was not."""

from __future__ import annotations

import json
import random
import threading

import pytest
from typer.testing import CliRunner

from assistant import evaluation
from assistant.__main__ import app
from assistant.evaluation.journal import Journal, describe_circumstances
from assistant.evaluation.questions import Question
from assistant.evaluation.replay import replay
from assistant.models import Answer, Paper, ScoredPaper

PAPER = Paper("p:a", "SAFARI", "We prune weights.", title="SAFARI")
QUESTIONS = [f"question {i}" for i in range(12)]


class Stopping:
    """Answers questions until it is stopped, as by Ctrl-C."""

    answerer = "extractive"
    model = None

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.asked = []
        self._lock = threading.Lock()

    def papers(self):
        return [PAPER]

    def ask(self, question, history=()):
        with self._lock:
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(question)
        return Answer(question, question, "extractive", None, "answer", f"About {question}.")

    def search(self, query, top=10):
        return [ScoredPaper(PAPER, 1.0)]


@pytest.fixture
def questions_path(tmp_path):
    path = tmp_path / "questions.jsonl"
    rows = [{"id": str(i), "question": q, "expected_papers": ["p:a"]} for i, q in enumerate(QUESTIONS)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def answers_in(folder):
    return (folder / "answers.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_run_interrupted_again_and_again_ends_like_an_uninterrupted_one(questions_path, tmp_path, jobs):
    evaluation.run(questions_path, Stopping(), tmp_path / "whole")
    chance = random.Random(jobs)
    asked = []
    while not (tmp_path / "cut" / "answers.jsonl").exists():
        assistant = Stopping(stop_after=chance.randrange(1, 5))
        try:
            evaluation.run(questions_path, assistant, tmp_path / "cut", jobs=jobs)
        except KeyboardInterrupt:
            assert not (tmp_path / "cut" / "report.json").exists()
        asked += assistant.asked
    assert answers_in(tmp_path / "cut") == answers_in(tmp_path / "whole")
    assert sorted(asked) == sorted(QUESTIONS)
    assert not (tmp_path / "cut" / "answers.jsonl.partial").exists()


def test_a_line_that_was_cut_off_is_asked_again(questions_path, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        evaluation.run(questions_path, Stopping(stop_after=5), tmp_path)
    partial = tmp_path / "answers.jsonl.partial"
    partial.write_bytes(partial.read_bytes()[:-7])
    assistant = Stopping()
    evaluation.run(questions_path, assistant, tmp_path)
    assert assistant.asked == QUESTIONS[4:]


def test_a_complete_run_is_not_taken_for_an_interrupted_one(questions_path, tmp_path):
    evaluation.run(questions_path, Stopping(), tmp_path)
    again = Stopping()
    evaluation.run(questions_path, again, tmp_path)
    assert again.asked == QUESTIONS


def test_answers_of_other_settings_papers_or_questions_are_not_taken_up(tmp_path):
    question = Question(id="1", question="q", history=("before",))
    kept = Journal(tmp_path / "j", describe_circumstances({"model": "a"}, [PAPER]))
    kept.add(question, {"id": "1"})
    kept.close()

    def found(question, settings, papers):
        journal = Journal(tmp_path / "j", describe_circumstances(settings, papers))
        journal.close()
        return journal.get(question)

    assert found(question, {"model": "a"}, [PAPER]) == {"id": "1"}
    assert found(question, {"model": "b"}, [PAPER]) is None
    assert found(question, {"model": "a"}, [Paper("p:a", "SAFARI", "Another abstract.")]) is None
    assert found(Question(id="1", question="q"), {"model": "a"}, [PAPER]) is None


def test_a_failed_question_is_asked_again_after_an_interruption(questions_path, tmp_path):
    class Failing(Stopping):
        def ask(self, question, history=()):
            answer = super().ask(question, history)
            if question == QUESTIONS[0]:
                raise ConnectionError("gone")
            return answer

    with pytest.raises(KeyboardInterrupt):
        evaluation.run(questions_path, Failing(stop_after=3), tmp_path)
    assistant = Stopping()
    evaluation.run(questions_path, assistant, tmp_path)
    assert assistant.asked == [QUESTIONS[0], *QUESTIONS[3:]]


def test_several_questions_are_asked_at_once_and_their_answers_keep_the_order():
    together = threading.Barrier(3, timeout=30)

    class Meeting(Stopping):
        def ask(self, question, history=()):
            together.wait()  # broken unless three questions are being asked
            return super().ask(question, history)

    questions = [Question(id=str(i), question=q) for i, q in enumerate(QUESTIONS)]
    done = []
    rows = replay(Meeting(), questions, done.append, jobs=3)
    assert [row["id"] for row in rows] == [q.id for q in questions]
    assert [row.get("error") for row in rows] == [None] * len(rows)
    assert done == list(range(1, len(questions) + 1))


@pytest.mark.parametrize("kept", [True, False])
def test_an_interruption_says_how_to_go_on_when_answers_are_kept(
    questions_path, tmp_path, seed_settings, monkeypatch, kept
):
    questions_path.write_text('{"id": "1", "question": "What is FlowX?"}', encoding="utf-8")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("assistant.engine.Assistant.ask", interrupt)
    command = ["evaluate", str(questions_path), "--data", str(seed_settings.data_dir)]
    done = CliRunner().invoke(app, [*command, "--report", str(tmp_path / "r")] if kept else command)
    assert done.exit_code == 130
    assert ("the same command goes on from there" in done.output) is kept
