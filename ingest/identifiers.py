"""Registered identifiers in the one spelling the catalogue keeps."""

from __future__ import annotations

import re
from urllib.parse import unquote

from assistant.models import Identifiers

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ARXIV = re.compile(
    r"(?<![\d.])(?:(\d{4}\.\d{4,5})|([a-z]+(?:-[a-z]+)?)(?:\.[A-Z]{2})?(/\d{7}))(?:v\d+)?(?!\d)"
)
_ARXIV_DOI = "10.48550/arxiv."
_PMID = re.compile(r"(?:pmid|pubmed)?\s*(?::\s*)?(\d{1,8})(?:\.0)?", re.I)


def doi(text: str) -> str | None:
    """Lower case, without a resolver's address ("https://doi.org/", "doi:"); None when it is no DOI."""
    match = _DOI.search(unquote(text) if "%2f" in text.lower() else text)
    if match is None:
        return None
    found = match.group().replace("\\_", "_").rstrip(".,;}]")
    while found.endswith(")") and found.count(")") > found.count("("):  # "(see doi:10.1000/x)"
        found = found[:-1].rstrip(".,;}]")
    return found.lower()


def arxiv_id(text: str) -> str | None:
    """Without version, prefix, address or subject ("math.GT/0309136"); None when it is no arXiv id."""
    match = _ARXIV.search(text)
    return match[1] or match[2] + match[3] if match else None


def pmid(text: str) -> str | None:
    """Digits only; None when it is no PMID."""
    match = _PMID.fullmatch(text.strip().removeprefix("https://pubmed.ncbi.nlm.nih.gov/").rstrip("/"))
    return match[1].lstrip("0") or None if match else None


def read_identifiers(doi_text: str = "", arxiv_text: str = "", pmid_text: str = "") -> Identifiers:
    """The identifiers in these texts; arXiv's own DOIs name the arXiv id too."""
    found = doi(doi_text)
    arxiv = arxiv_id(arxiv_text)
    if found and not arxiv and found.startswith(_ARXIV_DOI):
        arxiv = arxiv_id(found.removeprefix(_ARXIV_DOI))
    return Identifiers(doi=found, arxiv=arxiv, pmid=pmid(pmid_text))
