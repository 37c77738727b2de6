"""A summary as a Markdown document and as BibTeX."""

from __future__ import annotations

from collections.abc import Sequence

from assistant import bibliography
from assistant.models import Evidence
from assistant.readable import readable
from assistant.summaries.model import Summary, TableRow

_COLUMNS = ("task", "data", "method", "result", "code")


def to_markdown(summary: Summary) -> str:
    """The whole document: title, themes, evidence table, numbered references, provenance."""
    lines = [f"# {_one_line(summary.topic)}", "", summary.text, ""]
    if summary.table:
        lines += ["## Evidence table", "", *_table(summary.table), ""]
    if summary.citations:
        lines += ["## References", "", *_references(summary), ""]
    lines += ["---", "", _footer(summary), ""]
    return "\n".join(lines)


def to_bibtex(summary: Summary) -> str:
    """One entry for each cited paper, by citation number."""
    return bibliography.to_bibtex([citation.paper for citation in summary.citations])


def _table(rows: Sequence[TableRow]) -> list[str]:
    lines = ["| paper | year | " + " | ".join(_COLUMNS) + " |", "|---" * (len(_COLUMNS) + 2) + "|"]
    for row in rows:
        cells = [_cell(getattr(row, name)) for name in _COLUMNS]
        lines.append(f"| [{row.number}] | {row.year or ''} | " + " | ".join(cells) + " |")
    return lines


def _cell(evidence: Evidence | None) -> str:
    return _one_line(readable(evidence.text)).replace("\\", "\\\\").replace("|", "\\|") if evidence else ""


def _references(summary: Summary) -> list[str]:
    return [f"{c.number}. {bibliography.to_reference(c.paper)}" for c in summary.citations]


def _footer(summary: Summary) -> str:
    made = summary.provenance
    model = f" ({summary.model})" if summary.model else ""
    return (
        f"Made on {made.date} from {made.papers} papers (corpus generation {made.generation}) by the"
        f" {summary.answerer} summariser{model}, embedding {made.embedding}."
        f" {summary.coverage.used} papers used of {summary.coverage.matched} near the topic."
        " Sentences and table cells are quoted from the abstracts."
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
