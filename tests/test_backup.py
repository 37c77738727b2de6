import json
import os
import sqlite3
import threading
import zipfile
from contextlib import closing

import pytest

from assistant.backup import CATALOGUE, back_up, restore
from assistant.conversations import Conversations, conversations_file
from assistant.errors import ConfigurationError, EmptyStoreError, StoreError
from assistant.stores import open_stores

BROWSER = "a" * 64


@pytest.fixture
def backed_up(ingest, source, settings, tmp_path):
    """A store with a conversation and an uploaded file, and its backup."""
    ingest(source)
    Conversations(conversations_file(settings.data_dir)).save_question(BROWSER, "", 0, "What is pruned?")
    with closing(sqlite3.connect(settings.data_dir / "accounts.sqlite3")) as connection, connection:
        connection.execute("create table users (name)")
        connection.execute("insert into users values ('Ann')")
    (settings.data_dir / "uploads").mkdir()
    (settings.data_dir / "uploads" / "mine.bib").write_text("@article{a}")
    target = tmp_path / "backups" / "b.zip"
    back_up(settings, target)
    return target


def elsewhere(settings, tmp_path):
    return settings.model_copy(update={"data_dir": tmp_path / "other"})


def answers(settings, model):
    stores = open_stores(settings, model)
    try:
        vector = model.embed(["prune weights"])[0]
        papers = stores.catalogue.papers()
        return papers, stores.vectors.search(vector, 3), stores.lexical.search("prune weights", 3)
    finally:
        stores.close()


def test_a_restored_store_answers_the_same_and_nothing_is_embedded(backed_up, settings, model, tmp_path):
    expected = answers(settings, model)
    model.texts.clear()
    restored = elsewhere(settings, tmp_path)
    restore(restored, backed_up)
    assert model.texts == []
    assert answers(restored, model) == expected
    (heading,) = Conversations(conversations_file(restored.data_dir)).headings(BROWSER)
    assert heading.title == "What is pruned?"
    with closing(sqlite3.connect(restored.data_dir / "accounts.sqlite3")) as connection:
        assert connection.execute("select name from users").fetchall() == [("Ann",)]
    assert (restored.data_dir / "uploads" / "mine.bib").read_text() == "@article{a}"


def test_a_data_folder_that_was_moved_answers_the_same(backed_up, settings, model, tmp_path):
    expected = answers(settings, model)
    os.rename(settings.data_dir, tmp_path / "other")
    model.texts.clear()
    assert answers(elsewhere(settings, tmp_path), model) == expected
    assert model.texts == ["prune weights"]


def test_a_backup_made_while_others_write_is_of_one_moment(backed_up, settings, tmp_path):
    """Two rows always written together stand together in each backup."""
    stop = threading.Event()

    def write():
        with sqlite3.connect(settings.data_dir / CATALOGUE, timeout=30) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                for key in ("one", "two"):
                    connection.execute("insert or replace into meta values (?, ?)", (key, str(number)))
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(settings, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            archive.extract(CATALOGUE, tmp_path / str(number))
        with sqlite3.connect(tmp_path / str(number) / CATALOGUE) as connection:
            found = connection.execute("select value from meta where key in ('one', 'two')").fetchall()
        assert len(set(found)) <= 1


def test_a_folder_that_holds_something_is_kept_unless_force_is_given(backed_up, settings, model):
    expected = answers(settings, model)
    with pytest.raises(ConfigurationError, match=r"not empty.*--force"):
        restore(settings, backed_up)
    (settings.data_dir / CATALOGUE).write_bytes(b"garbage " * 1000)
    restore(settings, backed_up, force=True)
    assert answers(settings, model) == expected
    assert (settings.data_dir / f"{CATALOGUE}.replaced").read_bytes() == b"garbage " * 1000


def test_a_target_that_exists_is_not_overwritten(backed_up, settings):
    before = backed_up.read_bytes()
    with pytest.raises(ConfigurationError, match="exists"):
        back_up(settings, backed_up)
    assert backed_up.read_bytes() == before


def test_a_damaged_catalogue_is_not_backed_up(backed_up, settings, tmp_path):
    path = settings.data_dir / CATALOGUE
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xa5" * (path.stat().st_size // 3))
    with pytest.raises(StoreError) as caught:
        back_up(settings, tmp_path / "second.zip")
    assert "\n" not in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backups", "data", "papers.jsonl"]


def test_an_empty_folder_has_nothing_to_back_up(settings, tmp_path):
    with pytest.raises(EmptyStoreError, match="python -m ingest"):
        back_up(settings, tmp_path / "b.zip")


def altered(path, change):
    """A copy of a backup whose entries `change` (name, bytes) -> (name, bytes) has altered."""
    target = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return target


def test_a_backup_with_an_altered_byte_is_refused_and_nothing_is_written(backed_up, settings, tmp_path):
    def change(name, content):
        return name, content[:5000] + b"!" + content[5001:] if name == CATALOGUE else content

    with pytest.raises(StoreError, match="sha256"):
        restore(elsewhere(settings, tmp_path), altered(backed_up, change))
    assert [p.name for p in (tmp_path / "other").iterdir() if p.name != "writer.lock"] == []


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "uploads/../../evil", "uploads\\..\\evil", "writer.lock", "uploads"]
)
def test_a_backup_that_reaches_outside_is_refused(backed_up, settings, tmp_path, name):
    def change(entry, content):
        if entry == "manifest.json":
            manifest = json.loads(content)
            manifest["files"][-1]["name"] = name
            return entry, json.dumps(manifest)
        return (name if entry == "uploads/mine.bib" else entry), content

    with pytest.raises(StoreError, match="no backup has"):
        restore(elsewhere(settings, tmp_path), altered(backed_up, change))
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_backup_is_refused_in_one_line(settings, tmp_path, content):
    path = tmp_path / "b.zip"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="no usable backup") as caught:
        restore(settings, path)
    assert "\n" not in str(caught.value)


def test_a_truncated_backup_is_refused(backed_up, settings, tmp_path):
    os.truncate(backed_up, backed_up.stat().st_size // 2)
    with pytest.raises(StoreError, match="no usable backup"):
        restore(elsewhere(settings, tmp_path), backed_up)


def test_a_backup_that_is_not_there_is_named(settings, tmp_path):
    with pytest.raises(ConfigurationError, match=r"no .*b\.zip"):
        restore(settings, tmp_path / "b.zip")


@pytest.mark.skipif(os.name == "nt", reason="has no such permissions")
def test_a_backup_can_be_read_by_its_owner_only(backed_up):
    assert backed_up.stat().st_mode & 0o077 == 0
