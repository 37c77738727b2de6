"""Default conditions of every test: no keys, no network beyond loopback; one store made of the seeds."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pytest_socket import socket_allow_hosts

from assistant.settings import Settings

pytest_plugins = ["store_fixtures"]  # a small store of made-up papers

SEEDS = Path(__file__).parents[1] / "seeds"
LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# How fast an example is made says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("ASSISTANT_", "OPENAI_")) and name != "ASSISTANT_TEST_CACHE":
            monkeypatch.delenv(name)
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(scope="session")
def seed_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a store that holds the seeds; made once, only read by tests."""
    from assistant.embedding import open_embedding_model
    from ingest.pipeline import ingest_paths

    folder = tmp_path_factory.mktemp("seeds") / "data"
    settings = Settings(_env_file=None, data_dir=folder, answerer="extractive")  # type: ignore[call-arg]
    ingest_paths([SEEDS], settings, open_embedding_model())
    return settings


@pytest.fixture(scope="session")
def seed_assistant(seed_settings: Settings) -> Iterator[object]:
    """The extractive assistant over the seeds."""
    from assistant.engine import open_assistant

    with open_assistant(seed_settings) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def statistics(seed_settings: Settings) -> Iterator[object]:
    """What ranking knows of the words of the seeds."""
    from assistant.corpus import Corpus
    from assistant.embedding import open_embedding_model
    from assistant.stores import open_stores

    model = open_embedding_model()
    corpus = Corpus(open_stores(seed_settings, model), model)
    yield corpus.statistics
    corpus.close()
