"""Every way a server can fail ends in one line that says what to do, and never shows a key."""

import logging
import socket
from collections.abc import Iterator

import pytest
from llama_index.core.llms import ChatMessage, ChatResponse
from pydantic import SecretStr
from wire.faulty_server import FaultyServer

from assistant.answering import provider
from assistant.answering.provider import Provider, make_llm
from assistant.answering.rewriting import rewrite
from assistant.errors import ConfigurationError, ProviderError
from assistant.settings import Settings

KEY = "sk-secret0123456789abcdef0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    faulty = FaultyServer()
    yield faulty
    faulty.stop()


def _settings(address: str | None, key: str | None = KEY, model: str = "some-model") -> Settings:
    return Settings(
        _env_file=None,
        model=model,
        openai_base_url=address,
        openai_api_key=SecretStr(key) if key else None,
    )


def _llm(address: str, retries: int = 0, timeout: float = 5.0) -> Provider:
    return make_llm(_settings(address), max_retries=retries, read_timeout=timeout)


def _ask(llm: Provider) -> list[ChatResponse]:
    return list(llm.stream_chat([ChatMessage(role="user", content="Hello?")]))


@pytest.mark.parametrize(
    ("fault", "message", "retryable"),
    [
        ("wrong-key", r"refused the key \(HTTP 401\); set OPENAI_API_KEY", False),
        ("no-model", r"was not found \(HTTP 404\); set ASSISTANT_MODEL", False),
        ("busy", r"no more requests for now \(HTTP 429\); ask again in 20 seconds", True),
        ("no-credit", "no credit left", False),
        ("too-long", "too long for model 'some-model'", False),
        ("broken", r"failed \(HTTP 500: no reason given\); ask again", True),
        ("html", r"no chat answer; set OPENAI_BASE_URL .* /v1", False),
        ("other-json", "no chat answer", False),
        ("garbage", "no chat answer", False),
        ("wrong-shape", "no chat answer", False),
        ("nothing", "no chat answer", False),
        ("empty", "sent an empty answer", True),
        ("error-inside", "in the middle of its answer", True),
        ("cut", "broke off in the middle of its answer", True),
        ("dies", "broke off before it answered", True),
        ("binary", "no chat answer", False),
        ("huge-line", "sent more than 8 MB", False),
        ("packed-bomb", "a packed reply, which nobody asked for", False),
    ],
)
def test_a_fault_is_one_line_that_says_what_to_do(
    server: FaultyServer, fault: str, message: str, retryable: bool
) -> None:
    address = server.address(fault)
    with pytest.raises(ProviderError, match=message) as caught:
        _ask(_llm(address))
    text = str(caught.value)
    assert caught.value.retryable is retryable
    assert "\n" not in text
    assert address in text
    assert KEY not in text
    assert "secret" not in text


@pytest.mark.parametrize("fault", ["hangs", "stalls"])
def test_a_silent_server_is_given_up(server: FaultyServer, fault: str) -> None:
    with pytest.raises(ProviderError, match="in time") as caught:
        _ask(_llm(server.address(fault), timeout=0.3))
    assert caught.value.retryable


def test_an_answer_without_end_is_cut_off_like_one_that_ran_into_the_limit(server: FaultyServer) -> None:
    *_, last = _ask(_llm(server.address("endless")))
    assert last.additional_kwargs["finish_reason"] == "length"
    assert len(last.message.content or "") < 10_000


def test_a_silent_server_is_not_given_the_whole_time_again_by_each_retry(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_LAST_TRY", 0.01)
    sent: list[float] = []
    llm = _llm(server.address("hangs"), retries=2, timeout=0.4)
    llm._get_client()._client.event_hooks["request"].append(
        lambda request: sent.append(request.extensions["timeout"]["read"])
    )
    with pytest.raises(ProviderError, match="in time"):
        _ask(llm)
    assert 0.3 < sent[0] <= 0.4
    assert sent[1:] == [0.01, 0.01]


def test_a_key_does_not_follow_a_server_that_sends_the_request_elsewhere(server: FaultyServer) -> None:
    assert _ask(_llm(server.address("elsewhere")))[-1].message.content == "Fine."
    assert server.requests["caught"] == 1
    assert server.requests["caught-key"] == 0


def test_an_address_where_nothing_listens_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ProviderError, match=f"cannot reach model 'some-model' at http://127.0.0.1:{port}/v1"):
        _ask(_llm(f"http://127.0.0.1:{port}/v1"))


