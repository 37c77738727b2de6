import numpy as np
import pytest
from store_fixtures import write_source

from assistant.errors import StoreError
from assistant.stores import Catalogue, rows_folder
from assistant.stores.following import current_folder
from assistant.stores.rows import VectorRows, sync_rows


@pytest.fixture
def catalogue(ingest, source, settings):
    ingest(source)
    catalogue = Catalogue(settings.resolved_catalogue_url)
    yield catalogue
    catalogue.close()


@pytest.fixture
def rows(catalogue, settings):
    return VectorRows(rows_folder(settings))


def ids_of(catalogue):
    return [paper.paper_id for paper in catalogue.papers()]


def same_as_the_catalogue(rows, catalogue, model):
    ids = ids_of(catalogue)
    found, expected = rows.sentence_vectors(ids), catalogue.sentence_vectors(ids, model.name)
    assert found.keys() == expected.keys()
    for paper_id in ids:
        assert found[paper_id].spans == expected[paper_id].spans
        np.testing.assert_allclose(found[paper_id].vectors, expected[paper_id].vectors, atol=5e-4)
    query = model.embed(["weights in a cohort"])[0]
    cosines = {
        chunk_id: float(vector @ query)
        for chunks in catalogue.chunk_vectors(ids, model.name).values()
        for chunk_id, vector in chunks
    }
    hits = rows.nearest(query, 99, ids)
    assert [chunk_id for chunk_id, _, _ in hits] == sorted(cosines, key=lambda c: -cosines[c])
    assert {c: s for c, _, s in hits} == pytest.approx(cosines, abs=1e-6)
    assert rows.count == catalogue.count_chunks()
    assert rows.papers == len(ids)


def test_the_rows_hold_what_the_catalogue_holds(rows, catalogue, model):
    same_as_the_catalogue(rows, catalogue, model)


def test_papers_without_rows_are_absent(rows):
    assert rows.sentence_vectors(["nobody"]) == {}
    assert rows.sentence_vectors([]) == {}
    assert rows.nearest(np.ones(64, dtype=np.float32), 5, ["nobody"]) == []


def test_a_paper_named_twice_is_compared_once(rows, catalogue, model):
    (first, *_) = ids_of(catalogue)
    query = model.embed(["weights"])[0]
    assert rows.nearest(query, 9, [first, first]) == rows.nearest(query, 9, [first])


def test_changed_and_removed_papers_are_followed_without_writing_the_others(
    rows, catalogue, ingest, source, settings, model, tmp_path
):
    path = current_folder(rows_folder(settings))
    changed = [{"title": "Pruning Weights with SAFARI", "abstract": "Rhubarb. Pie.", "doi": "10.1000/safari"}]
    ingest(write_source(tmp_path / "new.jsonl", [{"title": "New", "abstract": "Fresh words."}]))
    ingest(write_source(source, changed))
    assert sync_rows(rows_folder(settings), catalogue, model.name, model.dimension) == 0
    assert current_folder(rows_folder(settings)) == path
    rows.refresh()
    same_as_the_catalogue(rows, catalogue, model)
    ingest(remove=["new.jsonl"])
    rows.refresh()
    same_as_the_catalogue(rows, catalogue, model)


def test_a_reader_keeps_what_it_opened_until_it_refreshes(rows, catalogue, ingest, model, tmp_path):
    before = ids_of(catalogue)
    held = rows.sentence_vectors(before)
    ingest(write_source(tmp_path / "new.jsonl", [{"title": "New", "abstract": "Fresh words."}]))
    assert rows.sentence_vectors(ids_of(catalogue)).keys() == held.keys()
    rows.refresh()
    assert set(rows.sentence_vectors(ids_of(catalogue))) == set(ids_of(catalogue))


def test_what_a_killed_writer_left_is_dropped(rows, catalogue, ingest, settings, model, tmp_path):
    path = current_folder(rows_folder(settings))
    for name in ("passages", "sentences", "spans"):
        with (path / name).open("ab") as file:
            file.write(b"half a row")
    ingest(write_source(tmp_path / "new.jsonl", [{"title": "New", "abstract": "Fresh words."}]))
    rows.refresh()
    same_as_the_catalogue(rows, catalogue, model)


def test_rows_that_are_mostly_of_papers_gone_are_made_anew(rows, catalogue, ingest, source, settings, model):
    path = current_folder(rows_folder(settings))
    for turn in range(6):
        papers = [{"title": f"T{n}", "abstract": f"Turn {turn}.", "doi": f"10.1000/{n}"} for n in range(3)]
        ingest(write_source(source, papers))
    assert current_folder(rows_folder(settings)) != path
    rows.refresh()
    same_as_the_catalogue(rows, catalogue, model)


def test_rows_of_another_model_are_made_anew(rows, catalogue, settings, model):
    assert sync_rows(rows_folder(settings), catalogue, "other", model.dimension) == 3
    rows.refresh()
    assert rows.sentence_vectors(ids_of(catalogue)) == {}


def test_missing_rows_name_the_mending_command(tmp_path):
    with pytest.raises(StoreError, match="doctor --fix"):
        VectorRows(tmp_path)


def test_a_cut_file_is_noticed_when_it_is_opened(rows, settings):
    (current_folder(rows_folder(settings)) / "sentences").write_bytes(b"short")
    with pytest.raises(StoreError, match="doctor --fix"):
        rows.refresh()
