"""The chat tab: this browser's conversations, the conversation at hand, the sources of an answer.

All of the conversation at hand lies in the browser (the messages and, hidden, the questions asked),
and comes along with each request: nothing of it is kept in this process, so nothing can be shared
between browsers, and a database that fails stops nothing. `gr.State` would also hold a connection
open for each tab, of which a browser grants six.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.answering.filter_words import describe_filters
from assistant.errors import StoreError
from assistant.models import Filters
from assistant.web import asking, feedback, filtering, history
from assistant.web.asking import LONGEST_QUESTION, Message, Order, Shown, Turn
from assistant.web.cards import EMPTY_PANEL
from assistant.web.suggestions import example_questions

if TYPE_CHECKING:
    from assistant.engine import Assistant
    from assistant.web.services import Services

_PLACEHOLDER = "### Ask the papers\nAnswers come with numbered citations and the sentences they rest on."
_PROMPT = "Ask about the papers…"
_PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_QUICK: dict[str, Any] = {**_PRIVATE, "queue": False}


@dataclass(frozen=True, slots=True)
class Chat:
    """The components that events of the page read and write."""

    chatbot: gr.Chatbot
    box: gr.Textbox
    chips: gr.Dropdown
    waiting: gr.HTML
    filters: filtering.FilterBox
    feedback: feedback.FeedbackBox
    talks: gr.HTML
    fresh: gr.Button
    sources: gr.HTML
    trouble: gr.HTML
    turns: gr.JSON
    orders: gr.JSON
    answered: gr.Number
    browser: gr.Textbox
    current: gr.Textbox
    file: gr.JSON

    @property
    def conversation(self) -> list[gr.components.Component]:
        """All that changes when another conversation comes into sight."""
        return [self.box, self.chatbot, self.sources, self.turns, self.chips, self.current, self.trouble,
                self.orders, self.talks]  # fmt: skip


def build_chat(page: gr.Blocks, assistant: Assistant, services: Services) -> None:
    """Lay the tab out and wire it, inside the current `gr.Blocks`."""
    chat = _lay_out(assistant)
    running = _wire_asking(chat, assistant, services)
    _wire_filters(chat, assistant)
    _wire_feedback(chat, services)
    _wire_conversations(page, chat, services, running)


def _lay_out(assistant: Assistant) -> Chat:
    papers = assistant.papers()
    with gr.Row(elem_classes="pa-columns", equal_height=False):
        with gr.Column(scale=0, min_width=230, elem_id="pa-talks", elem_classes="pa-talks-column"):
            talks = gr.HTML("", js_on_load=_TALKS_JS)
        with gr.Column(scale=3, min_width=320, elem_classes="pa-chat-column"):
            with gr.Row(elem_classes="pa-bar"):
                gr.Button(
                    "Conversations", size="sm", elem_id="pa-show-talks", elem_classes="pa-quiet", scale=0
                ).click(None, js="() => paToggleTalks()", **_QUICK)
                fresh = gr.Button("New conversation", size="sm", elem_classes="pa-quiet", scale=0)
            trouble = gr.HTML("")
            chatbot = gr.Chatbot(
                show_label=False,
                label="Conversation",
                elem_id="pa-chat",
                height="calc(100dvh - 19.5rem)",
                min_height=320,
                layout="panel",
                placeholder=_PLACEHOLDER,
                examples=[{"text": question} for question in example_questions(papers)],
                latex_delimiters=[],
                allow_tags=False,
                buttons=["copy"],
                editable="user",
                container=False,
            )
            thoughts = feedback.build_feedback()
            box = gr.Textbox(
                show_label=False,
                label="Question",
                placeholder=_PROMPT,
                elem_id="pa-question",
                submit_btn="Ask",
                autofocus=True,
                container=False,
                max_lines=8,
                max_length=LONGEST_QUESTION,
                html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
            )
            waiting = gr.HTML("", elem_id="pa-waiting")
            chips = gr.Dropdown(
                multiselect=True,
                # Else the server compares what the browser sends with the choices of another answer.
                allow_custom_value=True,
                visible=False,
                label="Filters of this answer. Remove one to ask again without it:",
                elem_id="pa-filters",
                elem_classes="pa-filters",
            )
            by_hand = filtering.build_filters(papers)
        with gr.Column(scale=2, min_width=320, elem_classes="pa-sources-column"):
            sources = gr.HTML(EMPTY_PANEL, elem_id="pa-sources", js_on_load=_REMEMBER_PANELS, padding=False)
    hidden: dict[str, Any] = {"visible": "hidden"}
    return Chat(
        chatbot, box, chips, waiting, by_hand, thoughts, talks, fresh, sources, trouble,
        turns=gr.JSON([], elem_id="pa-turns", **hidden),
        orders=gr.JSON([], **hidden),
        answered=gr.Number(0, label="Answers", **hidden),
        browser=gr.Textbox("", label="Browser", **hidden),
        current=gr.Textbox("", label="Conversation", **hidden),
        file=gr.JSON(None, **hidden),
    )  # fmt: skip


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
        given = {name: value for name, value in read.items() if _chip(name, value) in (kept or [])}
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

    def after_answer(browser: str, current: str, answered: float) -> tuple[float, str]:
        return answered + 1, history.listed(services.conversations, browser, current)

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
    c.box.submit(send, [c.box, c.orders, c.turns], [c.box, c.orders], **_QUICK)
    c.chatbot.example_select(choose, [c.orders, c.turns], c.orders, **_QUICK)
    c.chatbot.option_select(choose, [c.orders, c.turns], c.orders, **_QUICK)
    c.chatbot.retry(retry, [c.chatbot, c.turns, c.orders], c.orders, **_QUICK)
    c.chatbot.edit(edit, [c.chatbot, c.turns, c.orders], c.orders, **_QUICK)
    c.chips.input(without, [c.chips, c.turns, c.orders], c.orders, **_QUICK)
    # A question sent while one is answered finds the listener busy; the count of answers, which rises
    # when it is free again, calls it for that question.
    running = gr.on(
        [c.orders.change, c.answered.change], answer, inputs, outputs, trigger_mode="once", **_PRIVATE
    )
    running.then(after_answer, [c.browser, c.current, c.answered], [c.answered, c.talks], **_QUICK)
    gr.on([c.orders.change, c.turns.change], wait, [c.orders, c.turns], c.waiting, **_QUICK)
    # Listeners of one event run in turn: the cancelling one comes first, or the stream's next update
    # would undo what the other shows.
    c.box.stop(None, cancels=[running], queue=False)
    c.box.stop(stop, [c.chatbot, c.orders, c.turns], [c.box, c.chatbot, c.orders], **_QUICK)
    return [running]


def _wire_filters(chat: Chat, assistant: Assistant) -> None:
    def label(*controls: Any) -> Any:
        return gr.Accordion(label=filtering.panel_label(filtering.by_hand(*controls)))

    def offer() -> list[Any]:
        choices = filtering.choices_of(assistant.papers())
        offered = (choices["years"], choices["years"], choices["categories"], choices["authors"])
        return [gr.Dropdown(choices=some) for some in offered]

    box = chat.filters
    gr.on([control.change for control in box.controls], label, box.controls, box.panel, **_QUICK)
    # An ingest may have added papers since the start.
    box.panel.expand(offer, None, box.controls[:4], **_QUICK)
    # A filter set by hand and then taken off an answer must not come back with the next question.
    chat.chips.input(filtering.cleared, None, list(box.controls), **_QUICK)


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
    chat.chatbot.like(rate, [chat.chatbot, chat.browser, chat.current], outputs, **_QUICK)
    inputs = [box.rated, box.reasons, box.words, chat.browser, chat.current]
    gr.on([box.save.click, box.words.submit], explain, inputs, [box.row, chat.trouble], **_QUICK)
    box.close.click(lambda: gr.Group(visible=False), None, box.row, **_QUICK)


def _wire_conversations(page: gr.Blocks, chat: Chat, services: Services, running: list[Any]) -> None:
    kept = services.conversations

    def nothing(browser: str, trouble: str = "") -> tuple[Any, ...]:
        talks = history.list_html((), "", trouble) if trouble else history.listed(kept, browser, "")
        return _idle(), gr.Chatbot([], feedback_value=None), EMPTY_PANEL, [], _chips({}), "", "", [], talks

    def show(browser: str, current: str) -> tuple[Any, ...]:
        try:
            turns = kept.turns(browser, current) if current else []
        except StoreError as error:
            return nothing(browser, str(error))
        if not turns:
            return nothing(browser)
        messages, shown, sources, ratings = history.opened(turns)
        chips = _chips(shown[-1].get("filters", {}))
        talks = history.listed(kept, browser, current)
        return (
            _idle(),
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
    known = page.load(None, None, [c.browser, c.current], js="() => paBrowser()", **_QUICK)
    known.then(restore, [c.browser, c.current], c.conversation, **_QUICK)
    c.current.change(None, c.current, None, js="(current) => paCurrent(current)", **_QUICK)
    c.talks.select(None, cancels=running, queue=False)
    c.talks.select(choose, c.browser, c.conversation, **_QUICK)
    c.talks.edit(rename, [c.browser, c.current], c.talks, **_QUICK)
    c.talks.delete(delete, [c.browser, c.current], c.conversation, **_QUICK)
    c.talks.download(save, c.browser, c.file, **_QUICK)
    c.file.change(None, c.file, None, js="(file) => paSave(file)", **_QUICK)
    c.fresh.click(None, cancels=running, queue=False)
    c.fresh.click(nothing, c.browser, c.conversation, **_QUICK)


def _updates(shown: Shown) -> tuple[Any, ...]:
    """The values of chatbot, sources, turns, chips, current and trouble."""

    def value(given: Any) -> Any:
        return gr.skip() if given is None else given

    chips = gr.skip() if shown.filters is None else _chips(shown.filters.to_dict())
    trouble = gr.skip() if shown.trouble is None else history.trouble_html(shown.trouble)
    parts = (shown.messages, shown.sources, shown.turns)
    return *map(value, parts), chips, value(shown.conversation), trouble


def _idle() -> Any:
    return gr.Textbox(stop_btn=False)


def _index(given: int | tuple[int, int]) -> int:
    return given if isinstance(given, int) else given[0]


def _chips(filters: dict[str, Any]) -> Any:
    labels = [_chip(name, value) for name, value in filters.items()]
    return gr.Dropdown(choices=labels, value=labels, visible=bool(labels))


def _chip(name: str, value: Any) -> str:
    return describe_filters(Filters(**{name: value}))


# The panel of each answer stays in the browser, so that a marker of an earlier answer can bring its
# sources back without asking the server; assets/page.js listens for the clicks. A conversation that
# is opened again comes with all its panels at once, of which the last is shown.
_REMEMBER_PANELS = """
const panels = (element.paPanels = new Map());
const remember = () => {
  const parsed = new DOMParser().parseFromString(props.value || "", "text/html");
  const sections = [...parsed.querySelectorAll("section[data-turn]")];
  if (!sections.length || sections[0].dataset.turn === "1") panels.clear();
  for (const section of sections) panels.set(section.dataset.turn, section.outerHTML);
  if (sections.length > 1) props.value = sections[sections.length - 1].outerHTML;
};
element.paShow = (turn) => {
  if (!panels.has(turn)) return false;
  if (!element.querySelector(`[data-turn="${turn}"]`)) props.value = panels.get(turn);
  return true;
};
watch('value', remember);
"""
_TALKS_JS = "paTalks(element, trigger);"
