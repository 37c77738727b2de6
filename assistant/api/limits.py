"""How often somebody may ask, and how fast passwords may be guessed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

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
