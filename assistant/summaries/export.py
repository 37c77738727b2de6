"""A summary as a file: Markdown, references, the table as CSV, figures, a Word document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant import bibliography
from assistant.answering.markup import quote
from assistant.errors import ConfigurationError
from assistant.models import Evidence, Paper
from assistant.readable import readable
from assistant.summaries.document import to_docx
from assistant.summaries.figures import figures_svg
from assistant.summaries.model import COLUMNS, Summary, TableRow
from assistant.summaries.provenance import footer

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


def to_markdown(summary: Summary) -> str:
    """The whole document: title, themes, findings, timeline, table, numbered references, provenance."""
    lines = [f"# {_one_line(summary.topic)}", "", summary.text, ""]
    if any(stood.stance != "silent" for stood in summary.stances):
        lines += ["## Where the papers stand", "", *stance_lines(summary), ""]
    if summary.citations:
        lines += ["## Timeline", "", *_timeline(summary), ""]
    if summary.table:
        lines += ["## Evidence table", "", *_table(summary.table), ""]
    if summary.citations:
        lines += ["## References", "", *_references(summary), ""]
    lines += ["---", "", *(f"{note}\n" for note in summary.notes), quote(footer(summary)), ""]
    return "\n".join(lines)


def to_bibtex(summary: Summary) -> str:
    """One entry for each cited paper, by citation number."""
    return bibliography.to_bibtex(_papers(summary))


def to_csv(summary: Summary) -> str:
    """The evidence table, a row a paper, with citation key, title and link; UTF-8 with a mark for Excel."""
    keys = bibliography.citation_keys(_papers(summary))
    papers = {c.number: c.paper for c in summary.citations}
    stances = {s.number: s.stance for s in summary.stances}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "key", "title", "authors", "year", *COLUMNS, "stance", "url"])
    for row in summary.table:
        paper = papers[row.number]
        authors = "; ".join(paper.authors) + ("; et al." if paper.et_al else "")
        cells = [_plain(getattr(row, name)) for name in COLUMNS]
        title = _one_line(readable(paper.display_title))
        head = [row.number, keys[paper.paper_id], title, authors, row.year or ""]
        written = [*head, *cells, stances.get(row.number, ""), paper.url or ""]
        writer.writerow([_no_formula(value) for value in written])
    return "\ufeff" + text.getvalue()


def to_ris(summary: Summary) -> str:
    return bibliography.to_ris(_papers(summary))


def to_csl_json(summary: Summary) -> str:
    return bibliography.to_csl_json(_papers(summary))


TEXTS: Mapping[str, Callable[[Summary], str]] = {
    "md": to_markdown,
    "bib": to_bibtex,
    "ris": to_ris,
    "json": to_csl_json,
    "csv": to_csv,
    "svg": figures_svg,
}
"""What a file name's ending asks for, apart from "docx", which is not text."""


def ending_of(path: Path) -> str:
    """The export that a file name asks for: md, bib, ris, json (CSL), csv, svg or docx.

    Raises:
        ConfigurationError: there is no such export.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending not in (*TEXTS, "docx"):
        known = ", ".join(f".{name}" for name in (*TEXTS, "docx"))
        raise ConfigurationError(f"{path} is no export; give a file that ends in one of {known}")
    return ending


def exported(summary: Summary, ending: str) -> bytes:
    """The summary as a file with this ending, one of `ending_of`'s."""
    return to_docx(summary) if ending == "docx" else TEXTS[ending](summary).encode("utf-8", "replace")


def export(summary: Summary, path: Path) -> None:
    """Write the summary to `path`; its ending says as what.

    Raises:
        ConfigurationError: there is no such export.
    """
    content = exported(summary, ending_of(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def stance_lines(summary: Summary) -> list[str]:
    """A line a stance with the papers that take it, each with its quotation."""
    lines = []
    for stance in ("supports", "contradicts", "mixed", "silent"):
        of = [s for s in summary.stances if s.stance == stance]
        if not of:
            continue
        lines.append(f"- **{stance.capitalize()}** ({len(of)}): " + "".join(f"[{s.number}]" for s in of))
        lines += [f"  - {_one_line(readable(s.quote.text))} [{s.number}]" for s in of if s.quote]
    return lines


def _papers(summary: Summary) -> list[Paper]:
    return [citation.paper for citation in summary.citations]


def _timeline(summary: Summary) -> list[str]:
    return [
        f"- **{year or 'Undated'}**: " + "".join(f"[{n}]" for n in numbers)
        for year, numbers in summary.timeline
    ]


def _table(rows: Sequence[TableRow]) -> list[str]:
    lines = ["| paper | year | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 2) + "|"]
    for row in rows:
        cells = [_cell(getattr(row, name)) for name in COLUMNS]
        lines.append(f"| [{row.number}] | {row.year or ''} | " + " | ".join(cells) + " |")
    return lines


def _cell(evidence: Evidence | None) -> str:
    return _plain(evidence).replace("\\", "\\\\").replace("|", "\\|")


def _plain(evidence: Evidence | None) -> str:
    return _one_line(readable(evidence.text)) if evidence else ""


def _no_formula(value: object) -> object:
    """A cell that a spreadsheet would compute, made text (OWASP, "CSV injection")."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _references(summary: Summary) -> list[str]:
    return [f"{c.number}. {bibliography.to_reference(c.paper)}" for c in summary.citations]


def _one_line(text: str) -> str:
    return " ".join(text.split())
