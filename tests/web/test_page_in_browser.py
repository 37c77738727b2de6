"""What people do with the page, in a real Chromium over the scripted assistant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from driving import ask, last_answer, wait_until_answered

from assistant.models import Filters

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ANSWER = "SAFARI can prune 80% of the weights without losing accuracy"


def test_an_answer_streams_and_ends_with_its_sources(page: Page) -> None:
    ask(page, "How much can SAFARI prune? slow")
    page.wait_for_selector("#pa-chat .bot-row .prose")
    lengths = set()
    while page.locator(".pa-card").count() == 0:
        lengths.add(len(last_answer(page)))
        page.wait_for_timeout(40)
    assert len(lengths) > 5
    assert ANSWER in last_answer(page)
    assert page.locator("#pa-chat a[href='#source-1-1']").count() == 2
    assert "Only papers published in 2022" in last_answer(page)


def test_a_marker_opens_its_card_at_the_highlighted_evidence(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    ask(page, "How much can SAFARI prune?")
    page.wait_for_selector("#source-1-2")
    assert page.locator("#source-1-2 details.pa-abstract").get_attribute("open") is None
    page.locator("#pa-chat a[href='#source-1-2']").click()
    page.wait_for_function("document.activeElement.id == 'source-1-2'")
    assert page.locator("#source-1-2 details.pa-abstract").get_attribute("open") is not None
    page.wait_for_function(
        "(() => { const box = document.querySelector('#source-1-2 mark').getBoundingClientRect();"
        " return box.top >= 0 && box.bottom <= innerHeight; })()"
    )
    assert page.locator("#source-1-1 mark").all_inner_texts() == [
        "The results show that SAFARI can prune 80% of the weights without losing accuracy.",
        "It tolerates up to 60% of client updates missing in each round.",
    ]


def test_a_filter_read_from_the_question_can_be_taken_off(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    ask(page, "How much can SAFARI prune?")
    page.wait_for_selector("#pa-filters .token")
    assert "published in 2022" in page.locator("#pa-filters .token").inner_text()
    wait_until_answered(page)
    page.locator("#pa-filters .token-remove").first.click()
    page.wait_for_selector("#pa-filters", state="hidden")
    wait_until_answered(page)
    assert [question for question, _ in assistant.asked] == ["How much can SAFARI prune?"] * 2
    assert assistant.filtered == [None, Filters()]
    assert page.locator("#pa-chat .user-row").count() == 1


def test_a_marker_of_an_earlier_answer_brings_its_sources_back(page: Page) -> None:
    ask(page, "How much can SAFARI prune?")
    page.wait_for_selector("#source-1-1")
    ask(page, "hostile")
    page.wait_for_selector("#source-2-1")
    assert page.locator("#source-1-1").count() == 0
    page.locator("#pa-chat a[href='#source-1-1']").first.click()
    page.wait_for_selector("#source-1-1")
    assert "SAFARI" in page.locator("#source-1-1 h3").inner_text()


def test_hostile_questions_answers_and_records_stay_text(page: Page) -> None:
    ask(page, "hostile <img src=x onerror=window.hacked=7> [x](javascript:window.hacked=8) **b** $5 to $6")
    page.wait_for_selector(".pa-card")
    page.get_by_role("tab", name="Corpus").click()
    page.locator("#pa-papers [role='gridcell']").first.wait_for()
    assert page.locator("img[src='x'], #pa-chat img, .pa-card img").count() == 0
    assert page.locator("a[href^='javascript:'], svg[onload], [onerror], [onmouseover]").count() == 0
    question = page.locator("#pa-chat .user-row .prose").inner_text().strip()
    assert (
        question
        == "hostile <img src=x onerror=window.hacked=7> [x](javascript:window.hacked=8) **b** $5 to $6"
    )
    assert "Costs $5 and $6." in last_answer(page)
    assert page.evaluate("window.hacked") is None


def test_a_follow_up_carries_the_earlier_questions_of_this_browser_only(
    page: Page, browser: Browser, served: tuple[str, Any, Path]
) -> None:
    url, assistant, _ = served
    ask(page, "First & <b>foremost</b>?")
    wait_until_answered(page)
    other = browser.new_page()
    other.goto(url)
    other.wait_for_selector("#pa-question textarea")
    ask(other, "Another browser?")
    wait_until_answered(other)
    other.close()
    ask(page, "And then?")
    wait_until_answered(page, 2)
    assert assistant.asked == [
        ("First & <b>foremost</b>?", ()),
        ("Another browser?", ()),
        ("And then?", ("First & <b>foremost</b>?",)),
    ]
    assert "Understood as: And then? (SAFARI)" in last_answer(page)


def test_stop_ends_the_answer_and_the_work_behind_it(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    ask(page, "slow")
    page.wait_for_selector("#pa-chat .bot-row .prose")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator("#pa-question .stop-button").wait_for(state="hidden")
    page.wait_for_function(
        "[...document.querySelectorAll('#pa-chat .bot-row .prose')].some(n => /Stopped/.test(n.innerText))"
    )
    for _ in range(50):
        if assistant.closed:
            break
        page.wait_for_timeout(100)
    assert assistant.closed == 1
    assert page.locator(".pa-card").count() == 0


def test_retry_asks_the_last_question_again(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    ask(page, "one")
    wait_until_answered(page)
    ask(page, "two")
    wait_until_answered(page, 2)
    page.get_by_role("button", name="Retry").click()
    for _ in range(100):
        if len(assistant.asked) == 3:
            break
        page.wait_for_timeout(50)
    wait_until_answered(page, 2)
    assert assistant.asked[1:] == [("two", ("one",)), ("two", ("one",))]
    assert page.locator("#pa-chat .user-row").count() == 2


def test_an_example_question_is_asked_with_a_click(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    page.locator("#pa-chat .example").first.click()
    wait_until_answered(page)
    assert assistant.asked == [("What does SAFARI do, and how well does it work?", ())]


def test_a_new_conversation_forgets_the_old_one(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    ask(page, "one")
    wait_until_answered(page)
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector("#pa-chat .example")
    assert page.locator(".pa-card").count() == 0
    ask(page, "two")
    wait_until_answered(page)
    assert assistant.asked[-1] == ("two", ())


def test_a_refusal_shows_the_closest_papers(page: Page) -> None:
    ask(page, "unknown")
    page.get_by_role("heading", name=re.compile("Closest papers")).wait_for()
    assert page.locator(".pa-card").count() == 2


@pytest.mark.parametrize(
    ("question", "said"),
    [("broken server", "the model's server does not answer"), ("broken code", "the server's log says why")],
)
def test_a_failure_is_told_in_the_chat(page: Page, question: str, said: str) -> None:
    ask(page, question)
    wait_until_answered(page)
    assert said in last_answer(page)
    assert "Traceback" not in page.content()


def test_on_a_phone_the_sources_lie_below_the_conversation(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, "How much can SAFARI prune?")
    page.wait_for_selector(".pa-card")
    card, chat = page.locator(".pa-card").first.bounding_box(), page.locator("#pa-chat").bounding_box()
    assert card is not None
    assert chat is not None
    assert card["y"] > chat["y"] + chat["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_summary_shows_themes_table_and_files(page: Page) -> None:
    page.get_by_role("tab", name="Literature summary").click()
    page.fill("#pa-topic textarea", "federated learning")
    page.get_by_role("button", name="Summarize").click()
    page.wait_for_selector("#pa-summary h2")
    assert page.locator("#pa-summary h2").all_inner_texts() == ["Sparse updates <img src=x>"]
    page.locator("#pa-summary-table tbody tr").wait_for()
    assert page.locator("#pa-summary-table svg").count() == 1
    with page.expect_download() as bib:
        page.locator("[download='federated-learning.bib']").click()
    assert "@" in bib.value.path().read_text("utf-8")
    with page.expect_download() as markdown:
        page.locator("[download='federated-learning.md']").click()
    assert "[1]" in markdown.value.path().read_text("utf-8")
    page.locator("#pa-summary a[href='#source-0-1']").first.click()
    page.wait_for_function("document.activeElement.id == 'source-0-1'")


def test_the_papers_tab_finds_a_paper_and_shows_its_record(page: Page) -> None:
    page.get_by_role("tab", name="Corpus").click()
    page.locator("#pa-papers [role='gridcell']").first.wait_for()
    page.fill("#pa-find textarea, #pa-find input", "zhao 2022")
    page.get_by_text("1 of 2 papers").wait_for()
    page.locator("#pa-papers [role='gridcell']").filter(has_text="SAFARI").first.click()
    page.wait_for_selector("#pa-record .pa-card")
    assert "Federated learning (FL)" in page.locator("#pa-record .pa-card").inner_text()
