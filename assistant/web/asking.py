"""From a question in the box to the updates of the page while it is answered.

What is to be asked stands in a line of orders, which lies in the browser like the rest of the
conversation: a question sent while another is answered waits there.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, StoreError
from assistant.models import Answer, Filters
from assistant.web.cards import sources_panel
from assistant.web.markup import answer_markdown, escape_markdown, message_markdown
from assistant.web.suggestions import follow_ups

if TYPE_CHECKING:
    from assistant.conversations import Conversations
    from assistant.engine import Assistant

log = logging.getLogger(__name__)

# Seconds between two updates while an answer streams: the eye takes it for continuous, and the
# browser re-renders the growing message at most ten times a second.
UPDATE_INTERVAL = 0.1
# What the engine's own limit says is an error message; this only keeps a pasted book out of the request.
LONGEST_QUESTION = 60_000
_MOST_WAITING = 5

FAILED = "**This did not work.** {}"
STOPPED = "*Stopped.*"

Message = dict[str, Any]
Turn = dict[str, Any]  # "question", "order", and "filters" once it is answered
Order = dict[str, Any]  # "id", "question"; "keep" (turns that stay) and "filters" when they are given


@dataclass(frozen=True, slots=True)
class Shown:
    """What changes on the page; None leaves a part as it is."""

    messages: list[Message] | None = None
    sources: str | None = None
    turns: list[Turn] | None = None
    filters: Filters | None = None
    conversation: str | None = None
    trouble: str | None = None


def answering(
    assistant: Assistant,
    conversations: Conversations,
    order: Order,
    messages: list[Message],
    turns: list[Turn],
    browser: str,
    conversation: str,
    by_hand: Filters,
) -> Iterator[Shown]:
    """Yield the page's updates while the answer to an order streams; what is asked is kept.

    The order's own filters take the place of all others; those set `by_hand` are joined with
    those the question holds.
    """
    question, keep = order["question"], order.get("keep")
    if keep is not None:
        turns, messages = turns[:keep], before_question(messages, keep)
    filters = None
    if order.get("filters") is not None:
        filters = Filters(**order["filters"])
    elif by_hand:
        filters = joined(assistant.filters_in(question), by_hand)
    history = [turn["question"] for turn in turns]
    turns = [*turns, {"question": question, "order": order["id"]}]
    number = len(turns)
    messages = [*messages, {"role": "user", "content": escape_markdown(question)}]
    yield Shown(messages, turns=turns, filters=Filters())
    trouble = ""
    try:
        conversation = conversations.save_question(browser, conversation, number, question)
    except StoreError as error:
        trouble = str(error)
    yield Shown(conversation=conversation, trouble=trouble)

    def said(text: str, **more: Any) -> list[Message]:
        return [*messages, {"role": "assistant", "content": text, **more}]

    try:
        shown_at = 0.0
        for part in assistant.stream(question, history, filters):
            if isinstance(part, Answer):
                if not trouble:
                    trouble = _save(conversations, browser, conversation, number, part)
                options = [{"value": q, "label": q} for q in follow_ups(part)]
                more = {"options": options} if options else {}
                answered = [*turns[:-1], {**turns[-1], "filters": part.filters.to_dict()}]
                yield Shown(
                    said(message_markdown(part, number), **more),
                    sources_panel(part, number),
                    answered,
                    part.filters,
                    trouble=trouble,
                )
            elif (now := time.monotonic()) - shown_at >= UPDATE_INTERVAL:
                shown_at = now
                yield Shown(said(answer_markdown(part, number)))
    except AssistantError as error:
        yield Shown(said(FAILED.format(escape_markdown(str(error)))))
    except Exception:  # the page's edge: the log gets the traceback, the reader a sentence
        log.exception("answering failed")
        yield Shown(said(FAILED.format("It is no fault of the question; the server's log says why.")))


def _save(conversations: Conversations, browser: str, conversation: str, number: int, answer: Answer) -> str:
    try:
        conversations.save_answer(browser, conversation, number, answer)
    except StoreError as error:
        return str(error)
    return ""


def before_question(messages: Sequence[Message], keep: int) -> list[Message]:
    """The messages of the first `keep` questions."""
    asked = [i for i, message in enumerate(messages) if message["role"] == "user"]
    return list(messages[: asked[keep]] if keep < len(asked) else messages)


def question_number(messages: Sequence[Message], index: int) -> int:
    """The number, from 1, of the question that the message at `index` is or answers."""
    return sum(message["role"] == "user" for message in messages[: index + 1])


def joined(read: Filters, given: Filters) -> Filters:
    """The filters of a question with those set by hand, which win; one date takes the place of another."""
    if given.year or given.published_from or given.published_to:
        read = replace(read, year=None, published_from=None, published_to=None)
    return replace(read, **given.to_dict())


def new_order(question: str, keep: int | None = None, filters: dict[str, Any] | None = None) -> Order:
    """A question to be asked, in place of all turns after the first `keep` when that is given."""
    return {"id": secrets.token_hex(4), "question": question.strip(), "keep": keep, "filters": filters}


def ordered(orders: Any, turns: Any, order: Order) -> list[Order]:
    """The line with one more order at its end, without those taken up; a full line stays as it is.

    Nothing else takes orders out of the line: what was sent meanwhile could get lost.
    """
    line = open_orders(orders, turns)
    return [*line, order] if order["question"] and len(line) <= _MOST_WAITING else line


def open_orders(orders: Any, turns: Any) -> list[Order]:
    """The orders that have not been taken up yet, in their order."""
    taken = {turn.get("order") for turn in checked_turns(turns)}
    return [order for order in checked_orders(orders) if order["id"] not in taken]


def waiting(orders: Any, turns: Any) -> list[Order]:
    """The open orders that have to wait: all while an answer is being written, else all but the first."""
    line = open_orders(orders, turns)
    last = turns[-1] if isinstance(turns, list) and turns and isinstance(turns[-1], dict) else {}
    return line if "order" in last and "filters" not in last else line[1:]


def waiting_html(orders: Sequence[Order]) -> str:
    """Return the line of questions that wait, for under the box; "" when none does."""
    items = "".join(f"<li>{escape(order['question'][:200])}</li>" for order in orders)
    return f'<div class="pa-waiting" role="status">Next:<ol>{items}</ol></div>' if items else ""


def checked_orders(orders: Any) -> list[Order]:
    """The orders as the browser sends them, without whatever else it may have sent."""
    sent = [order for order in orders if isinstance(order, dict)] if isinstance(orders, list) else []
    return [
        {
            "id": order["id"][:16],
            "question": q[:LONGEST_QUESTION],
            "keep": k if isinstance(k := order.get("keep"), int) and k >= 0 else None,
            "filters": checked_filters(order) if isinstance(order.get("filters"), dict) else None,
        }
        for order in sent
        if isinstance(order.get("id"), str) and isinstance(q := order.get("question"), str) and q
    ]


def checked_turns(turns: Any) -> list[Turn]:
    """The turns as the browser sends them, without whatever else it may have sent."""
    sent = [turn for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []
    return [
        {"question": q[:LONGEST_QUESTION], "filters": checked_filters(turn), "order": turn.get("order")}
        for turn in sent
        if isinstance(q := turn.get("question"), str) and q
    ]


def checked_filters(holder: dict[str, Any]) -> dict[str, Any]:
    """The "filters" of an order or turn, those of a kind that filters can have."""
    sent, kinds = holder.get("filters"), {"year": int, "has_code": bool}
    if not isinstance(sent, dict):
        return {}
    return {
        field.name: sent[field.name]
        for field in fields(Filters)
        if isinstance(sent.get(field.name), kinds.get(field.name, str))
    }
