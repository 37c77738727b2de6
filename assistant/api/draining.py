"""A server that ends lets the requests under way come to their end."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.api.asgi import AsgiApp, Receive, Scope, Send

log = logging.getLogger(__name__)

GRACE = 25.0
"""Seconds that they are given; Kubernetes kills after 30."""
_ENDLESS = "/gradio_api/heartbeat/"  # open as long as its page is


class Traffic:
    """The number of requests under way; counted in the server's thread, waited for in another."""

    def __init__(self) -> None:
        self._open = 0
        self._changed = threading.Condition()

    def begin(self) -> None:
        with self._changed:
            self._open += 1

    def end(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def drain(self, seconds: float = GRACE) -> bool:
        """Wait until no request is under way, at most so long; whether none is."""
        with self._changed:
            if self._open:
                log.warning(
                    "%d request%s under way: ending when done, after %d s at the latest",
                    self._open, "s are" if self._open > 1 else " is", seconds,
                )  # fmt: skip
            return self._changed.wait_for(lambda: self._open == 0, seconds)


class CountRequests:
    """ASGI middleware that tells `traffic` of each request."""

    def __init__(self, app: AsgiApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_ENDLESS):
            await self._app(scope, receive, send)
            return
        self._traffic.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._traffic.end()
