"""A language model that says what it is told to, on LlamaIndex's own base class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from llama_index.core.llms import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
)
from pydantic import Field, PrivateAttr

Reply = str | Exception | Sequence[str | Exception]


class ScriptedLLM(CustomLLM):
    """Gives its `replies` in order, streamed word by word, and records every prompt.

    A reply is the text, or an exception to raise, or a list of tokens in which an exception
    stands where the stream breaks. `prompts[i]` are the messages of the i-th request as
    (role, text) pairs. `usage` is what the "server" counts, None for one that does not count.
    """

    replies: list[Any] = Field(default_factory=list)
    usage: tuple[int, int] | None = (100, 20)
    finish_reason: str = "stop"
    context_window: int = 8192
    _prompts: list[list[tuple[str, str]]] = PrivateAttr(default_factory=list)

    @property
    def prompts(self) -> list[list[tuple[str, str]]]:
        return self._prompts

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=self.context_window, is_chat_model=True, model_name="scripted")

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        self._prompts.append([(str(m.role.value), m.content or "") for m in messages])
        return self._stream(self._next())

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return list(self.stream_chat(messages, **kwargs))[-1]

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return list(self.stream_complete(prompt, formatted, **kwargs))[-1]

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        for response in self.stream_chat([ChatMessage(role="user", content=prompt)]):
            yield CompletionResponse(text=response.message.content or "", delta=response.delta)

    def _next(self) -> Reply:
        if not self.replies:
            raise AssertionError("the scripted model was asked more often than it has replies")
        reply: Reply = self.replies.pop(0)
        return reply

    def _stream(self, reply: Reply) -> ChatResponseGen:
        tokens = re.findall(r"\s*\S+", reply) if isinstance(reply, str) else reply
        if isinstance(tokens, Exception):
            raise tokens
        text = ""
        for token in tokens:
            if isinstance(token, Exception):
                raise token
            text += token
            yield self._response(text, token, {})
        counts: dict[str, Any] = {"finish_reason": self.finish_reason}
        if self.usage:
            counts |= {"prompt_tokens": self.usage[0], "completion_tokens": self.usage[1]}
        yield self._response(text, "", counts)

    @staticmethod
    def _response(text: str, delta: str, extra: dict[str, Any]) -> ChatResponse:
        message = ChatMessage(role="assistant", content=text)
        return ChatResponse(message=message, delta=delta, additional_kwargs=extra)
