"""Records -> papers: stable ids, and merging what is certainly the same paper.

Pure: the papers that exist already are reached through a `Lookup`, so that the same rules serve
an in-memory list and a catalogue of millions. A caller stores `match_keys(paper)` for each paper
(key -> paper), offers that as the lookup, and asks `Deduper.decide` for each record in turn,
making the decided paper visible to the lookup before the next record (`PaperIndex` does so).

Two records are one paper when they share a DOI, an arXiv id or a PMID; else when normalised title,
first author's surname and year agree; else, when one has no title or no date, when the normalised
abstract is identical. Identifiers of one kind that differ keep papers apart. The paper's first
source leads: its later versions replace values, other sources only fill what is missing, so that
reading the same files again changes nothing, whatever their order.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from assistant.models import Identifiers, Paper
from assistant.readable import readable
from ingest.display_title import display_title
from ingest.links import links_to_code
from ingest.records import Record

Lookup = Callable[[str], Paper | None]
Action = Literal["added", "updated", "unchanged", "merged"]

_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
# DOIs of preprint servers: such a DOI beside a journal's is the same work, not another one.
_PREPRINT_DOIS = ("10.48550/", "10.1101/", "10.21203/", "10.20944/", "10.2139/", "10.31219/", "10.36227/")
_SIGNS = re.compile(r"[\W_]+")
_ABSTRACT_START = 300  # normalised characters that enter a content hash
_MIN_ABSTRACT = 80  # normalised characters; shorter texts ("Withdrawn.") identify nothing


@dataclass(frozen=True, slots=True)
class Decision:
    """What a record does to the corpus.

    `paper` is the paper as it is after the record. `absorbed` are other papers that the record
    proved to be the same one: they are to be deleted, their ids are among `paper.aliases`.
    `replaces` is the paper as it was, None for a new one; its id may have become an alias.
    """

    action: Action
    paper: Paper
    replaces: Paper | None = None
    absorbed: tuple[Paper, ...] = ()


def match_keys(item: Record | Paper) -> tuple[str, ...]:
    """The keys under which a paper is found, the surest first.

    Ids ("doi:…", "arxiv:…", "pmid:…", "p:…"; a paper's aliases too), then
    "title:<title>|<surname>|<year>", then "abstract:<hash>".
    """
    keys = list(_identifier_ids(item.identifiers))
    if isinstance(item, Paper):
        keys += [item.paper_id, *item.aliases]
    else:
        keys.append(_content_id(item))
    title, year = normalise(item.title or ""), _year(item.published)
    if title and year:
        keys.append(f"title:{title}|{first_surname(item.authors)}|{year}")
    abstract = normalise(item.abstract)
    if len(abstract) >= _MIN_ABSTRACT:
        keys.append(f"abstract:{_sha(abstract)}")
    return tuple(dict.fromkeys(keys))


def new_paper(record: Record, *, separate: bool = False) -> Paper:
    """A paper made of one record; `separate` gives it an id that no other record can have."""
    if separate:
        entry = record.source_ids or (str(record.number),)
        # Not the folder: the same file elsewhere, or on another machine, gives the same ids.
        parts = (record.source.rpartition("/")[2], *entry, record.title or "", record.abstract)
        paper_id = f"p:{_sha(*parts)}"
    else:
        paper_id = (*_identifier_ids(record.identifiers), _content_id(record))[0]
    return Paper(
        paper_id=paper_id,
        display_title=display_title(record.title, record.abstract),
        abstract=record.abstract,
        title=record.title,
        authors=record.authors,
        et_al=record.et_al,
        affiliation_tag=record.affiliation_tag,
        published=record.published,
        categories=record.categories,
        has_code=_has_code(record),
        urls=record.urls,
        identifiers=record.identifiers,
        source_ids=record.source_ids,
        sources=(record.source,),
    )


def merge_record(paper: Paper | None, record: Record, *, fill_only: bool = False) -> Paper:
    """The paper with the record's contents added.

    A record of the paper's first source replaces values, unless `fill_only`; one of another source
    only fills what is missing. The id becomes the best identifier known; a former one an alias.
    """
    if paper is None:
        return new_paper(record)
    leads = record.source == paper.sources[0] and not fill_only
    theirs = new_paper(record)
    first, second = (theirs, paper) if leads else (paper, theirs)
    authors, et_al = _fuller_authors(first, second)
    title = first.title or second.title
    abstract = first.abstract or second.abstract
    has_code = theirs.has_code if leads and len(paper.sources) == 1 else paper.has_code or theirs.has_code
    urls = _union(paper.urls, record.urls)
    if leads and not set(record.urls) <= set(paper.urls):
        urls = _union(record.urls) if len(paper.sources) == 1 else urls
    merged = replace(
        paper,
        display_title=display_title(title, abstract),
        abstract=abstract,
        title=title,
        authors=authors,
        et_al=et_al,
        affiliation_tag=first.affiliation_tag or second.affiliation_tag,
        published=_finer_date(first.published, second.published),
        categories=first.categories or second.categories,
        has_code=has_code,
        urls=urls,
        identifiers=_join_identifiers(paper.identifiers, record.identifiers),
        source_ids=_union(paper.source_ids, record.source_ids),
        sources=_union(paper.sources, (record.source,)),
    )
    return _with_best_id(merged)


def merge_papers(paper: Paper, other: Paper) -> Paper:
    """Two papers that proved to be one; `paper` leads, all ids of `other` become aliases."""
    authors, et_al = _fuller_authors(paper, other)
    title, abstract = paper.title or other.title, paper.abstract or other.abstract
    merged = replace(
        paper,
        display_title=display_title(title, abstract),
        abstract=abstract,
        title=title,
        authors=authors,
        et_al=et_al,
        affiliation_tag=paper.affiliation_tag or other.affiliation_tag,
        published=_finer_date(paper.published, other.published),
        categories=paper.categories or other.categories,
        has_code=paper.has_code or other.has_code,
        urls=_union(paper.urls, other.urls),
        identifiers=_join_identifiers(paper.identifiers, other.identifiers),
        source_ids=_union(paper.source_ids, other.source_ids),
        sources=_union(paper.sources, other.sources),
        aliases=_union(paper.aliases, (other.paper_id,), other.aliases),
    )
    return _with_best_id(merged)


class Deduper:
    """Decides for one record after another; one instance serves one run.

    It remembers which papers a source has touched in this run: a second entry for the same paper in
    the same file only fills gaps, else the two would replace each other on every run.
    """

    def __init__(self, lookup: Lookup, *, dedupe: bool = True) -> None:
        self._lookup = lookup
        self._dedupe = dedupe
        self._touched: set[tuple[str, str]] = set()
        self._added: set[str] = set()

    def decide(self, record: Record) -> Decision:
        """Find the record's paper, if there is one, and say what becomes of it."""
        if not self._dedupe:
            return self._decide_separate(record)
        found = self._find(record)
        if not found:
            paper = new_paper(record)
            self._touch(paper, record)
            self._added.add(paper.paper_id)
            return Decision("added", paper)
        before, others = found[0], found[1:]
        ids = (before.paper_id, *before.aliases)
        seen = any((i, record.source) in self._touched for i in ids)
        joined = before
        for other in others:
            joined = merge_papers(joined, other)
        paper = merge_record(joined, record, fill_only=seen)
        self._touch(paper, record)
        if others or record.source not in before.sources or not self._added.isdisjoint(ids):
            return Decision("merged", paper, before, others)
        return Decision("unchanged" if paper == before else "updated", paper, before)

    def _find(self, record: Record) -> tuple[Paper, ...]:
        """The paper the record belongs to, and any other that shares an identifier with it."""
        found: dict[str, Paper] = {}
        for key in match_keys(record):
            paper = self._lookup(key)
            if paper is None or paper.paper_id in found:
                continue
            if key.startswith(("title:", "abstract:", "p:")) and (found or not _agrees(record, paper, key)):
                continue
            found[paper.paper_id] = paper
        return tuple(found.values())

    def _decide_separate(self, record: Record) -> Decision:
        paper = new_paper(record, separate=True)
        before = self._lookup(paper.paper_id)
        if before is None:
            return Decision("added", paper)
        if before == paper:
            return Decision("unchanged", before, before)
        return Decision("updated", paper, before)

    def _touch(self, paper: Paper, record: Record) -> None:
        self._touched.add((paper.paper_id, record.source))


class PaperIndex:
    """Papers by match key in memory, over an optional lookup of those stored already."""

    def __init__(self, fallback: Lookup | None = None) -> None:
        self._fallback = fallback
        self._papers: dict[str, Paper] = {}
        self._ids: dict[str, str] = {}

    def __call__(self, key: str) -> Paper | None:
        paper_id = self._ids.get(key)
        if paper_id is not None:
            return self._papers.get(paper_id)
        paper = self._fallback(key) if self._fallback else None
        # A stored paper that changed meanwhile is seen as it is now.
        return self._papers.get(self._ids.get(paper.paper_id, ""), paper) if paper else None

    def apply(self, decision: Decision) -> None:
        """Make the outcome of a decision visible to the next one."""
        for gone in (decision.replaces, *decision.absorbed):
            if gone is not None and gone.paper_id != decision.paper.paper_id:
                self._papers.pop(gone.paper_id, None)
        self._papers[decision.paper.paper_id] = decision.paper
        for paper in (*decision.absorbed, decision.replaces, decision.paper):
            for key in match_keys(paper) if paper else ():
                if self._ids.get(key) not in self._papers:
                    self._ids[key] = decision.paper.paper_id

    def papers(self) -> tuple[Paper, ...]:
        """The papers decided so far, in order of first appearance."""
        return tuple(self._papers.values())


def build_papers(records: Iterable[Record], *, dedupe: bool = True) -> tuple[Paper, ...]:
    """Merge records in memory, in order of first appearance; also rebuilds one paper from its records."""
    index = PaperIndex()
    deduper = Deduper(index, dedupe=dedupe)
    for record in records:
        index.apply(deduper.decide(record))
    return index.papers()


@lru_cache(maxsize=1024)  # a record and its paper ask for the same texts several times
def normalise(text: str) -> str:
    """Letters and digits only, without case, accents or LaTeX: what two spellings have in common."""
    folded = unicodedata.normalize("NFKD", readable(text)).casefold()
    kept = _SIGNS.sub("", folded)  # decomposed accents are signs too
    return kept or "".join(text.split()).casefold()


def first_surname(authors: tuple[str, ...]) -> str:
    """The first author's surname, normalised; "" when there is no author."""
    if not authors:
        return ""
    name = authors[0].split(",")[0] if "," in authors[0] else authors[0]
    tokens = [t for t in name.split() if t.strip(".").casefold() not in _SUFFIXES]
    return normalise(tokens[-1]) if tokens else ""


def _agrees(record: Record, paper: Paper, key: str) -> bool:
    """Whether a match by content is certain enough to merge."""
    if _identifiers_conflict(record.identifiers, paper.identifiers):
        return False
    titles = {normalise(t) for t in (record.title, paper.title) if t}
    surnames = {first_surname(a) for a in (record.authors, paper.authors) if a}
    if len(titles) > 1 or len(surnames) > 1:
        return False
    if key.startswith("title:") and (not surnames or len((record.title or "").split()) < 3):
        # "Editorial" and the like, or nobody to tell by: the abstracts must not differ.
        return normalise(record.abstract) == normalise(paper.abstract)
    return True


def _identifiers_conflict(a: Identifiers, b: Identifiers) -> bool:
    if a.arxiv and b.arxiv and a.arxiv != b.arxiv:
        return True
    if a.pmid and b.pmid and a.pmid != b.pmid:
        return True
    if not a.doi or not b.doi or a.doi == b.doi:
        return False
    return a.doi.startswith(_PREPRINT_DOIS) == b.doi.startswith(_PREPRINT_DOIS)


def _identifier_ids(identifiers: Identifiers) -> tuple[str, ...]:
    pairs = (("doi", identifiers.doi), ("arxiv", identifiers.arxiv), ("pmid", identifiers.pmid))
    return tuple(f"{kind}:{value}" for kind, value in pairs if value)


def _content_id(record: Record) -> str:
    """A hash of what a changed record keeps: title, first author, the abstract's start.

    Without an abstract the year stands in, else every "Editorial" would be one paper.
    """
    abstract = normalise(record.abstract)[:_ABSTRACT_START]
    author = normalise(record.authors[0]) if record.authors else ""
    parts = (normalise(record.title or ""), author, abstract or str(_year(record.published) or ""))
    return f"p:{_sha(*parts)}"


def _with_best_id(paper: Paper) -> Paper:
    best = (*_identifier_ids(paper.identifiers), paper.paper_id)[0]
    aliases = tuple(a for a in _union((paper.paper_id,), paper.aliases) if a != best)
    return replace(paper, paper_id=best, aliases=aliases)


def _fuller_authors(first: Paper, second: Paper) -> tuple[tuple[str, ...], bool]:
    """The first paper's authors, unless its list was cut and the second's is longer."""
    if not first.authors:
        return second.authors, second.et_al
    same_head = first_surname(first.authors) == first_surname(second.authors)
    if first.et_al and same_head and len(second.authors) > len(first.authors):
        return second.authors, second.et_al
    if first.et_al and same_head and not second.et_al and len(second.authors) == len(first.authors):
        return first.authors, False
    return first.authors, first.et_al


def _finer_date(first: str | None, second: str | None) -> str | None:
    if first and second and len(second) > len(first) and second.startswith(first):
        return second
    return first or second


def _join_identifiers(a: Identifiers, b: Identifiers) -> Identifiers:
    doi = a.doi or b.doi
    if a.doi and b.doi and a.doi.startswith(_PREPRINT_DOIS) and not b.doi.startswith(_PREPRINT_DOIS):
        doi = b.doi
    return Identifiers(doi=doi, arxiv=a.arxiv or b.arxiv, pmid=a.pmid or b.pmid)


def _has_code(record: Record) -> bool:
    return links_to_code(record.abstract) if record.has_code is None else record.has_code


def _year(published: str | None) -> str | None:
    return published[:4] if published else None


def _union(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _sha(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
