from io import BufferedReader, BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import IngestError, UnsupportedFileError
from ingest.readers import listing, read_file
from ingest.readers.source import Source
from ingest.records import Record, Rejection

LISTINGS = Path(__file__).parents[1] / "data" / "listings"


def read(path: Path) -> list[Record]:
    outcomes = list(read_file(path, crawl_year=2026).records)
    assert not [o for o in outcomes if isinstance(o, Rejection)]
    return [o for o in outcomes if isinstance(o, Record)]


@pytest.fixture
def read_text(tmp_path):
    def read_it(text: str | bytes) -> list[Record]:
        path = tmp_path / "page.dat"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read(path)

    return read_it


def test_profile_entries_are_read_and_the_profile_header_is_not():
    records = read(LISTINGS / "profile.txt")
    assert [r.title for r in records] == [
        "GraspNetwork++: Learning to Grasp Transparent Objects from Touch Alone",
        "A Short Note",
        "Kalman Filters, Revisited",
        "A Title without Anything Below It",
    ]
    assert [r.categories for r in records] == [("RO",), ("cs.SY",), ("SY",), ("physics.flu-dyn",)]
    assert [r.published for r in records] == ["2024-05-02", "2023-09-09", "2026-01-17", "2019-08-30"]
    assert [r.has_code for r in records] == [True, False, False, False]
    assert [r.number for r in records] == [1, 2, 3, 4]


def test_profile_entry_has_its_authors_tag_and_link_and_the_abstract_keeps_its_latex():
    record = read(LISTINGS / "profile.txt")[0]
    assert record.authors == ("Mira Tannhäuser", "Oluwaseun Adeyemi", "Jean-Luc d'Arcy")
    assert record.et_al
    assert record.affiliation_tag == "eth-zurich"
    assert record.urls == ("https://github.com/tannhaeuser/grasp_touch",)
    assert "cameras & most" in record.abstract
    assert r"91.3\% on 40 household objects (p < 0.05)" in record.abstract


def test_an_abstract_shorter_than_its_title_and_a_missing_one_are_kept_as_they_are():
    records = read(LISTINGS / "profile.txt")
    assert records[1].abstract == "We prove stability."
    assert records[3].abstract == ""
    assert records[3].authors == ()


def test_lines_of_a_paragraph_are_joined_and_paragraphs_stay_apart():
    abstract = read(LISTINGS / "profile.txt")[2].abstract
    expected = (
        "The first paragraph of this abstract is broken over two lines.\n\nThe second paragraph stands alone."
    )
    assert abstract == expected


def test_glued_titles_and_first_authors_are_separated():
    records = read(LISTINGS / "glued.txt")
    assert [(r.title, r.authors, r.et_al) for r in records] == [
        (
            "TinyParse: How Small Can a Dependency Parser Be?",
            ("Ingrid Sørensen", "Kofi Mensah-Boateng", "Ru Chen"),
            True,
        ),
        (
            "Dust Lanes in Nearby Spirals, Rings and Lenticulars",
            ("Paolo di Marco", "Ana-Maria O'Dowd"),
            False,
        ),
        ("Folding of Knotted RNA", ("Wen Zhao",), False),
        ("Twisted Bundles over Fuzzy Spheres", ("A. B. Castellanos", "K. van der Meer", "Xi Lu"), True),
    ]
    assert [r.categories[0] for r in records] == ["CL", "astro-ph.GA", "QM", "hep-th"]
    assert [r.published for r in records] == ["2024-02-29", "2026-03-12", "2021-11-03", "1999-12-01"]
    assert [r.has_code for r in records] == [True, False, False, True]
    assert records[0].affiliation_tag == "stanford"
    assert records[0].urls == ("https://tinyparse.example.org/demo",)
    assert records[3].abstract == "We construct twisted bundles over fuzzy spheres and compute their index."


def test_untitled_abstracts_are_read_without_label_institution_or_title():
    records = read(LISTINGS / "abstracts.txt")
    assert [r.title for r in records] == [None, None, None]
    assert [r.abstract[:9] for r in records] == ["Seagrass ", "Tides mov", "We introd"]
    assert [r.has_code for r in records] == [None, None, None]
    assert records[0].urls == ("https://github.com/northern-isles/seaspan",)
    assert records[2].abstract.endswith(
        "for forecasting. TECTS needs no training. The data are at https://doi.org/10.5555/tides."
    )


@pytest.mark.parametrize("name", ["profile.txt", "glued.txt", "abstracts.txt"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "  \t\n"),
        lambda text: "\n\n" + text + "\n\n\n",
        lambda text: text.rstrip("\n"),
    ],
    ids=["crlf", "bom", "trailing blanks", "blank lines around", "no last line end"],
)
def test_line_ends_marks_and_blanks_do_not_matter(name, change, read_text):
    def content(records):
        return [(r.title, r.authors, r.published, r.has_code, r.abstract) for r in records]

    text = (LISTINGS / name).read_text(encoding="utf-8")
    assert content(read_text(change(text))) == content(read(LISTINGS / name))


