"""The OpenAI-compatible endpoint, asked by the openai client over a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import openai
import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from assistant.api.http import Gate, build_api
from assistant.api.limits import LARGEST_BODY
from assistant.api.messages import EXTRA, MODEL
from assistant.engine import Assistant
from assistant.errors import ProviderError
from assistant.models import Answer

QUESTION = "How much of the model weights can SAFARI prune?"


@contextmanager
def served(api: FastAPI) -> Iterator[str]:
    """Serve `api` at /v1 of a free port; yield the address an OpenAI client is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = FastAPI()
    app.mount("/v1", api)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = True
        thread.join()


def client(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=address, api_key="none", max_retries=0)


def user(text: str) -> Any:
    return {"role": "user", "content": text}


@pytest.fixture(scope="module")
def address(seed_assistant: Assistant) -> Iterator[str]:
    with served(build_api(seed_assistant)) as address:
        yield address


def test_a_question_gets_a_cited_answer_with_its_sources(address: str) -> None:
    with client(address) as api:
        completion = api.chat.completions.create(model=MODEL, messages=[user(QUESTION)])
    text = completion.choices[0].message.content or ""
    assert "80% of the model weights" in text
    assert "[1]" in text
    assert "SAFARI: Sparsity" in text.split("Sources:")[1]
    answer = completion.model_extra[EXTRA]  # type: ignore[index]
    assert answer["citations"][0]["evidence"]
    assert completion.usage is not None
    assert completion.usage.total_tokens == (
        completion.usage.prompt_tokens + completion.usage.completion_tokens
    )
    assert completion.usage.prompt_tokens > 5


def test_a_stream_adds_up_to_the_same_text_and_reports_usage(address: str) -> None:
    with client(address) as api:
        whole = api.chat.completions.create(model=MODEL, messages=[user(QUESTION)])
        stream = api.chat.completions.create(
            model=MODEL, messages=[user(QUESTION)], stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len([delta for delta in deltas if delta]) > 10
    assert "".join(deltas) == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].model_extra[EXTRA]["citations"]  # type: ignore[index]


def test_earlier_questions_of_the_conversation_are_its_history(address: str) -> None:
    messages = [
        {"role": "system", "content": "Answer as a pirate."},
        user("What is SAFARI?"),
        {"role": "assistant", "content": "..."},
        user("Who are its authors?"),
    ]
    with client(address) as api:
        completion = api.chat.completions.create(model=MODEL, messages=messages)  # type: ignore[arg-type]
    assert "Yuzhu Mao" in (completion.choices[0].message.content or "")


def test_the_parts_of_a_message_are_read_as_one_text(address: str) -> None:
    words = ("What is", "SAFARI?")
    parts = {"role": "user", "content": [{"type": "text", "text": text} for text in words]}
    with client(address) as api:
        completion = api.chat.completions.create(model=MODEL, messages=[parts])  # type: ignore[list-item]
    assert completion.model_extra[EXTRA]["question"].split() == ["What", "is", "SAFARI?"]  # type: ignore[index]


def test_the_one_model_is_listed(address: str) -> None:
    with client(address) as api:
        assert [model.id for model in api.models.list()] == [MODEL]
        assert api.models.retrieve(MODEL).id == MODEL
        with pytest.raises(openai.NotFoundError):
            api.models.retrieve("gpt-4o")


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"model": MODEL, "messages": []}, 400, "messages"),
        ({"model": MODEL, "messages": [{"role": "user", "content": "  "}]}, 400, "question"),
        ({"model": MODEL, "messages": [{"role": "assistant", "content": "x"}]}, 400, "question"),
        ({"model": MODEL, "messages": [{"role": "user", "content": [{"type": "audio"}]}]}, 400, "content"),
        ({"model": MODEL, "messages": [{"role": "user", "content": "x" * 50_000}]}, 400, "shorten"),
        ({"model": MODEL, "messages": [{"role": "user", "content": "x"}], "n": 2}, 400, "n"),
        ({"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}]}, 404, MODEL),
        ([1, 2], 400, "body"),
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_is_told_why(address: str, body: Any, status: int, told: str) -> None:
    for stream in (False, True):
        sent = {**body, "stream": stream} if isinstance(body, dict) else body
        response = httpx.post(f"{address}/chat/completions", json=sent)
        assert response.status_code == status
        assert told in response.json()["error"]["message"]
        assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (b"what", "application/json", "the body is no JSON"),
        (b'{"model": "paper-assistant"}', "text/plain", "Content-Type: application/json"),
    ],
)
def test_a_body_that_is_no_json_is_told_so(address: str, content: bytes, kind: str, told: str) -> None:
    reply = httpx.post(f"{address}/chat/completions", content=content, headers={"content-type": kind})
    assert [reply.status_code, told in reply.json()["error"]["message"]] == [400, True]


