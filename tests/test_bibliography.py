"""References in each format, read back by the libraries other people read them with."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.bibliography import citation_keys, to_bibtex, to_csl_json, to_reference, to_ris
from assistant.models import Identifiers, Paper

ONE = Paper(
    "doi:10.1/a_b",
    "Costs & Benefits: 5% of $100",
    "We prune.",
    title="Costs & Benefits: 5% of $100",
    authors=("Zoë Müller", "Li, Wei", "Ann van der Berg", "Smith JA", "The Big Data Consortium"),
    et_al=True,
    published="2024-03-09",
    identifiers=Identifiers(doi="10.1/a_b", arxiv="2403.00001"),
)
TWO = Paper("p:2", "Costs of the Benefits", "None.", authors=("Ann Müller",), published="2024")
UNSIGNED = Paper("p:3", "The GPFM", "None.")
PREPRINT = Paper("arxiv:2501.1", "On X", "None.", authors=("A Li",), identifiers=Identifiers(arxiv="2501.1"))


def test_a_key_is_made_of_surname_year_and_the_titles_first_telling_words():
    assert citation_keys([UNSIGNED]) == {"p:3": "anonndgpfm"}
    assert citation_keys([ONE]) == {"doi:10.1/a_b": "muller2024costsbenefits"}


def test_a_key_is_the_same_whatever_else_is_cited():
    alone = citation_keys([ONE])["doi:10.1/a_b"]
    assert citation_keys([UNSIGNED, ONE, PREPRINT])["doi:10.1/a_b"] == alone


def test_papers_that_would_share_a_key_get_two_in_any_order():
    keys = citation_keys([ONE, TWO])
    assert keys == citation_keys([TWO, ONE])
    assert len(set(keys.values())) == 2
    assert all(key.startswith("muller2024costsbenefits_") for key in keys.values())


@pytest.mark.parametrize(
    ("written", "family", "given"),
    [
        ("Zoë Müller", "Müller", "Zoë"),
        ("Li, Wei", "Li", "Wei"),
        ("Ludwig van der Berg", "van der Berg", "Ludwig"),
        ("Smith JA", "Smith", "JA"),
        ("J A Smith", "Smith", "J A"),
        ("Madonna", "Madonna", None),
    ],
)
def test_family_and_given_names_are_told_apart(written, family, given):
    (item,) = json.loads(to_csl_json([Paper("p:1", "T", "", authors=(written,))]))
    (author,) = item["author"]
    assert (author["family"], author.get("given")) == (family, given)


def test_a_group_is_not_taken_for_a_person():
    paper = Paper("p:1", "T", "", authors=("The Big Data Consortium",))
    assert json.loads(to_csl_json([paper]))[0]["author"] == [{"literal": "The Big Data Consortium"}]
    assert "author = {{The Big Data Consortium}}" in to_bibtex([paper])


def test_bibtex_is_escaped_and_says_that_authors_are_missing():
    text = to_bibtex([ONE])
    assert r"title = {{Costs \& Benefits: 5\% of \$100}}" in text
    assert "Müller, Zoë and Li, Wei and van der Berg, Ann" in text
    assert "and others}" in text
    assert "month = {3}" in text
    assert "eprint = {2403.00001}" in text


def test_empty_fields_are_left_out():
    assert re.findall(r"^  (\w+) =", to_bibtex([UNSIGNED]), re.MULTILINE) == ["title"]
    assert set(json.loads(to_csl_json([UNSIGNED]))[0]) == {"id", "type", "title"}


@given(st.text(max_size=60))
def test_braces_balance_whatever_the_title(title):
    text = to_bibtex([Paper("p:1", title or "x", "None.")])
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")


@given(st.text(max_size=60).map("x".__add__))
def test_a_ris_record_has_one_tag_a_line_whatever_the_title(title):
    lines = to_ris([Paper("p:1", title, "None.")]).split("\r\n")
    assert [line[:6] for line in lines if line] == ["TY  - ", "ID  - ", "TI  - ", "ER  - "]


def test_bibtexparser_reads_back_what_was_written():
    bibtexparser = pytest.importorskip("bibtexparser")
    library = bibtexparser.parse_string(to_bibtex([ONE, TWO, UNSIGNED, PREPRINT]))
    assert not library.failed_blocks
    assert [e.key for e in library.entries] == list(citation_keys([ONE, TWO, UNSIGNED, PREPRINT]).values())


def test_rispy_reads_back_what_was_written():
    rispy = pytest.importorskip("rispy")
    one, two, three, four = rispy.loads(to_ris([ONE, TWO, UNSIGNED, PREPRINT]))
    assert one["authors"][0] == "Müller, Zoë"
    assert (one["type_of_reference"], one["doi"], one["year"]) == ("JOUR", "10.1/a_b", "2024")
    assert "only the first authors" in one["notes"][0]
    assert (two["title"], three["type_of_reference"], four["type_of_reference"]) == (
        TWO.display_title,
        "GEN",
        "UNPB",
    )


def test_csl_json_says_what_kind_of_record_it_is():
    one, three, four = json.loads(to_csl_json([ONE, UNSIGNED, PREPRINT]))
    assert [one["type"], three["type"], four["type"]] == ["article-journal", "document", "article"]
    assert one["issued"] == {"date-parts": [[2024, 3, 9]]}


def test_a_reference_is_one_line_and_no_markup():
    assert to_reference(ONE) == (
        "Zoë Müller, Li, Wei, Ann van der Berg, Smith JA, The Big Data Consortium et al. (2024)"
        " Costs & Benefits: 5% of $100. https://doi.org/10.1/a_b"
    )
    assert to_reference(Paper("p:1", "A *b*\n[c](http://d)", "")) == r"A \*b\* \[c\](http://d)."
