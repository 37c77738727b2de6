"""How the web chat bears many users at once: `python tests/benchmarks/chat_load.py --users 50`.

Starts `app.py` over a data folder (`--data`, default: the seeds, in a temporary folder) on
loopback and asks the named endpoint from as many `gradio_client` clients as there are users, each its
next question as soon as the last is answered. Prints p50, p95 and the longest answer in milliseconds,
errors, and the server's memory after each tenth of the questions; with a Chromium on the PATH also
first paint, time to the first words and bytes received for one answer, cold and warm.
Times are of this machine as it is loaded; memory and errors are not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.serving import App, ask_at_once, commit, running_app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--data", type=Path, help="folder of the stores (default: the seeds)")
    options = parser.parse_args()
    started = time.perf_counter()
    with running_app(options.data) as app:
        print(f"page after {time.perf_counter() - started:.1f} s of starting; commit {commit()}")
        look(app.url)
        load(app, options.users, options.questions)


def load(app: App, users: int, count: int) -> None:
    """Ask `count` questions from `users` clients and print what it took."""
    from gradio_client import Client

    # Its own limit of 5 s is for a server that is not busy: waiting in the queue is measured, no error.
    clients = [Client(app.url, verbose=False, httpx_kwargs={"timeout": 300}) for _ in range(users)]
    ask_at_once([partial(client.predict, api_name="/ask") for client in clients], count, app.process)
    for client in clients:
        client.close()


def look(url: str) -> None:
    """Print first paint, time to the first words of an answer and the bytes received for it."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        print("no Chromium on the PATH: nothing looked at")
        return
    from playwright.sync_api import sync_playwright

    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for state in ("cold", "warm"):
            page.goto(url)
            page.wait_for_selector("#pa-chat .example")
            received: list[int] = []
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.on("Network.dataReceived", lambda event, got=received: got.append(event["dataLength"]))
            page.fill("#pa-question textarea", "How much of the model weights can SAFARI prune?")
            began = time.perf_counter()
            page.press("#pa-question textarea", "Enter")
            page.wait_for_function("document.querySelector('#pa-chat .bot-row .prose')?.innerText.length > 1")
            first = 1000 * (time.perf_counter() - began)
            page.wait_for_selector("section[data-turn='1']")
            page.wait_for_timeout(500)
            length = len(page.locator("#pa-chat .bot-row .prose").last.inner_text())
            print(
                f"{state}: first paint {page.evaluate(paint):.0f} ms, first words {first:.0f} ms, "
                f"{sum(received):,} bytes for an answer of {length} characters and its sources"
            )
            page.get_by_role("button", name="New conversation").click()
            page.wait_for_selector("#pa-chat .example")  # else the next visit finds the old one
        browser.close()


if __name__ == "__main__":
    main()
