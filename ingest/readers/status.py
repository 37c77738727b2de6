"""What became of a paper: retracted, withdrawn, or under an expression of concern."""

from __future__ import annotations

import re

_TITLE = re.compile(
    r"\s*(?:[\[(]\s*)?(retracted|withdrawn)(?:\s+(?:article|paper|chapter))?\s*(?:[:\])]|[—–-]\s)", re.I
)
_WITHDRAWN = re.compile(
    r"\b(?:paper|article|submission|manuscript|preprint|note|work|version|this|it)\b[^.]{0,60}?"
    r"\b(?:has been|have been|was|is|being|are)\s+(?:temporarily\s+|now\s+)?withdrawn\b"
    r"|^\W*(?:temporarily\s+)?withdrawn\b|\bwithdrawn\s+(?:by|due|because|for|from arxiv|as)\b"
    r"|\bauthors?\b[^.]{0,30}\b(?:has|have)?\s*withdrawn\b",
    re.I,
)
_ABSTRACT = re.compile(
    r"\W*(?:this|the)\s+(?:paper|article|submission|manuscript|preprint|note|work)\s+"
    r"(?:has been|was|is|is being)\s+(?:temporarily\s+)?withdrawn\b|\W*withdrawn\b[.\s]",
    re.I,
)


def status_of_title(title: str) -> str | None:
    """ "retracted" or "withdrawn" when publishers have written so before the title ("RETRACTED: …")."""
    match = _TITLE.match(title)
    return match[1].lower() if match else None


def status_of_arxiv(comments: str, abstract: str) -> str | None:
    """ "withdrawn" when arXiv's comments say so, or when the abstract says nothing else."""
    if (comments and _WITHDRAWN.search(comments)) or _ABSTRACT.match(abstract):
        return "withdrawn"
    return None
