"""Small samples of each format, written for these tests, and what they are to read as."""

import contextlib
import gzip
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import IngestError, UnsupportedFileError
from ingest.readers import container, read_file, read_files
from ingest.records import Record, Rejection

BIBTEX = r"""
A line of prose before the entries.
@string{jgd = "Journal of Garden Design"}
@article{oe2019,
  author = {{\"O}zg{\"u}r, Ay\c{s}e and M{\'e}ndez, Jr., Luis and {Rhubarb Society}},
  title = {On the {DNA} of \emph{Rheum} \& $x^2$},
  journal = jgd # { Letters},
  year = 2019, month = mar,
  doi = {https://doi.org/10.1000/A\_B},
  abstract = {Abstract: We study $\alpha$-rhubarb {\em in situ}.},
}
@comment{nothing}
@article{broken,
  title = {Never closed,
  year = {2020}
@misc{second, title = "Stalks and Leaves", author = "Ann Lee and others", date = {2021-05-04},
  eprint = {2105.01234v2}, archiveprefix = {arXiv}, primaryclass = {q-bio.PE}}
"""

RIS = """TY  - JOUR
TI  - Stalks and
  leaves
AU  - Lee, Ann
A1  - Ek, Bo
PY  - 2021
DA  - 2021/05/04/
AB  - First line
second line.
DO  - 10.1000/stalks
ER  -

TY  - JOUR
AU  - Nobody, N.
ER  -
TY  - CONF
T1  - Unclosed &amp; last
Y1  - 2020//
"""

NBIB = """
PMID- 123456
TI  - Stalks
      and leaves.
FAU - Lee, Ann
AU  - Lee A
DP  - 2021 May 4
LID - 10.1000/stalks [doi]
AB  - BACKGROUND: Rhubarb
      grows.
PT  - Journal Article
PT  - Retracted Publication

PMID- 123457
OWN - NLM
"""

PUBMED = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">123456</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2021</Year><Month>May</Month></PubDate></JournalIssue></Journal>
<ArticleTitle>Stalks of <i>Rheum</i> &amp; leaves.</ArticleTitle>
<ELocationID EIdType="doi">10.1000/stalks</ELocationID>
<Abstract><AbstractText Label="AIMS">p &lt; 0.05 in CO<sub>2</sub>.</AbstractText>
<AbstractText Label="METHODS">We grew it.</AbstractText></Abstract>
<AuthorList><Author><LastName>Lee</LastName><ForeName>Ann</ForeName></Author>
<Author><CollectiveName>Rhubarb Society</CollectiveName></Author></AuthorList>
<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>
</Article><CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><PMID>99</PMID>
</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>1</PMID><Article></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>"""

ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
<entry><id>http://arxiv.org/abs/math.GT/0309136v2</id><title>Stalks and
  Leaves</title><published>2003-09-07T08:18:33Z</published><summary> We study $x &lt; y$. </summary>
<category term="math.GT"/><category term="math.CO"/><arxiv:comment>This paper has been
withdrawn</arxiv:comment>
<author><name>Ann Lee</name></author></entry>
<entry><id>http://arxiv.org/api/errors#1</id><title>Error</title><summary>no such id</summary></entry>
</feed>"""

KAGGLE = {
    "id": "0704.0001",
    "submitter": "Ann Lee",
    "authors": "Ann Lee, C. Bal\\'azs",
    "title": "Stalks in\n  Schr\\\"odinger's garden",
    "comments": "3 pages",
    "journal-ref": None,
    "doi": "10.1000/stalks",
    "categories": "hep-ph math.CO",
    "abstract": "  We study $\\alpha$.\nMore.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
    "authors_parsed": [["Lee", "Ann", ""], ["Balázs", "C.", ""]],
}
OPENALEX = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/stalks",
    "title": "Stalks and <i>leaves</i>",
    "publication_date": "2021-05-04",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/123456"},
    "authorships": [{"author": {"display_name": "Ann Lee"}}],
    "abstract_inverted_index": {"Rhubarb": [0, 2], "and": [1], "grows.": [3]},
    "locations": [{"landing_page_url": "http://arxiv.org/abs/2105.01234"}],
    "is_retracted": True,
}
CROSSREF = {
    "DOI": "10.1000/Stalks",
    "title": ["Stalks and leaves"],
    "author": [{"given": "Ann", "family": "Lee"}, {"name": "Rhubarb Society"}],
    "published": {"date-parts": [[2021, 5]]},
    "abstract": "<jats:title>Abstract</jats:title><jats:sec><jats:title>Aims</jats:title>"
    "<jats:p>To grow CO<jats:sub>2</jats:sub> &amp; stalks.</jats:p></jats:sec><jats:p>Done.</jats:p>",
    "update-to": [{"DOI": "10.1000/old", "type": "retraction"}],
    "relation": {"has-preprint": [{"id-type": "doi", "id": "10.1101/2021.05.04"}]},
}
SEMANTIC_SCHOLAR = {
    "paperId": "abc",
    "externalIds": {"ArXiv": "2105.01234", "DOI": "10.1000/stalks", "PubMed": "123456"},
    "title": "Stalks and leaves",
    "abstract": None,
    "year": 2021,
    "authors": [{"name": "Ann Lee"}],
}
CSV = (
    '\ufeff"Article Title";Authors;Abstract;Publication Year;DOI\n'
    '"Stalks; and\nleaves";"Lee, Ann; Ek, Bo";"p < 0.05";2021;10.1000/stalks\n;;;2020;\n'
)


