"""Conversations and opinions, in a real Chromium over the scripted assistant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from driving import ask, asked_and_answered, questions, reloaded, wait_until_answered
from fake_assistant import FakeAssistant, fake_services

from assistant.conversations import Conversations, conversations_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def show_list(page: Page) -> None:
    if not page.locator("#pa-talks").is_visible():
        page.get_by_role("button", name="Conversations", exact=True).click()
    page.locator("#pa-talks").wait_for()


def in_list(page: Page) -> list[str]:
    return page.locator("#pa-talks .pa-open span").all_inner_texts()


def test_a_conversation_survives_a_restart_and_belongs_to_its_browser(
    browser: Browser, tmp_path: Path, free_page: Any
) -> None:
    context = browser.new_context()
    first = free_page(FakeAssistant(0), fake_services(tmp_path))
    page = context.new_page()
    page.goto(first.url)
    asked_and_answered(page, "How much can SAFARI prune?")
    page.goto("about:blank")
    first.close()
    second = free_page(FakeAssistant(0), fake_services(tmp_path), first.port)
    page.goto(second.url)
    page.wait_for_selector("#source-1-1")
    assert questions(page) == ["How much can SAFARI prune?"]
    page.locator("#pa-chat a[href='#source-1-2']").click()
    page.wait_for_function("document.activeElement.id == 'source-1-2'")
    asked_and_answered(page, "And then?", 2)
    assert second.assistant.asked[-1] == ("And then?", ("How much can SAFARI prune?",))

    stranger = browser.new_page()
    stranger.goto(second.url)
    stranger.wait_for_selector("#pa-chat .example")
    show_list(stranger)
    stranger.get_by_text("Your conversations are kept here").wait_for()
    assert in_list(stranger) == []
    stranger.close()
    context.close()


def test_conversations_are_listed_opened_renamed_and_deleted(page: Page) -> None:
    asked_and_answered(page, "First <b>one</b>?")
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector("#pa-chat .example")
    asked_and_answered(page, "Second one?")
    show_list(page)
    page.wait_for_function("document.querySelectorAll('#pa-talks .pa-open').length == 2")
    assert in_list(page) == ["Second one?", "First <b>one</b>?"]

    page.locator("#pa-talks .pa-open").nth(1).click()
    page.wait_for_function("document.querySelector('#pa-chat .user-row .prose').innerText.includes('First')")
    page.locator("#pa-talks summary").nth(1).click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("Pruning")
    page.get_by_label("New name").press("Enter")
    page.wait_for_load_state("networkidle")  # the list comes anew, and closes what is asked meanwhile
    page.wait_for_function(
        "[...document.querySelectorAll('#pa-talks .pa-open')].some(b => /^Pruning/.test(b.innerText))"
    )

    page.locator("#pa-talks summary").nth(1).click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Keep it").click()
    assert len(in_list(page)) == 2
    page.locator("#pa-talks summary").nth(1).click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_function("document.querySelectorAll('#pa-talks .pa-open').length == 1")
    page.wait_for_selector("#pa-chat .example")  # the one at hand is gone from sight too
    assert in_list(page) == ["Second one?"]


def test_a_name_that_is_being_typed_outlives_the_lists_renewal(page: Page) -> None:
    asked_and_answered(page, "First one?")
    show_list(page)
    ask(page, "Another, slow?")
    page.locator("#pa-talks summary").first.click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("Pruning")
    wait_until_answered(page, 2)
    page.wait_for_load_state("networkidle")  # the list has come anew
    assert page.get_by_label("New name").input_value() == "Pruning"
    page.get_by_label("New name").press("Enter")
    page.wait_for_function("/^Pruning/.test(document.querySelector('#pa-talks .pa-open')?.innerText)")


@pytest.mark.parametrize(
    ("name", "ending", "holds"),
    [("Markdown", "md", "## References"), ("BibTeX", "bib", "@"), ("RIS", "ris", "TY  - ")],
)
def test_a_conversation_is_saved_as_a_file(page: Page, name: str, ending: str, holds: str) -> None:
    asked_and_answered(page, "How much can SAFARI prune?")
    show_list(page)
    page.locator("#pa-talks summary").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {name}").click()
    assert download.value.suggested_filename == f"how-much-can-safari-prune.{ending}"
    text = download.value.path().read_text("utf-8")
    assert holds in text
    assert "SAFARI" in text


def test_a_broken_database_is_told_in_a_line_and_the_chat_goes_on(
    browser: Browser, tmp_path: Path, free_page: Any
) -> None:
    conversations_file(tmp_path).write_bytes(b"this is no database" * 300)
    served = free_page(FakeAssistant(0), fake_services(tmp_path))
    page = browser.new_page()
    page.goto(served.url)
    page.wait_for_selector(".pa-trouble", state="attached")
    asked_and_answered(page, "How much can SAFARI prune?")
    assert "move that file away" in page.locator(".pa-chat-column .pa-trouble").inner_text()
    asked_and_answered(page, "And then?", 2)
    assert served.assistant.asked[-1] == ("And then?", ("How much can SAFARI prune?",))
    page.close()


def test_a_thumb_and_its_reason_are_kept(page: Page, served: tuple[str, Any, Path], tmp_path: Path) -> None:
    asked_and_answered(page, "How much can SAFARI prune?")
    page.get_by_role("button", name="Dislike").click()
    page.get_by_text("What was wrong?").wait_for()
    page.get_by_label("The wrong papers").check()
    page.get_by_label("In your words").fill("It is <b>about</b> Aquila")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Kept. Thank you.").wait_for()
    rows = list(Conversations(conversations_file(served[2])).feedback_rows())
    assert (rows[-1]["rating"], rows[-1]["reason"]) == ("bad", "The wrong papers; It is <b>about</b> Aquila")
    assert rows[-1]["question"] == "How much can SAFARI prune?"
    reloaded(page)
    page.wait_for_selector("#source-1-1")
    assert page.get_by_role("button", name="Disliked").count() == 1


def test_a_stopped_question_is_kept_without_an_answer(page: Page) -> None:
    ask(page, "slow")
    page.wait_for_selector("#pa-chat .bot-row .prose")
    page.keyboard.press("Escape")
    wait_until_answered(page)
    reloaded(page)
    page.wait_for_function("/Stopped/.test(document.querySelector('#pa-chat').innerText)")
    assert questions(page) == ["slow"]
