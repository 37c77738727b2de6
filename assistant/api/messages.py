"""What an OpenAI-compatible client sends and gets: requests checked, answers as completions.

The wire is that of POST /v1/chat/completions as the openai client 2.x speaks it. Beside the fields
that it knows, a completion carries `paper_assistant`: the whole answer, as `ask --json` prints it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from assistant.answering.budget import DEFAULT_ENCODING, count_tokens
from assistant.api.mcp import PATH as MCP_PATH
from assistant.bibliography import to_reference
from assistant.errors import QuestionError
from assistant.models import Answer, Usage
from assistant.retrieval.plan import MAX_QUESTION

MODEL = "paper-assistant"
"""The one model `/v1/models` lists, whoever writes the answers behind it."""
EXTRA = "paper_assistant"
"""The field of a completion that holds the whole answer."""
_MOST_MESSAGES = 1_000
_ESTIMATE = DEFAULT_ENCODING  # a name that tiktoken knows no model of: counted with that vocabulary


class TextPart(BaseModel):
    """A part of a message; other kinds of parts (pictures, sound) are refused."""

    model_config = ConfigDict(extra="ignore")
    type: Literal["text"]
    text: str


class Message(BaseModel):
    """A message of the conversation. Those of users are its questions, the others are not read."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """The body of POST /v1/chat/completions; what steers sampling is accepted and not used."""

    model_config = ConfigDict(extra="ignore")
    model: str = Field(max_length=200)
    messages: list[Message] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1

    def question(self) -> tuple[str, tuple[str, ...]]:
        """The last message's question, and those of the users' messages before it.

        Raises:
            QuestionError: the last message is not a user's, or says nothing.
        """
        *earlier, last = self.messages
        if last.role != "user" or not last.text.strip():
            raise QuestionError('the last message must be a question with "role": "user"')
        history = [m.text for m in earlier if m.role == "user" and m.text.strip()]
        return last.text, tuple(text[:MAX_QUESTION] for text in history)


class Completion:
    """One answer on its way out, whole or in chunks; `created` is in seconds since 1970."""

    def __init__(self, request: CompletionRequest) -> None:
        self._asked = "\n".join(message.text for message in request.messages)
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        self._sent = ""

    def whole(self, answer: Answer) -> dict[str, Any]:
        """The object that answers a request without `stream`."""
        message = {"role": "assistant", "content": with_sources(answer), "refusal": None}
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": self.usage(answer),
            EXTRA: answer.to_dict(),
        }

    def opening(self) -> dict[str, Any]:
        """The first chunk of a stream: who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, so_far: str) -> dict[str, Any] | None:
        """The chunk that brings a reader to `so_far`; None when there is nothing to add.

        A text that takes back what was sent (a citation that proved wrong, say) waits for the end.
        """
        if not so_far.startswith(self._sent) or so_far == self._sent:
            return None
        added, self._sent = so_far[len(self._sent) :], so_far
        return self._chunk({"content": added})

    def closing(self, answer: Answer) -> list[dict[str, Any]]:
        """The last chunks: what is left of the answer, its sources, and the answer as data."""
        written = with_sources(answer)
        if written.startswith(self._sent):
            rest = written[len(self._sent) :]
        else:
            rest = f"\n\n---\n\nAfter the check against the papers, the answer is:\n\n{written}"
        last = self._chunk({}, finish="stop")
        return [*([self._chunk({"content": rest})] if rest else []), {**last, EXTRA: answer.to_dict()}]

    def counted(self, answer: Answer) -> dict[str, Any]:
        """The chunk for `stream_options.include_usage`."""
        return {**self._chunk({}), "choices": [], "usage": self.usage(answer)}

    def usage(self, answer: Answer) -> dict[str, int]:
        """Tokens as the language model's server counted them, else of the messages and the answer."""
        used = answer.usage
        if used == Usage():
            used = Usage(count_tokens(self._asked, _ESTIMATE), count_tokens(answer.text, _ESTIMATE))
        return {
            "prompt_tokens": used.prompt_tokens,
            "completion_tokens": used.completion_tokens,
            "total_tokens": used.prompt_tokens + used.completion_tokens,
        }

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}


def with_sources(answer: Answer) -> str:
    """The answer's Markdown with its notes and a numbered list of what it cites.

    An ordinary chat front end shows the text alone, so the sources have to stand in it.
    """
    parts = [answer.text, *(f"*{note}*" for note in answer.notes)]
    if answer.citations:
        listed = (f"- \\[{c.number}\\] {to_reference(c.paper)}" for c in answer.citations)
        parts.append("\n".join(["Sources:", "", *listed]))
    return "\n\n".join(parts)


def models() -> dict[str, Any]:
    """The object that answers GET /v1/models."""
    return {"object": "list", "data": [model()]}


def model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


_KINDS = {
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", None),
    404: ("invalid_request_error", "model_not_found"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("server_error", None),
    502: ("upstream_error", None),
    503: ("server_error", None),
}
_FAULT_OF_THE_REQUEST = ("invalid_request_error", None)


def error(status: int, message: str, param: str | None = None) -> dict[str, Any]:
    """The body of an error with this HTTP status, as the openai client reads it."""
    kind, code = _KINDS.get(status, _FAULT_OF_THE_REQUEST)
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def refusal(path: str, status: int, said: str, headers: dict[str, str] | None = None) -> Response:
    """An error in the form that the clients of this path read: OpenAI's, JSON-RPC's, or Gradio's."""
    body: dict[str, Any] = {"detail": said}
    if path.startswith("/v1"):
        body = error(status, said)
    elif path.startswith(MCP_PATH):
        body = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000 - status % 100, "message": said}}
    return JSONResponse(body, status, headers)


def describe_faults(faults: Sequence[Any]) -> tuple[str, str | None]:
    """One line for a body that does not fit, and the field it is about."""
    first = faults[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "json_invalid":  # its place is a character's
        return f"the body is no JSON: {first['ctx']['error']}, at character {where}", None
    if not where:
        return "the body must be a JSON object, sent with Content-Type: application/json", None
    return f"{where}: {first['msg']}", where
