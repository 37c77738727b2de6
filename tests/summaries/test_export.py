import re

from assistant.models import Citation, Coverage, Evidence, Identifiers, Paper
from assistant.summaries.export import to_bibtex, to_markdown
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
