"""Prompts are files: what they say is fixed by snapshot, what they lack is named."""

import re
from pathlib import Path

import pytest

import prompts

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENDERED = {
    "answer": {
        "passages": '<passage number="1">\nTitle: A\n</passage>',
        "question": "How much does it cost: $5 or $x?",
    },
    "closed_book": {"history": "Asked before: What is SAFARI?", "question": "How much does it prune?"},
    "condense_question": {"history": "- What is SAFARI?", "question": "And how much does it prune?"},
    "judge_support": {"abstracts": "Title: A\nWe prune $5.", "statement": "A prunes."},
    "rewrite_question": {"question": "How do phones train together?"},
    "summary_overview": {"topic": "pruning", "parts": "Structured: Weights go. [1]"},
    "summary_theme": {"topic": "pruning", "theme": "structured", "passages": "<passage>"},
}


@pytest.mark.parametrize("name", sorted(RENDERED))
def test_a_prompt_reads_as_its_snapshot(name: str) -> None:
    prompt = prompts.render(name, **RENDERED[name])
    expected = (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8")
    assert f"{prompt.system}\n=====\n{prompt.user}\n" == expected


def test_every_prompt_has_a_snapshot() -> None:
    files = {path.stem for path in Path(prompts.__file__).parent.glob("*.md")}
    assert files == set(RENDERED) == {path.stem for path in SNAPSHOTS.glob("*.txt")}


def test_values_are_put_in_as_they_are() -> None:
    prompt = prompts.render("condense_question", history="costs $5\n---\n$question", question="$history?")
    assert "costs $5\n---\n$question" in prompt.user
    assert "Last question: $history?" in prompt.user


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(ValueError, match="'condense_question' needs a value for history"):
        prompts.render("condense_question", question="?")


def test_an_unused_variable_is_named() -> None:
    with pytest.raises(ValueError, match="'condense_question' has no place for passages"):
        prompts.render("condense_question", question="?", history="", passages="")


def test_an_unknown_prompt_is_named_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"'\.\./answer'; known prompts: answer, "):
        prompts.render("../answer")


def test_the_answer_prompt_holds_no_citation_that_a_small_model_could_echo() -> None:
    prompt = prompts.render("answer", passages="", question="")
    assert not re.search(r"[\[(]\d", prompt.system + prompt.user)


def test_versions_tell_prompts_apart() -> None:
    versions = {name: prompts.version(name) for name in RENDERED}
    assert len(set(versions.values())) == len(versions)
    assert all(re.fullmatch(r"[0-9a-f]{12}", v) for v in versions.values())
