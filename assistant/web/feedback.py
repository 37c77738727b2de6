"""What the reader thinks of an answer: a thumb, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

GOOD_REASONS = ("It answers the question", "The right papers", "Clear and short")
BAD_REASONS = (
    "Wrong or not in the paper",
    "The wrong papers",
    "It misses something",
    "It should have said that it does not know",
    "Hard to read",
)


@dataclass(frozen=True, slots=True)
class FeedbackBox:
    """The row under the chat that asks why; `rated` says which answer it is about."""

    row: gr.Group
    said: gr.HTML
    reasons: gr.CheckboxGroup
    words: gr.Textbox
    save: gr.Button
    close: gr.Button
    rated: gr.JSON


def build_feedback() -> FeedbackBox:
    """Lay the row out, hidden, inside the current `gr.Blocks`."""
    with gr.Group(visible=False, elem_id="pa-feedback", elem_classes="pa-feedback") as row:
        said = gr.HTML("")
        reasons = gr.CheckboxGroup([], show_label=False, label="Why", container=False)
        with gr.Row(elem_classes="pa-feedback-row"):
            words = gr.Textbox(
                show_label=False, label="In your words", placeholder="In your words (optional)",
                container=False, max_lines=3, max_length=2_000, scale=4, min_width=160,
            )  # fmt: skip
            save = gr.Button("Send", size="sm", variant="primary", scale=0, min_width=80)
            close = gr.Button("Close", size="sm", scale=0, min_width=80)
    return FeedbackBox(row, said, reasons, words, save, close, gr.JSON({}, visible="hidden"))


def asked_why(rating: str) -> tuple[Any, Any, Any, Any]:
    """Updates of row, said, reasons and words once a thumb is given."""
    good = rating == "good"
    question = "Thank you. What was good?" if good else "Thank you. What was wrong?"
    choices = list(GOOD_REASONS if good else BAD_REASONS)
    return (
        gr.Group(visible=True),
        f'<p class="pa-hint" role="status">{question}</p>',
        gr.CheckboxGroup(choices=choices, value=[]),
        "",
    )


def reason_of(reasons: Any, words: Any) -> str:
    """The chosen reasons and the reader's words as one text."""
    known = {*GOOD_REASONS, *BAD_REASONS}
    chosen = [r for r in reasons if r in known] if isinstance(reasons, list) else []
    said = [words.strip()] if isinstance(words, str) and words.strip() else []
    return "; ".join([*chosen, *said])
