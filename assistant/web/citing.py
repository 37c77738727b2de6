"""The buttons of a card that copy the paper's reference."""

from __future__ import annotations

from html import escape

from assistant import bibliography
from assistant.models import Paper


def citing(paper: Paper) -> str:
    """Return the buttons; each carries its text, and assets/page.js puts it on the clipboard."""
    texts = {
        "BibTeX": bibliography.to_bibtex([paper]),
        "RIS": bibliography.to_ris([paper]),
        "Markdown": bibliography.to_reference(paper),
        "CSL-JSON": bibliography.to_csl_json([paper]),
    }
    buttons = "".join(
        f'<button type="button" data-copy="{escape(text.strip())}">{name}</button>'
        for name, text in texts.items()
    )
    return f'<details class="pa-checks pa-cite"><summary>Cite</summary><p>Copy as {buttons}</p></details>'
