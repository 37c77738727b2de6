"""Registered identifiers in the one spelling the catalogue keeps."""

from __future__ import annotations

import re

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?!\d)")
_PMID = re.compile(r"(?:pmid|pubmed)?\s*:?\s*(\d{1,8})(?:\.0)?", re.I)


def doi(text: str) -> str | None:
    """Lower case, without a resolver's address ("https://doi.org/", "doi:"); None when it is no DOI."""
    match = _DOI.search(text)
    return match.group().rstrip(".,;)}]").lower() if match else None


def arxiv_id(text: str) -> str | None:
    """Without version, prefix or address; None when it is no arXiv id."""
    match = _ARXIV.search(text)
    return match[1] if match else None


def pmid(text: str) -> str | None:
    """Digits only; None when it is no PMID."""
    match = _PMID.fullmatch(text.strip().removeprefix("https://pubmed.ncbi.nlm.nih.gov/").rstrip("/"))
    return match[1].lstrip("0") or None if match else None