def test_a_request_of_any_size_is_not_read_to_its_end(address: str) -> None:
    told = b"x" * (LARGEST_BODY + 1)
    for content in (told, iter([told])):  # its length told before, and not
        response = httpx.post(f"{address}/chat/completions", content=content)
        assert response.status_code == 413
        assert "larger than 2 MB" in response.json()["error"]["message"]


class Scripted:
    """An assistant that says a word at a time until told to fail; `stopped` when closed early."""

    def __init__(self, words: int = 3, failing: Exception | None = None, pause: float = 0.0) -> None:
        self.words, self.failing, self.pause = words, failing, pause
        self.stopped = threading.Event()
        self.said = 0

    def stream(self, question: str, history: Sequence[str] = ()) -> Iterator[str | Answer]:
        text = ""
        try:
            for _ in range(self.words):
                time.sleep(self.pause)
                text += "word "
                self.said += 1
                yield text
            if self.failing:
                raise self.failing
            yield Answer(question, question, "extractive", None, "answer", "quite another text")
        except GeneratorExit:
            self.stopped.set()
            raise


def api_of(assistant: Scripted, **options: Any) -> FastAPI:
    return build_api(assistant, **options)  # type: ignore[arg-type]


def test_a_stream_whose_text_is_taken_back_ends_with_the_checked_answer() -> None:
    with served(api_of(Scripted())) as address, client(address) as api:
        chunks = list(api.chat.completions.create(model=MODEL, messages=[user("x")], stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text.startswith("word word word")
    assert text.endswith("After the check against the papers, the answer is:\n\nquite another text")


@pytest.mark.parametrize("words", [0, 3])
def test_a_failing_language_model_is_an_error_of_the_client(words: int) -> None:
    failure = ProviderError("the model's server does not answer", retryable=True)
    with served(api_of(Scripted(words, failure))) as address, client(address) as api:
        with pytest.raises(openai.APIStatusError, match="does not answer") as raised:
            api.chat.completions.create(model=MODEL, messages=[user("x")])
        assert raised.value.status_code == 502
        with pytest.raises(openai.APIError, match="does not answer"):
            list(api.chat.completions.create(model=MODEL, messages=[user("x")], stream=True))


def test_an_unforeseen_failure_tells_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    with served(api_of(Scripted(0, KeyError("secret")))) as address:
        body = {"model": MODEL, "messages": [user("x")]}
        response = httpx.post(f"{address}/chat/completions", json=body)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "a request failed" in caplog.text


@pytest.mark.parametrize("stream", [True, False])
def test_the_work_stops_when_the_client_goes_away(stream: bool) -> None:
    assistant = Scripted(words=1_000, pause=0.02)
    with served(api_of(assistant)) as address:
        body = {"model": MODEL, "messages": [user("x")], "stream": stream}
        try:
            with httpx.stream("POST", f"{address}/chat/completions", json=body, timeout=0.5) as response:
                next(response.iter_text())
        except httpx.ReadTimeout:
            assert not stream
        assert assistant.stopped.wait(10)
    assert assistant.said < 500


def test_more_questions_than_can_wait_are_turned_away() -> None:
    assistant = Scripted(words=1_000, pause=0.02)
    with served(api_of(assistant, gate=Gate(at_once=1, queue=0))) as address:
        body = {"model": MODEL, "messages": [user("x")], "stream": True}
        with httpx.stream("POST", f"{address}/chat/completions", json=body) as first:
            received = first.iter_text()  # kept: httpx ends a request whose iterator is dropped
            next(received)
            second = httpx.post(f"{address}/chat/completions", json=body)
    assert second.status_code == 503
    assert second.headers["retry-after"]


def test_a_request_without_leave_is_refused() -> None:
    def authorise(request: Request) -> None:
        if request.headers.get("authorization") != "Bearer right":
            raise HTTPException(401, "this server wants an API token", {"www-authenticate": "Bearer"})

    with served(api_of(Scripted(), authorise=authorise)) as address:
        with openai.OpenAI(base_url=address, api_key="wrong", max_retries=0) as api:
            for ask in (
                lambda: api.models.list(),
                lambda: api.chat.completions.create(model=MODEL, messages=[]),
            ):
                with pytest.raises(openai.AuthenticationError):
                    ask()
        with openai.OpenAI(base_url=address, api_key="right", max_retries=0) as api:
            assert api.models.list()
