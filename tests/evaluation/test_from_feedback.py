import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.from_feedback import questions_from_feedback


def row(**values):
    return {"id": "f1", "question": "What is SAFARI?", "history": [], "rating": "good", "reason": ""} | values


def made(tmp_path, *rows, **options):
    path = tmp_path / "feedback.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return questions_from_feedback(path, **options)


def test_what_was_rated_good_is_expected_again(tmp_path):
    (question,) = made(tmp_path, row(paper_ids=["p:1", "p:1", "p:2"], history=["Before?"]))
    assert question.expected_papers == ("p:1", "p:2")
    assert (question.type, question.history, question.answerable) == ("feedback: good", ("Before?",), True)


@pytest.mark.parametrize("values", [{"paper_ids": []}, {"paper_ids": ["p:1"], "answerable": False}])
def test_a_good_refusal_is_expected_again(tmp_path, values):
    (question,) = made(tmp_path, row(**values))
    assert (question.expected_papers, question.answerable) == ((), False)


def test_what_was_rated_bad_expects_nothing_and_says_why(tmp_path):
    (question,) = made(tmp_path, row(rating="bad", reason="wrong paper", paper_ids=["p:1"]))
    assert (question.expected_papers, question.answerable) == ((), True)
    assert question.notes == "rated bad: wrong paper: cited p:1; add what is right"


def test_the_last_opinion_on_a_question_counts(tmp_path):
    rows = [
        row(paper_ids=["p:1"]),
        row(id="f2", history=["Other?"], paper_ids=["p:3"]),
        row(id="f3", rating="bad"),
    ]
    assert [q.id for q in made(tmp_path, *rows)] == ["f2", "f3"]


def test_saved_chats_are_taken_when_asked_for(tmp_path):
    rows = [
        row(paper_ids=["p:1"]),
        row(id="f2", rating=None),
        row(id="f3", rating=None, question="And FlowX?"),
    ]
    assert [q.id for q in made(tmp_path, *rows)] == ["f1"]
    assert [(q.id, q.type) for q in made(tmp_path, *rows, unrated=True)] == [
        ("f1", "feedback: good"),
        ("f3", "chat"),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(rating="meh")], "line 1: 'rating' must be"),
        ([row(), row(question="")], "line 2: 'question' must be"),
        ([row(history="x")], "line 1: 'history' must be"),
        ([{"question": "?"}], "line 1: no 'id'"),
        ([row(rating=None)], "holds no rated answer"),
    ],
)
def test_faulty_rows_are_named_with_their_lines(tmp_path, rows, message):
    with pytest.raises(ConfigurationError, match=message):
        made(tmp_path, *rows)
