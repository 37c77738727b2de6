"""The filters that are set by hand, beside those a question holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.answering.filter_words import describe_filters
from assistant.models import Filters, Paper

_ANY, _WITH_CODE, _WITHOUT_CODE = "Any", "With code", "Without code"
_MOST_AUTHORS = 2_000  # names offered; others can be typed


@dataclass(frozen=True, slots=True)
class FilterBox:
    """The controls, in the order `by_hand` takes their values."""

    panel: gr.Accordion
    controls: tuple[gr.Dropdown, ...]


def build_filters(papers: Sequence[Paper]) -> FilterBox:
    """Lay the controls out inside the current `gr.Blocks`; `choices_of` brings them up to date later."""
    choices = choices_of(papers)
    with gr.Accordion("Filters", open=False, elem_id="pa-hand", elem_classes="pa-hand") as panel, gr.Row():
        first = gr.Dropdown(choices["years"], value="", label="From year", min_width=80)
        last = gr.Dropdown(choices["years"], value="", label="To year", min_width=80)
        category = gr.Dropdown(choices["categories"], value="", label="Category", min_width=90)
        author = gr.Dropdown(
            choices["authors"], value="", label="Author", allow_custom_value=True, min_width=130
        )
        code = gr.Dropdown([_ANY, _WITH_CODE, _WITHOUT_CODE], value=_ANY, label="Code", min_width=90)
    return FilterBox(panel, (first, last, category, author, code))


def choices_of(papers: Sequence[Paper]) -> dict[str, list[tuple[str, str]]]:
    """What the corpus offers to filter by, as shown and as given; "" stands for no filter."""
    names = {author for paper in papers for author in paper.authors}
    offered = {
        "years": [str(year) for year in sorted({p.year for p in papers if p.year}, reverse=True)],
        "categories": sorted({category for paper in papers for category in paper.categories}),
        "authors": sorted(names)[:_MOST_AUTHORS],
    }
    return {name: [(_ANY, ""), *((value, value) for value in some)] for name, some in offered.items()}


def by_hand(first: Any, last: Any, category: Any, author: Any, code: Any) -> Filters:
    """The filters that the controls' values mean; what is no year or text means nothing."""
    return Filters(
        author=_text(author),
        category=_text(category),
        published_from=f"{year}-01-01" if (year := _year(first)) else None,
        published_to=f"{year}-12-31" if (year := _year(last)) else None,
        has_code={_WITH_CODE: True, _WITHOUT_CODE: False}.get(code) if isinstance(code, str) else None,
    )


def panel_label(filters: Filters) -> str:
    """The heading of the controls: what is set, in words."""
    words = describe_filters(filters)
    return f"Filters: papers {words}" if words else "Filters"


def cleared() -> list[Any]:
    """The values of the controls when nothing is set."""
    return ["", "", "", "", _ANY]


def _text(value: Any) -> str | None:
    return (value.strip()[:200] or None) if isinstance(value, str) else None


def _year(value: Any) -> str | None:
    text = str(value or "")
    return text if len(text) == 4 and text.isascii() and text.isdigit() else None
