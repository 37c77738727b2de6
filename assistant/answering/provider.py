"""The language model behind an OpenAI-compatible address: made from the settings, errors translated.

The only module that imports the OpenAI client. It works with OpenAI, Azure, Ollama, vLLM,
llama.cpp and whatever else speaks the chat protocol.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn, cast

import httpx
import openai
from llama_index.core.llms import ChatMessage, ChatResponse, ChatResponseGen, MessageRole
from llama_index.llms.openai.utils import openai_modelname_to_contextsize
from llama_index.llms.openai_like import OpenAILike
from openai.types.chat import ChatCompletionChunk

from assistant.errors import ConfigurationError, ProviderError
from assistant.settings import Settings

__all__ = ["Provider", "make_llm"]

OPENAI_ADDRESS = "https://api.openai.com/v1"
# What Ollama serves unless it is told otherwise: the smallest window in common use. The setting
# ASSISTANT_CONTEXT_WINDOW says otherwise.
UNKNOWN_CONTEXT_WINDOW = 4096
MAX_ANSWER_TOKENS = 512  # answers are to be short; ends the ramblings of small models
CONNECT_TIMEOUT = 10.0
CHARS_A_TOKEN = 16  # far more than text has; servers that heed no limit are cut off there
MAX_ANSWER_CHARS = 64_000  # of an answer whose tokens are not limited
MAX_REPLY_BYTES = 8 << 20  # an event of a stream takes some 300 bytes for a word
_LAST_TRY = 1.0  # seconds for a try whose time is up: it may have been a connection that was lost
MAX_RETRIES = 2  # by the OpenAI client, which honours Retry-After; nobody else retries

_NO_ENDPOINT_MENDS = "set OPENAI_BASE_URL to an OpenAI-compatible address (it usually ends in /v1)"
_Stream = openai.Stream[ChatCompletionChunk]
_TRANSPORT_ERRORS: tuple[type[Exception], ...] = (httpx.HTTPError, httpx.StreamError, ConnectionError)


# When, by time.monotonic(), a request has to have begun to answer, its retries included: the client
# would give each of them the whole timeout, and keep a reader waiting for six minutes.
_deadline: ContextVar[float] = ContextVar("deadline")


class _FloodError(httpx.StreamError):
    """More came than any answer takes, or nobody can know how much it will be."""


class _Bounded(httpx.SyncByteStream):
    """A reply's bytes, up to `MAX_REPLY_BYTES`; none of a packed one: 1 MB of it may be 1 GB."""

    def __init__(self, stream: httpx.SyncByteStream, packed: bool) -> None:
        self._stream = stream
        self._packed = packed

    def __iter__(self) -> Iterator[bytes]:
        if self._packed:
            raise _FloodError("a packed reply, which nobody asked for")
        read = 0
        for block in self._stream:
            read += len(block)
            if read > MAX_REPLY_BYTES:
                raise _FloodError(f"more than {MAX_REPLY_BYTES >> 20} MB")
            yield block

    def close(self) -> None:
        self._stream.close()


def _hurry(request: httpx.Request) -> None:
    """Before a request is sent: leave it no more time than there is."""
    timeout = request.extensions["timeout"]
    if timeout.get("read") and (deadline := _deadline.get(None)):
        left = max(_LAST_TRY, deadline - time.monotonic())
        request.extensions["timeout"] = {**timeout, "read": min(timeout["read"], left)}


def _bound(response: httpx.Response) -> None:
    """Before any of a reply is read: see to it that it ends."""
    assert isinstance(response.stream, httpx.SyncByteStream)
    packed = response.headers.get("content-encoding", "identity") != "identity"
    response.stream = _Bounded(response.stream, packed)


