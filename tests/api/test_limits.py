"""Limits by a clock of the test's own."""

from __future__ import annotations

from assistant.api.limits import RateLimit, Slowdown


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_later_one_may_ask_again() -> None:
    clock = Clock()
    rate = RateLimit(2, clock)
    assert [rate.take("mara"), rate.take("mara"), rate.take("mara"), rate.take("otto")] == [0, 0, 60, 0]
    clock.now += 60
    assert rate.take("mara") == 0


def test_the_wait_doubles_up_to_half_a_minute_and_ends_with_the_right_password() -> None:
    clock = Clock()
    slow = Slowdown(clock)
    assert [slow.guess("mara") for _ in range(4)] == [0, 0, 0, 1]
    waits = []
    for _ in range(7):
        wait = slow.guess("mara")
        waits.append(wait)
        clock.now += wait
        assert slow.guess("mara") == 0
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert slow.guess("otto") == 0
    slow.right("mara")
    assert slow.guess("mara") == 0
