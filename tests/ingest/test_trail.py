"""What is kept about merges and retractions, and undoing a merge."""

import json

import pytest
from store_fixtures import PAPERS, write_source

from assistant.duplicates import duplicates
from assistant.errors import ConfigurationError
from assistant.stores import Catalogue


@pytest.fixture
def stored(settings):
    def read():
        catalogue = Catalogue(settings.resolved_catalogue_url)
        try:
            return list(duplicates(catalogue)), catalogue.papers()
        finally:
            catalogue.close()

    return read


def test_what_was_joined_is_told_with_its_reason_and_can_be_undone_for_good(ingest, source, tmp_path, stored):
    other = write_source(tmp_path / "other.jsonl", [{**PAPERS[0], "_id": "b1", "doi": None}])
    ingest(source, other)
    (duplicate,), before = stored()
    (joined,) = duplicate.joined
    assert (duplicate.paper.paper_id, duplicate.records) == ("doi:10.1000/safari", 2)
    assert (joined.source, joined.reason) == (other.as_posix(), "same title, first author and year")
    assert "other.jsonl: same title" in duplicate.to_text()
    assert json.dumps(duplicate.to_dict())

    ingest(split=["doi:10.1000/safari"])
    found, after = stored()
    assert (found, len(after)) == ([], len(before) + 1)
    report = ingest(source, other)
    assert (report.added, report.unchanged, report.merged) == (0, 4, 0)
    assert stored()[1] == after
    with pytest.raises(ConfigurationError, match="nothing was merged into it"):
        ingest(split=["doi:10.1000/safari"])


def test_the_trail_is_not_told_twice(ingest, source, tmp_path, stored):
    other = write_source(tmp_path / "other.jsonl", [{**PAPERS[0], "_id": "b1"}])
    for _ in range(3):
        ingest(source, other)
    assert len(stored()[0][0].joined) == 1


NOTICE = {
    "DOI": "10.1000/notice",
    "title": ["Retraction: Pruning Weights with SAFARI"],
    "update-to": [{"DOI": "10.1000/SAFARI", "type": "retraction"}],
}


@pytest.mark.parametrize("notice_first", [True, False])
def test_a_retraction_notice_marks_the_paper_whichever_comes_first(
    ingest, source, tmp_path, stored, notice_first
):
    notice = write_source(tmp_path / "notice.json", [NOTICE])
    for path in (notice, source) if notice_first else (source, notice):
        ingest(path)
    marks = {p.paper_id: p.to_dict().get("status") for p in stored()[1]}
    assert marks["doi:10.1000/safari"] == "retracted"
    assert marks["doi:10.1000/notice"] is None
    assert ingest(source).unchanged == 3


@pytest.fixture
def retracted(ingest, source, tmp_path):
    """A paper that two files have, and the notice of its retraction in a third."""
    other = write_source(tmp_path / "other.jsonl", [{**PAPERS[0], "_id": "b1"}])
    ingest(source, other)
    ingest(write_source(tmp_path / "notice.json", [NOTICE]))
    return other


def marks(papers):
    return {paper.source_ids: paper.status for paper in papers if paper.status}


def test_a_notice_marks_a_paper_made_without_merging_however_often_it_is_read(
    ingest, source, tmp_path, stored
):
    ingest(source, dedupe=False)
    ingest(write_source(tmp_path / "notice.json", [NOTICE]))
    assert ingest(source, dedupe=False).unchanged == 3
    assert marks(stored()[1]) == {("a1",): "retracted"}


def test_a_notice_outlives_the_source_of_the_paper_it_marks(ingest, retracted, stored):
    ingest(remove=["papers.jsonl"])
    assert marks(stored()[1]) == {("b1",): "retracted"}


def test_a_notice_marks_both_halves_of_a_split_paper(ingest, source, retracted, stored):
    ingest(split=["doi:10.1000/safari"])
    ingest(source, retracted)
    assert marks(stored()[1]) == {("a1",): "retracted", ("b1",): "retracted"}


def test_with_its_source_a_notice_is_forgotten(ingest, retracted, stored):
    ingest(remove=["notice.json"])
    assert marks(stored()[1]) == {}


def test_a_notice_about_a_preprint_marks_its_published_version(ingest, tmp_path, stored):
    preprint = {**PAPERS[0], "_id": "p1", "doi": "10.48550/arXiv.2405.00001"}
    path = write_source(tmp_path / "both.jsonl", [preprint, PAPERS[0]])
    update = {"DOI": "10.48550/arXiv.2405.00001", "type": "retraction"}
    notice = write_source(tmp_path / "notice.json", [{**NOTICE, "update-to": [update]}])
    ingest(path, notice)
    for _ in range(2):
        assert ingest(path).updated == 0
        assert marks(stored()[1]) == {("p1", "a1"): "retracted"}


def test_a_mark_by_the_second_of_a_files_records_is_no_change_when_both_are_read_again(
    ingest, tmp_path, stored
):
    again = {**PAPERS[0], "_id": "again", "is_retracted": True}
    path = write_source(tmp_path / "twice.jsonl", [PAPERS[0], again])
    ingest(path)
    assert (ingest(path).updated, marks(stored()[1])) == (0, {("a1", "again"): "retracted"})
    write_source(path, [{**PAPERS[0], "published": "2024-05-03"}])
    ingest(path, prune=True)
    assert marks(stored()[1]) == {}


def test_two_files_of_one_name_are_two_sources(ingest, tmp_path, stored):
    paths = []
    for name, paper in zip("ab", PAPERS, strict=False):
        (tmp_path / name).mkdir()
        paths.append(write_source(tmp_path / name / "list.jsonl", [paper]))
    ingest(*paths)
    with pytest.raises(ConfigurationError, match="say which"):
        ingest(remove=["list.jsonl"])
    write_source(paths[0], PAPERS[2:])
    ingest(paths[0], prune=True)
    ingest(remove=[str(paths[1])])
    assert [p.source_ids for p in stored()[1]] == [("a3",)]


def test_a_source_known_by_its_name_alone_is_taken_over_by_its_path(ingest, source, settings, stored):
    ingest(source)
    catalogue = Catalogue(settings.resolved_catalogue_url)
    with catalogue.write() as connection:
        connection.exec_driver_sql("update records set source = 'papers.jsonl'")
        connection.exec_driver_sql("update papers set sources = '[\"papers.jsonl\"]'")
    catalogue.close()
    assert ingest(source).unchanged == 3
    assert {p.sources for p in stored()[1]} == {(source.as_posix(),)}
