"""Logs as one JSON object a line, each request with an id."""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from assistant.api.asgi import AsgiApp, Receive, Scope, Send

log = logging.getLogger(__name__)

REQUEST_ID = "paper_assistant.request_id"
"""The key of a request's ASGI scope under which its id stands."""
USER = "paper_assistant.user"
"""The key under which its user stands, once the guard has found out."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request: its id, and its user's name where people log in."""

    request_id: str
    user: str | None = None


CALL: ContextVar[Call | None] = ContextVar("call", default=None)
"""The request at hand, in its own task and the threads it starts."""


def call_of(scope: Scope) -> Call | None:
    """The call that a request's scope tells of."""
    user = scope.get(USER)
    return Call(scope[REQUEST_ID], user.name if user else None) if REQUEST_ID in scope else None


def remember(scope: Scope) -> None:
    """Make the scope's request the one at hand.

    Not for Gradio's: its queue, which is started by one, would take all events for that one's.
    """
    if not scope["path"].startswith("/gradio_api/"):
        CALL.set(call_of(scope))


class RequestLog:
    """ASGI middleware: gives each request an id, its own X-Request-ID or a new one, and logs it.

    Neither the query nor the body is logged: both can hold a question.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _ID.fullmatch(sent) else secrets.token_hex(8)
        scope[REQUEST_ID] = request_id
        remember(scope)
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            call = call_of(scope)
            told = {
                "request_id": request_id,
                "user": call.user if call else None,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(1000 * (time.perf_counter() - started), 1),
            }
            log.info("request", extra={"told": told})


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, and what it tells besides."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if call := CALL.get():
            line["request_id"] = call.request_id
        line |= getattr(record, "told", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_as_json() -> None:
    """Write this process's log to standard error as JSON, the server's own lines too."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("assistant").setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
