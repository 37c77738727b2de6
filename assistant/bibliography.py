"""Papers as references: BibTeX, RIS, CSL-JSON and Markdown, under citation keys that stay the same.

What the catalogue does not hold (journal, volume, pages) is not made up: the kind of a record is
told from its identifiers alone. A list of authors that the source cut short says so in each format.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.models import Paper
from assistant.readable import readable
from assistant.words import STOPWORDS

__all__ = ["FORMATS", "citation_keys", "to_bibtex", "to_csl_json", "to_reference", "to_ris"]

_CUT = "The source names only the first authors."
_GROUP = re.compile(
    r"\b(?:consortium|collaboration|collaborators|committee|group|initiative|investigators|network|society"
    r"|team|task force|association|organi[sz]ation|project)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset("van von der den de del della di da dos du la le ten ter zu zur bin ibn al el".split())
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Z]{1,3}$")
_TITLE_STOP = STOPWORDS | frozenset("toward towards via using without through between can".split())


@dataclass(frozen=True, slots=True)
class _Name:
    """A person's name; a group's stands in `family` alone, with `group` set."""

    family: str
    given: str = ""
    suffix: str = ""
    group: bool = False

    @property
    def inverted(self) -> str:
        return ", ".join(part for part in (self.family, self.suffix, self.given) if part)


def citation_keys(papers: Sequence[Paper]) -> dict[str, str]:
    """A citation key for each paper id: first author's surname, year, two words of the title.

    A key is made of its paper alone, so that the same paper has the same key in every export;
    only papers that would share one get a piece of their id's hash behind it.
    """
    wanted = {paper.paper_id: _key(paper) for paper in papers}
    shared = Counter(wanted.values())
    return {i: key if shared[key] == 1 else f"{key}_{_short_hash(i)}" for i, key in wanted.items()}


def to_bibtex(papers: Sequence[Paper]) -> str:
    """One entry a paper, in UTF-8 (biber, BibTeX 0.99d+), TeX's special characters made literal."""
    keys = citation_keys(papers)
    return "\n".join(_bibtex(paper, keys[paper.paper_id]) for paper in papers)


def to_ris(papers: Sequence[Paper]) -> str:
    """One record a paper; lines end with CR LF, as the format asks."""
    keys = citation_keys(papers)
    return "".join(_ris(paper, keys[paper.paper_id]) for paper in papers)


def to_csl_json(papers: Sequence[Paper]) -> str:
    """A JSON array of CSL 1.0.2 items, as pandoc and Zotero read it."""
    keys = citation_keys(papers)
    return json.dumps([_csl(p, keys[p.paper_id]) for p in papers], ensure_ascii=False, indent=1) + "\n"


def to_reference(paper: Paper) -> str:
    """One line of Markdown: authors, year, title, link."""
    authors = _markdown(", ".join(paper.authors)) + (" et al." if paper.et_al else "")
    year = f"({paper.year})" if paper.year else ""
    parts = (authors, year, _markdown(_title(paper)).rstrip(".") + ".", _web_address(paper))
    return " ".join(part for part in parts if part)


FORMATS: Mapping[str, Callable[[Sequence[Paper]], str]] = {
    "bib": to_bibtex,
    "ris": to_ris,
    "json": to_csl_json,
}
"""What a file name's ending asks for."""


def _key(paper: Paper) -> str:
    surname = _plain(_name(paper.authors[0]).family) if paper.authors else ""
    words = [_plain(word) for word in re.findall(r"[^\W_]+", _title(paper))]
    telling = [w for w in words if w and w not in _TITLE_STOP][:2]
    return f"{surname or 'anon'}{paper.year or 'nd'}{''.join(telling) or 'paper'}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:4]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    return re.sub(r"[^a-z0-9]", "", folded.encode("ascii", "ignore").decode("ascii").lower())


