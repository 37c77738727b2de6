import sqlite3
from contextlib import closing

import numpy as np
import pytest
from sqlalchemy import inspect
from store_fixtures import write_source

from assistant.errors import ConfigurationError, EmptyStoreError, StoreError, StoreLockedError
from assistant.models import Filters
from assistant.stores import Catalogue, schema
from assistant.stores.lock import writer_lock


@pytest.fixture
def catalogue(ingest, source, settings):
    ingest(source)
    catalogue = Catalogue(settings.resolved_catalogue_url)
    yield catalogue
    catalogue.close()


def titles(catalogue, **filters):
    ids = catalogue.select_ids(Filters(**filters))
    papers = catalogue.get_papers(ids)
    return [papers[i].display_title.split()[0] for i in ids]


def test_a_missing_catalogue_names_the_command_that_makes_it(settings):
    with pytest.raises(EmptyStoreError, match=r"run: python -m ingest --data"):
        Catalogue(settings.resolved_catalogue_url)
    assert not settings.data_dir.exists()


def test_what_is_no_url_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="ASSISTANT_CATALOGUE_URL"):
        Catalogue("not a url")


def test_a_file_that_is_no_database_is_a_one_line_error(tmp_path):
    (tmp_path / "c.sqlite3").write_bytes(b"no database " * 100)
    with pytest.raises(StoreError, match="doctor") as caught:
        Catalogue(f"sqlite:///{tmp_path}/c.sqlite3")
    assert "\n" not in str(caught.value)


def test_migrations_lead_to_the_tables_the_code_uses(tmp_path):
    catalogue = Catalogue(f"sqlite:///{tmp_path}/c.sqlite3", create=True)
    found = inspect(catalogue.engine)
    for table in schema.metadata.tables.values():
        columns = {c["name"]: c["nullable"] for c in found.get_columns(table.name)}
        assert columns == {c.name: bool(c.nullable) for c in table.columns}
        wanted = {tuple(c.name for c in index.columns) for index in table.indexes}
        assert wanted <= {tuple(i["column_names"]) for i in found.get_indexes(table.name)}
    assert set(found.get_table_names()) == {*schema.metadata.tables, "alembic_version"}
    catalogue.close()


def as_of_0001(path):
    with closing(sqlite3.connect(path)) as database, database:
        for statement in (
            "alter table papers drop column status",
            *(f"drop table {table}" for table in ("merges", "notices", "apart")),
            "update alembic_version set version_num = '0001'",
        ):
            database.execute(statement)


def test_a_catalogue_of_an_earlier_version_is_migrated_when_it_is_opened(catalogue, settings):
    before = catalogue.papers()
    catalogue.close()
    as_of_0001(catalogue.path)
    migrated = Catalogue(settings.resolved_catalogue_url)
    assert migrated.papers() == before
    migrated.close()


def test_a_catalogue_is_not_migrated_while_it_is_written(catalogue, settings):
    catalogue.close()
    as_of_0001(catalogue.path)
    with writer_lock(settings.data_dir), pytest.raises(StoreLockedError, match="wait until it is done"):
        Catalogue(settings.resolved_catalogue_url)


