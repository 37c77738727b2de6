import csv
import dataclasses
import io
import re

import docx
import pytest

from assistant.errors import ConfigurationError
from assistant.models import Citation, Coverage, Evidence, Filters, Identifiers, Paper
from assistant.summaries.export import ending_of, export, exported, to_bibtex, to_csv, to_markdown
from assistant.summaries.model import Provenance, Summary, TableRow, Theme
from assistant.summaries.provenance import footer

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


def test_bibtex_has_an_entry_for_each_cited_paper():
    text = to_bibtex(summary(ONE, UNSIGNED))
    assert re.findall(r"^@misc\{(\w+)", text, re.MULTILINE) == ["muller2024costsbenefits", "anonndgpfm"]


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


def test_the_table_as_csv_is_read_back_cell_by_cell():
    table = (TableRow(1, 2024, task=Evidence('prune, "cut"', 3, 14), result=Evidence("=1+1", 0, 4)),)
    text = to_csv(summary(ONE, table=table))
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["number"], row["key"], row["task"]) == ("1", "muller2024costsbenefits", 'prune, "cut"')
    assert row["result"] == "'=1+1"  # no spreadsheet computes it
    assert row["authors"] == "Zoë Müller; Li, Wei; et al."


def test_a_word_document_holds_headings_table_and_references():
    table = (TableRow(1, 2024, task=Evidence("prune | cut", 3, 14)),)
    document = docx.Document(io.BytesIO(exported(summary(ONE, UNSIGNED, table=table), "docx")))
    texts = [p.text for p in document.paragraphs]
    assert texts[:3] == ["Costs", "T", "We prune. [1]"]
    assert [c.text for c in document.tables[0].rows[1].cells][:3] == [
        f"[1] {ONE.display_title}",
        "2024",
        "prune | cut",
    ]
    assert any(t.startswith("[1] Zoë Müller") for t in texts)
    assert "corpus generation 3" in texts[-1]


def test_what_xml_cannot_hold_does_not_break_a_word_document():
    assert exported(summary(Paper("p:1", "A\x00\ud800 title", "None.")), "docx")


@pytest.mark.parametrize("ending", ["md", "bib", "ris", "json", "csv", "svg", "docx"])
def test_the_ending_says_what_is_written(tmp_path, ending):
    path = tmp_path / "new" / f"x.{ending}"
    export(summary(ONE), path)
    assert path.stat().st_size > 50


def test_an_unknown_ending_is_told_with_the_known_ones(tmp_path):
    with pytest.raises(ConfigurationError, match=r"x\.pdf is no export; .*\.docx"):
        ending_of(tmp_path / "x.pdf")


def test_the_footer_says_how_to_make_it_again():
    made = Provenance(3, 77, "MiniLM", "2026-01-02", prompt="abc")
    found = dataclasses.replace(summary(ONE), answerer="openai", model="m-1", provenance=made)
    text = footer(dataclasses.replace(found, filters=Filters(published_from="2024-01-01")))
    assert all(part in text for part in ("generation 3", "m-1", "abc", "2026-01-02", "MiniLM"))
    assert "Filters: papers since 2024. " in text


def test_an_authors_name_in_the_footer_stays_text_in_markdown():
    filters = Filters(author="<img src=x onerror=alert(1)>")
    footed = to_markdown(dataclasses.replace(summary(ONE), filters=filters))
    assert r"Filters: papers by \<img" in footed
