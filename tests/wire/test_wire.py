"""The provider and the answers against a real server: streaming, counts, keys, sudden death."""

import importlib.util
from collections.abc import Iterator

import pytest
from llama_index.core.llms import ChatMessage
from pydantic import SecretStr
from wire.server import MODEL_NAME, RunningServer, UnavailableError, running

from assistant.answering.generative import finish, generate
from assistant.answering.provider import Provider, make_llm
from assistant.embedding import open_embedding_model
from assistant.errors import ProviderError
from assistant.models import Paper, ScoredPaper
from assistant.settings import Settings

pytestmark = pytest.mark.wire

KEY = "test-key-1234"
PAPERS = [
    ScoredPaper(
        Paper(
            paper_id="safari",
            display_title="SAFARI",
            abstract="SAFARI prunes up to 80% of the model weights and keeps the accuracy of the model.",
        ),
        1.0,
    )
]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed; run: pip install xllamacpp")
    try:
        with running(KEY) as started:
            yield started
    except UnavailableError as error:
        pytest.skip(str(error))


def _llm(server: RunningServer, key: str = KEY, model: str = MODEL_NAME, tokens: int = 16) -> Provider:
    settings = Settings(
        _env_file=None, openai_base_url=server.address, openai_api_key=SecretStr(key), model=model
    )
    llm = make_llm(settings, context_window=2048, max_retries=0, read_timeout=60)
    llm.max_tokens = tokens
    return llm


def test_an_answer_streams_and_its_tokens_are_counted(server: RunningServer) -> None:
    generation = generate("How much does SAFARI prune?", PAPERS, _llm(server))
    deltas = list(generation)
    assert len(deltas) > 4
    assert "".join(deltas) == generation.text
    assert 150 < generation.usage.prompt_tokens < 600
    assert 4 < generation.usage.completion_tokens <= 16


def test_whatever_a_weak_model_says_becomes_a_valid_draft(server: RunningServer) -> None:
    generation = generate("How much does SAFARI prune?", PAPERS, _llm(server, tokens=24))
    raw = "".join(generation)
    draft = finish(raw, generation.fitted, open_embedding_model().embed, truncated=generation.truncated)
    assert generation.truncated or raw
    assert [c.number for c in draft.citations] == list(range(1, len(draft.citations) + 1))
    assert draft.refused or draft.sentences


def test_a_closed_answer_frees_the_server_for_the_next(server: RunningServer) -> None:
    generation = generate("How much does SAFARI prune?", PAPERS, _llm(server, tokens=2000))
    next(generation)
    generation.close()
    assert list(generate("How much does SAFARI prune?", PAPERS, _llm(server, tokens=4)))


def test_a_wrong_key_is_told(server: RunningServer) -> None:
    with pytest.raises(ProviderError, match="refused the key") as caught:
        list(_llm(server, key="wrong-key-5678").stream_chat([ChatMessage(role="user", content="Hello")]))
    assert "wrong-key" not in str(caught.value)


def test_a_wrong_path_is_told(server: RunningServer) -> None:
    astray = RunningServer(server.address.replace("/v1", "/api"), server.process)
    with pytest.raises(ProviderError, match="HTTP 404"):
        list(_llm(astray).stream_chat([ChatMessage(role="user", content="Hello")]))


def test_a_question_too_long_for_the_server_is_told(server: RunningServer) -> None:
    with pytest.raises(ProviderError, match="too long"):
        list(_llm(server).stream_chat([ChatMessage(role="user", content="word " * 3000)]))


def test_a_server_that_is_killed_in_mid_answer_is_told(server: RunningServer) -> None:
    # The last test of this file: the server is gone afterwards.
    generation = generate("How much does SAFARI prune?", PAPERS, _llm(server, tokens=400))
    said = next(generation)
    server.kill()
    with pytest.raises(ProviderError, match="broke off in the middle of its answer") as caught:
        list(generation)
    assert generation.text.startswith(said)
    assert caught.value.retryable
    with pytest.raises(ProviderError, match="cannot reach"):
        list(generate("How much does SAFARI prune?", PAPERS, _llm(server)))
