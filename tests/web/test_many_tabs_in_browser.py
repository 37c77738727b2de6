"""Many tabs of one browser at once, in a real Chromium over the scripted assistant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from driving import ask, questions, wait_until_answered
from fake_assistant import FakeAssistant, fake_services

from assistant.conversations import Conversations, conversations_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
TABS = 10  # more than the six connections that a browser grants to one server


def test_ten_tabs_of_one_browser_ask_at_once_and_none_is_mixed_up(
    browser: Browser, tmp_path: Path, free_page: Any
) -> None:
    served = free_page(FakeAssistant(0.01), fake_services(tmp_path))
    context = browser.new_context()
    context.set_default_timeout(90_000)
    tabs: list[Page] = [context.new_page() for _ in range(TABS)]
    for page in tabs:
        page.goto(served.url)
        page.wait_for_selector("#pa-chat .example")
    for turn, words in ((1, "First slow in tab {}?"), (2, "Second in tab {}?")):
        for number, page in enumerate(tabs):
            ask(page, words.format(number))
        for page in tabs:
            page.wait_for_selector(f"section[data-turn='{turn}']", state="attached")
            wait_until_answered(page, turn)
    for number, page in enumerate(tabs):
        assert questions(page) == [f"First slow in tab {number}?", f"Second in tab {number}?"]
        assert page.locator("#pa-chat .bot-row").count() == 2
    secret = tabs[0].evaluate("localStorage.getItem('paper-assistant-browser')")
    context.close()
    expected = {(f"First slow in tab {n}?", ()) for n in range(TABS)}
    expected |= {(f"Second in tab {n}?", (f"First slow in tab {n}?",)) for n in range(TABS)}
    assert set(served.assistant.asked) == expected
    assert len(served.assistant.asked) == 2 * TABS
    kept = Conversations(conversations_file(tmp_path)).headings(secret)
    assert sorted(heading.questions for heading in kept) == [2] * TABS