def test_a_utf_16_page_is_read(read_text):
    text = (LISTINGS / "glued.txt").read_text(encoding="utf-8")
    assert read_text(text.encode("utf-16"))[2].title == "Folding of Knotted RNA"


@pytest.mark.parametrize(
    ("header", "category", "published", "code"),
    [
        ("20.0CLApr 3, 2023Code", "CL", "2023-04-03", True),
        ("CVMar 30Code", "CV", "2026-03-30", True),
        ("GTOct 25, 2024", "GT", "2024-10-25", False),
        ("cs.CLSept 5, 2020", "cs.CL", "2020-09-05", False),
        ("0.4MAMay 1, 2022", "MA", "2022-05-01", False),
        ("q-bio.NCDecember 31, 2018Code", "q-bio.NC", "2018-12-31", True),
        ("astro-ph.GAMar 3", "astro-ph.GA", "2026-03-03", False),
        ("cond-mat.mtrl-sciJul 7, 2011", "cond-mat.mtrl-sci", "2011-07-07", False),
        ("quant-phJun 6, 2006", "quant-ph", "2006-06-06", False),
        ("100.0LG Apr 3, 2023 Code", "LG", "2023-04-03", True),
        ("MLFeb 2021", "ML", "2021-02", False),
    ],
)
def test_glued_headers_are_taken_apart(header, category, published, code, read_text):
    (record,) = read_text(
        f"{header}\nOn the Reading of HeadersAda Byron, Mary Somerville\nWe read headers.\n"
    )
    assert (record.categories, record.published, record.has_code) == ((category,), published, code)
    assert record.title == "On the Reading of Headers"


def test_a_day_that_the_crawl_year_lacks_keeps_its_month(read_text):
    (record,) = read_text(
        "LGFeb 29\nLeap Days in Time SeriesAda Byron, Mary Somerville\nWe leap over days.\n"
    )
    assert record.published == "2026-02"


def test_a_second_profile_on_the_page_is_no_part_of_the_abstract_before_it(read_text):
    text = (LISTINGS / "profile.txt").read_text(encoding="utf-8")
    records = read_text(
        text.replace("Page 1 of 1", "We close.") + "\n" + text.replace("Mira Tannhäuser\n\nRO", "Bo Ek\n\nAI")
    )
    assert len(records) == 8
    assert all("index" not in r.abstract and "Bo Ek" not in r.abstract for r in records)


def test_a_title_broken_over_two_lines_is_joined(read_text):
    (record,) = read_text(
        "CVSep 1, 2024\nA Very Long Title about the Long Titles\n"
        "That Pages BreakYi Li, Bo Xu, Ana Ng et al.\nTitles are long.\n"
    )
    assert record.title == "A Very Long Title about the Long Titles That Pages Break"
    assert record.abstract == "Titles are long."


def test_a_header_with_nothing_below_is_rejected_with_its_line(tmp_path):
    path = tmp_path / "page"
    path.write_text("CVSep 1, 2024\nA Title of MineYi Li, Bo Xu\nText.\nCVSep 2, 2024\n\n")
    rejections = [o for o in read_file(path, crawl_year=2026).records if isinstance(o, Rejection)]
    assert [(r.source, r.record) for r in rejections] == [(path.as_posix(), 4)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\n",
        "\ufeff",
        "It was the best of times, it was the worst of times.\nMay 3, 1850 was a Friday.\n",
        "2024-05-01 12:00:00 INFO started\n2024-05-01 12:00:01 WARN Abstract: class\n" * 20,
        "# A project\n\nReads files such as\n\n```\nCVSep 30, 2022Code\nTitleAda Byron\n```\n",
        "CV\nh-index19\n16papers\n",
        "name,year\nAda,1843\n",
        "%PDF-1.7\n1 0 obj\n",
    ],
)
def test_a_text_that_is_no_listing_is_refused_by_name(text, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnsupportedFileError, match=r"notes\.txt") as error:
        read_file(path, crawl_year=2026)
    assert "\n" not in str(error.value)
    assert "supported are" in str(error.value)


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4)
    with pytest.raises(UnsupportedFileError, match="binary"):
        read_file(path, crawl_year=2026)


def test_a_missing_file_is_an_ingest_error(tmp_path):
    with pytest.raises(IngestError, match="nowhere"):
        read_file(tmp_path / "nowhere", crawl_year=2026)


PIECES = [
    "CVSep 1, 2024Code", "3.0LGMar 5", "cs.CL", "h-index3", "16papers", "Abstract:", "Abstract: We tidy.", "",
    "Title of a PaperAda Byron, Bo Ek et al.", "Ada Byron, Bo Ek", "· harvard", "et al.", "We tidy. See http://[",
    "Apr 3, 2020",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=14))
def test_any_sequence_of_lines_is_read_or_refused(lines):
    data = "\n".join(lines).encode("utf-8", "replace")
    if not listing.recognises(data):
        return
    page = Source("page", BufferedReader(BytesIO(data)), "utf-8", 2026)
    for _line, made in listing.read(page):
        assert isinstance(made, str) or made.title or made.abstract
        if isinstance(made, Record):
            assert "\n\n\n" not in made.abstract
            assert made.abstract == made.abstract.strip()
