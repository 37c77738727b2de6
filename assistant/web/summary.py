"""The literature summary tab: a topic in, themes with citations, a table and exports out."""

from __future__ import annotations

import logging
import re
import time
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.models import Evidence
from assistant.readable import readable
from assistant.summaries.export import TEXTS, exported
from assistant.summaries.figures import STANCE_COLOURS, themes_svg, years_svg
from assistant.summaries.model import COLUMNS
from assistant.web.cards import link_html, papers_panel, safe_url, sources_list
from assistant.web.markup import answer_markdown, card_id, escape_markdown

if TYPE_CHECKING:
    from assistant.engine import Assistant
    from assistant.summaries import Summary

log = logging.getLogger(__name__)

# The summary's cards have a turn number of their own; those of the chat start at 1.
_TURN = 0
_LONGEST_TOPIC = 2_000
_SECONDS_A_STEP = 0.1  # the whole text is sent with each step
_KINDS = {
    "md": "text/markdown",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "json": "application/vnd.citationstyles.csl+json",
    "csv": "text/csv",
    "svg": "image/svg+xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_NAMES = {
    "md": "Markdown", "bib": "BibTeX", "ris": "RIS", "json": "CSL-JSON", "csv": "Table (CSV)",
    "svg": "Figure (SVG)", "docx": "Word",
}  # fmt: skip
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
        shown = 0.0
        partial: Summary | None = None
        try:
            for summary in assistant.stream_summary(words.strip()):
                if summary.complete:
                    yield gr.Button(interactive=True), *_rendered(summary)
                    return
                partial = summary
                if time.monotonic() - shown >= _SECONDS_A_STEP:
                    yield gr.skip(), *_growing(summary)
                    shown = time.monotonic()
        except AssistantError as error:
            said = f"This did not work. {error}"
            if partial is not None:  # what is written stays; asking again goes on from there
                yield gr.Button(interactive=True), _hint(said), *_growing(partial)[1:]
                return
        except Exception:  # the page's edge: the log gets the traceback, the reader a sentence
            log.exception("summarizing failed")
            said = "This did not work, through no fault of the topic; the server's log says why."
        yield gr.Button(interactive=True), _hint(said), "", "", ""

    common: dict[str, Any] = {"api_visibility": "private", "trigger_mode": "once", "show_progress": "hidden"}
    gr.on([button.click, topic.submit], summarize, topic, [button, status, themes, table, sources], **common)


def _growing(summary: Summary) -> tuple[str, str, str, str]:
    """What is shown while a summary is being written: its themes so far, and their sources."""
    said = _hint(f"Writing… theme {max(1, len(summary.themes))}")
    return said, themes_markdown(summary), "", sources_list(summary.citations, _TURN)


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
    below = stances_html(summary) + figures_html(summary) + table_html(summary)
    return status, themes_markdown(summary), below, sources_list(summary.citations, _TURN)


def themes_markdown(summary: Summary) -> str:
    """Return the themes and findings as Markdown that is safe to render, markers linked to the cards."""
    overview = answer_markdown(summary.overview, _TURN, summary.citations) if summary.overview else ""
    parts = [overview] if overview else []
    for theme in (*summary.themes, *summary.closing):
        parts += [
            f"## {escape_markdown(readable(theme.heading))}",
            answer_markdown(theme.text, _TURN, summary.citations),
        ]
    return "\n\n".join(parts)


def figures_html(summary: Summary) -> str:
    """Return the figures: papers per year and papers by theme."""
    figures = years_svg(summary) + themes_svg(summary)
    return f'<div class="pa-figures">{figures}</div>' if figures else ""


def stances_html(summary: Summary) -> str:
    """Return a bar of where the papers stand, each part opening its papers; "" without any stance."""
    if all(stood.stance == "silent" for stood in summary.stances):
        return ""
    bars, lists = [], []
    for stance, colour in STANCE_COLOURS.items():
        of = [stood for stood in summary.stances if stood.stance == stance]
        if not of:
            continue
        bars.append(f'<span style="flex:{len(of)};background:{colour}" title="{stance}: {len(of)}"></span>')
        items = "".join(
            f'<li><a href="#{card_id(_TURN, stood.number)}">[{stood.number}]</a>'
            f" {escape(readable(stood.quote.text)) if stood.quote else ''}</li>"
            for stood in of
        )
        lists.append(
            f"<details><summary>{stance.capitalize()} ({len(of)})</summary><ul>{items}</ul></details>"
        )
    bar = f'<div class="pa-stance-bar" aria-hidden="true">{"".join(bars)}</div>'
    return f'<div class="pa-stances">{bar}{"".join(lists)}</div>'


def table_html(summary: Summary) -> str:
    """Return the comparison table; a cell is what the abstract says, or empty."""
    if not summary.table:
        return ""
    used = [c for c in COLUMNS if any(getattr(row, c) for row in summary.table)]
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
    return "".join(_download(f"{name}.{ending}", exported(summary, ending)) for ending in (*TEXTS, "docx"))


def _download(name: str, content: bytes) -> str:
    """A link that carries its file: nothing is written on the server, nothing is left there."""
    ending = name.rpartition(".")[2]
    address = f"data:{_KINDS[ending]};base64,{b64encode(content).decode('ascii')}"
    return f'<a class="pa-download" download="{escape(name)}" href="{address}">{_NAMES[ending]}</a>'


def _hint(text: str) -> str:
    return f'<p class="pa-hint" role="status">{escape(text)}</p>' if text else ""
