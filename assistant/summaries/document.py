"""A summary as a Word document, by python-docx."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import docx
from docx.enum.section import WD_ORIENT
from docx.shared import Pt

from assistant import bibliography
from assistant.readable import readable
from assistant.summaries.model import COLUMNS, Summary
from assistant.summaries.provenance import footer

if TYPE_CHECKING:
    from docx.document import Document

_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#+-])")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
# XML 1.0 has no place for these; python-docx would raise.
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_docx(summary: Summary) -> bytes:
    """Title, sections, evidence table on a page of its own across, references, provenance."""
    document = docx.Document()
    document.core_properties.title = _clean(summary.topic)[:250]
    document.core_properties.author = ""
    document.add_heading(_clean(summary.topic), level=0)
    for line in summary.text.splitlines():
        _add_line(document, line)
    if summary.table:
        _add_table(document, summary)
    if summary.citations:
        document.add_heading("References", level=1)
        for citation in summary.citations:
            reference = _ESCAPED.sub(r"\1", bibliography.to_reference(citation.paper))
            document.add_paragraph(_clean(f"[{citation.number}] {reference}"))
    for note in (*summary.notes, footer(summary)):
        document.add_paragraph().add_run(_clean(note)).italic = True
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add_line(document: Document, line: str) -> None:
    """A line of the summary's Markdown: headings, bullets, bold names, nothing else."""
    if not line.strip():
        return
    if line.startswith("## "):
        document.add_heading(_clean(_ESCAPED.sub(r"\1", line[3:])), level=1)
        return
    bullet = line.startswith("- ")
    paragraph = document.add_paragraph(style="List Bullet" if bullet else None)
    for i, piece in enumerate(_BOLD.split(line[2:] if bullet else line)):
        paragraph.add_run(_clean(_ESCAPED.sub(r"\1", piece))).bold = i % 2 == 1


def _add_table(document: Document, summary: Summary) -> None:
    section = document.add_section()
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading("Evidence table", level=1)
    titles = {c.number: readable(c.paper.display_title) for c in summary.citations}
    table = document.add_table(rows=1, cols=len(COLUMNS) + 2, style="Table Grid")
    for cell, name in zip(table.rows[0].cells, ("Paper", "Year", *COLUMNS), strict=True):
        cell.paragraphs[0].add_run(name.capitalize()).bold = True
    for row in summary.table:
        said = (getattr(row, name) for name in COLUMNS)
        texts = [f"[{row.number}] {titles.get(row.number, '')}", str(row.year or "")]
        texts += [readable(evidence.text) if evidence else "" for evidence in said]
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.paragraphs[0].add_run(_clean(text)).font.size = Pt(8)


def _clean(text: str) -> str:
    return _NO_XML.sub("", " ".join(text.split()))
