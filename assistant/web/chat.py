"""The chat tab: this browser's conversations, the conversation at hand, the sources of an answer.

All of the conversation at hand lies in the browser (the messages and, hidden, the questions asked),
and comes along with each request: nothing of it is kept in this process, so nothing can be shared
between browsers, and a database that fails stops nothing. `gr.State` would also hold a connection
open for each tab, of which a browser grants six.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import StoreError
from assistant.web import asking, feedback, filtering, history
from assistant.web.asking import Message, Order, Shown, Turn
from assistant.web.chat_conversations import wire_conversations
from assistant.web.chat_layout import PRIVATE, QUICK, Chat, filter_chip, filter_chips, lay_out

if TYPE_CHECKING:
    from assistant.engine import Assistant
    from assistant.web.services import Services


def build_chat(page: gr.Blocks, assistant: Assistant, services: Services) -> None:
    """Lay the tab out and wire it, inside the current `gr.Blocks`."""
    chat = lay_out(assistant)
    running = _wire_asking(chat, assistant, services)
    _wire_filters(chat, assistant)
    _wire_feedback(chat, services)
    wire_conversations(page, chat, services, running)


def _wire_asking(chat: Chat, assistant: Assistant, services: Services) -> list[Any]:
    """Everything that asks puts an order into the line; one listener takes them up, one after another.

    Returns the events that a stop has to cancel.
    """

    def send(question: str, orders: list[Order], turns: list[Turn]) -> tuple[str, list[Order]]:
        return "", asking.ordered(orders, turns, asking.new_order(question))

    def choose(orders: list[Order], turns: list[Turn], event: gr.SelectData) -> list[Order]:
        chosen = event.value["text"] if isinstance(event.value, dict) else event.value
        return asking.ordered(orders, turns, asking.new_order(str(chosen)))

    def retry(
        messages: list[Message], turns: list[Turn], orders: list[Order], event: gr.RetryData
    ) -> list[Order]:
        keep = asking.question_number(messages, _index(event.index)) - 1
        known = asking.checked_turns(turns)
        if not 0 <= keep < len(known):
            return orders
        return asking.ordered(orders, turns, asking.new_order(known[keep]["question"], keep))

    def edit(
        messages: list[Message], turns: list[Turn], orders: list[Order], event: gr.EditData
    ) -> list[Order]:
        keep = asking.question_number(messages, _index(event.index)) - 1
        # The message was shown letter by letter, as entities: that is what was edited.
        question = html.unescape(str(event.value))
        return asking.ordered(orders, turns, asking.new_order(question, max(0, keep)))

    def without(kept: list[str], turns: list[Turn], orders: list[Order]) -> list[Order]:
        *earlier, last = asking.checked_turns(turns) or [{"question": "", "filters": {}}]
        read = last["filters"]
        given = {name: value for name, value in read.items() if filter_chip(name, value) in (kept or [])}
        if given == read:
            return orders
        return asking.ordered(orders, turns, asking.new_order(last["question"], len(earlier), given))

    def answer(
        orders: list[Order],
        messages: list[Message],
        turns: list[Turn],
        browser: str,
        current: str,
        *controls: Any,
    ) -> Iterator[tuple[Any, ...]]:
        todo = asking.open_orders(orders, turns)
        if not todo:
            yield (gr.skip(),) * 7
            return
        yield gr.Textbox(stop_btn="Stop"), *(gr.skip(),) * 6
        updates = asking.answering(
            assistant, services.conversations, todo[0], messages or [], asking.checked_turns(turns),
            browser, current, filtering.by_hand(*controls),
        )  # fmt: skip
        for update in updates:
            yield gr.skip(), *_updates(update)
        yield gr.Textbox(stop_btn=False), *(gr.skip(),) * 6

    def after_answer(
        orders: list[Order], turns: list[Turn], browser: str, current: str, answered: float
    ) -> tuple[Any, str]:
        # Only for a question that waits: a count that always rose would call the listener for ever.
        rises = answered + 1 if asking.open_orders(orders, turns) else gr.skip()
        return rises, history.listed(services.conversations, browser, current)

    def wait(orders: list[Order], turns: list[Turn]) -> str:
        return asking.waiting_html(asking.waiting(orders, turns))

    def stop(messages: list[Message], orders: list[Order], turns: list[Turn]) -> tuple[Any, ...]:
        waiting = asking.open_orders(orders, turns)
        back = {"value": waiting[0]["question"]} if waiting else {}
        said = [*messages, {"role": "assistant", "content": asking.STOPPED}]
        return gr.Textbox(stop_btn=False, **back), said, []

    c = chat
    outputs = [c.box, c.chatbot, c.sources, c.turns, c.chips, c.current, c.trouble]
    inputs = [c.orders, c.chatbot, c.turns, c.browser, c.current, *c.filters.controls]
    c.box.submit(send, [c.box, c.orders, c.turns], [c.box, c.orders], **QUICK)
    c.chatbot.example_select(choose, [c.orders, c.turns], c.orders, **QUICK)
    c.chatbot.option_select(choose, [c.orders, c.turns], c.orders, **QUICK)
    c.chatbot.retry(retry, [c.chatbot, c.turns, c.orders], c.orders, **QUICK)
    c.chatbot.edit(edit, [c.chatbot, c.turns, c.orders], c.orders, **QUICK)
    c.chips.input(without, [c.chips, c.turns, c.orders], c.orders, **QUICK)
    # A question sent while one is answered finds the listener busy; the count of answers, which rises
    # when it is free again, calls it for that question.
    running = gr.on(
        [c.orders.change, c.answered.change], answer, inputs, outputs, trigger_mode="once", **PRIVATE
    )
    known = [c.orders, c.turns, c.browser, c.current, c.answered]
    running.then(after_answer, known, [c.answered, c.talks], **QUICK)
    gr.on([c.orders.change, c.turns.change], wait, [c.orders, c.turns], c.waiting, **QUICK)
    # Listeners of one event run in turn: the cancelling one comes first, or the stream's next update
    # would undo what the other shows.
    c.box.stop(None, cancels=[running], queue=False)
    c.box.stop(stop, [c.chatbot, c.orders, c.turns], [c.box, c.chatbot, c.orders], **QUICK)
    return [running]


def _wire_filters(chat: Chat, assistant: Assistant) -> None:
    def label(*controls: Any) -> Any:
        return gr.Accordion(label=filtering.panel_label(filtering.by_hand(*controls)))

    def offer() -> list[Any]:
        choices = filtering.choices_of(assistant.papers())
        offered = (choices["years"], choices["years"], choices["categories"], choices["authors"])
        return [gr.Dropdown(choices=some) for some in offered]

    box = chat.filters
    gr.on([control.change for control in box.controls], label, box.controls, box.panel, **QUICK)
    # An ingest may have added papers since the start.
    box.panel.expand(offer, None, box.controls[:4], **QUICK)
    # A filter set by hand and then taken off an answer must not come back with the next question.
    chat.chips.input(filtering.cleared, None, list(box.controls), **QUICK)


def _wire_feedback(chat: Chat, services: Services) -> None:
    def rate(messages: list[Message], browser: str, current: str, event: gr.LikeData) -> tuple[Any, ...]:
        number = asking.question_number(messages, _index(event.index))
        rating = {True: "good", "Like": "good", False: "bad", "Dislike": "bad"}.get(event.liked)
        try:
            kept = services.conversations.rate(browser, current, number, rating)  # type: ignore[arg-type]
        except StoreError as error:
            return {}, history.trouble_html(str(error)), *(gr.skip(),) * 4
        if rating is None or not kept:
            return {}, gr.skip(), gr.Group(visible=False), *(gr.skip(),) * 3
        return {"number": number, "rating": rating}, gr.skip(), *feedback.asked_why(rating)

    def explain(
        rated: dict[str, Any], reasons: list[str], words: str, browser: str, current: str
    ) -> tuple[Any, str]:
        number, rating = rated.get("number"), rated.get("rating")
        if not isinstance(number, int) or rating not in ("good", "bad"):
            return gr.Group(visible=False), ""
        try:
            reason = feedback.reason_of(reasons, words)
            services.conversations.rate(browser, current, number, rating, reason)
        except StoreError as error:
            return gr.Group(visible=False), history.trouble_html(str(error))
        return gr.Group(visible=False), '<p class="pa-hint" role="status">Kept. Thank you.</p>'

    box = chat.feedback
    outputs = [box.rated, chat.trouble, box.row, box.said, box.reasons, box.words]
    rated = chat.chatbot.like(rate, [chat.chatbot, chat.browser, chat.current], outputs, **QUICK)
    rated.then(None, js="() => paShowFeedback()", **QUICK)
    inputs = [box.rated, box.reasons, box.words, chat.browser, chat.current]
    gr.on([box.save.click, box.words.submit], explain, inputs, [box.row, chat.trouble], **QUICK)
    box.close.click(lambda: gr.Group(visible=False), None, box.row, **QUICK)


def _updates(shown: Shown) -> tuple[Any, ...]:
    """The values of chatbot, sources, turns, chips, current and trouble."""

    def value(given: Any) -> Any:
        return gr.skip() if given is None else given

    chips = gr.skip() if shown.filters is None else filter_chips(shown.filters.to_dict())
    trouble = gr.skip() if shown.trouble is None else history.trouble_html(shown.trouble)
    parts = (shown.messages, shown.sources, shown.turns)
    return *map(value, parts), chips, value(shown.conversation), trouble


def _index(given: int | tuple[int, int]) -> int:
    return given if isinstance(given, int) else given[0]