@pytest.fixture
def read(tmp_path):
    def read_it(content, name="file"):
        path = tmp_path / name
        if isinstance(content, dict | list):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        reading = read_file(path, crawl_year=2026)
        outcomes = list(reading.records)
        records = [o for o in outcomes if isinstance(o, Record)]
        return reading.format, records, {o.record: o.reason for o in outcomes if isinstance(o, Rejection)}

    return read_it


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


def test_a_json_document_cut_short_gives_what_it_has(read):
    _, records, rejected = read(json.dumps([CROSSREF, CROSSREF])[:-30])
    assert len(records) == 1
    assert list(rejected) == ["record 2"]


def test_a_record_nested_without_end_is_rejected_and_the_next_one_read(read):
    deep = "[" * 900 + "]" * 900
    lines = f'{{"title": "A", "id": {deep}}}\n{{"title": "B", "year": 2020}}\n'
    _, records, _ = read(lines)
    assert records[-1].title == "B"


@pytest.mark.parametrize(
    "content",
    [
        "\n" * 50_000 + "@article{a, title={A}}",
        "@article{a, title={\n" + "@foo{\n" * 20_000,
        '{"a":' * 30_000,
        "[" * 100_000 + '{"title": "A"}',
        "PT J\n" * 20_000,
        "<a>" * 50_000,
    ],
    ids=["empty lines", "entries never closed", "objects", "arrays", "records of nothing", "elements"],
)
def test_what_repeats_without_end_is_read_to_its_end(tmp_path, content):
    path = tmp_path / "file.bib"
    path.write_text(content)
    # Each takes well under a second; time that grew with the square of the length would be minutes.
    with contextlib.suppress(IngestError):
        for _ in read_file(path, crawl_year=2026).records:
            pass


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found(read, encoding):
    text = "TY  - JOUR\nTI  - Über die naïve Größe der Blüte\nAU  - Müller, Jérôme\nER  - \n"
    _, (record,), _ = read(text.encode(encoding))
    assert record.title == "Über die naïve Größe der Blüte"
    assert record.authors == ("Jérôme Müller",)


def test_foreign_bytes_in_a_utf_8_file_cost_nothing(read):
    text = "TY  - JOUR\nTI  - Über Blüten\nER  - \nTY  - JOUR\n".encode() + b"TI  - caf\xe9 au lait\nER  - \n"
    _, (first, second), _ = read(text)
    assert (first.title, second.title) == ("Über Blüten", "café au lait")


def test_archives_are_read_file_by_file(tmp_path):
    path = tmp_path / "library.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/refs.bib", BIBTEX)
        archive.writestr("b/refs.ris.gz", gzip.compress(RIS.encode()))
        archive.writestr("notes.txt", "Dear all, please find attached. " * 20)
        archive.writestr("inner.zip", b"PK\x03\x04....")
    outcomes = [
        o if isinstance(o, IngestError) else (o.key, o.format, len(list(o.records)))
        for o in read_files(path, crawl_year=2026)
    ]
    assert outcomes[:2] == [
        (f"{path.as_posix()}/a/refs.bib", "bibtex", 3),
        (f"{path.as_posix()}/b/refs.ris.gz", "ris", 3),
    ]
    assert [type(o) for o in outcomes[2:]] == [UnsupportedFileError, UnsupportedFileError]


def test_a_file_that_unpacks_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "_FREE_BYTES", 1 << 20)
    line = b'{"title": "' + b"a" * 1000 + b'"}\n'
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(20_000):
            file.write(line)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(packed.getvalue())
    with pytest.raises(IngestError, match=r"bomb\.jsonl\.gz unpacks to far more"):
        for _ in read_file(path, crawl_year=2026).records:
            pass


def test_a_damaged_archive_is_one_line(tmp_path):
    for name, data in (
        ("cut.gz", gzip.compress(RIS.encode() * 50)[:-20]),
        ("x.zip", b"PK\x03\x04" + b"?" * 50),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(IngestError, match=name):
            list(read_file(tmp_path / name, crawl_year=2026).records)


def as_bytes(value):
    return (value if isinstance(value, str) else json.dumps(value)).encode()


SAMPLES = [
    as_bytes(value)
    for value in (
        BIBTEX,
        RIS,
        NBIB,
        PUBMED,
        ATOM,
        CSV,
        KAGGLE,
        OPENALEX,
        [CROSSREF],
        {"data": [SEMANTIC_SCHOLAR]},
    )
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_files_never_raise_anything_but_their_own_error(tmp_path_factory, sample, data):
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(sample)))
        end = start + data.draw(st.integers(0, 30))
        other = data.draw(st.binary(max_size=6) | st.just(sample[end : end + 40]))
        sample = sample[:start] + other + sample[end:]
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(sample)
    with contextlib.suppress(IngestError):
        for outcome in read_file(path, crawl_year=2026).records:
            assert isinstance(outcome, Record | Rejection)
