"""The named endpoints that `gradio_client` finds: ask, search, summarize, papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from gradio.events import api

from assistant.errors import AssistantError, QuestionError

if TYPE_CHECKING:
    from assistant.engine import Assistant

T = TypeVar("T")

_MOST = 1_000


def add_endpoints(assistant: Assistant) -> None:
    """Add them to the current `gr.Blocks`; each returns the JSON that its command prints."""

    def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from the corpus; `history` holds the earlier questions, oldest first."""
        return _told(lambda: assistant.ask(question, tuple(history or ())).to_dict())

    def search(query: str, top: int = 10) -> list[dict[str, Any]]:
        """The best `top` papers for a query, best first."""

        def found() -> list[dict[str, Any]]:
            if not 1 <= top <= _MOST:
                raise QuestionError(f"top = {top} is not between 1 and {_MOST:,}")
            return [scored.to_dict() for scored in assistant.search(query, int(top))]

        return _told(found)

    def summarize(topic: str) -> dict[str, Any]:
        """What the corpus holds on a topic, as a literature summary."""
        return _told(lambda: assistant.summarize(topic).to_dict())

    def papers() -> list[dict[str, Any]]:
        """Every paper of the corpus."""
        return _told(lambda: [paper.to_dict() for paper in assistant.papers()])

    for endpoint in (ask, search, summarize, papers):
        api(endpoint, api_name=endpoint.__name__)


def _told(work: Callable[[], T]) -> T:
    try:
        return work()
    except AssistantError as error:
        raise gr.Error(str(error), print_exception=False) from error
