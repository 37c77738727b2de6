"""Make the pictures in docs/ from the real page over the seeds: `python docs/make_screenshots.py`.

Starts `app.py` in a temporary folder and drives it with a Chromium on the PATH.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from benchmarks.serving import running_app

DOCS = Path(__file__).resolve().parent
LARGEST = 300_000  # bytes; the README loads these pictures
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
UPLOAD = {
    "name": "reading-list.jsonl",
    "mimeType": "application/jsonl",
    "buffer": b"""{"id": "1", "title": "Bees in the attic", "authors": ["Ada Bee"], "date": "2021",
"abstract": "Honey bees settle in the attics of old houses."}""".replace(b"\n", b" ")
    + b'\n{"id": "2"}\n',
}
QUESTIONS = (
    "How much of the model weights can SAFARI prune?",
    "Which method stabilizes LoRA in federated learning, and how?",
)


def main() -> None:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise SystemExit("no Chromium on the PATH (Debian: apt-get install chromium)")
    with running_app(None) as app, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        take(browser, app.url)
        browser.close()
    too_large = [p.name for p in DOCS.glob("*.png") if p.stat().st_size > LARGEST]
    if too_large:
        raise SystemExit(f"larger than {LARGEST:,} bytes: {', '.join(too_large)}")


def take(browser: Browser, url: str) -> None:
    """Write the pictures: every tab on a light and a dark desktop and on a phone."""
    for scheme, ending, viewport in (
        ("dark", "-dark", DESKTOP),
        ("light", "", DESKTOP),
        ("light", "-phone", PHONE),
    ):
        page = opened(browser, url, viewport=viewport, color_scheme=scheme)
        whole = viewport is PHONE
        for number, question in enumerate(QUESTIONS[:1] if whole else QUESTIONS, start=1):
            ask(page, question, number)
        if not whole:
            page.get_by_role("button", name="Conversations", exact=True).click()
        page.locator("[data-turn] .pa-cite summary").first.click()
        page.locator("#pa-chat a[href^='#source-']").last.click()
        picture(page, f"chat{ending}", whole=whole)
        tab(page, "Literature summary", whole=whole)
        page.fill("#pa-topic textarea", "federated learning")
        page.get_by_role("button", name="Summarize").click()
        page.wait_for_selector("#pa-summary-table tbody tr")  # the whole of it
        picture(page, f"summary{ending}")  # as far as the window goes: a summary is long
        tab(page, "Corpus", whole=whole)
        page.locator("#pa-papers [role='gridcell']").filter(has_text="ChatCAD").first.click()
        page.wait_for_selector("#pa-record .pa-card")
        picture(page, f"corpus{ending}", whole=not whole)
        tab(page, "Add papers", whole=whole)
        if ending == "-dark":
            page.set_input_files("#pa-files input[type=file]", UPLOAD)
            page.wait_for_timeout(1500)
            page.get_by_role("button", name="Add these papers").click()
            page.wait_for_selector(".pa-report")
        picture(page, f"add{ending}", whole=whole)
        tab(page, "Quality", whole=whole)
        picture(page, f"quality{ending}", whole=whole)
        page.context.close()


def tab(page: Page, name: str, *, whole: bool) -> None:
    """Open a tab; on a phone the later ones lie behind a menu."""
    button = page.get_by_role("tab", name=name, exact=True)
    if whole and not button.is_visible():
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button").filter(has_text=name).click()
    else:
        button.click()
    page.wait_for_timeout(300)


def opened(browser: Browser, url: str, **options: Any) -> Page:
    page = browser.new_context(reduced_motion="reduce", **options).new_page()
    page.goto(url)
    page.wait_for_selector("#pa-chat .example")
    return page


def ask(page: Page, question: str, number: int) -> None:
    page.fill("#pa-question textarea", question)
    page.press("#pa-question textarea", "Enter")
    page.wait_for_selector(f"[data-turn='{number}']")


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    page.wait_for_timeout(700)
    if whole:
        page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=DOCS / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