def test_a_catalogue_of_a_newer_version_is_not_touched(tmp_path, catalogue):
    with sqlite3.connect(catalogue.path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        Catalogue(f"sqlite:///{catalogue.path}")


def test_papers_come_back_whole_and_in_order(catalogue):
    first, second, third = catalogue.papers()
    assert first.title == "Pruning Weights with SAFARI"
    assert first.paper_id == "doi:10.1000/safari"
    assert first.authors == ("Qicheng Lao", "José Müller")
    assert first.source_ids == ("a1",)
    assert second.published == "2023"
    assert third.has_code
    assert catalogue.count_papers() == 3


def test_missing_ids_are_absent_and_order_is_kept(catalogue):
    ids = [p.paper_id for p in catalogue.papers()]
    assert list(catalogue.get_papers([ids[2], "doi:none", ids[0]])) == [ids[2], ids[0]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["Pruning", "Imaging", "Vitamin"]),
        ({"author": "qicheng lao"}, ["Pruning", "Vitamin"]),
        ({"author": "Lao, Qicheng"}, ["Pruning", "Vitamin"]),
        ({"author": "Jose Muller"}, ["Pruning"]),
        ({"first_author": "José Müller"}, []),
        ({"first_author": "Qicheng Lao"}, ["Pruning", "Vitamin"]),
        ({"author": "Lao"}, []),
        ({"category": "LG"}, ["Pruning"]),
        ({"category": "cs.cv"}, ["Imaging"]),
        ({"category": "ML"}, ["Imaging"]),
        ({"category": "cs.ML"}, []),
        ({"year": 2023}, ["Imaging"]),
        ({"published_from": "2023-01-01"}, ["Pruning", "Imaging"]),
        ({"published_from": "2023-06-01"}, ["Pruning"]),
        ({"published_to": "2024-05-02"}, ["Pruning", "Imaging"]),
        ({"published_to": "2024-05-01"}, ["Imaging"]),
        ({"has_code": True}, ["Vitamin"]),
        ({"author": "Qicheng Lao", "has_code": False}, ["Pruning"]),
        ({"affiliation_tag": "MIT"}, []),
    ],
)
def test_filters_are_exact_and_newest_first(catalogue, filters, expected):
    assert titles(catalogue, **filters) == expected


def test_filters_see_what_was_ingested_since_they_were_asked_last(catalogue, ingest, tmp_path):
    assert len(titles(catalogue, year=2024)) == 1
    catalogue.select_ids(Filters(year=2024)).clear()
    ingest(write_source(tmp_path / "more.jsonl", [{"title": "New", "abstract": "It.", "published": "2024"}]))
    assert len(titles(catalogue, year=2024)) == 2


def test_names_for_filters_are_listed(catalogue):
    assert catalogue.author_names() == ["Ann Long", "Bo Gray", "José Müller", "Lao, Qicheng", "Qicheng Lao"]
    assert catalogue.categories() == ["CV", "cs.LG", "stat.ML"]
    assert catalogue.years() == [2023, 2024]


def test_every_sentence_has_its_unit_vector(catalogue, model):
    paper = catalogue.papers()[0]
    found = catalogue.sentence_vectors([paper.paper_id, "nobody"], model.name)
    assert set(found) == {paper.paper_id}
    sentences = [paper.abstract[s.start : s.end] for s in found[paper.paper_id].spans]
    assert sentences == [
        "We prune model weights.",
        "SAFARI removes 80 % of them.",
        "Accuracy stays the same.",
    ]
    np.testing.assert_allclose(found[paper.paper_id].vectors, model.embed(sentences), atol=1e-6)


def test_another_models_vectors_are_not_given_out(catalogue):
    assert catalogue.sentence_vectors([p.paper_id for p in catalogue.papers()], "other") == {}


def test_an_alias_leads_to_the_paper(catalogue, ingest, tmp_path):
    (before,) = [p for p in catalogue.papers() if p.display_title.startswith("Imaging")]
    abstract = "Magnetic resonance is reconstructed by GPT-4 and ResNet50. T cells are seen."
    row = {"title": "Imaging in k-space", "abstract": abstract, "authors": ["Ann Long"], "published": "2023"}
    ingest(write_source(tmp_path / "more.jsonl", [{**row, "doi": "10.1000/kspace"}]))
    after = catalogue.get_papers([before.paper_id])[before.paper_id]
    assert after.paper_id == "doi:10.1000/kspace"
    assert before.paper_id in after.aliases
    assert catalogue.count_papers() == 3


def test_the_generation_rises_with_each_batch_that_changes_something(catalogue, ingest, source):
    generation = catalogue.generation
    ingest(source)
    assert catalogue.generation == generation
    ingest(remove=[source.name])
    assert catalogue.generation > generation
