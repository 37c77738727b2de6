"""A summary as a Markdown document and as BibTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from assistant.models import Citation, Evidence, Paper
from assistant.readable import readable
from assistant.summaries.model import Summary, TableRow

_COLUMNS = ("task", "data", "method", "result", "code")
_TITLE_STOP = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "can",
        "do",
        "for",
        "from",
        "how",
        "in",
        "is",
        "of",
        "on",
        "the",
        "to",
        "toward",
    )
) | {"towards", "what", "when", "with"}


def to_markdown(summary: Summary) -> str:
    """The whole document: title, themes, evidence table, numbered references, provenance."""
    lines = [f"# {_one_line(summary.topic)}", "", summary.text, ""]
    if summary.table:
        lines += ["## Evidence table", "", *_table(summary.table), ""]
    if summary.citations:
        lines += ["## References", "", *(_reference(c) for c in summary.citations), ""]
    lines += ["---", "", _footer(summary), ""]
    return "\n".join(lines)


def to_bibtex(summary: Summary) -> str:
    """One entry for each cited paper, by citation number; `citation_keys` says how the keys are made."""
    papers = [citation.paper for citation in summary.citations]
    keys = citation_keys(papers)
    return "\n".join(_entry(paper, keys[paper.paper_id]) for paper in papers)


def citation_keys(papers: Sequence[Paper]) -> dict[str, str]:
    """A BibTeX key for each paper id: first author's surname, year, first word of the title.

    Papers that share a key get a, b, ... in the order of their ids, so that a set of papers
    always has the same keys, however it is sorted.
    """
    wanted: dict[str, list[str]] = {}
    for paper in sorted(papers, key=lambda p: p.paper_id):
        wanted.setdefault(_key(paper), []).append(paper.paper_id)
    keys = {}
    for key, ids in wanted.items():
        for index, paper_id in enumerate(ids):
            keys[paper_id] = key if len(ids) == 1 else key + _letters(index)
    return keys


def _key(paper: Paper) -> str:
    surname = _surname(paper.authors[0]) if paper.authors else "anon"
    words = [_ascii(w) for w in re.findall(r"[\w^-]+", paper.display_title)]
    word = next((w for w in words if w and w not in _TITLE_STOP), "paper")
    return f"{_ascii(surname) or 'anon'}{paper.year or 'nd'}{word}"


def _letters(index: int) -> str:
    """0 -> a, 25 -> z, 26 -> ba."""
    digits = ""
    while True:
        index, rest = divmod(index, 26)
        digits = chr(ord("a") + rest) + digits
        if not index:
            return digits


def _surname(name: str) -> str:
    return name.split(",")[0] if "," in name else (name.split() or [""])[-1]


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]", "", plain.lower())


_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def _escape(text: str) -> str:
    """TeX's special characters made literal; everything else stays UTF-8, for biber and BibTeX 0.99d+."""
    return " ".join(text.translate(_BIBTEX).split())


def _entry(paper: Paper, key: str) -> str:
    authors = [_escape(a) for a in paper.authors] + (["others"] if paper.et_al else [])
    identifiers = paper.identifiers
    fields = {
        "title": f"{{{_escape(readable(paper.display_title))}}}",
        "author": " and ".join(authors),
        "year": str(paper.year or ""),
        "doi": identifiers.doi or "",
        "eprint": identifiers.arxiv or identifiers.pmid or "",
        "eprinttype": "arxiv" if identifiers.arxiv else "pubmed" if identifiers.pmid else "",
        "url": (paper.url or "").replace("{", "%7B").replace("}", "%7D"),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{body}}}\n"


def _table(rows: Sequence[TableRow]) -> list[str]:
    lines = ["| paper | year | " + " | ".join(_COLUMNS) + " |", "|---" * (len(_COLUMNS) + 2) + "|"]
    for row in rows:
        cells = [_cell(getattr(row, name)) for name in _COLUMNS]
        lines.append(f"| [{row.number}] | {row.year or ''} | " + " | ".join(cells) + " |")
    return lines


def _cell(evidence: Evidence | None) -> str:
    return _one_line(readable(evidence.text)).replace("\\", "\\\\").replace("|", "\\|") if evidence else ""


def _reference(citation: Citation) -> str:
    paper = citation.paper
    authors = ", ".join(paper.authors) + (" et al." if paper.et_al else "")
    year = f"({paper.year})" if paper.year else ""
    parts = [authors, year, _one_line(readable(paper.display_title)).rstrip(".") + ".", paper.url or ""]
    return f"{citation.number}. " + " ".join(part for part in parts if part)


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
