import json
import sqlite3
from pathlib import Path

import pytest
from store_fixtures import PAPERS, HashingModel, write_source

from assistant.errors import EmbeddingMismatchError
from assistant.stores import Catalogue, open_stores
from ingest.dedupe import Deduper
from ingest.pipeline import ingest_paths
from ingest.readers import ris
from ingest.sources import find_files


def counts(report):
    return report.added, report.updated, report.unchanged, report.merged, report.removed


@pytest.fixture
def papers(settings):
    def stored():
        catalogue = Catalogue(settings.resolved_catalogue_url)
        try:
            return {p.source_ids[0] if p.source_ids else p.paper_id: p for p in catalogue.papers()}
        finally:
            catalogue.close()

    return stored


def indexed(settings, model):
    stores = open_stores(settings, model)
    try:
        with stores.catalogue.connect() as connection:
            chunks = set(connection.exec_driver_sql("select chunk_id from chunks").scalars())
        ids = {p.paper_id for p in stores.catalogue.papers()}
        return stores.vectors.chunk_ids() == chunks, stores.lexical.paper_ids() == ids
    finally:
        stores.close()


def test_running_again_changes_nothing_and_embeds_nothing(ingest, source, settings, model, papers):
    assert counts(ingest(source)) == (3, 0, 0, 0, 0)
    assert len(set(model.texts)) == len(model.texts)
    before = papers()
    model.texts.clear()
    assert counts(ingest(source)) == (0, 0, 3, 0, 0)
    assert model.texts == []
    assert papers() == before
    assert indexed(settings, model) == (True, True)


def test_a_changed_record_replaces_its_chunks_everywhere(ingest, source, settings, model, papers):
    ingest(source)
    changed = {**PAPERS[0], "abstract": "We prune model weights. Rhubarb."}
    model.texts.clear()
    assert counts(ingest(write_source(source, [changed, *PAPERS[1:]]))) == (0, 1, 2, 0, 0)
    # A sentence's vector depends on its abstract, so all of the changed paper is embedded, and no other.
    assert model.texts == [
        "Pruning Weights with SAFARI. We prune model weights. Rhubarb.",
        "We prune model weights.",
        "Rhubarb.",
    ]
    assert papers()["a1"].abstract == "We prune model weights. Rhubarb."
    assert indexed(settings, model) == (True, True)
    stores = open_stores(settings, model)
    (best,) = stores.vectors.search(model.embed(["prune weights rhubarb"])[0], 1)
    assert "Rhubarb" in stores.catalogue.get_chunks([best[0]])[best[0]].text
    stores.close()


def test_a_paper_in_two_files_is_one_with_both_sources(ingest, source, tmp_path, papers):
    ingest(source)
    other = write_source(tmp_path / "other.jsonl", [{**PAPERS[0], "_id": "b1"}])
    assert counts(ingest(other)) == (0, 0, 0, 1, 0)
    assert papers()["a1"].source_names == ("papers.jsonl", "other.jsonl")
    assert papers()["a1"].source_ids == ("a1", "b1")


def test_further_records_of_a_paper_count_as_merged_on_every_run(ingest, tmp_path):
    path = write_source(tmp_path / "twice.jsonl", [PAPERS[0], {**PAPERS[0], "_id": "again"}])
    assert counts(ingest(path)) == (1, 0, 0, 1, 0)
    assert counts(ingest(path)) == (0, 0, 1, 1, 0)


def test_no_dedupe_makes_each_record_a_paper(ingest, tmp_path, papers):
    path = write_source(tmp_path / "twice.jsonl", [PAPERS[0], {**PAPERS[0], "_id": "again"}])
    assert counts(ingest(path, dedupe=False)) == (2, 0, 0, 0, 0)
    assert counts(ingest(path, dedupe=False)) == (0, 0, 2, 0, 0)
    assert set(papers()) == {"a1", "again"}


def test_removing_a_source_keeps_what_another_gave(ingest, source, tmp_path, settings, model, papers):
    other = write_source(tmp_path / "other.jsonl", [{**PAPERS[0], "_id": "b1"}])
    ingest(source, other)
    report = ingest(remove=["papers.jsonl"])
    assert counts(report) == (0, 0, 0, 0, 2)
    assert report.total == 1
    assert list(papers()) == ["b1"]
    assert papers()["b1"].source_names == ("other.jsonl",)
    assert indexed(settings, model) == (True, True)


