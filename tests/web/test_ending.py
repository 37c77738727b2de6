"""A server that is told to end while it answers."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks.serving import free_port
from fake_assistant import FakeAssistant, fake_services

from assistant.api.draining import Traffic
from assistant.web.serving import end, launch

QUESTION = "What is SAFARI?"
BODY = {"model": "paper-assistant", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}


def test_an_answer_under_way_comes_to_its_end_and_no_other_begins(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    traffic = Traffic()
    assistant: Any = FakeAssistant(seconds_a_word=0.05)
    page = launch(assistant, fake_services(tmp_path), "127.0.0.1", free_port(), traffic)
    request.addfinalizer(page.close)
    url = str(page.local_url).rstrip("/")
    named = httpx.post(f"{url}/gradio_api/call/ask", json={"data": [QUESTION]}).json()["event_id"]
    with (
        httpx.stream("POST", f"{url}/v1/chat/completions", json=BODY, timeout=60) as streamed,
        httpx.stream("GET", f"{url}/gradio_api/call/ask/{named}", timeout=60) as event,
    ):
        lines = streamed.iter_lines()
        next(lines)
        ending = threading.Thread(target=end, args=(page, traffic))
        ending.start()
        chunks = [line.removeprefix("data: ") for line in lines if line]
        assert "event: complete" in event.read().decode()
    ending.join()
    assert chunks[-1] == "[DONE]"
    assert json.loads(chunks[-2])["choices"][0]["finish_reason"] == "stop"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")
