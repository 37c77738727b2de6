"""A summary by a real, very weak model over the wire: it completes and cites only what is there."""

import importlib.util

import pytest
from pydantic import SecretStr
from wire.server import MODEL_NAME, UnavailableError, running

from assistant.answering.provider import make_llm
from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.errors import ProviderError
from assistant.settings import Settings
from assistant.stores import open_stores

pytestmark = pytest.mark.wire
TOPIC = "Graph neural networks"


@pytest.fixture(scope="module")
def server():
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed; run: pip install xllamacpp")
    try:
        with running("test-key-1234") as started:
            yield started
    except UnavailableError as error:
        pytest.skip(str(error))


def assistant_of(server, seed_settings, folder):
    key = SecretStr("test-key-1234")
    settings = Settings(_env_file=None, openai_base_url=server.address, openai_api_key=key, model=MODEL_NAME)
    llm = make_llm(settings, context_window=2048, max_retries=0, read_timeout=120)
    llm.max_tokens = 48
    model = open_embedding_model()
    return Assistant(Corpus(open_stores(seed_settings, model), model), llm, drafts=folder)


def test_a_weak_models_summary_completes_streams_and_cites_only_the_papers(server, seed_settings, tmp_path):
    with assistant_of(server, seed_settings, tmp_path) as assistant:
        *grown, summary = assistant.stream_summary(TOPIC)
        ids = {p.paper_id for p in assistant.papers()}
    assert summary.complete
    assert len(grown) > len(summary.themes) + 3
    assert summary.citations
    assert {c.paper.paper_id for c in summary.citations} <= ids
    numbers = {c.number for c in summary.citations}
    assert all(s.citations and set(s.citations) <= numbers for s in summary.sentences)
    assert summary.usage.prompt_tokens > 100


def test_a_server_that_dies_midway_is_told_and_nothing_is_lost(server, seed_settings, tmp_path):
    # The last test of this file: the server is gone afterwards.
    with assistant_of(server, seed_settings, tmp_path) as assistant:
        growing = assistant.stream_summary(TOPIC)
        seen = next(growing)
        server.kill()
        with pytest.raises(ProviderError, match="written and kept"):
            list(growing)
    assert seen.citations
