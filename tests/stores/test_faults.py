"""Damaged files and a full disk: told in one line, nothing lost, mended without embedding."""

import contextlib
import json
import os
import resource
import sys

import pytest
from store_fixtures import write_source

from assistant.backup import back_up
from assistant.errors import StoreError, StoreLockedError
from assistant.stores import graph_files, lexical_folder, open_stores, rows_folder, sync_indexes, vector_place
from assistant.stores.following import current_folder
from assistant.stores.lexical import LexicalIndex
from assistant.stores.lock import writer_lock
from assistant.stores.rows import VectorRows
from assistant.stores.vectors import VectorIndex

SEGMENT = ("fieldnorm", "idx", "store", "term")


@contextlib.contextmanager
def full_disk(size):
    """No file can grow beyond `size` bytes; the system says so as it says that a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def overwrite(path):
    """Other bytes in the middle third; a file that was nothing but a few bytes is all others."""
    content = bytearray(path.read_bytes())
    third = max(1, len(content) // 3)
    content[third : 2 * third] = bytes(byte ^ 0xA5 for byte in content[third : 2 * third])
    path.unlink()  # a file that is cut while an index still has it in memory kills the process
    path.write_bytes(content)


def told(work):
    """The StoreError's line, or what `work` returns."""
    try:
        return work()
    except StoreError as error:
        return str(error)


@pytest.mark.parametrize("ending", SEGMENT)
def test_a_file_of_the_lexical_index_with_other_bytes_is_found(ingest, source, settings, ending):
    ingest(source)
    folder = lexical_folder(settings)
    assert LexicalIndex(folder).altered_files() == []
    (path,) = folder.rglob(f"*.{ending}")
    overwrite(path)
    found = told(lambda: LexicalIndex(folder).altered_files())
    assert found == [path.name] or "doctor --fix" in found


def test_a_file_of_the_lexical_index_that_is_gone_is_found(ingest, source, settings):
    ingest(source)
    (path,) = lexical_folder(settings).rglob("*.pos")
    path.unlink()
    assert LexicalIndex(lexical_folder(settings)).altered_files() == [path.name]


@pytest.mark.parametrize("ending", SEGMENT)
def test_searching_a_damaged_lexical_index_fails_in_one_line_or_not_at_all(ingest, source, settings, ending):
    ingest(source)
    folder = lexical_folder(settings)
    (path,) = folder.rglob(f"*.{ending}")
    overwrite(path)
    for work in (
        lambda: LexicalIndex(folder).search("prune weights", 3),
        lambda: LexicalIndex(folder).paper_ids(),
        lambda: LexicalIndex(folder).nearest_term("prunning"),
        lambda: LexicalIndex(folder).document_frequencies(["prune"]),
    ):
        found = told(work)
        assert not isinstance(found, str) or ("\n" not in found and "the lexical index" in found)


@pytest.mark.parametrize("name", ["passages", "sentences"])
def test_vector_rows_with_other_bytes_are_counted(ingest, source, settings, name):
    ingest(source)
    assert VectorRows(rows_folder(settings)).spoiled() == 0
    (path,) = rows_folder(settings).rglob(name)
    overwrite(path)
    assert VectorRows(rows_folder(settings)).spoiled() > 0


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"../../etc", b"0099", b"00\x0001"])
@pytest.mark.parametrize("index", ["chroma", "lexical", "rows"])
def test_a_spoiled_pointer_to_an_index_is_mended_at_opening(ingest, source, settings, model, index, content):
    ingest(source)
    (settings.data_dir / index / "CURRENT").write_bytes(content)
    model.texts.clear()
    stores = open_stores(settings, model)
    assert stores.reached == stores.catalogue.generation
    assert model.texts == []
    stores.close()


GRAPH = ("header.bin", "data_level0.bin", "length.bin", "index_metadata.pickle")


def graph_file(settings, name):
    (path,) = (settings.data_dir / "chroma").rglob(name)
    return path


def nearest(settings, model):
    stores = open_stores(settings, model)
    try:
        return stores.vectors.search(model.embed(["weights are pruned"])[0], 3)
    finally:
        stores.close()


@pytest.mark.parametrize("damage", [overwrite, lambda path: path.write_bytes(path.read_bytes()[:3])])
@pytest.mark.parametrize("name", GRAPH)
def test_a_damaged_graph_of_chroma_is_made_anew_at_opening(
    small_graphs, ingest, source, settings, model, name, damage
):
    """Chroma would end the process on some of these (SIGSEGV)."""
    ingest(source)
    expected = nearest(settings, model)
    path = graph_file(settings, name)
    damage(path)
    with pytest.raises(StoreError, match=rf"damaged: .*{name} is not what was written; run: .*doctor --fix"):
        VectorIndex(vector_place(settings), "any")
    model.texts.clear()
    assert nearest(settings, model) == expected
    assert model.texts == ["weights are pruned"]


