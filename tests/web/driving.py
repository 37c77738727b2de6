"""What the browser tests do with the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def ask(page: Page, question: str) -> None:
    page.fill("#pa-question textarea", question)
    page.press("#pa-question textarea", "Enter")


def last_answer(page: Page) -> str:
    return page.locator("#pa-chat .bot-row .prose").last.inner_text()


def wait_until_answered(page: Page, answers: int = 1) -> None:
    page.wait_for_function(
        "n => document.querySelectorAll('#pa-chat .bot-row').length >= n"
        " && !document.querySelector('#pa-question .stop-button')",
        arg=answers,
    )


def asked_and_answered(page: Page, question: str, turn: int = 1) -> None:
    ask(page, question)
    page.wait_for_selector(f"section[data-turn='{turn}']")
    wait_until_answered(page, turn)


def reloaded(page: Page) -> None:
    page.reload()
    page.wait_for_selector("#pa-question textarea")


def questions(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#pa-chat .user-row .prose").all_inner_texts()]
