"""What small samples of each format read as."""

import json

import pytest
from reader_samples import ATOM, BIBTEX, CROSSREF, CSV, KAGGLE, NBIB, OPENALEX, PUBMED, RIS, SEMANTIC_SCHOLAR


def ids(record):
    return record.identifiers.doi, record.identifiers.arxiv, record.identifiers.pmid


def test_bibtex_is_read_with_strings_accents_and_braces_undone(read):
    kind, (first, second), rejected = read(BIBTEX)
    assert kind == "bibtex"
    assert first.title == "On the DNA of Rheum & $x^2$"
    assert first.authors == ("Ayşe Özgür", "Luis Méndez, Jr.", "Rhubarb Society")
    assert first.abstract == r"We study $\alpha$-rhubarb {\em in situ}."
    assert (first.published, ids(first)[0], first.source_ids) == ("2019-03", "10.1000/a_b", ("oe2019",))
    assert (second.title, second.authors, second.et_al) == ("Stalks and Leaves", ("Ann Lee",), True)
    assert (second.published, ids(second)[1]) == ("2021-05-04", "2105.01234")
    assert second.categories == ("q-bio.PE",)
    assert list(rejected) == [13]  # the line where the broken entry begins


def test_ris_is_read_record_by_record(read):
    kind, (first, last), rejected = read(RIS)
    assert kind == "ris"
    assert (first.title, first.abstract) == ("Stalks and leaves", "First line second line.")
    assert first.authors == ("Ann Lee", "Bo Ek")
    assert (first.published, ids(first)[0]) == ("2021-05-04", "10.1000/stalks")
    assert (last.title, last.published) == ("Unclosed & last", "2020")
    assert rejected == {13: "neither title nor abstract"}


def test_the_ris_tag_that_the_parser_uses_for_itself_costs_nothing(read):
    lines = ["TY  - JOUR", "UK  - a text", "PM  - 123456", "UK  - another", "TI  - Stalks", "ER  - "]
    _, (record,), rejected = read("\n".join(lines))
    assert (record.title, ids(record)[2], rejected) == ("Stalks", "123456", {})


def test_medline_is_read_with_its_marks(read):
    kind, (record,), rejected = read(NBIB)
    assert kind == "medline"
    assert (record.title, record.abstract) == ("Stalks and leaves.", "BACKGROUND: Rhubarb grows.")
    assert (record.authors, record.published) == (("Ann Lee",), "2021-05-04")
    assert (ids(record), record.status) == (("10.1000/stalks", None, "123456"), "retracted")
    assert list(rejected) == [14]


def test_pubmed_xml_is_read_with_labels_and_without_markup(read):
    kind, (record,), rejected = read(PUBMED)
    assert kind == "pubmed-xml"
    assert record.title == "Stalks of Rheum & leaves."
    assert record.abstract == "AIMS: p < 0.05 in CO2.\n\nMETHODS: We grew it."
    assert (record.authors, record.published) == (("Ann Lee", "Rhubarb Society"), "2021-05")
    assert (ids(record), record.status) == (("10.1000/stalks", None, "123456"), "retracted")
    assert record.notices == ("retracted pmid:99",)
    assert rejected == {"record 2": "neither title nor abstract"}


def test_an_atom_feed_is_read_and_its_errors_are_rejected(read):
    kind, (record,), rejected = read(ATOM)
    assert kind == "arxiv-atom"
    assert (record.title, record.abstract) == ("Stalks and Leaves", "We study $x < y$.")
    assert ids(record) == (None, "math/0309136", None)
    assert (record.published, record.categories) == ("2003-09-07", ("math.GT", "math.CO"))
    assert record.status == "withdrawn"
    assert rejected == {"entry 2": "arXiv's API reports an error: no such id"}


def test_xml_that_declares_entities_is_refused_and_a_cut_file_gives_what_it_has(read):
    bomb = ATOM.replace("<feed", '<!DOCTYPE feed [<!ENTITY a "aaaa">]>\n<feed', 1).replace("We study", "&a;")
    _, records, rejected = read(bomb)
    assert records == []
    assert "entities" in rejected["entry 1"]
    _, records, rejected = read(ATOM[: ATOM.index("<entry><id>http://arxiv.org/api")])
    assert len(records) == 1
    assert list(rejected) == ["entry 2"]


@pytest.mark.parametrize("wrap", [lambda o: o, lambda o: [o], lambda o: json.dumps([o], indent=1)])
def test_arxiv_metadata_is_told_from_other_json(read, wrap):
    kind, (record,), _ = read(wrap(KAGGLE))
    assert kind == "arxiv-json"
    assert record.title == "Stalks in Schrödinger's garden"
    assert record.abstract == "We study $\\alpha$.\nMore."
    assert (record.authors, record.published) == (("Ann Lee", "C. Balázs"), "2007-04-02")
    assert (ids(record), record.categories) == (("10.1000/stalks", "0704.0001", None), ("hep-ph", "math.CO"))


@pytest.mark.parametrize("wrap", [lambda o: o, lambda o: {"meta": {"count": 1}, "results": [o]}])
def test_openalex_abstracts_are_put_together(read, wrap):
    kind, (record,), _ = read(wrap(OPENALEX))
    assert kind == "openalex"
    assert (record.title, record.abstract) == ("Stalks and leaves", "Rhubarb and Rhubarb grows.")
    assert ids(record) == ("10.1000/stalks", "2105.01234", "123456")
    assert (record.authors, record.status, record.source_ids) == (("Ann Lee",), "retracted", ("W1",))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda o: o,
        lambda o: {"status": "ok", "message-type": "work", "message": o},
        lambda o: {"status": "ok", "message-type": "work-list", "message": {"items": [o]}},
    ],
)
def test_crossref_is_read_without_jats(read, wrap):
    kind, (record,), _ = read(wrap(CROSSREF))
    assert kind == "crossref"
    assert record.abstract == "Aims: To grow CO2 & stalks.\n\nDone."
    assert (record.authors, record.published) == (("Ann Lee", "Rhubarb Society"), "2021-05")
    assert record.notices == ("retracted doi:10.1000/old",)
    assert record.same_as == ("doi:10.1101/2021.05.04",)


@pytest.mark.parametrize("wrap", [lambda o: o, lambda o: {"total": 1, "data": [o]}])
def test_semantic_scholar_without_an_abstract_is_a_title(read, wrap):
    kind, (record,), _ = read(wrap(SEMANTIC_SCHOLAR))
    assert kind == "semantic-scholar"
    assert (record.title, record.abstract) == ("Stalks and leaves", "")
    assert ids(record) == ("10.1000/stalks", "2105.01234", "123456")


def test_a_table_is_read_by_its_header(read):
    kind, (record,), rejected = read(CSV)
    assert kind == "csv"
    assert (record.title, record.abstract, record.published) == ("Stalks; and leaves", "p < 0.05", "2021")
    assert record.authors == ("Lee, Ann", "Ek, Bo")
    assert rejected == {4: "neither title nor abstract"}
