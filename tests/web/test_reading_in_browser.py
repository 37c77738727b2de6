"""Reading an answer beside its sources, in a real Chromium over the scripted assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from driving import asked_and_answered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
EVIDENCE = "The results show that SAFARI can prune 80% of the weights without losing accuracy."


def test_hovering_a_marker_shows_title_and_evidence(page: Page) -> None:
    asked_and_answered(page, "How much can SAFARI prune?")
    page.locator("#pa-chat a[href='#source-1-1']").first.hover()
    preview = page.locator("#pa-preview")
    preview.wait_for()
    assert "SAFARI: Sparsity enabled" in preview.inner_text()
    assert EVIDENCE in preview.inner_text()
    page.keyboard.press("Escape")
    preview.wait_for(state="detached")
    page.locator("#pa-chat a[href='#source-1-2']").hover()
    preview.get_by_text("<img src=x").wait_for()
    assert page.locator("#pa-preview img").count() == 0


def test_a_finger_sees_the_preview_first_and_then_the_source(
    browser: Browser, served: tuple[str, ...]
) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(served[0])
    asked_and_answered(page, "How much can SAFARI prune?")
    page.locator("#pa-chat a[href='#source-1-2']").tap()
    page.get_by_role("button", name="Show the source").tap()
    page.wait_for_function("document.activeElement.id == 'source-1-2'")
    assert page.locator("#pa-preview").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_what_answers_the_question_is_emphasised_in_the_evidence(page: Page) -> None:
    asked_and_answered(page, "How much of the weights can SAFARI prune?")
    assert page.locator("#source-1-1 mark strong").all_inner_texts() == ["80%", "60%"]


def test_a_card_says_which_sentences_rest_on_it(page: Page) -> None:
    asked_and_answered(page, "How much can SAFARI prune?")
    page.locator("#source-1-1").get_by_text("2 sentences rest on this paper").click()
    rows = page.locator("#source-1-1 .pa-checks[open] li").all_inner_texts()
    assert [row[0] for row in rows] == ["✓", "≈"]
    assert "only partly supported" in rows[1]


@pytest.mark.parametrize(
    ("name", "holds"),
    [("BibTeX", "@"), ("RIS", "TY  - "), ("Markdown", "Yuzhu Mao"), ("CSL-JSON", '"title"')],
)
def test_a_citation_is_copied(page: Page, name: str, holds: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked_and_answered(page, "How much can SAFARI prune?")
    page.locator("#source-1-1").get_by_text("Cite").click()
    page.locator("#source-1-1").get_by_role("button", name=name, exact=True).click()
    page.locator("#source-1-1").get_by_text("Copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert holds in text
    assert "SAFARI" in text


def test_a_long_answer_is_read_from_its_question_on(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 620})
    asked_and_answered(page, "How much can SAFARI prune?")
    asked_and_answered(page, "And then? slow slow slow slow", 2)
    above = "document.querySelector('#pa-chat').getBoundingClientRect().top"
    asked = "[...document.querySelectorAll('#pa-chat .user-row')].pop().getBoundingClientRect().top"
    page.wait_for_function(f"Math.abs({asked} - {above}) < 4")
    page.locator("#pa-chat").hover()
    page.mouse.wheel(0, 300)
    page.wait_for_function(f"{asked} < {above} - 100")
    page.wait_for_timeout(500)
    assert page.evaluate(f"{asked} < {above} - 100")  # whoever reads on is not taken back
