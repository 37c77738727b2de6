"""The quality tab: the latest evaluation report, or how to make one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.web.tables import table_html

# The figures a reader understands without the handbook, the most telling first; the report has all.
_FIGURES = {
    "cited_any": "Cites a paper that answers the question",
    "cited_first": "Cites it first",
    "all_facts": "Says everything that was asked",
    "cited_precision": "Cited papers that belong",
    "support": "Sentences supported by what they cite",
    "verbatim": "Quotations that stand in the abstract word for word",
    "declined": "Says so when the papers do not answer",
    "wrongly_refused": "Refuses although the papers answer",
    "clean": "Free of what it must not say",
    "ms": "Milliseconds for an answer (median)",
    "words": "Words of an answer (median)",
}
_COUNTED = ("ms", "words")


def build_quality(data_dir: Path, tab: gr.Tab) -> None:
    """Lay the tab out inside the current `gr.Blocks`; it is filled when it is opened."""
    shown = gr.HTML("", elem_id="pa-quality")
    save = gr.Button(
        "Save the full report", size="sm", visible=False, elem_classes="pa-quiet", elem_id="pa-save-report"
    )
    file = gr.JSON(None, visible="hidden")

    def fill() -> tuple[str, Any]:
        found = latest_report(data_dir)
        page = found is not None and found.with_suffix(".html").is_file()
        return quality_html(found, data_dir), gr.Button(visible=page)

    def full() -> dict[str, str] | None:
        found = latest_report(data_dir)
        try:
            text = found.with_suffix(".html").read_text("utf-8") if found else ""
        except OSError:
            return None
        return {"name": "report.html", "type": "text/html", "text": text}

    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    tab.select(fill, None, [shown, save], **private)
    save.click(full, None, file, **private)
    file.change(None, file, None, js="(file) => paSave(file)", **private)


def latest_report(data_dir: Path) -> Path | None:
    """The newest report.json below `data_dir`/reports; None when there is none."""
    found = [file for file in (data_dir / "reports").glob("**/report.json") if file.is_file()]
    return max(found, key=lambda file: file.stat().st_mtime, default=None)


def quality_html(report: Path | None, data_dir: Path) -> str:
    """Return the report's figures in words; what to do when there is no report, or an unreadable one."""
    folder = data_dir / "reports" / "latest"
    command = f"python -m assistant evaluate QUESTIONS.jsonl --data {data_dir} --report {folder}"
    mend = f"<p>To measure how good the answers are, run</p><pre><code>{escape(command)}</code></pre>"
    if report is None:
        return (
            '<div class="pa-empty"><p><strong>Quality</strong></p>'
            f"<p>Nobody has measured the answers on this corpus yet.</p>{mend}"
            "<p>with a file of questions whose answers you know. The figures then appear here.</p></div>"
        )
    try:
        content = json.loads(report.read_text("utf-8"))
        figures = content["figures"]
        return _report(content, figures, datetime.fromtimestamp(report.stat().st_mtime))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        said = f"The report in {report.parent} cannot be read."
        return f'<p class="pa-trouble" role="status">{escape(said)}</p><div class="pa-empty">{mend}</div>'


def _report(content: Mapping[str, Any], figures: Mapping[str, Any], moment: datetime) -> str:
    everything = figures["all"]
    rows = [_row(words, name, everything[name]) for name, words in _FIGURES.items() if name in everything]
    setup = content.get("setup", {})
    said = [f"{int(content['n']):,} questions", f"{int(content['failed']):,} of them with a fault"]
    said += [str(setup[key]) for key in ("questions", "answerer", "model") if setup.get(key)]
    said.append(f"{moment.day} {moment:%B %Y}")
    kinds = [kind for kind in figures if kind != "all"]
    return (
        '<h2 class="pa-heading">How good the answers are</h2>'
        f'<p class="pa-hint">{escape(" · ".join(said))}</p>'
        f"{table_html('Figures', ('Figure', 'Result', 'Questions'), rows)}{_by_kind(figures, kinds)}"
    )


def _row(words: str, name: str, figure: Mapping[str, Any]) -> tuple[str, str, str]:
    value, counted = float(figure["value"]), int(figure["n"])
    if name in _COUNTED:
        return escape(words), f"{value:,.0f}", f"{counted:,}"
    low, high = figure.get("low"), figure.get("high")
    spread = "" if low is None or high is None else f" <small>({100 * low:.0f}–{100 * high:.0f})</small>"
    meter = f'<meter min="0" max="1" value="{value:.3f}" aria-label="{escape(words)}"></meter>'
    return escape(words), f"{meter} {100 * value:.0f} %{spread}", f"{counted:,}"


def _by_kind(figures: Mapping[str, Any], kinds: list[str]) -> str:
    names = [name for name in ("cited_any", "all_facts", "support", "declined") if name in figures["all"]]
    if len(kinds) < 2 or not names:
        return ""
    rows = [(escape(kind), *(_share(figures[kind].get(name)) for name in names)) for kind in kinds]
    head = ("Kind", *(_FIGURES[name] for name in names))
    return f'<h2 class="pa-heading">By kind of question</h2>{table_html("By kind of question", head, rows)}'


def _share(figure: Mapping[str, Any] | None) -> str:
    return "" if figure is None else f"{100 * float(figure['value']):.0f} %"
