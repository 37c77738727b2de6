"""What is counted, timed and logged of questions; and the app as it is run by a service manager."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest

from assistant.api.logs import CALL, Call, JsonFormatter
from assistant.api.observing import Metrics, Observed
from assistant.engine import Assistant
from assistant.errors import QuestionError
from assistant.settings import Settings

ROOT = Path(__file__).parents[2]
QUESTION = "How much of the model weights can SAFARI prune?"


@pytest.fixture
def seen(seed_assistant: Assistant) -> tuple[Any, Metrics]:
    metrics = Metrics()
    return Observed(seed_assistant, metrics), metrics


def figures(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_questions_are_counted_by_task_answerer_and_kind(seen: tuple[Any, Metrics]) -> None:
    assistant, metrics = seen
    assistant.ask(QUESTION)
    list(assistant.stream(QUESTION))
    assistant.search("SAFARI", 3)
    told = figures(metrics)
    count = 'paper_assistant_questions_total{answerer="extractive",kind="answer",task="%s"}'
    assert f"{count % 'ask'} 2.0" in told
    assert f"{count % 'search'} 1.0" in told
    assert 'paper_assistant_seconds_count{task="ask"} 2.0' in told
    assert "paper_assistant_in_progress 0.0" in told


def test_an_answer_that_nobody_reads_to_its_end_is_counted_as_stopped(seen: tuple[Any, Metrics]) -> None:
    assistant, metrics = seen
    parts: Iterator[Any] = assistant.stream(QUESTION)
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert 'kind="stopped",task="ask"} 1.0' in figures(metrics)
    assert "paper_assistant_in_progress 0.0" in figures(metrics)


def test_a_question_that_fails_is_counted_by_its_error(seen: tuple[Any, Metrics]) -> None:
    assistant, metrics = seen
    with pytest.raises(QuestionError):
        assistant.ask("")
    assert 'paper_assistant_errors_total{error="QuestionError",task="ask"} 1.0' in figures(metrics)


@pytest.mark.parametrize("wanted", [True, False])
def test_the_log_holds_a_question_only_when_that_is_asked_for(
    seed_assistant: Assistant, caplog: pytest.LogCaptureFixture, *, wanted: bool
) -> None:
    assistant = Observed(seed_assistant, Metrics(), lambda: Call("r-1", "mara"), log_questions=wanted)
    with caplog.at_level(logging.INFO, "assistant"):
        assistant.ask(QUESTION)
    (record,) = (record for record in caplog.records if record.name == "assistant.api.observing")
    line = json.loads(JsonFormatter().format(record))
    assert [line["request_id"], line["user"], line["task"], line["kind"]] == ["r-1", "mara", "ask", "answer"]
    assert ("SAFARI" in json.dumps(line)) is wanted


def test_a_traceback_is_one_line_with_the_request_it_belongs_to() -> None:
    token = CALL.set(Call("r-2"))
    try:
        raise KeyError("x")
    except KeyError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "failed\nbadly", (), sys.exc_info())
        line = JsonFormatter().format(record)
    finally:
        CALL.reset(token)
    assert "\n" not in line
    assert json.loads(line)["request_id"] == "r-2"
    assert "KeyError" in json.loads(line)["traceback"]


def test_the_app_tells_its_state_logs_in_json_and_ends_in_order(
    seed_settings: Settings, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        str(ROOT / "app.py"),
        "--port",
        str(port),
        "--data",
        str(seed_settings.data_dir),
    ]
    extra = {"PYTHONPATH": str(ROOT), "ASSISTANT_LOG": "json", "ASSISTANT_METRICS": "true"}
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, **extra},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Open "):
                break
        assert httpx.get(f"{url}/readyz", timeout=30).status_code == 200
        body = {"model": "paper-assistant", "messages": [{"role": "user", "content": QUESTION}]}
        headers = {"x-request-id": "mine-1"}
        reply = httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=60)
        assert [reply.status_code, reply.headers["x-request-id"]] == [200, "mine-1"]
        assert 'kind="answer",task="ask"} 1.0' in httpx.get(f"{url}/metrics").text
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    lines = [json.loads(line) for line in errors.splitlines()]
    mine = {line["message"]: line for line in lines if line.get("request_id") == "mine-1"}
    assert mine["request"]["status"] == 200
    assert mine["question"]["kind"] == "answer"
    assert "SAFARI" not in errors