def test_prune_forgets_what_its_source_no_longer_has(ingest, source, settings, model, papers):
    ingest(source)
    write_source(source, PAPERS[:2])
    assert counts(ingest(source)) == (0, 0, 2, 0, 0)
    assert len(papers()) == 3
    assert counts(ingest(source, prune=True)) == (0, 0, 2, 0, 1)
    assert set(papers()) == {"a1", "a2"}
    assert indexed(settings, model) == (True, True)


def test_pruning_keeps_a_record_that_only_changed(ingest, source, papers):
    ingest(source)
    write_source(source, [{**PAPERS[0], "abstract": "Other."}, *PAPERS[1:]])
    assert counts(ingest(source, prune=True)) == (0, 1, 2, 0, 0)
    assert counts(ingest(source, prune=True)) == (0, 0, 3, 0, 0)
    assert papers()["a1"].abstract == "Other."


def test_a_removed_paper_can_come_back(ingest, source, settings, model, papers):
    ingest(source)
    ingest(remove=[source.name])
    assert papers() == {}
    model.texts.clear()
    assert counts(ingest(source)) == (3, 0, 0, 0, 0)
    assert model.texts == []
    assert indexed(settings, model) == (True, True)


def test_a_dry_run_writes_nothing(ingest, source, settings):
    report = ingest(source, dry_run=True)
    assert (counts(report), report.total) == ((3, 0, 0, 0, 0), 3)
    assert report.summary().startswith("dry run, nothing written; 3 papers: 3 added")
    assert not settings.data_dir.exists()


def test_a_dry_run_compares_with_the_store(ingest, source):
    ingest(source)
    write_source(source, [{**PAPERS[0], "abstract": "Other."}, *PAPERS[1:]])
    assert counts(ingest(source, dry_run=True)) == (0, 1, 2, 0, 0)
    assert counts(ingest(source, dry_run=True)) == (0, 1, 2, 0, 0)


