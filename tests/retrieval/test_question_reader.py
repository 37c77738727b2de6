"""Questions that a real store is needed to read: what papers mention, and whose they are."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from store_fixtures import HashingModel

from assistant.corpus import Corpus
from assistant.engine import Assistant
from assistant.models import Answer
from assistant.settings import Settings
from assistant.stores import open_stores


@pytest.fixture
def assistant(
    settings: Settings, model: HashingModel, source: Path, ingest: Callable[..., object]
) -> Iterator[Assistant]:
    ingest(source)
    with Assistant(Corpus(open_stores(settings, model), model), today=date(2026, 11, 22)) as opened:
        yield opened


def cited(answer: Answer) -> set[str]:
    return {source_id for c in answer.citations for source_id in c.paper.source_ids}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("papers that don't mention weights", {"a2", "a3"}),
        ("papers that do not mention elderly women", {"a1", "a2"}),
        ("papers by Lao that don't mention pruning", {"a3"}),
        ("papers with code but not about weights", {"a3"}),
        ("papers by Q. Lao", {"a1", "a3"}),
        ("papers from May", {"a1"}),
        ("papers by Qichen Lao", {"a1", "a3"}),
        ("papers by Geoffrey Hinton", set()),
    ],
)
def test_papers_are_selected_by_what_only_the_store_knows(
    assistant: Assistant, question: str, expected: set[str]
) -> None:
    answer = assistant.ask(question)
    assert cited(answer) == expected
    assert answer.refused == (not expected)


def test_a_list_after_one_paper_is_of_that_paper(assistant: Assistant) -> None:
    assert cited(assistant.ask("only those with code", ["What is SAFARI?", "papers from 2024"])) == set()
    assert cited(assistant.ask("only those with code", ["papers by Bo Gray"])) == {"a3"}


def test_what_is_asked_of_the_papers_shown_is_answered_from_them(assistant: Assistant) -> None:
    answer = assistant.ask("which have code?", ["papers by Bo Gray"])
    assert cited(answer) == {"a3"}
    assert "of the one shown before" in answer.text


def test_what_no_paper_says_to_do_without_is_not_passed_over_in_silence(seed_assistant: Assistant) -> None:
    asked = seed_assistant.ask("papers on federated learning without medical data")
    assert any("that do not mention medical data" in note for note in asked.notes)
    assert not seed_assistant.ask("papers on segmentation without annotation").notes


def test_a_month_in_a_conversation_is_of_the_year_spoken_of(assistant: Assistant) -> None:
    answer = assistant.ask("and from May?", ["papers from 2024"])
    assert answer.filters.to_dict() == {"published_from": "2024-05-01", "published_to": "2024-05-31"}


def test_the_names_of_a_corpus_come_with_its_months_and_cut_lists(assistant: Assistant) -> None:
    names = assistant._corpus.names
    assert (names.months, names.paper_count, names.cut_lists) == ({"2024-05"}, 3, 0)


def test_what_is_not_to_be_mentioned_is_not_mentioned_by_its_other_name_either(
    seed_assistant: Assistant,
) -> None:
    answer = seed_assistant.ask("papers by Yitao Zhu but not about LoRA")
    assert answer.citations
    assert not any("low-rank adaptation" in c.paper.abstract.lower() for c in answer.citations)
    assert any("counts as “LoRA”" in note for note in answer.notes)
