"""The chat tab's components: laid out here, brought to life by the modules beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.answering.filter_words import describe_filters
from assistant.models import Filters
from assistant.web import feedback, filtering
from assistant.web.asking import LONGEST_QUESTION
from assistant.web.cards import EMPTY_PANEL
from assistant.web.suggestions import example_questions

if TYPE_CHECKING:
    from assistant.engine import Assistant

_PLACEHOLDER = "### Ask the papers\nAnswers come with numbered citations and the sentences they rest on."
_PROMPT = "Ask about the papers…"
PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""What every event of the tab is: no endpoint for others."""
QUICK: dict[str, Any] = {**PRIVATE, "queue": False}
"""What an event is besides that has nothing to wait for."""

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


def lay_out(assistant: Assistant) -> Chat:
    """Lay the tab out inside the current `gr.Blocks`."""
    papers = assistant.papers()
    with gr.Row(elem_classes="pa-columns", equal_height=False):
        with gr.Column(scale=0, min_width=230, elem_id="pa-talks", elem_classes="pa-talks-column"):
            talks = gr.HTML("", js_on_load=_TALKS_JS)
        with gr.Column(scale=3, min_width=320, elem_classes="pa-chat-column"):
            with gr.Row(elem_classes="pa-bar"):
                gr.Button(
                    "Conversations", size="sm", elem_id="pa-show-talks", elem_classes="pa-quiet", scale=0
                ).click(None, js="() => paToggleTalks()", **QUICK)
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
                autoscroll=False,  # it goes to an answer's end; assets/page.js shows its beginning
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


def filter_chips(filters: dict[str, Any]) -> Any:
    """The update of the chips to one for each filter; hidden without any."""
    labels = [filter_chip(name, value) for name, value in filters.items()]
    return gr.Dropdown(choices=labels, value=labels, visible=bool(labels))


def filter_chip(name: str, value: Any) -> str:
    """A filter in words."""
    return describe_filters(Filters(**{name: value}))


def idle_box() -> Any:
    """The update of the box once nothing is being answered."""
    return gr.Textbox(stop_btn=False)
