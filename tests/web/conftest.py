"""A running page over the scripted assistant, and a real Chromium to look at it."""

from __future__ import annotations

import gc
import shutil
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.web.importing import import_serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent))

# Gradio leaves event loops to the garbage collector, when imported and with each page: that is its
# affair, but as an error it would strike whichever test the collector happens to run in.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import_serving()
    gc.collect()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(autouse=True, scope="module")
def _collected() -> Iterator[None]:
    yield
    gc.collect()


# Playwright must never fetch a browser of its own, and this one must not call home.
WAIT = 20_000  # milliseconds for what the page is to show

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(_collected: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any, Path]]:
    """Return the address of a page over a `FakeAssistant`, that assistant, and the page's data folder."""
    from fake_assistant import FakeAssistant, fake_services

    from assistant.web.serving import launch

    assistant = FakeAssistant()
    folder = tmp_path_factory.mktemp("data")
    blocks = launch(assistant, fake_services(folder), "127.0.0.1", free_port())  # type: ignore[arg-type]
    yield str(blocks.local_url), assistant, folder
    blocks.close()


@dataclass
class Served:
    """A page of a test's own."""

    url: str
    port: int
    assistant: Any
    close: Callable[[], None]


@pytest.fixture
def free_page() -> Iterator[Callable[..., Served]]:
    """Return what serves a page over a test's own assistant and services, on a port if one is given."""
    from assistant.web.serving import launch

    pages: list[Any] = []

    def serve(assistant: Any, services: Any, port: int | None = None) -> Served:
        port = port or free_port()
        blocks = launch(assistant, services, "127.0.0.1", port)
        pages.append(blocks)
        return Served(str(blocks.local_url), port, assistant, blocks.close)

    yield serve
    for blocks in pages:
        blocks.close()


@pytest.fixture
def page(browser: Browser, served: tuple[str, Any, Path]) -> Iterator[Page]:
    """Return the page in a fresh browser session; at the end nothing foreign may have run or been loaded."""
    url, assistant, _ = served
    assistant.reset()
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    elsewhere: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector("#pa-question textarea")
    yield page
    assert page.evaluate("window.hacked") is None
    context.close()
    assert [u for u in elsewhere if not u.startswith((url, "data:", "blob:"))] == []
    assert errors == []