def test_a_busy_server_is_asked_again_by_the_client_alone(server: FaultyServer) -> None:
    responses = _ask(_llm(server.address("busy-once"), retries=2))
    assert responses[-1].message.content == "Fine."
    assert server.requests["busy-once"] == 2


def test_a_whole_answer_is_streamed_too(server: FaultyServer) -> None:
    response = _llm(server.address("busy-once"), retries=2).chat([ChatMessage(role="user", content="Hello?")])
    assert response.message.content == "Fine."
    assert response.additional_kwargs["finish_reason"] == "stop"


def test_closing_the_stream_ends_the_request(server: FaultyServer) -> None:
    stream = _llm(server.address("slow")).stream_chat([ChatMessage(role="user", content="Hello?")])
    next(stream)
    stream.close()
    for _ in range(200):
        if server.requests["slow-left"]:
            break
        server.released.wait(0.01)
    assert server.requests["slow-left"] == 1
    assert server.requests["slow-words"] < 400


def test_neither_logs_nor_representations_show_the_key(
    server: FaultyServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    llm = _llm(server.address("wrong-key"))
    with pytest.raises(ProviderError):
        _ask(llm)
    assert KEY not in repr(llm) + str(llm.to_dict()) + caplog.text


def test_a_password_in_the_address_is_in_no_message(server: FaultyServer) -> None:
    address = server.address("broken").replace("://", "://user:hunter2@") + "?key=hunter2"
    llm = _llm(address)
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1") as caught:
        _ask(llm)
    assert "hunter2" not in str(caught.value) + repr(llm)


def test_a_server_without_keys_needs_only_its_address() -> None:
    llm = make_llm(_settings("http://127.0.0.1:1/v1", key=None))
    assert llm.metadata.is_chat_model
    assert llm.metadata.context_window == 4096


def test_a_known_model_has_its_own_window() -> None:
    assert make_llm(_settings(None, model="gpt-4o-mini")).metadata.context_window == 128_000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (_settings(None, key=None), "needs OPENAI_API_KEY or OPENAI_BASE_URL"),
        (_settings("localhost:11434"), "OPENAI_BASE_URL = 'localhost:11434' is no address"),
        (_settings("http://[::1/v1"), "is no address"),
        (_settings(None, key="“sk-1”"), "OPENAI_API_KEY holds characters"),
    ],
)
def test_unusable_settings_are_named(settings: Settings, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_llm(settings)


def test_window_and_patience_are_settings() -> None:
    settings = Settings(
        _env_file=None, openai_base_url="http://127.0.0.1:1/v1", context_window=2048, timeout=3
    )  # type: ignore[call-arg]
    llm = make_llm(settings)
    assert llm.metadata.context_window == 2048
    assert llm._get_client().timeout.read == 3
    assert make_llm(_settings("http://127.0.0.1:1/v1")).metadata.context_window == 4096


def test_a_request_can_be_less_patient_than_its_client(server: FaultyServer) -> None:
    llm = _llm(server.address("hangs"), retries=2, timeout=60)
    with pytest.raises(ProviderError, match="in time"):
        list(llm.stream_chat([ChatMessage(role="user", content="Hello?")], timeout=0.2, max_retries=0))


def test_rewriting_gives_up_on_a_silent_server_without_a_second_try(server: FaultyServer) -> None:
    before = server.requests["hangs"]
    llm = _llm(server.address("hangs"), retries=2, timeout=60)
    assert rewrite(llm, "How do phones train together?", seconds=0.2) == ()
    assert server.requests["hangs"] == before + 1
