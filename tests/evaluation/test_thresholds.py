"""Thresholds in a file: wrong ones are told before any question is asked, missed ones fail a CI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.__main__ import app
from assistant.errors import ConfigurationError
from assistant.evaluation.questions import read_questions
from assistant.evaluation.thresholds import read_thresholds

QUESTIONS = Path(__file__).parents[1] / "questions"
TEXT = """
[questions.all]
facts = 0.9
wrongly_refused = 0.05
[questions.fact]
facts = 1
[other.all]
facts = 0.1
"""


@pytest.fixture
def limits(tmp_path):
    def write(text):
        path = tmp_path / "thresholds.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        ({"all": {"facts": 0.9, "wrongly_refused": 0.05}, "fact": {"facts": 1.0}}, ()),
        ({"all": {"facts": 0.89, "wrongly_refused": 0.0}, "fact": {"facts": 1.0}},
         ("all: facts is 0.89, must be at least 0.9",)),
        ({"all": {"facts": 1.0, "wrongly_refused": 0.06}, "fact": {"facts": 1.0}},
         ("all: wrongly_refused is 0.06, must be at most 0.05",)),
        ({"all": {"facts": 1.0, "wrongly_refused": 0.0}},
         ("fact: facts was not measured, its threshold is 1",)),
    ],
)  # fmt: skip
def test_a_threshold_is_the_least_or_where_lower_is_better_the_most(limits, values, missed):
    assert read_thresholds(limits(TEXT), "questions.jsonl").missed(values) == missed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("facts = ", "holds no thresholds"),
        ("[other.all]\nfacts = 1", "has no thresholds for questions.jsonl: its tables are for other"),
        ("[questions.all]\nfact = 1", "all.fact is no metric"),
        ("[questions.all]\nfacts = true", "all.facts = True is no number"),
        ("[questions]\nfacts = 1", "questions.facts must be a table"),
    ],
)
def test_a_faulty_file_is_told(limits, text, message):
    with pytest.raises(ConfigurationError, match=message):
        read_thresholds(limits(text), "questions.jsonl")


@pytest.fixture
def evaluate(tmp_path, seed_settings):
    questions = tmp_path / "questions.jsonl"
    row = {"id": "1", "type": "fact", "question": "How much of the model weights can SAFARI prune?",
           "must_include": [["80%"]]}  # fmt: skip
    questions.write_text(json.dumps(row), encoding="utf-8")

    def run(*arguments):
        given = [str(questions), "--data", str(seed_settings.data_dir), *map(str, arguments)]
        return CliRunner().invoke(app, ["evaluate", *given])

    return run


def test_the_exit_code_says_whether_the_thresholds_are_met(evaluate, limits, tmp_path):
    met = evaluate("--fail-under", limits("[questions.fact]\nfacts = 1.0"))
    assert met.exit_code == 0, met.output
    missed = evaluate("--fail-under", limits("[questions.all]\nwords = 1"), "--report", tmp_path / "r")
    assert missed.exit_code == 1
    assert "must be at most 1" in missed.output
    assert "1 thresholds are missed" in (tmp_path / "r" / "report.html").read_text("utf-8")


def test_thresholds_of_a_type_that_no_question_has_are_wrong_usage(evaluate, limits):
    done = evaluate("--fail-under", limits("[questions.cross]\nfacts = 1.0"))
    assert done.exit_code == 2
    assert "'cross', which no question is" in done.output


@pytest.mark.parametrize("name", ["questions", "hard"])
def test_the_thresholds_of_this_project_fit_its_question_sets(name):
    questions = read_questions(QUESTIONS / f"{name}.jsonl")
    limits = read_thresholds(QUESTIONS / "thresholds.toml", f"{name}.jsonl")
    limits.check_types({question.type for question in questions})
