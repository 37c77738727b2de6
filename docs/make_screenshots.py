"""Make the pictures in docs/ from the real page over the seeds: `python docs/make_screenshots.py`.

Starts `app.py` in a temporary folder and drives it with a Chromium on the PATH.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).resolve().parent
LARGEST = 300_000  # bytes; the README loads these pictures
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
QUESTIONS = (
    "How much of the model weights can SAFARI prune?",
    "Which method stabilizes LoRA in federated learning, and how?",
)


def main() -> None:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise SystemExit("no Chromium on the PATH (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        port = free_port()
        app = subprocess.Popen([sys.executable, str(DOCS.parent / "app.py"), "--port", str(port)], cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_for(url)
            browser = driver.chromium.launch(
                executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
            )
            take(browser, url)
            browser.close()
        finally:
            app.terminate()
            app.wait()
    too_large = [p.name for p in DOCS.glob("*.png") if p.stat().st_size > LARGEST]
    if too_large:
        raise SystemExit(f"larger than {LARGEST:,} bytes: {', '.join(too_large)}")


def take(browser: Browser, url: str) -> None:
    """Write the pictures: the chat light, dark and on a phone, and the other tabs."""
    for scheme, name in (("dark", "chat-dark"), ("light", "chat")):
        page = opened(browser, url, viewport=DESKTOP, color_scheme=scheme)
        for number, question in enumerate(QUESTIONS, start=1):
            ask(page, question, number)
        picture(page, name)
    page.get_by_role("tab", name="Literature summary").click()
    page.fill("#pa-topic textarea", "federated learning")
    page.get_by_role("button", name="Summarize").click()
    page.wait_for_selector("#pa-summary h2")
    picture(page, "summary")
    page.get_by_role("tab", name="Corpus").click()
    page.locator("#pa-papers [role='gridcell']").filter(has_text="ChatCAD").first.click()
    page.wait_for_selector("#pa-record .pa-card")
    picture(page, "papers")
    page = opened(browser, url, viewport=PHONE, color_scheme="light")
    ask(page, QUESTIONS[0], 1)
    picture(page, "chat-phone", full_page=True)


def opened(browser: Browser, url: str, **options: Any) -> Page:
    page = browser.new_context(reduced_motion="reduce", **options).new_page()
    page.goto(url)
    page.wait_for_selector("#pa-chat .example")
    return page


def ask(page: Page, question: str, number: int) -> None:
    page.fill("#pa-question textarea", question)
    page.press("#pa-question textarea", "Enter")
    page.wait_for_selector(f"[data-turn='{number}']")


def picture(page: Page, name: str, *, full_page: bool = False) -> None:
    page.wait_for_timeout(700)
    page.screenshot(path=DOCS / f"{name}.png", full_page=full_page)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    for _ in range(1200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit("app.py did not start within two minutes")


if __name__ == "__main__":
    main()