class Provider(OpenAILike):
    """LlamaIndex's client for OpenAI-compatible servers that fails with `ProviderError` only.

    `stream_chat` is the one way this project asks a model. Every response carries the text's
    `delta`; the last ones carry `prompt_tokens`, `completion_tokens` (where the server counts)
    and `finish_reason` in `additional_kwargs`.
    """

    @classmethod
    def class_name(cls) -> str:
        return "Provider"

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Ask the model; raises ProviderError while iterating. Closing it ends the request.

        Beside what the server knows (`max_tokens`), `timeout` in seconds and `max_retries` take
        the place of the client's own for this request.

        Not LlamaIndex's own loop: that one leaves the connection open, and the server at work,
        until the garbage collector comes by.
        """
        server = f"model {self.model!r} at {self.api_base}"
        answered = finished = False
        try:
            tokens = kwargs.get("max_tokens", self.max_tokens)
            limit = CHARS_A_TOKEN * tokens if tokens else MAX_ANSWER_CHARS
            with self._request(messages, kwargs) as stream:
                for response in _responses(stream, limit):
                    answered = answered or bool(response.delta)
                    finished = finished or "finish_reason" in response.additional_kwargs
                    yield response
        except openai.OpenAIError as error:
            _fail(error, server, answered)
        except _FloodError as error:
            raise ProviderError(f"{server} sent {error}; {_NO_ENDPOINT_MENDS}", retryable=False) from error
        except _TRANSPORT_ERRORS as error:
            _lost(error, server, answered)
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, KeyError) as error:
            # What the client and the loop above make of a 200 that is not the chat protocol.
            raise ProviderError(_no_endpoint(server), retryable=False) from error
        if not answered and not finished:
            raise ProviderError(_no_endpoint(server), retryable=False)
        if not answered:
            raise ProviderError(
                f"{server} sent an empty answer; ask again, or choose another model with ASSISTANT_MODEL",
                retryable=True,
            )
        if not finished:
            _lost(None, server, answered)

    def _request(self, messages: Sequence[ChatMessage], kwargs: dict[str, Any]) -> _Stream:
        retries = kwargs.pop("max_retries", None)
        client = (
            self._get_client() if retries is None else self._get_client().with_options(max_retries=retries)
        )
        asked: Any = [{"role": m.role.value, "content": m.content or ""} for m in messages]
        seconds = kwargs.get("timeout", self.timeout)
        before = _deadline.set(time.monotonic() + seconds)
        try:
            stream = client.chat.completions.create(
                messages=asked, **self._get_model_kwargs(stream=True, **kwargs)
            )
        finally:
            _deadline.reset(before)
        return cast(_Stream, stream)  # stream=True hides among the keywords

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """The whole answer at once; streamed all the same, so that retries and errors are one code."""
        return list(self.stream_chat(messages, **kwargs))[-1]  # an empty stream has raised


def make_llm(
    settings: Settings,
    *,
    context_window: int | None = None,
    read_timeout: float | None = None,
    max_retries: int = MAX_RETRIES,
) -> Provider:
    """The language model that OPENAI_API_KEY, OPENAI_BASE_URL and ASSISTANT_MODEL name.

    A server without keys (Ollama, llama.cpp) is sent "none". `context_window` is in tokens; by
    default ASSISTANT_CONTEXT_WINDOW, else the model's own where it is OpenAI's, else 4,096.
    `read_timeout` is in seconds without a token, by default ASSISTANT_TIMEOUT. Nothing is sent yet.

    Raises:
        ConfigurationError: neither a key nor a base URL is set, or the base URL is no address.
    """
    address = (settings.openai_base_url or OPENAI_ADDRESS).rstrip("/")
    if not settings.openai_api_key and not settings.openai_base_url:
        raise ConfigurationError(
            "the answerer 'openai' needs OPENAI_API_KEY or OPENAI_BASE_URL;"
            " set one, or set ASSISTANT_ANSWERER=extractive"
        )
    try:
        # Shown with every error, to whoever asks: a password or a key within it is not.
        shown = str(httpx.URL(address).copy_with(userinfo=b"", query=None))
    except httpx.InvalidURL:
        shown = ""
    if not shown.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"OPENAI_BASE_URL = {address!r} is no address; set it to one such as http://127.0.0.1:11434/v1"
        )
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    if not key.isascii() or not key.isprintable():
        raise ConfigurationError(
            "OPENAI_API_KEY holds characters that no key has; copy it again, without quotes or line ends"
        )
    seconds = settings.timeout if read_timeout is None else read_timeout
    client = openai.OpenAI(
        api_key=key,
        base_url=address,
        max_retries=max_retries,
        timeout=httpx.Timeout(seconds, connect=CONNECT_TIMEOUT),
        default_headers={"Accept-Encoding": "identity"},
        http_client=openai.DefaultHttpxClient(event_hooks={"request": [_hurry], "response": [_bound]}),
    )
    llm = Provider(
        model=settings.model,
        api_base=shown,
        api_key="in the client",  # LlamaIndex prints its fields
        context_window=context_window or settings.context_window or _context_window(settings.model),
        is_chat_model=True,
        temperature=0.0,
        max_tokens=MAX_ANSWER_TOKENS,
        max_retries=0,  # LlamaIndex's own retries stay off: the client above has them
        timeout=seconds,
        additional_kwargs={"stream_options": {"include_usage": True}},
    )
    llm._client = client
    return llm


def _context_window(model: str) -> int:
    try:
        return int(openai_modelname_to_contextsize(model))
    except ValueError:
        return UNKNOWN_CONTEXT_WINDOW


def _responses(stream: _Stream, limit: int) -> Iterator[ChatResponse]:
    """One for each event, until the text has more than `limit` characters."""
    text = ""
    for chunk in stream:
        choice = chunk.choices[0] if chunk.choices else None
        delta = (choice.delta.content if choice and choice.delta else None) or ""
        text += delta
        extra: dict[str, Any] = {}
        if choice and choice.finish_reason:
            extra["finish_reason"] = choice.finish_reason
        if chunk.usage:
            extra["prompt_tokens"] = chunk.usage.prompt_tokens
            extra["completion_tokens"] = chunk.usage.completion_tokens
        message = ChatMessage(role=MessageRole.ASSISTANT, content=text)
        if too_long := len(text) > limit:
            extra["finish_reason"] = "length"
        yield ChatResponse(message=message, delta=delta, raw=chunk, additional_kwargs=extra)
        if too_long:
            return


def _fail(error: openai.OpenAIError, server: str, answered: bool) -> NoReturn:
    """Raise what an error of the OpenAI client means to the user. Never quotes a key.

    Messages of servers may repeat the key they were sent, so they are shown only where they
    say something that the status does not, and never for an authentication error.
    """
    if isinstance(error, openai.APITimeoutError):
        raise ProviderError(
            f"{server} did not answer in time; ask again, raise ASSISTANT_TIMEOUT,"
            " or choose a faster model with ASSISTANT_MODEL",
            retryable=True,
        ) from error
    if isinstance(error, openai.APIConnectionError):
        raise ProviderError(
            f"cannot reach {server}; start the server, correct OPENAI_BASE_URL,"
            " or set ASSISTANT_ANSWERER=extractive",
            retryable=True,
        ) from error
    if isinstance(error, openai.APIStatusError):
        message, retryable = _status(error, server)
        raise ProviderError(message, retryable=retryable) from error
    if answered:
        _lost(error, server, answered)
    raise ProviderError(
        f"{server} reported an error: {_excerpt(error)}; ask again, or set ASSISTANT_ANSWERER=extractive",
        retryable=True,
    ) from error


def _status(error: openai.APIStatusError, server: str) -> tuple[str, bool]:
    status = error.status_code
    if status in (401, 403):
        return f"{server} refused the key (HTTP {status}); set OPENAI_API_KEY to a valid one", False
    if status == 404:
        return (
            f"{server} was not found (HTTP 404); set ASSISTANT_MODEL to a model the server has,"
            " or correct OPENAI_BASE_URL (it usually ends in /v1)",
            False,
        )
    if status == 429:
        if error.code == "insufficient_quota":
            return f"the account behind OPENAI_API_KEY has no credit left at {server}; top it up", False
        wait = error.response.headers.get("retry-after", "")
        when = f"in {int(float(wait)) or 1} seconds" if wait.replace(".", "", 1).isdigit() else "in a minute"
        return f"{server} takes no more requests for now (HTTP 429); ask again {when}", True
    if status in (400, 413, 422) and "context" in str(error).lower():
        return (
            f"question and passages are too long for {server} (HTTP {status});"
            " set ASSISTANT_CONTEXT_WINDOW to the tokens it takes, or start it with a larger context",
            False,
        )
    if status >= 500:
        return f"{server} failed (HTTP {status}: {_excerpt(error)}); ask again in a moment", True
    return (
        f"{server} refused the request (HTTP {status}: {_excerpt(error)}); check ASSISTANT_MODEL"
        " and OPENAI_BASE_URL",
        False,
    )


def _lost(error: Exception | None, server: str, answered: bool) -> NoReturn:
    when = "in the middle of its answer" if answered else "before it answered"
    what = "did not go on in time" if isinstance(error, httpx.TimeoutException) else "broke off"
    raise ProviderError(
        f"{server} {what} {when}; see whether the server still runs, then ask again", retryable=True
    ) from error


def _no_endpoint(server: str) -> str:
    return f"{server} sent something that is no chat answer; {_NO_ENDPOINT_MENDS}"


def _excerpt(error: openai.OpenAIError) -> str:
    """The server's own words, on one line: never a page of HTML, never what looks like a key."""
    body = getattr(error, "body", None)
    words = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(words or "no reason given").split())
    if "<" in text and ">" in text:
        return "no reason given"
    text = " ".join(w if len(w) < 20 or not any(c.isdigit() for c in w) else "…" for w in text.split())
    return text if len(text) <= 160 else text[:160] + "…"
