"""The page: its tabs put together."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import gradio as gr

from assistant.web.adding import build_adding
from assistant.web.chat import build_chat
from assistant.web.corpus_tab import build_corpus
from assistant.web.endpoints import Page, add_endpoints
from assistant.web.quality import build_quality
from assistant.web.summary import build_summary
from assistant.web.team import current_user

if TYPE_CHECKING:
    from assistant.accounts.store import User
    from assistant.engine import Assistant
    from assistant.web.services import Services

TITLE = "Paper Assistant"
_LOG_OUT = (
    '<form class="pa-account" style="font-size: 0.875rem" method="post" action="/logout">{} · '
    '<button type="submit" style="all: revert; font: inherit; cursor: pointer">Log out</button></form>'
)


def build_page(assistant: Assistant, services: Services) -> gr.Blocks:
    """Return the page over `assistant`; it keeps no state of its own between two requests."""
    page = Page(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        add_endpoints(assistant)  # first, so that no event of a tab has taken their names
        head = gr.HTML(head_html(assistant))
        # Read again with each visit: an ingest may have added papers since the start.
        page.load(
            lambda: head_html(assistant, current_user()), None, head,
            queue=False, show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        with gr.Tabs():
            with gr.Tab("Chat"):
                build_chat(page, assistant, services)
            with gr.Tab("Literature summary"):
                build_summary(assistant)
            with gr.Tab("Corpus") as corpus_tab:
                build_corpus(assistant, services.library, corpus_tab)
            with gr.Tab("Add papers") as adding_tab:
                build_adding(services.library, adding_tab)
            with gr.Tab("Quality") as quality_tab:
                build_quality(services.data_dir, quality_tab)
    return page


def head_html(assistant: Assistant, user: User | None = None) -> str:
    """Return the page's head: its name, who answers and from how many papers, who is logged in."""
    out = _LOG_OUT.format(escape(user.name)) if user else ""
    return f'<div class="pa-head"><h1>{TITLE}</h1><p>{escape(assistant.description)}</p>{out}</div>'