def test_an_unreadable_file_is_reported_and_the_others_are_read(ingest, source, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary.bin").write_bytes(bytes(range(256)) * 10)
    report = ingest(tmp_path)
    assert report.added == 3
    assert {Path(r.source) for r in report.rejected} == {tmp_path / "empty.txt", tmp_path / "binary.bin"}
    read = {f.path.rsplit("/", 1)[1]: (f.format, f.records, f.read, f.rejected) for f in report.files}
    assert read["papers.jsonl"] == ("jsonl", 3, 3, 0)
    assert read["empty.txt"] == (None, 1, 0, 1)


@pytest.fixture
def references(tmp_path):
    path = tmp_path / "p.ris"
    path.write_text("".join(f"TY  - JOUR\nTI  - {title}\nER  -\n" for title in "ABC"), "utf-8")
    return path


def test_a_record_on_which_a_reader_fails_costs_that_record_alone(ingest, references, monkeypatch):
    """No such record is known; one that turns up one day must not stop the ingest."""
    parse = ris._parse
    monkeypatch.setattr(ris, "_parse", lambda lines: 1 // 0 if "TI  - B" in lines else parse(lines))
    report = ingest(references)
    assert (report.added, [rejection.record for rejection in report.rejected]) == (2, [4])
    assert "ZeroDivisionError" in report.rejected[0].reason


def test_a_file_on_which_a_reader_fails_keeps_what_was_read_and_is_not_pruned(
    ingest, source, references, monkeypatch, papers
):
    ingest(references)
    split = ris._records
    monkeypatch.setattr(ris, "_records", lambda f: (1 // 0 if n else r for n, r in enumerate(split(f))))
    report = ingest(references, source, prune=True)
    assert (report.added, report.unchanged, report.removed) == (3, 1, 0)
    assert [rejection.record for rejection in report.rejected] == ["file"]
    assert len(papers()) == 6


def test_half_a_surrogate_pair_costs_one_record_not_the_batch(ingest, tmp_path):
    path = tmp_path / "p.jsonl"
    lines = [json.dumps(PAPERS[0]), '{"title": "Bad \\ud800", "abstract": "Text."}']
    path.write_text("\n".join(lines), "utf-8")
    report = ingest(path)
    assert report.added + len(report.rejected) == 2
    assert report.added >= 1


class DyingModel(HashingModel):
    """Fails at its third call."""

    calls = 0

    def embed(self, texts):
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt
        return super().embed(texts)


def test_an_ingest_that_is_killed_goes_on_where_it_stopped(settings, tmp_path):
    rows = [{"title": f"Paper {n}", "abstract": f"Rhubarb number {n} is red."} for n in range(200)]
    path = write_source(tmp_path / "many.jsonl", rows)
    dying, heir = DyingModel(), HashingModel()
    with pytest.raises(KeyboardInterrupt):
        ingest_paths([path], settings, dying)
    assert dying.texts
    report = ingest_paths([path], settings, heir)
    assert report.total == 200
    assert not set(dying.texts) & set(heir.texts)
    assert indexed(settings, heir) == (True, True)


def test_another_model_is_refused_until_asked_to_embed_again(ingest, source, settings, model):
    ingest(source)
    other = HashingModel("other")
    with pytest.raises(EmbeddingMismatchError):
        ingest_paths([source], settings, other)
    assert other.texts == []
    ingest_paths([], settings, other, reembed=True)
    assert set(other.texts) == set(model.texts)
    assert indexed(settings, other) == (True, True)


def test_raw_records_and_the_journal_are_kept(ingest, source, settings):
    ingest(source)
    connection = sqlite3.connect(settings.data_dir / "catalogue.sqlite3")
    rows = connection.execute("select content from records order by position").fetchall()
    assert [json.loads(json.loads(row[0])["raw"])["_id"] for row in rows] == ["a1", "a2", "a3"]
    (report,) = connection.execute("select report from journal").fetchone()
    assert json.loads(report)["added"] == 3
    connection.close()


def test_folders_are_read_deeply_without_hidden_files_and_stores(tmp_path):
    for name in ("b.txt", "a/c.txt", ".hidden", ".git/x.txt", "a/.d/e.txt", "data/d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [str(p.relative_to(tmp_path)) for p in find_files([tmp_path], tmp_path / "data")] == [
        "a/c.txt",
        "b.txt",
    ]


def test_the_report_has_the_published_shape(ingest, source):
    report = ingest(source).to_dict()
    assert set(report) == {"papers", "files", "rejected", "seconds"}
    assert {"added", "updated", "unchanged", "merged", "rejected"} <= set(report["papers"])
    assert set(report["files"][0]) == {"path", "format", "records", "read", "rejected"}
    assert {"read", "embed", "index", "total"} <= set(report["seconds"])


def forget_rules(settings):
    """As if the papers had been made by an earlier version of the program."""
    with sqlite3.connect(settings.data_dir / "catalogue.sqlite3") as connection:
        connection.execute("update meta set value = 'others' where key = 'paper_rules'")


@pytest.fixture
def decided(monkeypatch):
    """The titles of the records whose papers were decided on."""
    titles = []
    decide = Deduper.decide

    def noted(self, record, **how):
        titles.append(record.title)
        return decide(self, record, **how)

    monkeypatch.setattr(Deduper, "decide", noted)
    return titles


def test_what_becomes_of_a_record_is_decided_once_until_the_rules_change(ingest, source, settings, decided):
    ingest(source)
    decided.clear()
    assert counts(ingest(source)) == (0, 0, 3, 0, 0)
    assert decided == []
    forget_rules(settings)
    for records in (3, 0):
        assert counts(ingest(source)) == (0, 0, 3, 0, 0)
        assert len(decided) == records
        decided.clear()


def test_rules_that_changed_count_as_taken_in_when_every_source_was_read_again(
    ingest, source, tmp_path, settings, decided
):
    other = write_source(tmp_path / "other.jsonl", [{**PAPERS[0], "id": "x", "title": "Another Thing"}])
    ingest(source)
    ingest(other)
    forget_rules(settings)
    ingest(source)
    decided.clear()
    ingest(source)
    assert len(decided) == 3


@pytest.mark.parametrize("known", [True, False])
def test_a_known_record_leads_as_one_that_is_decided_again(ingest, source, settings, papers, known):
    work = {**PAPERS[0], "doi": "10.1000/w"}
    ingest(write_source(source, [work]))
    if not known:
        forget_rules(settings)
    second = {**work, "title": f"{work['title']} Again"}
    assert counts(ingest(write_source(source, [work, second]))) == (0, 0, 1, 1, 0)
    (paper,) = papers().values()
    assert paper.title == work["title"]
