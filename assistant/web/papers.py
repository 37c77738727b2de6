"""The papers tab: what the corpus holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.models import Paper
from assistant.readable import readable
from assistant.web.cards import authors_line, paper_card

if TYPE_CHECKING:
    from assistant.engine import Assistant

# Rows sent to the browser at once; beyond it the page becomes slow and nobody reads on.
_MOST_ROWS = 500
_COLUMNS = ("Title", "Authors", "Year", "Category", "Code")
_HINT = '<p class="pa-hint">Choose a row to read its abstract.</p>'


def build_papers(assistant: Assistant, tab: gr.Tab) -> None:
    """Lay the tab out inside the current `gr.Blocks`; it is filled when it is opened."""
    with gr.Row(elem_classes="pa-columns", equal_height=False):
        with gr.Column(scale=3, min_width=340):
            find = gr.Textbox(
                show_label=False,
                label="Find papers",
                placeholder="Find: words of a title, an author, a category, a year",
                container=False,
                elem_id="pa-find",
            )
            count = gr.HTML("", padding=False)
            table = gr.Dataframe(
                headers=list(_COLUMNS),
                datatype="str",
                interactive=False,
                wrap=True,
                show_label=False,
                max_height=620,
                column_widths=["44%", "24%", "9%", "13%", "10%"],
                elem_id="pa-papers",
                buttons=[],
            )
        with gr.Column(scale=2, min_width=320, elem_classes="pa-sources-column"):
            record = gr.HTML(_HINT, elem_id="pa-record", padding=False)
    shown = gr.JSON([], visible="hidden")

    def fill(words: str) -> tuple[Any, str, list[str]]:
        papers = matching(assistant.papers(), words)
        total = assistant.paper_count
        said = f"{min(len(papers), _MOST_ROWS)} of {total} papers"
        ids = [paper.paper_id for paper in papers[:_MOST_ROWS]]
        return table_rows(papers[:_MOST_ROWS]), f'<p class="pa-hint">{said}</p>', ids

    def show(ids: list[str], event: gr.SelectData) -> str:
        # The row's own title cell is no key: the browser may have sorted the table.
        row = event.row_value
        wanted = set(ids)
        for paper in assistant.papers():
            if paper.paper_id in wanted and table_rows([paper])[0] == row:
                return paper_card(paper, opened=True)
        return _HINT

    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    tab.select(fill, find, [table, count, shown], **private)
    find.change(fill, find, [table, count, shown], trigger_mode="always_last", **private)
    table.select(show, shown, record, **private)


def matching(papers: Sequence[Paper], words: str) -> list[Paper]:
    """Return the papers in whose title, authors, categories or year every word occurs."""
    wanted = words.casefold().split()
    if not wanted:
        return list(papers)
    return [p for p in papers if all(word in _haystack(p) for word in wanted)]


def table_rows(papers: Sequence[Paper]) -> list[list[str]]:
    """Return the table's cells; plain text, which the table shows as it is."""
    return [
        [
            readable(paper.display_title),
            authors_line(paper, limit=3),
            str(paper.year or ""),
            ", ".join(paper.categories),
            "yes" if paper.has_code else "",
        ]
        for paper in papers
    ]


def _haystack(paper: Paper) -> str:
    parts = (readable(paper.display_title), *paper.authors, *paper.categories, str(paper.year or ""))
    return " ".join(parts).casefold()
