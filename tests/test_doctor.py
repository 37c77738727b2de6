import sqlite3
import sys
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


def test_a_sound_store_has_no_faults(store):
    findings = examine(store)
    assert all_ok(findings), findings
    assert {"name", "ok", "detail", "mend"} == set(findings[0].to_dict())


def test_an_empty_store_is_told_how_to_fill_it(settings):
    findings = {f.name: f for f in examine(settings)}
    assert findings["catalogue"].mend == "python -m ingest"
    assert not settings.data_dir.exists()


@pytest.mark.parametrize(
    ("statement", "faulty"),
    [
        ("delete from chunks where number = 0 and paper_id like 'doi%'", {"vector index"}),
        ("delete from papers where paper_id like 'doi%'", {"lexical index"}),
        ("update meta set value = '99' where key = 'generation'", {"vector index", "lexical index"}),
        ("delete from embeddings", {"vectors in the catalogue"}),
        ("update meta set value = 'foreign' where key = 'store_id'", {"vector index", "lexical index"}),
    ],
)
def test_what_disagrees_is_named_and_mended(store, statement, faulty):
    execute(store, statement)
    findings = examine(store)
    assert faults(findings) == faulty
    assert {f.mend for f in findings if not f.ok} == {"python -m assistant doctor --fix"}
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
    assert finding.mend == "python -m ingest --reembed"


def test_a_broken_catalogue_is_a_finding_not_a_traceback(store):
    (store.data_dir / "catalogue.sqlite3").write_bytes(b"garbage " * 100)
    assert "catalogue" in faults(examine(store))


def test_the_writer_at_work_is_named(store):
    with writer_lock(store.data_dir):
        (finding,) = [f for f in examine(store) if f.name == "writer"]
        assert "process" in finding.detail
        with pytest.raises(AssistantError, match="is being written by process"):
            repair(store)


def test_a_key_is_never_shown(store):
    secret = "sk-very-secret"
    asked = store.model_copy(update={"answerer": "openai"})
    assert "answerer" in faults(examine(asked))
    keyed = Settings(_env_file=None, data_dir=store.data_dir, OPENAI_API_KEY=secret)
    findings = examine(keyed)
    assert all_ok(findings)
    assert not [f for f in findings if secret in f.detail]
