"""`questions make`, `from-feedback` and `lint` as their user runs them, on the seeds."""

import json

import pytest
from typer.testing import CliRunner

from assistant.evaluation.questions import read_questions
from assistant.evaluation.set_commands import questions


@pytest.fixture
def run(seed_settings):
    def run(*arguments, store=True):
        data = ["--data", str(seed_settings.data_dir)] if store else []
        return CliRunner().invoke(questions, [*map(str, arguments), *data])

    return run


def test_a_set_is_made_and_has_no_faults(run, tmp_path):
    path = tmp_path / "sets" / "made.jsonl"
    done = run("make", "--output", path, "--per-kind", 3)
    assert done.exit_code == 0, done.output
    assert "21 questions (name 3, figure 3," in done.output
    assert len(read_questions(path)) == 21
    looked = run("lint", path)
    assert (looked.exit_code, looked.output) == (0, "21 questions, 0 findings\n")


def test_findings_are_told_by_line_and_fail(run, tmp_path):
    path = tmp_path / "set.csv"
    path.write_text("id,type,question\na,fact,How?\nb,fact,how\n", encoding="utf-8")
    done = run("lint", path)
    assert done.exit_code == 1
    assert "line 2: a: unscored: neither expected_papers nor must_include" in done.output
    assert done.output.endswith("2 questions, 3 findings: duplicate 1, unscored 2\n")
    rows = [json.loads(line) for line in run("lint", path, "--json").output.splitlines()]
    assert [row["rule"] for row in rows] == ["unscored", "unscored", "duplicate"]


def test_a_faulty_set_is_refused_with_all_its_faults(run, tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "a", "question": "?", "expected_papers": ["nope"]}\n{"id": 1}', encoding="utf-8")
    done = run("lint", path)
    assert done.exit_code == 2
    assert "line 1: no paper in the catalogue is called 'nope'; line 2: 'id' must be" in done.stderr
    assert done.stderr.count("\n") == 1


def test_rated_answers_become_a_set(run, tmp_path):
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"id": 7, "question": "What is SAFARI?", "rating": "bad"}', encoding="utf-8")
    done = run("from-feedback", path, "--output", tmp_path / "set.jsonl", store=False)
    assert done.exit_code == 0, done.output
    (question,) = read_questions(tmp_path / "set.jsonl")
    assert (question.id, question.type) == ("7", "feedback: bad")


def test_a_model_is_not_let_to_judge_itself_unasked(run, tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"id": "1", "answer": "Yes.", "model": "small"}', encoding="utf-8")
    done = run("judge", path, "--model", "small", "--output", tmp_path / "judged.jsonl")
    assert done.exit_code == 2
    assert "small gave these answers" in done.stderr
    assert not (tmp_path / "judged.jsonl").exists()
