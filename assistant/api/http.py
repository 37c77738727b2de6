"""The OpenAI-compatible HTTP interface: /v1/models and /v1/chat/completions."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from assistant.api.limits import LimitBody
from assistant.api.messages import (
    MODEL,
    Completion,
    CompletionRequest,
    describe_faults,
    error,
    model,
    models,
)
from assistant.errors import AssistantError, ProviderError, QuestionError
from assistant.models import Answer

if TYPE_CHECKING:
    from assistant.engine import Assistant

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Answers in progress at once; most of an answer's time is spent in native code or in waiting."""
LONGEST_QUEUE = 200
_RETRY_AFTER = "5"  # seconds
_LOOK_AFTER = 0.2  # seconds between two looks whether the client is still there
_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body does not fit, or holds no question."},
    404: {"description": "There is no such model."},
    502: {"description": "The language model's server failed."},
    503: {"description": "Too many questions are waiting, or the store cannot be read."},
}


class OverloadedError(AssistantError):
    """More questions wait than will be answered in reasonable time."""


class Gate:
    """Lets `at_once` answers be written at a time and up to `queue` wait; the next is turned away."""

    def __init__(self, at_once: int = AT_ONCE, queue: int = LONGEST_QUEUE) -> None:
        self._at_once = at_once
        self._limit = at_once + queue
        self._inside = 0
        self._free = anyio.Semaphore(at_once)

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return max(0, self._inside - self._at_once)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Wait for a place.

        Raises:
            OverloadedError: the queue is full.
        """
        if self._inside >= self._limit:
            raise OverloadedError("too many questions are waiting; try again in a few seconds")
        self._inside += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1


def build_api(
    assistant: Assistant, authorise: Callable[[Request], None] | None = None, gate: Gate | None = None
) -> FastAPI:
    """The interface over `assistant`, to be mounted at `/v1`.

    `authorise` raises `HTTPException` (401, 403, 429) for a request that may not ask.
    """
    gate = gate or Gate()
    api = FastAPI(title="Paper Assistant", docs_url=None, redoc_url=None)
    api.add_middleware(LimitBody)
    _translate_errors(api)
    allowed = [Depends(authorise)] if authorise else []

    @api.get("/models", dependencies=allowed)
    def list_models() -> dict[str, Any]:
        return models()

    @api.get("/models/{name}", dependencies=allowed, responses={404: {}})
    def get_model(name: str) -> dict[str, Any]:
        _known(name)
        return model()

    @api.post("/chat/completions", dependencies=allowed, response_model=None, responses=_FAULTS)
    async def complete(asked: CompletionRequest, request: Request) -> Response:
        _known(asked.model)
        question, history = asked.question()
        completion = Completion(asked)
        if not asked.stream:
            answer = await _answered(gate, assistant.stream(question, history), request)
            return JSONResponse(completion.whole(answer)) if answer else Response(status_code=499)
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        events = _events(gate, assistant.stream(question, history), completion, usage=usage)
        # Awaited here, so that a question that cannot be answered gets an error's status.
        first = await anext(events)
        return StreamingResponse(_joined(first, events), media_type="text/event-stream")

    return api


async def _answered(gate: Gate, stream: Iterator[str | Answer], request: Request) -> Answer | None:
    """The answer at the end of `stream`; None when nobody waits for it any more."""
    looked = time.monotonic()
    async with gate(), _parts(stream) as parts:
        async for part in parts:
            if isinstance(part, Answer):
                return part
            if time.monotonic() - looked > _LOOK_AFTER:
                if await request.is_disconnected():
                    break
                looked = time.monotonic()
    return None


async def _events(
    gate: Gate, stream: Iterator[str | Answer], completion: Completion, *, usage: bool
) -> AsyncIterator[str]:
    """Server-sent events, the first once the first words are there; the work stops with the reader."""
    begun = False
    try:
        async with gate(), _parts(stream) as parts:
            async for part in parts:
                if not begun:
                    begun = True
                    yield _event(completion.opening())
                if isinstance(part, Answer):
                    for chunk in completion.closing(part):
                        yield _event(chunk)
                    if usage:
                        yield _event(completion.counted(part))
                elif added := completion.text(part):
                    yield _event(added)
    except Exception as failure:
        if not begun:
            raise
        yield _event(_told(failure)[1])
    yield "data: [DONE]\n\n"


async def _joined(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for event in rest:
        yield event


@asynccontextmanager
async def _parts(stream: Iterator[str | Answer]) -> AsyncIterator[AsyncIterator[str | Answer]]:
    """`stream`, which blocks, read in a thread to its end; who leaves early closes it, which ends its work.

    The thread waits for nobody: an answer has hundreds of parts, and were each asked for by itself, a busy
    event loop would make an answer wait hundreds of times (with 60 chats half of which came this
    way, it got an eighth of the answers of the other half).
    """
    loop, left = asyncio.get_running_loop(), threading.Event()
    arrived: asyncio.Queue[str | Answer | None] = asyncio.Queue()

    def read() -> None:
        try:
            for part in stream:
                if left.is_set():
                    break
                loop.call_soon_threadsafe(arrived.put_nowait, part)
        finally:
            if isinstance(stream, Generator):
                stream.close()
            loop.call_soon_threadsafe(arrived.put_nowait, None)

    reading = asyncio.ensure_future(to_thread.run_sync(read))

    async def parts() -> AsyncIterator[str | Answer]:
        while (part := await arrived.get()) is not None:
            yield part
        await reading  # raises what the stream has raised

    try:
        yield parts()
    finally:
        left.set()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([reading])
        if not reading.cancelled():
            reading.exception()  # seen, whether or not somebody was still there to be told


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _known(name: str) -> None:
    if name != MODEL:
        raise HTTPException(404, f"there is no model {name[:100]!r} here; use {MODEL!r}")


def _told(failure: Exception) -> tuple[int, dict[str, Any]]:
    """The status and the body for what went wrong; a traceback goes to the log alone."""
    if isinstance(failure, HTTPException):
        return failure.status_code, error(failure.status_code, str(failure.detail))
    if isinstance(failure, RequestValidationError):
        return 400, error(400, *describe_faults(failure.errors()))
    if isinstance(failure, QuestionError):
        return 400, error(400, str(failure), "messages")
    if isinstance(failure, AssistantError):
        status = 502 if isinstance(failure, ProviderError) else 503
        return status, error(status, str(failure))
    log.error("a request failed", exc_info=failure)
    return 500, error(500, "the answer failed, through no fault of the question; see the server's log")


def _translate_errors(api: FastAPI) -> None:
    def respond(_request: Request, failure: Exception) -> Response:
        status, body = _told(failure)
        headers = dict(getattr(failure, "headers", None) or {})
        if status == 503:
            headers["retry-after"] = _RETRY_AFTER
        return JSONResponse(body, status, headers)

    for kind in (HTTPException, RequestValidationError, AssistantError, Exception):
        api.add_exception_handler(kind, respond)
