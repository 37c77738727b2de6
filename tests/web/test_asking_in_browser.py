"""Ways to ask, in a real Chromium over the scripted assistant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from driving import ask, asked_and_answered, last_answer, questions, wait_until_answered

from assistant.models import Filters

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def wait_until_asked(page: Page, assistant: Any, count: int) -> None:
    for _ in range(200):
        if len(assistant.asked) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(assistant.asked)} questions asked, not {count}")


def test_a_page_at_rest_asks_the_server_nothing(page: Page) -> None:
    asked_and_answered(page, "How much can SAFARI prune?")
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.wait_for_timeout(1_000)
    assert sent == []


def test_questions_sent_while_one_is_answered_wait_their_turn(
    page: Page, served: tuple[str, Any, Path]
) -> None:
    _, assistant, _ = served
    ask(page, "one, slow")
    page.wait_for_selector("#pa-question .stop-button")
    ask(page, "two?")
    page.locator("#pa-waiting").get_by_text("two?").wait_for()
    ask(page, "three?")
    page.locator("#pa-waiting").get_by_text("three?").wait_for()
    wait_until_asked(page, assistant, 3)
    wait_until_answered(page, 3)
    assert [question for question, _ in assistant.asked] == ["one, slow", "two?", "three?"]
    assert questions(page) == ["one, slow", "two?", "three?"]
    assert page.locator("#pa-waiting").is_hidden()


def test_a_question_is_edited_and_sent_again(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    asked_and_answered(page, "How much [sic] & <b>what</b>?")
    asked_and_answered(page, "And then?", 2)
    page.locator("#pa-chat .user-row").first.hover()
    page.get_by_role("button", name="Edit").first.click()
    area = page.locator("#pa-chat textarea").first
    area.focus()
    assert area.input_value() == "How much [sic] & <b>what</b>?"
    area.fill("How *little*?")
    page.get_by_role("button", name="Submit").click()
    wait_until_asked(page, assistant, 3)
    wait_until_answered(page, 1)
    assert assistant.asked[-1] == ("How *little*?", ())
    assert questions(page) == ["How *little*?"]


def test_a_suggestion_goes_on_from_the_evidence(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    asked_and_answered(page, "How much can SAFARI prune?")
    page.locator("#pa-chat").get_by_role("button", name="How does SAFARI work?").click()
    wait_until_asked(page, assistant, 2)
    assert assistant.asked[-1] == ("How does SAFARI work?", ("How much can SAFARI prune?",))


def test_filters_set_by_hand_join_those_of_the_question(page: Page, served: tuple[str, Any, Path]) -> None:
    _, assistant, _ = served
    page.locator("#pa-hand > button").click()
    page.get_by_label("Category").click()
    page.get_by_role("option", name="DC").click()
    page.get_by_text("Filters: papers in DC").wait_for()
    asked_and_answered(page, "What of 2022?")
    assert assistant.filtered == [Filters(category="DC", year=2022)]
    assert page.locator("#pa-filters .token").all_inner_texts() == ["in DC", "published in 2022"]


def test_the_keyboard_alone_asks_stops_and_comes_back_to_the_box(page: Page) -> None:
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("slow?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("please")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pa-chat .bot-row .prose")
    page.keyboard.press("Escape")
    page.wait_for_function("/Stopped/.test(document.querySelector('#pa-chat').innerText)")
    assert questions(page) == ["slow?\nplease"]


def test_what_an_answer_takes_to_send_grows_with_its_length_not_its_square(page: Page) -> None:
    def received(question: str, turn: int) -> tuple[int, int]:
        count.clear()
        ask(page, question)
        page.wait_for_selector(f"section[data-turn='{turn}']")
        wait_until_answered(page, turn)
        return sum(count), len(last_answer(page))

    page.set_default_timeout(90_000)  # a long answer, on a machine that may be busy
    count: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.dataReceived", lambda event: count.append(event["dataLength"]))
    short, short_text = received("slow", 1)
    long, long_text = received("slow slow slow slow", 2)
    assert long_text > 3 * short_text
    assert long < 1.5 * short * long_text / short_text
