"""The tabs beside the chat, in a real Chromium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fake_assistant import FakeAssistant, fake_services

from assistant.settings import Settings
from assistant.web.library import Library

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def test_the_corpus_tab_finds_sorts_counts_and_shows_a_full_record(page: Page) -> None:
    page.get_by_role("tab", name="Corpus").click()
    page.get_by_text("2 of 2 papers").wait_for()
    page.locator("#pa-papers").get_by_text("Year", exact=True).first.click()
    page.wait_for_function(
        "/2022/.test(document.querySelector('#pa-papers tbody tr')?.innerText"
        " || document.querySelector('#pa-papers [role=row] [role=gridcell]')?.parentElement.innerText)"
    )
    page.fill("#pa-find textarea, #pa-find input", "code")
    page.get_by_text("1 of 2 papers").wait_for()
    page.locator("#pa-papers [role='gridcell']").filter(has_text="SAFARI").first.click()
    record = page.locator("#pa-record")
    record.get_by_text("p:safari").wait_for()
    assert "2022-04-05" in record.inner_text()
    chart = page.locator("#pa-counts table").first
    assert chart.locator("tbody th").all_inner_texts() == ["2023", "2022"]


def test_papers_are_added_and_taken_out_again(browser: Browser, tmp_path: Path, free_page: Any) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")  # type: ignore[call-arg]
    services = fake_services(tmp_path / "data", Library(settings))
    served = free_page(FakeAssistant(0), services)
    file = tmp_path / "bees <b>.jsonl"
    row = {"id": "b", "title": "Bees", "abstract": "Honey bees settle in attics of old houses, as we found."}
    file.write_text(json.dumps(row) + "\n{}\n", "utf-8")
    page = browser.new_page()
    page.goto(served.url)
    page.get_by_role("tab", name="Add papers").click()
    page.get_by_role("button", name="Add these papers").click()
    page.get_by_text("Choose one or more files first.").wait_for()
    page.get_by_text("BibTeX, RIS").wait_for()
    page.set_input_files("#pa-files input[type=file]", file)
    page.locator("#pa-files").get_by_text("bees").first.wait_for()
    page.get_by_role("button", name="Add these papers").click()
    page.get_by_text("What was skipped, and why").wait_for()
    assert "1 new" in page.locator("#pa-report").inner_text()
    assert page.locator("#pa-report b").count() == 0
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    page.get_by_text("Take its papers out?").click()
    page.get_by_text("taken out").wait_for()
    undo.wait_for(state="detached")
    page.close()


def test_a_page_that_takes_no_papers_says_how_to_add_some(page: Page) -> None:
    page.get_by_role("tab", name="Add papers").click()
    page.get_by_text("python -m ingest FILE").wait_for()


def test_the_quality_tab_shows_the_latest_report_or_what_to_do(
    page: Page, served: tuple[str, Any, Path]
) -> None:
    page.get_by_role("tab", name="Quality").click()
    page.get_by_text("Nobody has measured the answers on this corpus yet.").wait_for()
    folder = served[2] / "reports" / "latest"
    folder.mkdir(parents=True)
    figure = {"value": 0.93, "n": 106, "low": 0.87, "high": 0.97}
    figures = {"all": {"cited_any": figure, "ms": {"value": 41.5, "n": 106, "low": None, "high": None}}}
    report = {"n": 106, "failed": 7, "setup": {"answerer": "extractive <b>"}, "figures": figures}
    (folder / "report.json").write_text(json.dumps(report), "utf-8")
    (folder / "report.html").write_text("<!doctype html><p>All of it", "utf-8")
    page.get_by_role("tab", name="Chat").click()
    page.get_by_role("tab", name="Quality").click()
    page.get_by_text("106 questions · 7 of them with a fault · extractive <b>").wait_for()
    assert "93 % (87–97)" in page.locator("#pa-quality").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the full report").click()
    assert "All of it" in download.value.path().read_text("utf-8")
    (folder / "report.json").write_text("{", "utf-8")
    page.get_by_role("tab", name="Chat").click()
    page.get_by_role("tab", name="Quality").click()
    page.get_by_text("cannot be read").wait_for()
