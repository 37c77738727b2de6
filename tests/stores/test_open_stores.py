import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from store_fixtures import HashingModel

from assistant.errors import EmbeddingMismatchError, EmptyStoreError, StoreError, StoreLockedError
from assistant.stores import open_stores
from assistant.stores.lock import lock_owner, writer_lock


def search(stores, model):
    query = model.embed(["prune weights"])[0]
    return stores.vectors.search(query, 1)[0][1], stores.lexical.search("prune weights", 1)[0][0]


BOTH = ("doi:10.1000/safari", "doi:10.1000/safari")


def test_an_empty_store_names_the_command_that_fills_it(settings, model):
    with pytest.raises(EmptyStoreError, match="python -m ingest"):
        open_stores(settings, model)
    assert not settings.data_dir.exists()


def test_another_embedding_model_is_refused_by_name(ingest, source, settings):
    ingest(source)
    with pytest.raises(
        EmbeddingMismatchError, match=r"made with the embedding model hashing.*say other.*--reembed"
    ):
        open_stores(settings, HashingModel("other"))


@pytest.mark.parametrize("lost", ["chroma", "lexical", "rows"])
def test_a_lost_index_is_made_anew_without_embedding(ingest, source, settings, model, lost):
    ingest(source)
    shutil.rmtree(settings.data_dir / lost)
    model.texts.clear()
    stores = open_stores(settings, model)
    assert model.texts == []
    assert search(stores, model) == BOTH
    stores.close()


@pytest.mark.parametrize("name", ["chroma.sqlite3", "meta.json", "table.json"])
def test_a_broken_index_is_made_anew_without_embedding(ingest, source, settings, model, name):
    ingest(source)
    (broken,) = settings.data_dir.rglob(name)
    broken.write_bytes(b"\0 garbage " * 500)
    model.texts.clear()
    stores = open_stores(settings, model)
    assert model.texts == []
    assert search(stores, model) == BOTH
    stores.close()


def test_a_store_without_rows_that_is_being_written_answers_the_same(ingest, source, settings, model):
    ingest(source)
    stores = open_stores(settings, model)
    ids = [paper.paper_id for paper in stores.catalogue.papers()]
    expected = {i: its.spans for i, its in stores.sentence_vectors(ids, model.name).items()}
    stores.close()
    shutil.rmtree(settings.data_dir / "rows")
    with writer_lock(settings.data_dir):
        stores = open_stores(settings, model)
        assert stores.rows is None
        assert search(stores, model) == BOTH
        assert stores.vectors.search(model.embed(["prune"])[0], 1, ids[2:])[0][1] == ids[2]
        assert {i: its.spans for i, its in stores.sentence_vectors(ids, model.name).items()} == expected
        stores.close()


def test_an_index_of_another_store_is_made_anew(ingest, source, settings, model, tmp_path):
    ingest(source)
    (state,) = settings.data_dir.rglob("state.json")
    told = json.loads(state.read_text())
    state.write_text(json.dumps({**told, "store_id": "foreign"}))
    shutil.rmtree(settings.data_dir / "chroma")
    (table,) = settings.data_dir.rglob("table.json")
    table.write_text(table.read_text().replace(told["store_id"], "foreign"))
    stores = open_stores(settings, model)
    assert stores.lexical.state.store_id == stores.catalogue.store_id
    assert stores.rows.state.store_id == stores.catalogue.store_id
    assert search(stores, model) == BOTH
    stores.close()


def test_a_second_writer_is_told_who_writes(settings):
    with writer_lock(settings.data_dir):
        told = rf"process {os.getpid()} on .+ since 20"
        with pytest.raises(StoreLockedError, match=told) as caught, writer_lock(settings.data_dir):
            pass
        assert "\n" not in str(caught.value)
        assert f"process {os.getpid()}" in (lock_owner(settings.data_dir) or "")
    assert lock_owner(settings.data_dir) is None


def test_readers_do_not_need_the_lock(ingest, source, settings, model):
    ingest(source)
    with writer_lock(settings.data_dir):
        stores = open_stores(settings, model)
        assert search(stores, model) == BOTH
        stores.close()


def test_the_note_of_a_killed_writer_is_not_believed(settings):
    settings.data_dir.mkdir()
    (settings.data_dir / "writer.json").write_text('{"pid": 1, "host": "h", "since": "2020"}')
    assert lock_owner(settings.data_dir) is None
    with writer_lock(settings.data_dir):
        pass


def test_a_data_folder_that_is_a_file_is_a_one_line_error(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written.*--data DIR"), writer_lock(tmp_path / "data"):
        pass


_READ_ONLY = """
import os, sys
from pathlib import Path
from store_fixtures import HashingModel
from assistant.errors import StoreError
from assistant.settings import Settings
from assistant.stores import open_stores
from ingest.pipeline import ingest_paths
settings, model = Settings(data_dir=Path(sys.argv[1])), HashingModel()
if os.getuid() == 0:
    # Permissions do not bind root. What is imported late is imported before root is left,
    # because the interpreter may lie where nobody else can read.
    open_stores(settings, model).close()
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    ingest_paths([], settings, model)
except StoreError as error:
    print(error)
stores = open_stores(settings, model)
query = model.embed(["prune weights"])[0]
print(stores.vectors.search(query, 1)[0][1], stores.lexical.search("prune", 1)[0][0])
print(stores.catalogue.count_papers())
stores.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_a_read_only_store_can_be_asked_but_not_written(ingest, source, settings):
    ingest(source)
    # Not in pytest's folder: each run that starts closes that to other users, for all runs.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        data = Path(shutil.copytree(settings.data_dir, Path(folder, "data")))
        everything = [data, *data.rglob("*")]
        for path in everything:
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
        tests = Path(__file__).parents[1]
        done = subprocess.run(
            [sys.executable, "-c", _READ_ONLY, str(data)],
            capture_output=True,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}", "HOME": "/nonexistent"},
        )
        for path in everything:
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
    assert done.returncode == 0, done.stderr
    refused, found, count = done.stdout.splitlines()
    assert f"the data folder {data} cannot be written" in refused
    assert f"chmod u+w {data}" in refused
    assert found == " ".join(BOTH)
    assert count == "3"
