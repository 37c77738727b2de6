"""The chat tab: the conversation at the left, the sources of an answer at the right."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.models import Answer, Filters, Paper
from assistant.web.cards import EMPTY_PANEL, sources_panel
from assistant.web.markup import answer_markdown, describe_filters, escape_markdown, message_markdown

if TYPE_CHECKING:
    from assistant.engine import Assistant

log = logging.getLogger(__name__)

# Seconds between two updates while an answer streams: the eye takes it for continuous, and the
# browser re-renders the growing message at most 14 times a second.
_UPDATE_INTERVAL = 0.07
_PLACEHOLDER = "### Ask the papers\nAnswers come with numbered citations and the sentences they rest on."
_PROMPT = "Ask about the papers…  (Enter sends, Shift+Enter starts a new line)"
# What the engine's own limit says is an error message; this only keeps a pasted book out of the request.
_LONGEST_QUESTION = 60_000

Message = dict[str, Any]
Turn = dict[str, Any]  # "question", and "filters" once it is answered
Update = tuple[Any, Any, Any, Any, Any]


def build_chat(assistant: Assistant) -> None:
    """Lay the chat out and wire it, inside the current `gr.Blocks`.

    All of a conversation lies in the browser (the messages and, hidden, the questions asked),
    and comes along with each request: nothing of it is kept here, so nothing can be shared
    between browsers. `gr.State` would also hold a connection open for each tab, of which a
    browser grants six.
    """
    with gr.Row(elem_classes="pa-columns", equal_height=False):
        with gr.Column(scale=3, min_width=340, elem_classes="pa-chat-column"):
            chatbot = gr.Chatbot(
                show_label=False,
                elem_id="pa-chat",
                height="calc(100dvh - 17rem)",
                min_height=320,
                layout="panel",
                placeholder=_PLACEHOLDER,
                examples=[{"text": question} for question in example_questions(assistant.papers())],
                latex_delimiters=[],
                allow_tags=False,
                buttons=["copy"],
                container=False,
            )
            box = gr.Textbox(
                show_label=False,
                label="Question",
                placeholder=_PROMPT,
                elem_id="pa-question",
                submit_btn="Ask",
                autofocus=True,
                container=False,
                max_lines=8,
                max_length=_LONGEST_QUESTION,
                html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
            )
            chips = gr.Dropdown(
                multiselect=True,
                # Else the server compares what the browser sends with the choices of another answer.
                allow_custom_value=True,
                visible=False,
                label="Read from the question. Remove one to ask again without it:",
                elem_id="pa-filters",
                elem_classes="pa-filters",
            )
            clear = gr.Button("New conversation", size="sm", variant="secondary", elem_classes="pa-quiet")
        with gr.Column(scale=2, min_width=320, elem_classes="pa-sources-column"):
            sources = gr.HTML(EMPTY_PANEL, elem_id="pa-sources", js_on_load=_REMEMBER_PANELS, padding=False)
    turns = gr.JSON([], visible="hidden", elem_id="pa-turns")

    def submit(question: str, messages: list[Message], turns: list[Turn]) -> Iterator[Update]:
        if not question.strip():
            yield (gr.skip(),) * 5
            return
        yield from _answer(assistant, question.strip(), messages or [], _checked(turns))

    def ask_example(messages: list[Message], turns: list[Turn], event: gr.SelectData) -> Iterator[Update]:
        yield from submit(event.value["text"], messages, turns)

    def retry(messages: list[Message], turns: list[Turn]) -> Iterator[Update]:
        *earlier, last = _checked(turns) or [{"question": ""}]
        yield from submit(last["question"], _before_last_question(messages), earlier)

    def ask_again(kept: list[str], messages: list[Message], turns: list[Turn]) -> Iterator[Update]:
        *earlier, last = _checked(turns) or [{"question": ""}]
        read = _filters(last)
        given = {name: value for name, value in read.items() if _chip(name, value) in (kept or [])}
        if given == read or not last["question"]:
            yield (gr.skip(),) * 5
            return
        before = _before_last_question(messages)
        yield from _answer(assistant, last["question"], before, earlier, Filters(**given))

    def stop(messages: list[Message]) -> tuple[Any, list[Message]]:
        return _idle_box(), [*messages, {"role": "assistant", "content": "*Stopped.*"}]

    outputs = [box, chatbot, sources, turns, chips]
    common: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "once"}
    running: list[dict[str, Any]] = [
        box.submit(submit, [box, chatbot, turns], outputs, **common),
        chatbot.example_select(ask_example, [chatbot, turns], outputs, **common),
        chatbot.retry(retry, [chatbot, turns], outputs, **common),
        chips.input(ask_again, [chips, chatbot, turns], outputs, **common),
    ]
    # Listeners of one event run in turn: the cancelling ones come first, or the stream's next update
    # would undo what the others show.
    box.stop(None, cancels=running, queue=False)
    box.stop(stop, chatbot, [box, chatbot], queue=False, **common)
    clear.click(None, cancels=running, queue=False)
    clear.click(lambda: (_idle_box(), [], EMPTY_PANEL, [], _chips({})), None, outputs, queue=False, **common)


def _answer(
    assistant: Assistant,
    question: str,
    messages: list[Message],
    turns: list[Turn],
    filters: Filters | None = None,
) -> Iterator[Update]:
    """Yield the page's updates while the answer to `question` streams.

    `filters`, when given, take the place of those that the question holds.
    """
    history = [turn["question"] for turn in turns]
    turns = [*turns, {"question": question}]
    number = len(turns)
    messages = [*messages, {"role": "user", "content": escape_markdown(question)}]
    yield gr.Textbox(value="", submit_btn=False, stop_btn="Stop"), messages, gr.skip(), turns, _chips({})

    def updated(text: str, panel: Any = None, read: Filters | None = None) -> Update:
        shown = [*messages, {"role": "assistant", "content": text}]
        if read is None:
            return gr.skip(), shown, panel or gr.skip(), gr.skip(), gr.skip()
        answered = [*turns[:-1], {**turns[-1], "filters": read.to_dict()}]
        return gr.skip(), shown, panel or gr.skip(), answered, _chips(read.to_dict())

    try:
        shown_at = 0.0
        for part in assistant.stream(question, history, filters):
            if isinstance(part, Answer):
                yield updated(message_markdown(part, number), sources_panel(part, number), part.filters)
            elif (now := time.monotonic()) - shown_at >= _UPDATE_INTERVAL:
                shown_at = now
                yield updated(answer_markdown(part, number))
    except AssistantError as error:
        yield updated(f"**This did not work.** {escape_markdown(str(error))}")
    except Exception:  # the page's edge: the log gets the traceback, the reader a sentence
        log.exception("answering failed")
        yield updated("**This did not work**, through no fault of the question; the server's log says why.")
    yield _idle_box(), gr.skip(), gr.skip(), gr.skip(), gr.skip()


def _idle_box() -> Any:
    return gr.Textbox(submit_btn="Ask", stop_btn=False)


def _before_last_question(messages: list[Message]) -> list[Message]:
    return messages[: max((i for i, m in enumerate(messages) if m["role"] == "user"), default=0)]


def _chips(filters: dict[str, Any]) -> Any:
    labels = [_chip(name, value) for name, value in filters.items()]
    return gr.Dropdown(choices=labels, value=labels, visible=bool(labels))


def _chip(name: str, value: Any) -> str:
    return describe_filters(Filters(**{name: value}))


def _checked(turns: Any) -> list[Turn]:
    """The turns as the browser sends them, without whatever else it may have sent."""
    if not isinstance(turns, list):
        return []
    sent = [turn for turn in turns if isinstance(turn, dict)]
    return [
        {"question": q[:_LONGEST_QUESTION], "filters": _filters(turn)}
        for turn in sent
        if isinstance(q := turn.get("question"), str) and q
    ]


def _filters(turn: Turn) -> dict[str, Any]:
    """The filters of an answered turn, those of a kind that filters can have."""
    sent, kinds = turn.get("filters"), {"year": int, "has_code": bool}
    if not isinstance(sent, dict):
        return {}
    return {
        field.name: sent[field.name]
        for field in fields(Filters)
        if isinstance(sent.get(field.name), kinds.get(field.name, str))
    }


def example_questions(papers: Sequence[Paper]) -> list[str]:
    """Return up to four questions that this corpus can answer, made from its titles and fields."""
    named = [(name, p) for p in papers if (name := _method_name(p))]
    questions = [f"What does {name} do, and how well does it work?" for name, _ in named[:1]]
    if len(named) > 2:
        questions.append(f"Compare {named[1][0]} and {named[2][0]}.")
    years = sorted({p.year for p in papers if p.year and p.has_code})
    if years:
        questions.append(f"Which papers since {years[-1]} come with code?")
    if papers and papers[-1].authors:
        questions.append(f"Which papers are by {papers[-1].authors[0]}?")
    return questions


def _method_name(paper: Paper) -> str:
    """The name a title of the form "NAME: what it is" starts with, else ""."""
    name, colon, _ = (paper.title or "").partition(": ")
    return name if colon and " " not in name and 2 < len(name) < 20 and name.isascii() else ""


# The panel of each answer stays in the browser, so that a marker of an earlier answer can bring its
# sources back without asking the server; assets/page.js listens for the clicks.
_REMEMBER_PANELS = """
const panels = (element.paPanels = new Map());
const remember = () => {
  const turn = /data-turn="(\\d+)"/.exec(props.value || "");
  if (turn) panels.set(turn[1], props.value); else panels.clear();
};
element.paShow = (turn) => {
  if (!panels.has(turn)) return false;
  if (props.value !== panels.get(turn)) props.value = panels.get(turn);
  return true;
};
watch('value', remember);
"""