def test_a_graph_is_not_compared_while_a_writer_is_at_work_or_was_killed(
    small_graphs, ingest, source, settings, model
):
    ingest(source)
    folder = current_folder(settings.data_dir / "chroma")
    with contextlib.suppress(KeyboardInterrupt), graph_files.writing(folder):
        with graph_file(settings, "data_level0.bin").open("ab") as file:
            file.write(b"?")
        raise KeyboardInterrupt
    assert graph_files.altered_files(folder) == []
    with graph_files.writing(folder):
        pass
    assert graph_files.altered_files(folder) == []
    overwrite(graph_file(settings, "data_level0.bin"))
    assert len(graph_files.altered_files(folder)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
@pytest.mark.parametrize("size", [1_000, 60_000, 150_000])
def test_a_full_disk_stops_an_ingest_in_one_line_and_the_next_one_completes_it(
    ingest, source, settings, model, size
):
    with full_disk(size), pytest.raises((StoreError, OSError)) as caught:
        ingest(source)
    assert "\n" not in str(caught.value)
    ingest(source)
    stores = open_stores(settings, model)
    assert stores.catalogue.count_papers() == 3
    assert stores.reached == stores.catalogue.generation
    assert stores.vectors.count == stores.catalogue.count_chunks()
    stores.close()


def test_a_full_disk_leaves_no_half_backup(ingest, source, settings, tmp_path):
    ingest(source)
    target = tmp_path / "backups" / "b.zip"
    with full_disk(50_000), pytest.raises(StoreError) as caught:
        back_up(settings, target)
    assert "\n" not in str(caught.value)
    assert list(target.parent.iterdir()) == []
    back_up(settings, target)


def test_a_second_ingest_is_refused_and_the_store_stays_as_it_is(ingest, source, settings, model):
    ingest(source)
    with writer_lock(settings.data_dir), pytest.raises(StoreLockedError, match=f"process {os.getpid()}"):
        ingest(source)
    stores = open_stores(settings, model)
    with writer_lock(settings.data_dir):
        sync_indexes(settings, stores.catalogue, model)
    assert stores.reached == stores.catalogue.generation
    stores.close()


def flip(path, place=0.5):
    """One bit, as a failing disk does: the file stays as long and as readable as it was."""
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["passages", "sentences", "spans", "chunk_ids.json"])
@pytest.mark.parametrize("appended", [False, True])
def test_one_bit_of_the_vector_rows_is_noticed(ingest, source, settings, tmp_path, name, appended):
    ingest(source)
    if appended:
        ingest(write_source(tmp_path / "new.jsonl", [{"title": "New", "abstract": "Fresh words."}]))
    assert VectorRows(rows_folder(settings)).altered_files() == []
    (path,) = rows_folder(settings).rglob(name)
    flip(path)
    assert VectorRows(rows_folder(settings)).altered_files() == [name]


def test_a_bit_of_the_table_of_the_vector_rows_is_noticed_when_they_are_opened(ingest, source, settings):
    ingest(source)
    (path,) = rows_folder(settings).rglob("table.json")
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('"generation": 1', '"generation": 0'), "utf-8")
    with pytest.raises(StoreError, match=r"not what was written; run: .* doctor --fix"):
        VectorRows(rows_folder(settings))


def test_rows_from_before_there_were_sums_are_used_and_get_them_when_they_grow(
    ingest, source, settings, tmp_path
):
    ingest(source)
    (path,) = rows_folder(settings).rglob("table.json")
    held = json.loads(path.read_text("utf-8").splitlines()[0])
    del held["sums"]
    path.write_text(json.dumps(held), "utf-8")
    assert VectorRows(rows_folder(settings)).altered_files() == []
    ingest(write_source(tmp_path / "new.jsonl", [{"title": "New", "abstract": "Fresh words."}]))
    (path,) = rows_folder(settings).rglob("spans")
    assert VectorRows(rows_folder(settings)).altered_files() == []
    flip(path, 0)
    assert VectorRows(rows_folder(settings)).altered_files() == ["spans"]


def test_spoiled_names_of_passages_are_made_anew_by_the_next_ingest(
    ingest, source, settings, model, tmp_path
):
    ingest(source)
    (path,) = rows_folder(settings).rglob("chunk_ids.json")
    flip(path)
    ingest(write_source(tmp_path / "new.jsonl", [{"title": "New", "abstract": "Fresh words."}]))
    rows = VectorRows(rows_folder(settings))
    assert rows.altered_files() == []
    assert rows.papers == 4


def test_names_that_a_killed_writer_added_are_no_damage(ingest, source, settings):
    ingest(source)
    (path,) = rows_folder(settings).rglob("chunk_ids.json")
    path.write_text(json.dumps([*json.loads(path.read_text("utf-8")), "unfinished:0"]), "utf-8")
    assert VectorRows(rows_folder(settings)).altered_files() == []
