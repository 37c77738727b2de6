import math
import os
import socket
import subprocess
import sys
import time

import pytest
from llama_index.core.vector_stores.types import VectorStoreQuery
from store_fixtures import write_source

from assistant.embedding import open_embedding_model
from assistant.engine import open_assistant
from assistant.errors import ConfigurationError, StoreError
from assistant.settings import load_settings
from assistant.stores import Catalogue, open_stores, vector_place
from assistant.stores.vectors import VectorIndex, sync_vectors
from ingest.pipeline import ingest_paths


@pytest.fixture
def stores(ingest, source, settings, model):
    ingest(source)
    stores = open_stores(settings, model)
    yield stores
    stores.close()


def test_the_score_is_the_cosine(stores, model):
    (chunk,) = stores.catalogue.get_chunks(
        c for c, p, _ in stores.vectors.search(model.embed(["x"])[0], 9) if p == "doi:10.1000/safari"
    ).values()
    query = model.embed(["how many model weights does SAFARI prune"])[0]
    best = stores.vectors.search(query, 1)
    assert best == [
        (chunk.chunk_id, chunk.paper_id, pytest.approx(float(query @ model.embed([chunk.text])[0]), abs=1e-5))
    ]


def test_best_first_and_only_the_given_papers(stores, model):
    query = model.embed(["weights"])[0]
    scores = [score for _, _, score in stores.vectors.search(query, 50)]
    assert scores == sorted(scores, reverse=True)
    wanted = stores.catalogue.papers()[2].paper_id
    assert {p for _, p, _ in stores.vectors.search(query, 50, [wanted])} == {wanted}
    assert stores.vectors.search(query, 50, []) == []


def test_many_given_papers_are_filtered_too(stores, model):
    wanted = stores.catalogue.papers()[2].paper_id
    many = [wanted, *(f"p:{n}" for n in range(600))]
    assert {p for _, p, _ in stores.vectors.search(model.embed(["weights"])[0], 2, many)} == {wanted}


@pytest.mark.parametrize("number", [3, 30, 300])
def test_a_filter_of_any_strength_gives_the_nearest_of_those_it_keeps(
    ingest, settings, model, tmp_path, number
):
    rows = [{"title": f"Title {n}", "abstract": f"word{n} word{n % 7} common."} for n in range(400)]
    ingest(write_source(tmp_path / "many.jsonl", rows))
    stores = open_stores(settings, model)
    papers = stores.catalogue.papers()
    allowed = [paper.paper_id for paper in papers[: len(papers) * number // 400]]
    query = model.embed(["word3 common title"])[0]
    hits = stores.vectors.search(query, 12, allowed)
    every = stores.vectors.search(query, len(papers), None)
    best = [score for _, paper_id, score in every if paper_id in set(allowed)][:12]
    assert [score for _, _, score in hits] == pytest.approx(best, abs=1e-5)
    assert {paper_id for _, paper_id, _ in hits} <= set(allowed)
    without_rows = VectorIndex(vector_place(settings), stores.catalogue.store_id)
    assert [s for _, _, s in without_rows.search(query, 12, allowed)] == pytest.approx(best, abs=1e-5)
    without_rows.close()
    stores.close()


def test_llamaindex_reads_the_same_collection(stores, model):
    query = model.embed(["weights"])[0]
    found = stores.vectors.as_vector_store().query(
        VectorStoreQuery(query_embedding=query.tolist(), similarity_top_k=3)
    )
    ours = stores.vectors.search(query, 3)
    assert found.ids == [chunk_id for chunk_id, _, _ in ours]
    assert [1 + math.log(s) for s in found.similarities] == pytest.approx([s for _, _, s in ours], abs=1e-5)
    assert [node.metadata["paper_id"] for node in found.nodes] == [paper_id for _, paper_id, _ in ours]


def test_a_reader_sees_what_another_process_wrote(stores, settings, tmp_path, model):
    path = write_source(
        tmp_path / "new.jsonl", [{"title": "Rhubarb", "abstract": "Rhubarb rhubarb rhubarb."}]
    )
    tests = os.path.dirname(os.path.dirname(__file__))
    script = (
        "import sys; from pathlib import Path; from store_fixtures import HashingModel;"
        "from assistant.settings import Settings; from ingest.pipeline import ingest_paths;"
        "ingest_paths([Path(sys.argv[1])], Settings(data_dir=Path(sys.argv[2])), HashingModel())"
    )
    command = [sys.executable, "-c", script, str(path), str(settings.data_dir)]
    paths = os.pathsep.join([tests, os.path.dirname(tests)])
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": paths})
    assert stores.refresh()
    (paper,) = [p for p in stores.catalogue.papers() if p.title == "Rhubarb"]
    assert stores.vectors.search(model.embed(["rhubarb"])[0], 1)[0][1] == paper.paper_id
    assert stores.lexical.search("rhubarb", 1)[0][0] == paper.paper_id
    assert not stores.refresh()


def test_a_missing_index_names_the_mending_command(tmp_path):
    with pytest.raises(StoreError, match="doctor --fix"):
        VectorIndex(tmp_path, "x")


def test_an_address_that_is_none_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="ASSISTANT_CHROMA_URL"):
        VectorIndex("localhost:8000", "x")


def test_a_server_that_is_not_there_is_a_one_line_error():
    with pytest.raises(StoreError, match="start that server") as caught:
        VectorIndex("http://127.0.0.1:1", "x")
    assert "\n" not in str(caught.value)


@pytest.fixture
def server(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chroma = os.path.join(os.path.dirname(sys.executable), "chroma")
    command = [chroma, "run", "--path", str(tmp_path / "server"), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def test_a_chroma_server_serves_as_the_folder_does(server, stores, settings, model):
    remote = settings.model_copy(update={"chroma_url": server})
    catalogue = Catalogue(settings.resolved_catalogue_url)
    assert sync_vectors(vector_place(remote), catalogue, model.name, model.dimension) == 3
    assert sync_vectors(vector_place(remote), catalogue, model.name, model.dimension) == 0
    catalogue.close()
    index = VectorIndex(vector_place(remote), stores.catalogue.store_id)
    query = model.embed(["weights"])[0]
    remote_hits, local_hits = index.search(query, 3), stores.vectors.search(query, 3)
    assert [hit[:2] for hit in remote_hits] == [hit[:2] for hit in local_hits]
    assert [hit[2] for hit in remote_hits] == pytest.approx([hit[2] for hit in local_hits], abs=1e-5)
    index.close()


def test_the_setting_alone_moves_ingest_and_answers_to_a_chroma_server(server, source, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CHROMA_URL", server)
    monkeypatch.setenv("ASSISTANT_ANSWERER", "extractive")
    settings = load_settings(tmp_path / "data")
    report = ingest_paths([source], settings, open_embedding_model())
    assert (report.added, (tmp_path / "data" / "chroma").exists()) == (3, False)
    with open_assistant(settings) as assistant:
        answer = assistant.ask("How many of the model weights does SAFARI remove?")
    assert "80 %" in answer.text
    assert answer.citations[0].paper.identifiers.doi == "10.1000/safari"
