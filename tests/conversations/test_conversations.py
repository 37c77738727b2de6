"""What is kept of conversations, for whom, and what happens when it cannot be."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.__main__ import app
from assistant.conversations import Conversations
from assistant.conversations.store import is_secret
from assistant.errors import StoreError
from assistant.evaluation.questions import read_questions
from assistant.models import Answer, AnswerSentence, Citation, Evidence, Filters, Paper, Why

ANNA, BERT = "a" * 64, "b" * 64
PAPER = Paper(
    paper_id="doi:10.1/x",
    display_title="SAFARI",
    abstract="It prunes 80% of the weights.",
    authors=("Ada",),
    published="2022",
)
ANSWER = Answer(
    question="How much?",
    standalone_question="How much?",
    answerer="extractive",
    model=None,
    kind="answer",
    text="It prunes 80% [1].",
    filters=Filters(year=2022),
    citations=(Citation(1, PAPER, (Evidence("It prunes 80%", 0, 13),), (), Why(("much",), 0.5, 1)),),
    sentences=(AnswerSentence("It prunes 80% [1].", (1,), "supported"),),
    timings_ms={"total": 3.5},
)


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "conversations.sqlite3")


def asked(kept: Conversations, browser: str = ANNA, question: str = "How much?") -> str:
    conversation = kept.save_question(browser, "", 1, question)
    kept.save_answer(browser, conversation, 1, ANSWER)
    return conversation


def test_a_conversation_comes_back_after_a_restart_as_it_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite3"
    conversation = asked(Conversations(path))
    (turn,) = Conversations(path).turns(ANNA, conversation)
    assert (turn.number, turn.question, turn.answer) == (1, "How much?", ANSWER)


def test_a_conversation_is_its_own_browsers_alone(kept: Conversations) -> None:
    conversation = asked(kept)
    assert kept.headings(BERT) == []
    assert kept.turns(BERT, conversation) == []
    assert kept.title(BERT, conversation) is None
    kept.rename(BERT, conversation, "Mine now")
    kept.delete(BERT, conversation)
    assert not kept.rate(BERT, conversation, 1, "bad")
    kept.save_answer(BERT, conversation, 1, ANSWER)
    assert kept.save_question(BERT, conversation, 1, "Overwritten?") != conversation
    assert [t.question for t in kept.turns(ANNA, conversation)] == ["How much?"]
    assert kept.title(ANNA, conversation) == "How much?"


def test_the_id_of_a_conversation_cannot_be_guessed_from_others(kept: Conversations) -> None:
    ids = [asked(kept) for _ in range(40)]
    assert len(set(ids)) == 40
    assert all(len(set(column)) > 1 for column in zip(*ids, strict=True))  # no part is the same in all
    assert min(map(len, ids)) >= 16  # characters of six bits
    assert ids != sorted(ids)


@pytest.mark.parametrize("guess", ["", "anna", "a" * 63, "A" * 64, "%" * 64, "a" * 64 + "\n"])
def test_what_is_no_secret_owns_nothing(kept: Conversations, guess: str) -> None:
    assert not is_secret(guess)
    conversation = asked(kept, guess)
    assert kept.headings(guess) == []
    assert kept.turns(guess, conversation) == []


def test_the_file_does_not_hold_the_browsers_secret(kept: Conversations, tmp_path: Path) -> None:
    asked(kept)
    assert ANNA.encode() not in (tmp_path / "conversations.sqlite3").read_bytes()


def test_conversations_are_listed_the_last_used_first(kept: Conversations) -> None:
    first = asked(kept, question="First?")
    second = asked(kept, question="Second?\nMore " + "words " * 50)
    kept.save_question(ANNA, first, 2, "Again?")
    headings = kept.headings(ANNA)
    assert [h.conversation_id for h in headings] == [first, second]
    assert [h.questions for h in headings] == [2, 1]
    assert headings[1].title.startswith("Second? More words")
    assert len(headings[1].title) <= 120


def test_a_question_asked_again_takes_the_place_of_what_followed(kept: Conversations) -> None:
    conversation = asked(kept)
    kept.save_question(ANNA, conversation, 2, "Two?")
    kept.save_question(ANNA, conversation, 3, "Three?")
    kept.save_question(ANNA, conversation, 2, "Two, better?")
    turns = kept.turns(ANNA, conversation)
    assert [(t.question, t.answer is None) for t in turns] == [("How much?", False), ("Two, better?", True)]


def test_a_conversation_is_renamed_and_deleted(kept: Conversations) -> None:
    conversation = asked(kept)
    kept.rename(ANNA, conversation, "  Pruning \n notes ")
    kept.rename(ANNA, conversation, "   ")
    assert kept.title(ANNA, conversation) == "Pruning notes"
    kept.rate(ANNA, conversation, 1, "good")
    kept.delete(ANNA, conversation)
    assert kept.headings(ANNA) == []
    assert list(kept.feedback_rows()) == []


def test_opinions_become_rows_of_a_question_set(kept: Conversations, tmp_path: Path) -> None:
    conversation = asked(kept, question="What is SAFARI?")
    kept.save_question(ANNA, conversation, 2, "How much?")
    assert not kept.rate(ANNA, conversation, 2, "good")  # not answered yet
    kept.save_answer(ANNA, conversation, 2, ANSWER)
    assert kept.rate(ANNA, conversation, 2, "bad", "wrong")
    assert kept.rate(ANNA, conversation, 2, "good", " the figure is right ")
    (row,) = kept.feedback_rows()
    assert row == {
        "id": row["id"],
        "question": "How much?",
        "history": ["What is SAFARI?"],
        "type": "feedback: good",
        "rating": "good",
        "reason": "the figure is right",
        "paper_ids": ["doi:10.1/x"],
        "answer": "It prunes 80% [1].",
        "expected_papers": ["doi:10.1/x"],
    }
    assert [t.rating for t in kept.turns(ANNA, conversation)] == [None, "good"]
    rows = tmp_path / "feedback.jsonl"
    done = CliRunner().invoke(app, ["feedback", "--data", str(tmp_path), "--output", str(rows)])
    assert done.exit_code == 0
    assert read_questions(rows)[0].expected_papers == ("doi:10.1/x",)
    kept.rate(ANNA, conversation, 2, None)
    assert list(kept.feedback_rows()) == []


def test_an_opinion_stays_with_the_answer_it_was_of(kept: Conversations) -> None:
    conversation = asked(kept)
    kept.rate(ANNA, conversation, 1, "bad", "wrong paper")
    kept.save_question(ANNA, conversation, 1, "How much?")
    kept.save_answer(ANNA, conversation, 1, ANSWER)
    assert kept.turns(ANNA, conversation)[0].rating is None
    assert [row["reason"] for row in kept.feedback_rows()] == ["wrong paper"]


def test_a_corrupt_file_is_told_in_a_line_and_mended_by_moving_it_away(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite3"
    path.write_bytes(b"no database " * 400)
    kept = Conversations(path)
    with pytest.raises(StoreError, match=r"move that file away") as told:
        kept.headings(ANNA)
    assert "\n" not in str(told.value)
    path.unlink()
    assert kept.headings(ANNA) == []


def test_a_file_deleted_while_in_use_is_made_again(kept: Conversations, tmp_path: Path) -> None:
    conversation = asked(kept)
    (tmp_path / "conversations.sqlite3").unlink()
    assert kept.save_question(ANNA, conversation, 1, "Anew?") != conversation
    assert len(kept.headings(ANNA)) == 1


def test_a_file_of_a_newer_version_is_left_alone(kept: Conversations, tmp_path: Path) -> None:
    asked(kept)
    with sqlite3.connect(tmp_path / "conversations.sqlite3") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        kept.headings(ANNA)


def test_an_answer_that_cannot_be_read_any_more_leaves_its_question(
    kept: Conversations, tmp_path: Path
) -> None:
    conversation = asked(kept)
    with sqlite3.connect(tmp_path / "conversations.sqlite3") as connection:
        connection.execute("update turns set answer = '{}'")
    connection.close()
    assert [(t.question, t.answer) for t in kept.turns(ANNA, conversation)] == [("How much?", None)]


def test_many_write_at_once_and_nothing_is_lost(kept: Conversations) -> None:
    kept.headings(ANNA)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: asked(kept, question=f"Question {n}?"), range(40)))
    assert len(kept.headings(ANNA)) == 40
