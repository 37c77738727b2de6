"""Prompts on their way to a language model, and what of its words is no answer."""

from __future__ import annotations

import re
from typing import Any

from llama_index.core.llms import LLM, ChatMessage, ChatResponseGen, MessageRole

from assistant.answering.budget import harmless
from prompts import Prompt

__all__ = ["as_data", "ask", "without_thoughts"]

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.IGNORECASE | re.DOTALL)


def ask(prompt: Prompt, llm: LLM, **options: Any) -> ChatResponseGen:
    """Send a prompt; `options` go to the model's server.

    Raises:
        ProviderError: while iterating.
    """
    messages = [ChatMessage(role=MessageRole.USER, content=prompt.user)]
    if prompt.system:
        messages.insert(0, ChatMessage(role=MessageRole.SYSTEM, content=prompt.system))
    return llm.stream_chat(messages, **options)


def as_data(text: str) -> str:
    """A user's words as they may stand in a prompt: one line that opens no passage and no turn."""
    return harmless(" ".join(text.split()))


def without_thoughts(text: str) -> str:
    """A model's words without those it thinks aloud, finished or not."""
    return _THOUGHTS.sub("", text)
