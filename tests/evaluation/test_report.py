"""The report of a run: one page that needs nothing else, the same as JSON and CSV."""

from __future__ import annotations

import csv
import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from assistant.evaluation.details import describe_row, failure_kind
from assistant.evaluation.gold import GoldQuestion, PaperNames
from assistant.evaluation.html import answer_html, report_page
from assistant.evaluation.questions import Question
from assistant.evaluation.report import make_report
from assistant.evaluation.scoring import score

HOSTILE = '</script><img src=x onerror="alert(1)"><a href="javascript:alert(2)">{{ 7*7 }}\'"&'
ABSTRACTS = {"p:a": "SAFARI prunes up to 80% of the weights.", "p:b": "Graphs matter."}
TITLES = {"p:a": "SAFARI", "p:b": "FlowX"}
NAMES = PaperNames({}, {i: i for i in TITLES})


def report_of(*rows):
    """A report of (id, type, question fields, answer) rows."""
    scored, details = [], {}
    for name, kind, fields, answer in rows:
        expected = frozenset(fields.pop("expected", ()))
        gold = GoldQuestion(Question(id=name, type=kind, **fields), expected, frozenset())
        scored.append(score(gold, answer, ABSTRACTS, {}))
        details[name] = describe_row(gold, answer, TITLES, NAMES)
    return make_report(scored, {"questions": "set.jsonl", "commit": "abc"}, details)


def answer(text="SAFARI prunes up to 80% of the weights. [1]", paper="p:a", **more):
    evidence = [{"text": ABSTRACTS[paper], "start": 0, "end": len(ABSTRACTS[paper])}]
    return {
        "answer": text,
        "kind": "answer",
        "refused": False,
        "citations": [{"number": 1, "paper_id": paper, "title": TITLES[paper], "evidence": evidence}],
        "sentences": [{"text": text, "citations": [1], "verdict": "supported"}],
        "retrieved": ["p:b", "p:a"],
        "timings_ms": {"total": 12.0},
        **more,
    }


def sample():
    return report_of(
        (
            "good",
            "fact",
            {"question": "How much?", "expected": ["p:a"], "must_include": (("80%",),)},
            answer(),
        ),
        (
            "bad",
            "concept",
            {"question": "Graphs?", "expected": ["p:b"], "must_include": (("graphs", "nets"),)},
            answer(),
        ),
        ("gone", "fact", {"question": "Gone?"}, {"error": "the server closed"}),
    )


