"""What reaches a terminal: the answer, its sources and its gaps, and no control sequence."""

import pytest

from assistant.models import Answer, AnswerSentence, Citation, Coverage, Filters, Paper
from assistant.printing import print_answer

PAPER = Paper(
    paper_id="a",
    display_title="Alpha \x1b]0;owned\x07",
    abstract="",
    authors=("Eve \x1b[31mMallory",),
    published="2020",
)


def answer(**changes: object) -> Answer:
    fields: dict[str, object] = {
        "question": "q",
        "standalone_question": "q",
        "answerer": "extractive",
        "model": None,
        "kind": "answer",
        "text": r"As in \[3\] it is \*so\* [1].",
        "citations": (Citation(1, PAPER),),
    }
    return Answer(**{**fields, **changes})  # type: ignore[arg-type]


def printed(capsys: pytest.CaptureFixture[str], result: Answer, *parts: str) -> str:
    print_answer([*parts, result])
    return capsys.readouterr().out


def test_an_answer_is_printed_without_markdowns_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, answer())
    assert out.startswith("As in [3] it is *so* [1].\n")
    assert "[1] Alpha" in out


@pytest.mark.parametrize(
    "change",
    [
        {"text": "\x1b[2Jcleared \x9b2J [1]"},
        {"notes": ("\x1b[2J",)},
        {"filters": Filters(author="\x1b[2J")},
        {"sentences": (AnswerSentence("\x1b[2J x", (1,), "unsupported"),)},
        {"coverage": Coverage(2, 1, ("b",), (PAPER,))},
    ],
)
def test_no_control_sequence_reaches_the_terminal(
    capsys: pytest.CaptureFixture[str], change: dict[str, object]
) -> None:
    out = printed(capsys, answer(**change), "\x1b[2J", "\x1b[2J \u202e")
    assert all(c.isprintable() or c == "\n" for c in out)


def test_sentences_without_support_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    sentences = (
        AnswerSentence("It flies.", (1,), "unsupported"),
        AnswerSentence("It is.", (1,), "supported"),
    )
    out = printed(capsys, answer(sentences=sentences))
    assert "Not supported by the papers: “It flies.”" in out
    assert "“It is.”" not in out


def test_papers_left_out_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    other = Paper(paper_id="b", display_title="Beta", abstract="")
    out = printed(capsys, answer(coverage=Coverage(4, 1, ("b", "c", "d"), (other,))))
    assert "4 papers match, 1 of them used. Left out: Beta; 2 more" in out


def test_nothing_is_said_of_coverage_when_all_were_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert "match" not in printed(capsys, answer(coverage=Coverage(1, 1)))
