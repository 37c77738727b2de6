from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_assistant import CORPUS, FakeAssistant, fake_services

from assistant.models import Paper
from assistant.web.corpus_tab import matching, table_rows
from assistant.web.page import build_page
from assistant.web.suggestions import example_questions


def test_a_tab_in_the_browser_holds_no_connection_open(tmp_path: Path) -> None:
    # A browser grants about six to one server; the next tab would hang.
    assert (
        build_page(FakeAssistant(), fake_services(tmp_path)).get_config_file()["connect_heartbeat"] is False
    )  # type: ignore[arg-type]


def test_only_the_named_endpoints_are_public(tmp_path: Path) -> None:
    page = build_page(FakeAssistant(), fake_services(tmp_path))  # type: ignore[arg-type]
    config: dict[str, Any] = page.get_config_file()  # type: ignore[assignment]
    public = [d["api_name"] for d in config["dependencies"] if d["api_visibility"] == "public"]
    assert public == ["ask", "search", "summarize", "papers"]


def test_the_page_takes_no_typeface_from_elsewhere() -> None:
    from assistant.web.theme import page_theme

    page_theme()._get_theme_css()
    assert page_theme()._stylesheets == []


def test_the_ask_endpoint_answers_as_json(served: tuple[str, Any, Path]) -> None:
    from gradio_client import Client

    url, assistant, _ = served
    assistant.reset()
    client = Client(url, verbose=False)
    answer = client.predict("And then?", ["How much can SAFARI prune?"], api_name="/ask")
    assert answer["citations"][0]["paper_id"] == "p:safari"
    assert answer == assistant.ask("And then?", ("How much can SAFARI prune?",)).to_dict()
    client.close()


def test_the_ask_endpoint_tells_errors_in_a_line(served: tuple[str, Any, Path]) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(served[0], verbose=False)
    with pytest.raises(AppError, match="the model's server does not answer"):
        client.predict("broken server", api_name="/ask")
    client.close()


def test_example_questions_are_about_the_corpus() -> None:
    papers = [
        Paper("1", "MeLo: Low-rank Adaptation", "", title="MeLo: Low-rank Adaptation", published="2024"),
        Paper("2", "A study: of things", "", title="A study: of things", published="2023", has_code=True),
        Paper("3", "RAD: Retrieval", "", title="RAD: Retrieval"),
        Paper("4", "SAT: Segmentation", "", title="SAT: Segmentation", authors=("Ada Lovelace",)),
    ]
    assert example_questions(papers) == [
        "What does MeLo do, and how well does it work?",
        "Compare RAD and SAT.",
        "Which papers since 2023 come with code?",
        "Which papers are by Ada Lovelace?",
    ]
    assert example_questions([]) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [("", 2), ("SAFARI", 1), ("zhao", 1), ("2023 mallory", 1), ("2022 mallory", 0), ("dc", 1)],
)
def test_the_papers_tab_finds_by_title_author_category_and_year(words: str, found: int) -> None:
    assert len(matching(CORPUS, words)) == found


def test_the_papers_table_shows_plain_text() -> None:
    assert table_rows(CORPUS[:1])[0][1:] == ["Yuzhu Mao, Zihao Zhao, Meilin Yang et al.", 2022, "DC", "yes"]
