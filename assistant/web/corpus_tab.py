"""The corpus tab: what the corpus holds, a paper's full record, counts, and what was merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.models import Paper
from assistant.readable import readable
from assistant.web.cards import authors_line, paper_card
from assistant.web.library import Library, Merged, counts_by
from assistant.web.tables import table_html

if TYPE_CHECKING:
    from assistant.engine import Assistant

# Rows sent to the browser at once; beyond it the page becomes slow and nobody reads on.
_MOST_ROWS = 500
_MOST_BARS = 12
_COLUMNS = ("Title", "Authors", "Year", "Category", "Code")
_HINT = '<div class="pa-empty"><p>Choose a row to read the paper’s full record here.</p></div>'
_EMPTY = (
    '<div class="pa-empty"><p><strong>No papers yet</strong></p><p>Add some in the tab “Add papers”, or run '
    "<code>python -m ingest FILE</code>.</p></div>"
)


def build_corpus(assistant: Assistant, library: Library | None, tab: gr.Tab) -> None:
    """Lay the tab out inside the current `gr.Blocks`; it is filled when it is opened."""
    with gr.Row(elem_classes="pa-columns", equal_height=False):
        with gr.Column(scale=3, min_width=340):
            find = gr.Textbox(
                show_label=False,
                label="Find papers",
                placeholder="Find: words of a title, an author, a category, a year, “code”",
                container=False,
                elem_id="pa-find",
            )
            count = gr.HTML("", padding=False)
            table = gr.Dataframe(
                headers=list(_COLUMNS),
                datatype=["str", "str", "number", "str", "str"],
                interactive=False,
                wrap=True,
                show_label=False,
                label="Papers",
                max_height=620,
                column_widths=["44%", "24%", "9%", "13%", "10%"],
                elem_id="pa-papers",
                buttons=[],
            )
        with gr.Column(scale=2, min_width=320, elem_classes="pa-sources-column"):
            record = gr.HTML(_HINT, elem_id="pa-record", padding=False)
    counts = gr.HTML("", elem_id="pa-counts", padding=False)
    merges = gr.HTML("", elem_id="pa-merges", padding=False)
    shown = gr.JSON([], visible="hidden")

    def fill(words: str) -> tuple[Any, str, list[str]]:
        papers = assistant.papers()
        found = matching(papers, words)
        said = f"{len(found):,} of {len(papers):,} papers"
        if len(found) > _MOST_ROWS:
            said += f"; the first {_MOST_ROWS} are listed, more words narrow it down"
        ids = [paper.paper_id for paper in found[:_MOST_ROWS]]
        hint = f'<p class="pa-hint" role="status">{said}. A click on a column’s name sorts by it.</p>'
        return table_rows(found[:_MOST_ROWS]), hint if papers else _EMPTY, ids

    def overview() -> tuple[str, str]:
        papers = assistant.papers()
        try:
            merged = library.merged(papers) if library else []
        except AssistantError:
            merged = []
        return counts_html(papers), merged_html(merged)

    def show(ids: list[str], event: gr.SelectData) -> str:
        # The row's own title cell is no key: the browser may have sorted the table.
        row = [str(cell) for cell in event.row_value]
        wanted = set(ids)
        for paper in assistant.papers():
            if paper.paper_id in wanted and [str(cell) for cell in table_rows([paper])[0]] == row:
                return record_html(paper)
        return _HINT

    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    tab.select(fill, find, [table, count, shown], **private)
    tab.select(overview, None, [counts, merges], **private)
    find.change(fill, find, [table, count, shown], trigger_mode="always_last", **private)
    chosen = table.select(show, shown, record, **private)
    chosen.then(None, js="() => paShowRecord()", **private)


def matching(papers: Sequence[Paper], words: str) -> list[Paper]:
    """Return the papers in whose title, authors, categories or year every word occurs.

    "code" finds those that come with code.
    """
    wanted = words.casefold().split()
    if not wanted:
        return list(papers)
    return [p for p in papers if all(word in _haystack(p) for word in wanted)]


def table_rows(papers: Sequence[Paper]) -> list[list[str | int | None]]:
    """Return the table's cells; plain text, which the table shows as it is, and years to sort by."""
    return [
        [
            readable(paper.display_title),
            authors_line(paper, limit=3),
            paper.year,
            ", ".join(paper.categories),
            "yes" if paper.has_code else "",
        ]
        for paper in papers
    ]


def record_html(paper: Paper) -> str:
    """Return a paper's full record: its card, and all that its sources say of it."""
    ids = paper.identifiers
    fields = {
        "Authors": ", ".join(paper.authors) + (" (the source names only these)" if paper.et_al else ""),
        "Published": paper.published or "not dated",
        "Categories": ", ".join(paper.categories),
        "Affiliation": paper.affiliation_tag or "",
        "DOI": ids.doi or "",
        "arXiv": ids.arxiv or "",
        "PubMed": ids.pmid or "",
        "Known here as": paper.paper_id,
        "Before, as": ", ".join(paper.aliases),
        "Numbers of its sources": ", ".join(paper.source_ids),
        "From the files": ", ".join(paper.source_names),
    }
    rows = [(escape(name), escape(value)) for name, value in fields.items() if value]
    return (
        f'{paper_card(paper, opened=True)}<div class="pa-record">{table_html("Full record", (), rows)}</div>'
    )


def counts_html(papers: Sequence[Paper]) -> str:
    """Return how many papers there are by year and by category, as bars; "" without papers."""
    if not papers:
        return ""
    years, categories = counts_by(papers)
    charts = _bars("Papers by year", years) + _bars("Papers by category", categories)
    return f'<div class="pa-charts">{charts}</div>'


def merged_html(merged: Sequence[Merged]) -> str:
    """Return which papers were given more than once, and why the records were taken for one."""
    if not merged:
        return '<p class="pa-hint">No paper was given more than once.</p>'
    rows = "".join(
        f"<li><strong>{escape(readable(m.paper.display_title))}</strong><ul>{_records(m)}</ul></li>"
        for m in merged
    )
    count = "One paper was" if len(merged) == 1 else f"{len(merged)} papers were"
    return (
        f'<details class="pa-checks pa-merged"><summary>{count} given more than once and joined into one'
        f"</summary><ul>{rows}</ul></details>"
    )


def _records(merged: Merged) -> str:
    reasons = ("", *(f": {reason}" for reason in merged.reasons))
    return "".join(
        f"<li>{escape(source)} <span>{escape(title)}</span>{escape(reason)}</li>"
        for (source, title), reason in zip(merged.records, reasons, strict=False)
    )


def _bars(heading: str, counts: Mapping[str, int]) -> str:
    shown, rest = list(counts.items())[:_MOST_BARS], list(counts.items())[_MOST_BARS:]
    if rest:
        shown.append((f"{len(rest)} others", sum(count for _, count in rest)))
    largest = max((count for _, count in shown), default=1)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f'<td><span class="pa-bar-line" style="width:{100 * count / largest:.1f}%"></span></td>'
        f"<td>{count:,}</td></tr>"
        for name, count in shown
    )
    return f'<table class="pa-chart"><caption>{escape(heading)}</caption><tbody>{rows}</tbody></table>'


def _haystack(paper: Paper) -> str:
    parts = (readable(paper.display_title), *paper.authors, *paper.categories, str(paper.year or ""))
    return " ".join((*parts, "code" if paper.has_code else "")).casefold()
