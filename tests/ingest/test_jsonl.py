import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import UnsupportedFileError
from ingest.readers import read_file
from ingest.readers.fields import record_from_mapping, split_authors
from ingest.records import Record, Rejection


@pytest.fixture
def read(tmp_path):
    def read_it(*lines: object) -> list[Record | Rejection]:
        path = tmp_path / "corpus.dat"
        rows = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path.write_bytes(b"\n".join(rows) + b"\n")
        reading = read_file(path, crawl_year=2026)
        assert reading.format == "jsonl"
        return list(reading.records)

    return read_it


def test_a_beir_line_keeps_its_id_and_text(read):
    (record,) = read(
        {"_id": "4983", "title": "Microstructural development", "text": "Alterations of the ..."}
    )
    assert record.source_ids == ("4983",)
    assert record.title == "Microstructural development"
    assert record.abstract == "Alterations of the ..."
    assert record.has_code is None


def test_all_publication_data_is_read(read):
    (record,) = read(
        {
            "id": "x1",
            "title": "On\n  Tides",
            "abstract": "  Tides move $x_i$. See https://github.com/a/b. ",
            "authors": ["Ana Byron", {"name": "Bo Ek"}, {"given": "Cy", "family": "Dee"}],
            "published": "2021-03-04T10:00:00Z",
            "categories": "cs.LG stat.ML",
            "doi": "https://doi.org/10.1000/ABC.1",
            "arxiv": "arXiv:2103.01234v2",
            "pmid": 123,
        }
    )
    assert record.title == "On Tides"
    assert record.abstract == "Tides move $x_i$. See https://github.com/a/b."
    assert record.authors == ("Ana Byron", "Bo Ek", "Cy Dee")
    assert record.published == "2021-03-04"
    assert record.categories == ("cs.LG", "stat.ML")
    assert (record.identifiers.doi, record.identifiers.arxiv, record.identifiers.pmid) == (
        "10.1000/abc.1",
        "2103.01234",
        "123",
    )
    assert record.urls == ("https://github.com/a/b",)


def test_an_id_that_looks_like_arxiv_is_not_taken_for_one(read):
    (record,) = read({"id": "0704.0001", "title": "Diphoton production"})
    assert record.identifiers.arxiv is None
    assert record.source_ids == ("0704.0001",)


def test_bad_lines_are_rejected_by_number_and_the_others_read(read):
    outcomes = read(
        {"title": "One"},
        b"{broken",
        b"",
        b"[1, 2]",
        {"_id": "empty", "title": " ", "text": ""},
        b'{"title": "caf\xe9"}',
        b"[" * 100_000,
        {"title": "Two"},
    )
    assert [o.title for o in outcomes if isinstance(o, Record)] == ["One", "Two"]
    assert [o.number for o in outcomes if isinstance(o, Record)] == [1, 2]
    rejected = {o.record: o.reason for o in outcomes if isinstance(o, Rejection)}
    assert list(rejected) == [2, 4, 5, 6, 7]
    assert rejected[5] == "neither title nor abstract"
    assert "UTF-8" in rejected[6]


def test_lone_surrogates_and_control_characters_are_cleaned(read):
    (record,) = read(b'{"title": "A \\ud83d B\\u0000", "abstract": "x\\u0007y \\ud83d\\ude00"}')
    assert record.title == "A \ufffd B"
    assert record.abstract == "xy \U0001f600"
    record.raw.encode()


def test_records_are_read_lazily(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"title": "One"}\n{"title": "Two"}\n')
    records = read_file(path, crawl_year=2026).records
    assert next(records).title == "One"


def test_json_lines_without_title_or_text_are_no_corpus(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"level": "info", "message": "started"}\n' * 3)
    with pytest.raises(UnsupportedFileError, match=r"log\.jsonl"):
        read_file(path, crawl_year=2026)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ana Byron, Bo Ek and Cy Dee", ["Ana Byron", "Bo Ek", "Cy Dee"]),
        ("Ana Byron, Bo Ek, and Cy Dee", ["Ana Byron", "Bo Ek", "Cy Dee"]),
        ("Byron, A.; Ek, B.", ["Byron, A.", "Ek, B."]),
        ("Byron, Ana and Ek, Bo", ["Byron, Ana", "Ek, Bo"]),
        ("Byron, Ana", ["Byron, Ana"]),
        ("Ana Byron", ["Ana Byron"]),
        ("Ana Byron, Bo Ek", ["Ana Byron", "Bo Ek"]),
        ("Sam Davis, Jr., Bo Ek", ["Sam Davis, Jr.", "Bo Ek"]),
    ],
)
def test_one_string_of_authors_is_split(text, names):
    assert split_authors(text) == names


def test_et_al_is_a_cut_list_and_no_author():
    for authors in (
        "Ana Byron, Bo Ek et al.",
        ["Ana Byron", "Bo Ek", "et al."],
        "Ana Byron and Bo Ek and others",
    ):
        record = record_from_mapping({"title": "T", "authors": authors}, raw="")
        assert isinstance(record, Record)
        assert record.authors == ("Ana Byron", "Bo Ek")
        assert record.et_al


@pytest.mark.parametrize(
    ("field", "value", "published"),
    [
        ("year", 2019, "2019"),
        ("year", "2019", "2019"),
        ("date", "April 2019", "2019-04"),
        ("date", "Apr 3, 2019", "2019-04-03"),
        ("date", "3 April 2019", "2019-04-03"),
        ("published", "2019/4/3", "2019-04-03"),
        ("published", "2019-13-99", "2019"),
        ("published", "soon", None),
        ("year", True, None),
        ("year", 0, None),
        ("year", float("nan"), None),
    ],
)
def test_dates_are_read_as_precisely_as_given(field, value, published):
    record = record_from_mapping({"title": "T", field: value}, raw="")
    assert isinstance(record, Record)
    assert record.published == published


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "title",
    "abstract",
    "text",
    "_id",
    "id",
    "authors",
    "published",
    "date",
    "year",
    "month",
    "categories",
    "doi",
    "arxiv",
    "pmid",
    "url",
    "urls",
]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_fields_of_any_type_never_raise(fields):
    outcome = record_from_mapping(fields, raw="")
    assert isinstance(outcome, Record | str)
    if isinstance(outcome, Record):
        assert outcome.title or outcome.abstract
        f"{outcome}".encode()
