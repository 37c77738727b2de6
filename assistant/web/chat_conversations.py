"""The conversations of this browser in the chat tab: brought back, chosen, renamed, deleted, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import StoreError
from assistant.web import history
from assistant.web.cards import EMPTY_PANEL
from assistant.web.chat_layout import QUICK, Chat, filter_chips, idle_box

if TYPE_CHECKING:
    from assistant.web.services import Services


def wire_conversations(page: gr.Blocks, chat: Chat, services: Services, running: list[Any]) -> None:
    """Wire the list and what it opens; `running` are the events that stop when another comes into sight."""
    kept = services.conversations

    def nothing(browser: str, trouble: str = "") -> tuple[Any, ...]:
        talks = history.list_html((), "", trouble) if trouble else history.listed(kept, browser, "")
        return (
            idle_box(),
            gr.Chatbot([], feedback_value=None),
            EMPTY_PANEL,
            [],
            filter_chips({}),
            "",
            "",
            [],
            talks,
        )

    def show(browser: str, current: str) -> tuple[Any, ...]:
        try:
            turns = kept.turns(browser, current) if current else []
        except StoreError as error:
            return nothing(browser, str(error))
        if not turns:
            return nothing(browser)
        messages, shown, sources, ratings = history.opened(turns)
        chips = filter_chips(shown[-1].get("filters", {}))
        talks = history.listed(kept, browser, current)
        return (
            idle_box(),
            gr.Chatbot(messages, feedback_value=ratings),  # type: ignore[arg-type]  # such dicts they are
            sources,
            shown,
            chips,
            current,
            "",
            [],
            talks,
        )

    def restore(browser: str, current: str) -> tuple[Any, ...]:
        if not current:  # nothing but the list: somebody may be asking already
            return *(gr.skip(),) * 8, history.listed(kept, browser, current)
        return show(browser, current)

    def choose(browser: str, event: gr.EventData) -> tuple[Any, ...]:
        return show(browser, history.text_of(event, "id"))

    def rename(browser: str, current: str, event: gr.EventData) -> str:
        try:
            kept.rename(browser, history.text_of(event, "id"), history.text_of(event, "title"))
        except StoreError as error:
            return history.list_html((), "", str(error))
        return history.listed(kept, browser, current)

    def delete(browser: str, current: str, event: gr.EventData) -> tuple[Any, ...]:
        conversation = history.text_of(event, "id")
        try:
            kept.delete(browser, conversation)
        except StoreError as error:
            return *(gr.skip(),) * 8, history.list_html((), "", str(error))
        if conversation == current:
            return nothing(browser)
        return *(gr.skip(),) * 8, history.listed(kept, browser, current)

    def save(browser: str, event: gr.EventData) -> Any:
        try:
            return history.saved(kept, browser, event)
        except StoreError as error:
            raise gr.Error(str(error), print_exception=False) from error

    c = chat
    # At once in the browser, so that nothing is asked before it is known whose question it is.
    known = page.load(None, None, [c.browser, c.current], js="() => paBrowser()", **QUICK)
    known.then(restore, [c.browser, c.current], c.conversation, **QUICK)
    c.current.change(None, c.current, None, js="(current) => paCurrent(current)", **QUICK)
    c.talks.select(None, cancels=running, queue=False)
    c.talks.select(choose, c.browser, c.conversation, **QUICK)
    c.talks.edit(rename, [c.browser, c.current], c.talks, **QUICK)
    c.talks.delete(delete, [c.browser, c.current], c.conversation, **QUICK)
    c.talks.download(save, c.browser, c.file, **QUICK)
    c.file.change(None, c.file, None, js="(file) => paSave(file)", **QUICK)
    c.fresh.click(None, cancels=running, queue=False)
    c.fresh.click(nothing, c.browser, c.conversation, **QUICK)
