"""How long a server that ends waits for what is under way."""

from __future__ import annotations

import threading

import pytest

from assistant.api.draining import Traffic


def test_an_idle_server_ends_at_once_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert Traffic().drain(0)
    assert caplog.text == ""


def test_it_waits_for_the_last_request_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    traffic = Traffic()
    traffic.begin()
    traffic.begin()
    traffic.end()
    threading.Timer(0.05, traffic.end).start()
    assert traffic.drain(30)
    assert "1 request is under way: ending when done, after 30 s at the latest" in caplog.text


def test_it_does_not_wait_for_ever() -> None:
    traffic = Traffic()
    traffic.begin()
    assert not traffic.drain(0.01)
