"""How often somebody may ask, how fast passwords may be guessed, how large a request may be."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from assistant.api.messages import refusal

if TYPE_CHECKING:
    from assistant.api.asgi import AsgiApp, Receive, Scope, Send

LARGEST_BODY = 2 << 20
"""Bytes of a request: a thousand long questions."""
_TOO_LARGE = f"the request is larger than {LARGEST_BODY >> 20} MB; shorten it"
_WINDOW = 60.0  # seconds
_FREE_GUESSES = 3
_LONGEST_WAIT = 30.0  # seconds; who shares an address with a guesser is not kept out for long
_FORGOTTEN = 3_600.0  # seconds after the last guess
_MOST_KEPT = 10_000

Clock = Callable[[], float]


class RateLimit:
    """At most `per_minute` requests of one user in any minute; shared by threads."""

    def __init__(self, per_minute: int, clock: Clock = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, user: str) -> float:
        """Count a request; returns 0, or the seconds to wait when it is one too many and not counted."""
        with self._lock:
            now = self._clock()
            times = self._times.setdefault(user, deque())
            while times and times[0] <= now - _WINDOW:
                times.popleft()
            if len(times) >= self._most:
                return times[0] + _WINDOW - now
            times.append(now)
            return 0.0


class Slowdown:
    """After three wrong passwords each further guess has to wait twice as long, up to 30 seconds."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}  # guesses and when the last one was
        self._lock = threading.Lock()

    def guess(self, key: str) -> float:
        """Begin a guess; returns 0, or the seconds to wait first.

        It counts as wrong until `right` is called: guesses sent at once cannot overtake the count.
        """
        with self._lock:
            now = self._clock()
            count, last = self._failed.get(key, (0, now))
            if now - last > _FORGOTTEN:
                count = 0
            wait = min(2.0 ** (count - _FREE_GUESSES), _LONGEST_WAIT) if count >= _FREE_GUESSES else 0.0
            if now < last + wait:
                return last + wait - now
            if len(self._failed) >= _MOST_KEPT:
                self._failed = {k: v for k, v in self._failed.items() if now - v[1] <= _LONGEST_WAIT}
            self._failed[key] = (min(count + 1, 60), now)
            return 0.0

    def right(self, key: str) -> None:
        """The guess was right."""
        with self._lock:
            self._failed.pop(key, None)


class LimitBody:
    """ASGI middleware that answers 413 to a body of more than `LARGEST_BODY` bytes, and reads no more."""

    def __init__(self, app: AsgiApp, unlimited: str | None = None) -> None:
        """Paths that begin with `unlimited` are let through."""
        self._app = app
        self._unlimited = unlimited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (self._unlimited and scope["path"].startswith(self._unlimited)):
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "")
        if told.isdecimal() and int(told) > LARGEST_BODY:
            await refusal(scope["path"], 413, _TOO_LARGE)(scope, receive, send)
            return
        read = 0

        async def limited() -> MutableMapping[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:  # one that has not told its length
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, limited, send)
