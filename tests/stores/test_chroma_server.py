"""A Chroma server that is killed, is away, and comes back, under an index that stays open."""

import os
import socket
import subprocess
import sys
import time

import pytest

from assistant.errors import StoreError
from assistant.stores import Catalogue, vector_place
from assistant.stores.vectors import VectorIndex, sync_vectors

START_SECONDS = 60


class Server:
    """`chroma run` on one port and one folder, started and killed as often as wanted."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        chroma = os.path.join(os.path.dirname(sys.executable), "chroma")
        where = ["--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([chroma, "run", *where], **quiet)
        for _ in range(START_SECONDS * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the Chroma server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.kill()


def test_a_server_that_was_killed_is_told_in_one_line_and_asked_again_when_it_is_back(
    server, ingest, source, settings, model
):
    ingest(source)
    catalogue = Catalogue(settings.resolved_catalogue_url)
    place = vector_place(settings.model_copy(update={"chroma_url": server.url}))
    sync_vectors(place, catalogue, model.name, model.dimension)
    index = VectorIndex(place, catalogue.store_id)
    catalogue.close()
    query = model.embed(["weights"])[0]
    before = index.search(query, 3)
    assert len(before) == 3
    server.kill()
    with pytest.raises(StoreError, match="start that server or unset ASSISTANT_CHROMA_URL") as caught:
        index.search(query, 3)
    assert "\n" not in str(caught.value)
    server.start()
    assert index.search(query, 3) == before
    index.close()
