"""Hostile text in whatever the page shows or writes: it stays text."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from driving import ask, asked_and_answered
from fake_assistant import FakeAssistant, fake_services, scripted_answer
from markdown_it import MarkdownIt
from payloads import PAYLOADS

from assistant.conversations import Heading, Turn
from assistant.models import Answer, AnswerSentence, Citation, Coverage, Evidence, Filters, Paper, Why
from assistant.web.adding import report_html, uploads_html
from assistant.web.asking import new_order, waiting_html
from assistant.web.cards import sources_panel
from assistant.web.corpus_tab import counts_html, merged_html, record_html
from assistant.web.exports import conversation_file
from assistant.web.history import list_html, trouble_html
from assistant.web.library import Merged
from assistant.web.markup import escape_markdown, message_markdown
from assistant.web.quality import quality_html
from ingest.records import Rejection
from ingest.report import FileReport, IngestReport

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TAGS = {
    "section",
    "article",
    "h2",
    "h3",
    "p",
    "span",
    "a",
    "mark",
    "details",
    "summary",
    "blockquote",
    "ul",
    "li",
}
TAGS |= {
    "strong",
    "em",
    "button",
    "small",
    "div",
    "ol",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "caption",
}
TAGS |= {"code", "pre", "meter", "progress", "br", "h1", "hr"}
ATTRIBUTES = {
    "class",
    "id",
    "tabindex",
    "href",
    "target",
    "rel",
    "title",
    "role",
    "open",
    "type",
    "scope",
    "style",
}
ATTRIBUTES |= {"aria-label", "aria-current", "data-turn", "data-id", "data-act", "data-format", "data-copy"}
ATTRIBUTES |= {"data-name", "start", "max", "value", "min"}


class Live(HTMLParser):
    """What a browser would make of markup: whatever is not of the page's own making."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.found.append(f"{tag} {name}")
            if name == "href" and not (value or "").startswith(("#source-", "https://", "http://")):
                self.found.append(f"{tag} {name}={value}")
            if name == "style" and not (value or "").startswith("width:"):
                self.found.append(f"{tag} {name}={value}")


def paper(payload: str, number: int = 1) -> Paper:
    return Paper(
        paper_id=f"{payload}{number}",
        display_title=payload,
        title=payload,
        abstract=f"Before {payload} after.",
        authors=(payload, "Ada"),
        affiliation_tag=payload,
        published="2022",
        categories=(payload,),
        urls=(payload, f"https://example.org/{payload}", f"javascript:{payload}"),
        sources=(payload,),
        source_ids=(payload,),
        aliases=(payload,),
    )


def hostile_answer(*payloads: str) -> Answer:
    papers = [paper(payload, number) for number, payload in enumerate(payloads)]
    citations = tuple(
        Citation(number, p, (Evidence(p.abstract, 0, len(p.abstract)),), (), Why((p.abstract,), 1.0, 1))
        for number, p in enumerate(papers, 1)
    )
    text = " ".join(f"{payload} [{number}]." for number, payload in enumerate(payloads, 1))
    return Answer(
        question=payloads[0],
        standalone_question=f"How many {payloads[0]}?",
        answerer="extractive",
        model=None,
        kind="answer",
        text=text,
        filters=Filters(author=payloads[0]),
        citations=citations,
        sentences=(AnswerSentence(text, (1,), "unsupported"),),
        coverage=Coverage(2, 1, ("x",), (papers[0],)),
        notes=(payloads[0],),
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_hostile_is_live_in_what_the_page_shows(payload: str, tmp_path: Path) -> None:
    answer = hostile_answer(payload)
    refusal = replace(answer, kind="refusal", citations=(), closest=(paper(payload),))
    report = IngestReport(
        added=1,
        files=(FileReport(payload, payload, 1, 1, 0),),
        rejected=(Rejection(payload, payload, payload),),
    )
    (tmp_path / "report.json").write_text(payload, "utf-8")
    shown = (
        sources_panel(answer, 1),
        sources_panel(refusal, 1),
        record_html(paper(payload)),
        counts_html([paper(payload)]),
        merged_html([Merged(paper(payload), ((payload, payload), (payload, payload)), (payload,))]),
        report_html(report),
        uploads_html([payload]),
        list_html([Heading(payload, payload, "2026-01-02T03:04:05+00:00", 1)], payload),
        trouble_html(payload),
        waiting_html([new_order(payload)]),
        quality_html(tmp_path / "report.json", Path(payload.replace("\x00", ""))),
    )
    assert [found for markup in shown for found in Live(markup).found] == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_hostile_is_live_in_messages_and_files(payload: str) -> None:
    # A strict renderer that lets raw HTML through, as a page without a sanitiser would.
    renderer = MarkdownIt("commonmark", {"breaks": True}).enable(["table", "strikethrough"])
    answer = hostile_answer(payload)
    file = conversation_file(payload, [Turn(1, payload, answer), Turn(2, payload, None)], "md")
    for markdown in (escape_markdown(payload), message_markdown(answer, 1), file):
        live = Live(renderer.render(markdown)).found
        assert live == [], markdown


@pytest.mark.browser
def test_all_of_it_at_once_does_nothing_in_a_browser(
    browser: Browser, tmp_path: Path, free_page: Any
) -> None:
    class Hostile(FakeAssistant):
        def papers(self) -> list[Paper]:
            return [paper(payload, number) for number, payload in enumerate(PAYLOADS)]

        def stream(self, question: str, history: Any = (), filters: Any = None) -> Any:
            self.asked.append((question, tuple(history)))
            answer = hostile_answer(*PAYLOADS) if "all" in question else scripted_answer(question)
            yield answer.text[:200]
            yield answer

    served = free_page(Hostile(0), fake_services(tmp_path))
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.goto(served.url)
    asked_and_answered(page, "all at once: " + " ".join(PAYLOADS[:12]))
    page.get_by_role("button", name="Conversations", exact=True).click()
    for details in page.locator("#source-1-1 summary, #source-1-12 summary").all():
        details.click()
    page.locator("#pa-chat a[href='#source-1-3']").first.dispatch_event("pointerover")
    page.wait_for_selector("#pa-preview")
    page.get_by_role("tab", name="Corpus").click()
    page.locator("#pa-papers [role='gridcell']").nth(10).click()
    page.wait_for_selector("#pa-record .pa-card")
    page.reload()
    page.wait_for_selector("#source-1-1", state="attached")
    ask(page, "again?")
    page.wait_for_selector("section[data-turn='2']")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#pa-chat img, .pa-card img, .pa-card iframe, #pa-talks img, x-y").count() == 0
    assert page.locator("a[href^='javascript:' i], a[href^='data:text']").count() == 0
    page.close()
    assert [u for u in elsewhere if not u.startswith((served.url, "data:", "blob:"))] == []