def test_failures_come_first_in_every_form(tmp_path):
    sample().write(tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    rows = json.loads((tmp_path / "report.json").read_text("utf-8"))["rows"]
    with (tmp_path / "questions.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    shown = re.findall(r'<span class="id">(\w+)</span>', page)
    assert shown == [row["id"] for row in rows] == [row["id"] for row in table] == ["bad", "gone", "good"]


def test_a_row_opens_answer_evidence_gold_and_verdicts():
    page = report_page(sample().to_dict())
    row = re.search(r'<details class="row failed".*?</details>\s*</div>', page, re.DOTALL)[0]
    text = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert "facts missing: graphs / nets" in text
    assert "cited: FlowX" in text
    assert "✗ missing: graphs / nets" in text
    assert "[1] SAFARI other SAFARI prunes up to 80% of the weights." in text
    assert "supported SAFARI prunes" in text


def test_the_figures_are_the_same_in_every_form(tmp_path):
    sample().write(tmp_path)
    figures = json.loads((tmp_path / "report.json").read_text("utf-8"))["figures"]
    with (tmp_path / "figures.csv").open(encoding="utf-8", newline="") as file:
        table = {(row["type"], row["metric"]): row for row in csv.DictReader(file)}
    assert len(table) == sum(map(len, figures.values()))
    for (kind, metric), row in table.items():
        assert float(row["value"]) == figures[kind][metric]["value"]
        assert int(row["n"]) == figures[kind][metric]["n"]
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "50.0 %" in page  # all_facts: one of two
    assert figures["all"]["all_facts"]["value"] == 0.5


def test_the_page_asks_for_nothing_from_outside():
    page = report_page(sample().to_dict())
    assert not re.findall(r"""(?:src|srcset|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//""", page)
    assert not re.findall(r"@import|url\(|<link|<iframe|<object|<base|<form[^>]+action", page)
    assert "default-src 'none'" in page


def test_hostile_text_stays_text_everywhere():
    hostile = answer(
        text=f"{HOSTILE} [1] [9]",
        sentences=[{"text": HOSTILE, "citations": [1], "verdict": HOSTILE}],
        citations=[
            {
                "number": 1,
                "paper_id": HOSTILE,
                "title": HOSTILE,
                "url": "javascript:alert(3)",
                "fields": [HOSTILE],
            }
        ],
        retrieved=[HOSTILE],
        notes=[HOSTILE],
        standalone_question=HOSTILE,
    )
    fields = {
        "question": HOSTILE,
        "history": (HOSTILE,),
        "must_include": ((HOSTILE + "x",),),
        "notes": HOSTILE,
        "must_not_include": ("onerror",),
    }
    report = report_of((HOSTILE, HOSTILE, fields, hostile)).to_dict()
    report["setup"]["model"] = HOSTILE
    page = report_page(report)
    assert "{{ 7*7 }}" in page
    elements = elements_of(page)
    names = [name for name, _ in elements]
    assert names.count("script") == page.count("</script>") == 1
    assert "img" not in names
    assert [attributes for _, attributes in elements if any(a.startswith("on") for a in attributes)] == []
    links = {attributes["href"] for name, attributes in elements if name == "a"}
    assert {link for link in links if not link.startswith(("#q-", "https://"))} == set()


def elements_of(page):
    """The elements of a page as a browser would read them: (name, attributes)."""

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            self.found.append((tag, dict(attrs)))

    reader = Reader()
    reader.found = []
    reader.feed(page)
    return reader.found


def test_only_markers_of_citations_become_links():
    shown = answer_html("A [1] and [2], not \\[3\\].\n> **quoted** [1]", "q", [1])
    assert shown == (
        'A <a href="#q-c1">[1]</a> and <span class="bad" title="names no citation">[2]</span>, not [3].\n'
        '<q><strong>quoted</strong> <a href="#q-c1">[1]</a></q>'
    )


def test_a_cell_that_a_spreadsheet_would_compute_is_defused(tmp_path):
    report_of(("1", "fact", {"question": "=HYPERLINK(1)"}, answer(text="@SUM(1)"))).write(tmp_path)
    with (tmp_path / "questions.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["question"], row["answer"]) == ("'=HYPERLINK(1)", "'@SUM(1)")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("facts missing: 80%; 3D / segmentation", "facts missing"),
        ("2 invalid citation number(s)", "invalid citation numbers"),
        ("contains 'secret'", "contains"),
        ("no answer: the server closed", "no answer"),
        ("wrongly refused", "wrongly refused"),
    ],
)
def test_failures_are_told_apart_by_kind(failure, kind):
    assert failure_kind(failure) == kind


def test_metrics_that_a_run_cannot_have_are_named():
    report = report_of(("1", "fact", {"question": "q"}, {"answer": "yes"})).to_dict()
    assert {"retrieved_hit_1", "verbatim", "ms"} <= set(report["not_measured"])
    assert "Not measured in this run:" in report_page(report)


@pytest.mark.browser
def test_rows_are_filtered_and_opened_by_keyboard(tmp_path):
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    sample().write(tmp_path)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        faults, requests = [], []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto((tmp_path / "report.html").as_uri())
        shown = page.locator("details.row:visible")
        assert shown.count() == 3
        page.get_by_label("Type").select_option("fact")
        assert shown.locator(".id").all_inner_texts() == ["gone", "good"]
        page.locator("select[name=kind]").select_option("no answer")
        assert shown.locator(".id").all_inner_texts() == ["gone"]
        assert page.locator("output").inner_text() == "1 of 3 shown"
        page.locator("summary").filter(has_text="gone").first.focus()
        page.keyboard.press("Enter")
        assert page.get_by_text("No answer came back.").is_visible()
        page.locator("select[name=kind]").select_option("")
        page.get_by_label("Type").select_option("")
        page.get_by_label("Words").fill("80%")
        assert shown.locator(".id").all_inner_texts() == ["bad", "good"]
        browser.close()
    assert faults == []
    assert len(requests) == 1
