import re

import pytest

from assistant.models import Citation, Coverage, Evidence, Identifiers, Paper
from assistant.summaries import citation_keys, to_bibtex, to_markdown
from assistant.summaries.model import Provenance, Summary, TableRow, Theme

MADE = Provenance(generation=3, papers=77, embedding="MiniLM", date="2026-01-02")
ONE = Paper(
    "doi:10.1/a_b",
    "Costs & Benefits: 5% of $100",
    "We prune | cut.",
    title="Costs & Benefits: 5% of $100",
    authors=("Zoë Müller", "Li, Wei"),
    et_al=True,
    published="2024-03",
    identifiers=Identifiers(doi="10.1/a_b", arxiv="2403.00001"),
)
TWO = Paper("p:2", "Costs of Care", "None.", authors=("Ann Müller",), published="2024")
UNSIGNED = Paper("p:3", "The GPFM", "None.")


def summary(*papers, **given):
    citations = tuple(Citation(n, p, ()) for n, p in enumerate(papers, start=1))
    return Summary(
        topic="Costs",
        kind="answer",
        text="## T\n\n- We prune. [1]",
        provenance=MADE,
        citations=citations,
        **given,
    )


def test_keys_are_made_of_surname_year_and_first_word():
    assert citation_keys([UNSIGNED]) == {"p:3": "anonndgpfm"}
    assert citation_keys([TWO]) == {"p:2": "muller2024costs"}


def test_keys_do_not_depend_on_the_order_of_the_papers():
    keys = citation_keys([ONE, TWO])
    assert (
        keys == citation_keys([TWO, ONE]) == {"doi:10.1/a_b": "muller2024costsa", "p:2": "muller2024costsb"}
    )


def test_an_entry_is_escaped_and_says_that_authors_are_missing():
    text = to_bibtex(summary(ONE))
    assert r"title = {{Costs \& Benefits: 5\% of \$100}}" in text
    assert "author = {Zoë Müller and Li, Wei and others}" in text
    assert "year = {2024}" in text
    assert r"doi = {10.1/a_b}" in text
    assert "eprint = {2403.00001}" in text
    assert "url = {https://doi.org/10.1/a_b}" in text


def test_empty_fields_are_left_out():
    text = to_bibtex(summary(UNSIGNED))
    assert re.findall(r"^  (\w+) =", text, re.MULTILINE) == ["title"]


@pytest.mark.parametrize("title", ["{", "a } b", "\\input{x}", "x_1^2 ~ #"])
def test_braces_balance_whatever_the_title(title):
    text = to_bibtex(summary(Paper("p:1", title, "None.")))
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")


def test_the_document_has_themes_table_references_and_provenance():
    table = (TableRow(1, 2024, task=Evidence("prune | cut", 3, 14)),)
    text = to_markdown(
        summary(ONE, UNSIGNED, table=table, coverage=Coverage(5, 2), themes=(Theme("T", "x", (1,)),))
    )
    assert text.startswith("# Costs\n\n## T\n\n- We prune. [1]\n")
    assert r"| [1] | 2024 | prune \| cut |" in text
    assert (
        "1. Zoë Müller, Li, Wei et al. (2024) Costs & Benefits: 5% of $100. https://doi.org/10.1/a_b" in text
    )
    assert "2. The GPFM." in text
    assert "77 papers (corpus generation 3)" in text
    assert "2 papers used of 5" in text
