"""The program itself: as it is started, with the real engine."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import _is_loopback, main

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, where the default store is empty and no `.env` lies."""
    monkeypatch.chdir(tmp_path)


def test_a_taken_port_is_named_with_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"port {port}" in said
    assert "--port" in said.split(";")[1]


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--port", "70000"], ["--host", "no such host"]])
def test_an_address_that_cannot_be_is_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_empty_store_that_is_not_the_default_says_how_to_fill_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--port", str(free_port()), "--data", str(tmp_path / "mine")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "python -m ingest" in said
    assert not (tmp_path / "mine").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start `python app.py` in an empty folder; return its address and the process."""
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--port", str(port)],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for_page(url, process)
        yield url, process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for_page(url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(900):
        if process.poll() is not None:
            raise AssertionError(process.communicate()[0])
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("no page after 90 seconds")


@pytest.mark.browser
def test_the_first_start_reads_the_seeds_and_answers_in_the_chat(
    running: tuple[str, subprocess.Popen[str]], browser: Browser
) -> None:
    url, process = running
    page = browser.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.goto(url)
    assert "77 papers" in page.locator(".pa-head").inner_text()
    page.fill("#pa-question textarea", "How much of the model weights can SAFARI prune?")
    page.press("#pa-question textarea", "Enter")
    page.wait_for_selector(".pa-card")
    assert re.search(r"80\s?%", page.locator("#pa-chat .bot-row").last.inner_text())
    page.locator("#pa-chat a[href='#source-1-1']").first.click()
    page.wait_for_function("document.activeElement.id == 'source-1-1'")
    assert "SAFARI" in page.locator("#source-1-1 h3").inner_text()
    assert "80%" in "".join(page.locator("#source-1-1 mark").all_inner_texts())
    page.close()
    assert [u for u in elsewhere if not u.startswith((url, "data:", "blob:"))] == []
    process.terminate()
    told = process.communicate(timeout=30)[0]
    assert "reading the papers in seeds/" in told
    assert f"Open {url}" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False)]
)
def test_only_an_address_of_this_machine_alone_is_served_without_a_warning(host: str, loopback: bool) -> None:
    assert _is_loopback(host) is loopback
