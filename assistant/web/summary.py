"""The literature summary tab: a topic in, themes with citations, a table and exports out."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.models import Evidence
from assistant.readable import readable
from assistant.summaries.export import to_bibtex, to_markdown
from assistant.web.cards import link_html, papers_panel, safe_url, sources_list
from assistant.web.markup import answer_markdown, card_id, escape_markdown

if TYPE_CHECKING:
    from assistant.engine import Assistant
    from assistant.summaries import Summary

log = logging.getLogger(__name__)

# The summary's cards have a turn number of their own; those of the chat start at 1.
_TURN = 0
_COLUMNS = ("task", "data", "method", "result", "code")
_LONGEST_TOPIC = 2_000
_HINT = (
    '<div class="pa-empty"><p><strong>Literature summary</strong></p><p>Name a topic. The papers that belong '
    "to it are grouped into themes, each sentence with its source, and compared in a table.</p></div>"
)

Update = tuple[Any, Any, Any, Any, Any]


def build_summary(assistant: Assistant) -> None:
    """Lay the tab out and wire it, inside the current `gr.Blocks`."""
    with gr.Row(elem_classes="pa-topic-row"):
        topic = gr.Textbox(
            show_label=False,
            label="Topic",
            placeholder="Topic, e.g. federated learning with unreliable clients",
            elem_id="pa-topic",
            container=False,
            scale=5,
            max_lines=2,
            max_length=_LONGEST_TOPIC,
        )
        button = gr.Button("Summarize", variant="primary", scale=0, min_width=130)
    with gr.Row(elem_classes="pa-columns", equal_height=False):
        with gr.Column(scale=3, min_width=340):
            status = gr.HTML(_HINT, elem_id="pa-summary-status")
            themes = gr.Markdown("", elem_id="pa-summary", latex_delimiters=[], container=False)
        with gr.Column(scale=2, min_width=320, elem_classes="pa-sources-column"):
            sources = gr.HTML("", elem_id="pa-summary-sources")
    table = gr.HTML("", elem_id="pa-summary-table")

    def summarize(words: str) -> Iterator[Update]:
        if not words.strip():
            yield gr.skip(), _hint("Name a topic first."), gr.skip(), gr.skip(), gr.skip()
            return
        yield gr.Button(interactive=False), _hint("Reading the papers…"), "", "", ""
        try:
            summary = assistant.summarize(words.strip())
            yield gr.Button(interactive=True), *_rendered(summary)
            return
        except AssistantError as error:
            said = f"This did not work. {error}"
        except Exception:  # the page's edge: the log gets the traceback, the reader a sentence
            log.exception("summarizing failed")
            said = "This did not work, through no fault of the topic; the server's log says why."
        yield gr.Button(interactive=True), _hint(said), "", "", ""

    common: dict[str, Any] = {"api_visibility": "private", "trigger_mode": "once", "show_progress": "hidden"}
    gr.on([button.click, topic.submit], summarize, topic, [button, status, themes, table, sources], **common)


def _rendered(summary: Summary) -> tuple[str, str, str, str]:
    if summary.refused:
        panel = papers_panel("Closest papers", summary.closest)
        return _hint(""), answer_markdown(summary.text, _TURN), "", panel
    count = len(summary.citations)
    said = (
        f"{count} paper{'s' * (count != 1)} in {len(summary.themes)} theme{'s' * (len(summary.themes) != 1)}"
    )
    notes = "".join(_hint(note) for note in summary.notes)
    status = f'<div class="pa-exports"><span>{said}.</span>{_downloads(summary)}</div>{notes}'
    return status, themes_markdown(summary), table_html(summary), sources_list(summary.citations, _TURN)


def themes_markdown(summary: Summary) -> str:
    """Return the themes as Markdown that is safe to render, markers linked to the cards."""
    parts = []
    for theme in summary.themes:
        parts += [
            f"## {escape_markdown(readable(theme.heading))}",
            answer_markdown(theme.text, _TURN, summary.citations),
        ]
    return "\n\n".join(parts)


def table_html(summary: Summary) -> str:
    """Return the comparison table; a cell is what the abstract says, or empty."""
    if not summary.table:
        return ""
    used = [c for c in _COLUMNS if any(getattr(row, c) for row in summary.table)]
    head = "".join(f'<th scope="col">{name.capitalize()}</th>' for name in ("paper", "year", *used))
    titles = {c.number: readable(c.paper.display_title) for c in summary.citations}
    rows = []
    for row in summary.table:
        title = escape(titles.get(row.number, ""))
        link = f'<a href="#{card_id(_TURN, row.number)}">[{row.number}]</a>'
        cells = "".join(f"<td>{_cell(getattr(row, c))}</td>" for c in used)
        rows.append(f'<tr><th scope="row">{link} {title}</th><td>{row.year or ""}</td>{cells}</tr>')
    return (
        '<div class="pa-table" tabindex="0" role="region" aria-label="Comparison of the papers"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(evidence: Evidence | None) -> str:
    if evidence is None:
        return ""
    text = readable(evidence.text)
    url = safe_url(text)
    return link_html(url, text) if url and " " not in text else escape(text)


def _downloads(summary: Summary) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", summary.topic.lower()).strip("-")[:60] or "summary"
    return _download(f"{name}.md", "text/markdown", to_markdown(summary)) + _download(
        f"{name}.bib", "application/x-bibtex", to_bibtex(summary)
    )


def _download(name: str, kind: str, text: str) -> str:
    """A link that carries its file: nothing is written on the server, nothing is left there."""
    data = b64encode(text.encode("utf-8", "replace")).decode("ascii")
    address = f"data:{kind};base64,{data}"
    return f'<a class="pa-download" download="{escape(name)}" href="{address}">{escape(name)}</a>'


def _hint(text: str) -> str:
    return f'<p class="pa-hint" role="status">{escape(text)}</p>' if text else ""
