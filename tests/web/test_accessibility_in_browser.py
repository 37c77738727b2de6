"""axe-core over every tab, light and dark, in a real Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from driving import asked_and_answered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
TABS = ("Chat", "Literature summary", "Corpus", "Add papers", "Quality")


def findings(page: Page) -> list[str]:
    """The serious and critical findings: rule, what is wrong, and where."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    results: dict[str, Any] = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{found['id']}: {found['help']}: {node['target']} {node['html'][:160]}"
        for found in results["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_tab(
    browser: Browser, served: tuple[str, Any, Any], scheme: str
) -> None:
    served[1].reset()
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 860})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(served[0])
    found: list[str] = []
    page.wait_for_selector("#pa-chat .example")
    found += findings(page)
    asked_and_answered(page, "How much can SAFARI prune?")
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.locator("#pa-hand > button").click()
    page.get_by_role("button", name="Dislike").click()
    page.get_by_text("What was wrong?").wait_for()
    for summary in page.locator("#source-1-1 summary").all():
        summary.click()
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(400)
        if tab == "Corpus":
            page.locator("#pa-papers [role='gridcell']").first.click()
            page.wait_for_selector("#pa-record .pa-card")
        if tab == "Literature summary":
            page.fill("#pa-topic textarea", "federated learning")
            page.get_by_role("button", name="Summarize").click()
            page.wait_for_selector("#pa-summary h2")
        found += findings(page)
    context.close()
    assert "\n".join(sorted(set(found))) == ""
