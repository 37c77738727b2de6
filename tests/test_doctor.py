import os
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.doctor import all_ok, examine, repair
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.stores.lock import writer_lock

sys.path.insert(0, str(Path(__file__).parent))

from store_fixtures import PAPERS, write_source


@pytest.fixture(scope="module")
def bundled():
    from assistant.embedding import open_embedding_model

    return open_embedding_model()


@pytest.fixture
def settings(tmp_path):
    return Settings(_env_file=None, data_dir=tmp_path / "data", answerer="extractive")


@pytest.fixture
def store(tmp_path, settings, bundled):
    from ingest.pipeline import ingest_paths

    ingest_paths([write_source(tmp_path / "papers.jsonl", PAPERS)], settings, bundled)
    return settings


def faults(findings):
    return {finding.name for finding in findings if not finding.ok}


def execute(settings, statement):
    connection = sqlite3.connect(settings.data_dir / "catalogue.sqlite3")
    with connection:
        connection.execute(statement)
    connection.close()


def spoil_page(path, table):
    """Overwrite the root page of a table or index, as a failing disk does."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = delete")
    size = connection.execute("pragma page_size").fetchone()[0]
    query = "select rootpage from sqlite_master where name = ?"
    (page,) = connection.execute(query, (table,)).fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


def test_a_sound_store_has_no_faults(store):
    findings = examine(store)
    assert all_ok(findings), findings
    assert {"name", "ok", "detail", "mend"} == set(findings[0].to_dict())


def test_an_empty_store_is_told_how_to_fill_it(settings):
    findings = {f.name: f for f in examine(settings)}
    assert findings["catalogue"].mend == f"python -m ingest --data {settings.data_dir}"
    assert not settings.data_dir.exists()


@pytest.mark.parametrize(
    ("statement", "faulty"),
    [
        ("delete from chunks where number = 0 and paper_id like 'doi%'", {"vector index"}),
        ("delete from papers where paper_id like 'doi%'", {"lexical index", "vector rows"}),
        (
            "update meta set value = '99' where key = 'generation'",
            {"vector index", "vector rows", "lexical index"},
        ),
        ("delete from embeddings", {"vectors in the catalogue"}),
        (
            "update meta set value = 'foreign' where key = 'store_id'",
            {"vector index", "vector rows", "lexical index"},
        ),
        ("update embeddings set vector = zeroblob(length(vector))", {"vectors in the catalogue"}),
    ],
)
def test_what_disagrees_is_named_and_mended(store, statement, faulty):
    execute(store, statement)
    findings = examine(store)
    assert faults(findings) == faulty
    assert {f.mend for f in findings if not f.ok} == {
        f"python -m assistant doctor --data {store.data_dir} --fix"
    }
    assert all_ok(repair(store))


def test_a_lost_index_is_mended(store):
    (pointer,) = store.data_dir.glob("chroma/CURRENT")
    pointer.unlink()
    assert faults(examine(store)) == {"vector index"}
    assert all_ok(repair(store))


def test_another_embedding_model_is_named(store):
    execute(store, "update meta set value = 'other' where key = 'embedding_model'")
    (finding,) = [f for f in examine(store) if f.name == "vectors in the catalogue"]
    assert "other" in finding.detail
    assert finding.mend == f"python -m ingest --data {store.data_dir} --reembed"


def test_a_broken_catalogue_is_a_finding_not_a_traceback(store):
    (store.data_dir / "catalogue.sqlite3").write_bytes(b"garbage " * 100)
    (finding,) = [f for f in examine(store) if f.name == "catalogue"]
    assert not finding.ok
    assert "restore BACKUP.zip" in finding.mend


def test_the_writer_at_work_is_named(store):
    with writer_lock(store.data_dir):
        (finding,) = [f for f in examine(store) if f.name == "writer"]
        assert "process" in finding.detail
        with pytest.raises(AssistantError, match="is being written by process"):
            repair(store)


class Provider(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def provider(store):
    """Settings with a secret key for a server, and the class that answers for it."""
    handler = type("Handler", (Provider,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://user:sk-hidden@127.0.0.1:{server.server_port}/v1"
        values = {"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": address}
        yield Settings(_env_file=None, data_dir=store.data_dir, **values), handler
        server.shutdown()


def test_a_key_is_never_shown(provider):
    findings = examine(provider[0])
    assert all_ok(findings), findings
    told = str(findings)
    assert "OPENAI_API_KEY=(set)" in told
    assert "sk-" not in told
    assert "user" not in told


@pytest.mark.parametrize(
    ("status", "ok", "said"),
    [(404, True, "responds"), (401, False, "refuses the key"), (503, False, "fails")],
)
def test_what_a_provider_says_is_told(provider, status, ok, said):
    settings, handler = provider
    handler.status = status
    (finding,) = [f for f in examine(settings) if f.name == "answerer"]
    assert (finding.ok, said in finding.detail) == (ok, True)
    assert ok or finding.mend


def test_a_provider_that_is_away_is_a_fault_within_seconds(store):
    assert "answerer" in faults(examine(store.model_copy(update={"answerer": "openai"})))
    away = store.model_copy(update={"answerer": "openai", "openai_base_url": "http://127.0.0.1:9/v1"})
    (finding,) = [f for f in examine(away) if not f.ok]
    assert "cannot be reached" in finding.detail
    assert "ASSISTANT_ANSWERER=extractive" in finding.mend


@pytest.mark.parametrize("name", ["passages", "words", "table.json"])
def test_truncated_vector_rows_are_named_and_mended(store, name):
    (path,) = store.data_dir.rglob(name)
    os.truncate(path, path.stat().st_size // 2)
    assert faults(examine(store)) == {"vector rows"}
    assert all_ok(repair(store))


@pytest.mark.parametrize("name", ["spans", "words"])
def test_one_altered_bit_of_the_vector_rows_is_named_and_mended(store, name):
    (path,) = store.data_dir.rglob(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (finding,) = [f for f in examine(store) if not f.ok]
    assert finding.detail == f"the vector rows are not what was written: {name}"
    assert all_ok(repair(store))


@pytest.fixture
def with_graph(small_graphs, tmp_path, settings, bundled):
    from ingest.pipeline import ingest_paths

    ingest_paths([write_source(tmp_path / "papers.jsonl", PAPERS)], settings, bundled)
    return settings


@pytest.mark.parametrize("name", ["header.bin", "data_level0.bin", "length.bin"])
def test_a_graph_of_the_vector_index_that_was_cut_short_is_named_and_mended(with_graph, name):
    assert all_ok(examine(with_graph))
    (path,) = (with_graph.data_dir / "chroma").rglob(name)
    os.truncate(path, path.stat().st_size // 100)
    assert faults(examine(with_graph)) == {"vector index"}
    assert all_ok(repair(with_graph))


def test_a_graph_that_ends_who_reads_it_does_not_end_the_doctor(with_graph, monkeypatch):
    from assistant.doctor import stores

    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(stores, "_READ", crash)
    found = {f.name: f for f in examine(with_graph)}["vector index"]
    assert not found.ok
    assert "reading it ends the process (SIGSEGV)" in found.detail


def test_a_garbled_pointer_to_an_index_is_named_and_mended(store):
    (store.data_dir / "lexical" / "CURRENT").write_bytes(b"\xff\xfe\0")
    assert faults(examine(store)) == {"lexical index"}
    assert all_ok(repair(store))


def test_a_corrupt_page_of_the_catalogue_is_found_and_only_a_backup_is_suggested(store):
    spoil_page(store.data_dir / "catalogue.sqlite3", "sqlite_autoindex_papers_1")
    (finding,) = [f for f in examine(store) if f.name == "catalogue"]
    assert "damaged" in finding.detail
    assert "restore BACKUP.zip" in finding.mend
    with pytest.raises(AssistantError, match=r"damaged.*restore BACKUP\.zip"):
        repair(store)


def test_a_text_that_a_disk_altered_in_silence_is_found(store):
    execute(store, "update chunks set text = text || '?' where number = 0")
    (finding,) = [f for f in examine(store) if not f.ok]
    assert "not what was written" in finding.detail


def test_damaged_conversations_are_told_apart_from_the_stores(store):
    (store.data_dir / "conversations.sqlite3").write_bytes(b"garbage " * 100)
    assert faults(examine(store)) == {"conversations"}


def test_damaged_accounts_are_told_and_a_store_without_them_says_nothing(store):
    from assistant.accounts.store import Accounts, accounts_file

    assert "accounts" not in {finding.name for finding in examine(store)}
    path = accounts_file(store.data_dir)
    Accounts(path).add("mara", "correct horse battery", "ask")
    (finding,) = [f for f in examine(store) if f.name == "accounts"]
    assert (finding.ok, finding.detail) == (True, "1 users")
    path.write_bytes(b"garbage " * 100)
    assert faults(examine(store)) == {"accounts"}