def _name(written: str) -> _Name:
    """Family and given names of "Ann van Dyke", "van Dyke, Ann" or "van Dyke A"."""
    text = _one_line(readable(written))
    if _GROUP.search(text):
        return _Name(text, group=True)
    if "," in text:
        family, *rest = [part.strip() for part in text.split(",")]
        suffix = next((part for part in rest if _SUFFIX.match(part)), "")
        return _Name(family, " ".join(p for p in rest if p and p != suffix), suffix)
    words = text.split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.match(words[-1]) else ""
    if len(words) < 2:
        return _Name(text)
    if _INITIALS.match(words[-1]) and not _INITIALS.match(words[0]):
        return _Name(" ".join(words[:-1]), words[-1], suffix)
    start = next((i for i, w in enumerate(words[1:-1], 1) if w in _PARTICLES), len(words) - 1)
    return _Name(" ".join(words[start:]), " ".join(words[:start]), suffix)


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


def _escaped(text: str) -> str:
    return _one_line(text).translate(_BIBTEX)


def _bibtex(paper: Paper, key: str) -> str:
    names = [_name(author) for author in paper.authors]
    authors = [f"{{{_escaped(n.family)}}}" if n.group else _escaped(n.inverted) for n in names]
    identifiers = paper.identifiers
    fields = {
        "title": f"{{{_escaped(_title(paper))}}}",  # the second braces keep its capitals
        "author": " and ".join(authors + ["others"] * (paper.et_al and bool(authors))),
        "year": str(paper.year or ""),
        "month": str(int(paper.published[5:7])) if paper.published and len(paper.published) >= 7 else "",
        "doi": identifiers.doi or "",
        "eprint": identifiers.arxiv or identifiers.pmid or "",
        "eprinttype": "arxiv" if identifiers.arxiv else "pubmed" if identifiers.pmid else "",
        "url": _url(paper).replace("{", "%7B").replace("}", "%7D"),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{body}}}\n"


def _ris(paper: Paper, key: str) -> str:
    kind = {"article-journal": "JOUR", "article": "UNPB"}.get(_kind(paper), "GEN")
    identifiers = paper.identifiers
    accession = f"arXiv:{identifiers.arxiv}" if identifiers.arxiv else identifiers.pmid or ""
    lines = [
        ("TY", kind),
        ("ID", key),
        *(("AU", _name(author).inverted) for author in paper.authors),
        ("TI", _one_line(_title(paper))),
        ("PY", str(paper.year or "")),
        ("DA", (paper.published or "").replace("-", "/")),
        ("DO", identifiers.doi or ""),
        ("AN", accession),
        ("UR", _url(paper)),
        ("N1", _CUT if paper.et_al else ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value) + "ER  - \r\n\r\n"


def _csl(paper: Paper, key: str) -> dict[str, object]:
    date = [int(part) for part in (paper.published or "").split("-") if part]
    identifiers = paper.identifiers
    item: dict[str, object] = {
        "id": key,
        "type": _kind(paper),
        "title": _one_line(_title(paper)),
        "author": [_csl_name(_name(author)) for author in paper.authors],
        "issued": {"date-parts": [date]} if date else None,
        "DOI": identifiers.doi,
        "PMID": identifiers.pmid,
        "number": f"arXiv:{identifiers.arxiv}" if identifiers.arxiv else None,
        "URL": _url(paper),
        "note": _CUT if paper.et_al else None,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: _Name) -> dict[str, str]:
    if name.group:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _kind(paper: Paper) -> str:
    """CSL's type: a journal article where a registry's id says so, a preprint, else a document."""
    identifiers = paper.identifiers
    preprint = bool(identifiers.arxiv) and (identifiers.doi or "10.48550/").startswith("10.48550/")
    if preprint and not identifiers.pmid:
        return "article"
    return "article-journal" if identifiers.doi or identifiers.pmid else "document"


def _title(paper: Paper) -> str:
    return readable(paper.display_title)


def _url(paper: Paper) -> str:
    return "".join((paper.url or "").split())


def _markdown(text: str) -> str:
    """`text` on one line, with what Markdown would take for emphasis, code or a link made literal."""
    return re.sub(r"([\\`*_\[\]<])", r"\\\1", _one_line(text))


def _web_address(paper: Paper) -> str:
    """The paper's link when it is one to the web, with what could end it or begin markup encoded."""
    url = _url(paper) or ""
    if not re.match(r"https?://\w", url, re.IGNORECASE):
        return ""
    return re.sub(r"[\x00-\x20<>\"'`\\\[\]{}|^]", lambda sign: f"%{ord(sign[0]):02X}", url)


def _one_line(text: str) -> str:
    return " ".join(text.split())
