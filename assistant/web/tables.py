"""Tables as HTML; the cells are HTML already, escaped by whoever made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table_html(label: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that scrolls by itself; the first cell of a row names it. Without `head`, no head."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return (
        f'<div class="pa-table" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"{f'<thead><tr>{top}</tr></thead>' if top else ''}<tbody>{body}</tbody></table></div>"
    )
