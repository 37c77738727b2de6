"""Records -> papers: stable ids, and merging what is certainly the same paper.

Pure: the papers that exist already are reached through a `Lookup`, so that the same rules serve
an in-memory list and a catalogue of millions. A caller stores `match_keys(paper)` for each paper
(key -> paper), offers that as the lookup, and asks `Deduper.decide` for each record in turn,
making the decided paper visible to the lookup before the next record (`PaperIndex` does so).

What makes two records one paper is told in `ingest.matching`. The paper's first
source leads: its later versions replace values, other sources only fill what is missing, so that
reading the same files again changes nothing, whatever their order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from assistant.models import Identifiers, Paper
from ingest.display_title import display_title
from ingest.links import links_to_code
from ingest.matching import (
    agreement,
    content_id,
    first_surname,
    identifier_ids,
    is_identifier,
    is_preprint_doi,
    match_keys,
    normalise,
    sha,
)
from ingest.records import Record

__all__ = ["Decision", "Deduper", "PaperIndex", "build_papers", "match_keys", "new_paper", "normalise"]

Lookup = Callable[[str], Paper | None]
Action = Literal["added", "updated", "unchanged", "merged"]

_GRAVITY = ("concern", "withdrawn", "retracted")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a record does to the corpus.

    `paper` is the paper as it is after the record. `absorbed` are other papers that the record
    proved to be the same one: they are to be deleted, their ids are among `paper.aliases`.
    `reason` says, in words, why the record was taken for one of this paper.
    `replaces` is the paper as it was, None for a new one; its id may have become an alias.
    """

    action: Action
    paper: Paper
    replaces: Paper | None = None
    absorbed: tuple[Paper, ...] = ()
    reason: str = ""


def new_paper(record: Record, *, separate: bool = False) -> Paper:
    """A paper made of one record; `separate` gives it an id that no other record can have."""
    if separate:
        entry = record.source_ids or (str(record.number),)
        # Not the folder: the same file elsewhere, or on another machine, gives the same ids.
        parts = (record.source.rpartition("/")[2], *entry, record.title or "", record.abstract)
        paper_id = f"p:{sha(*parts)}"
    else:
        paper_id = (*identifier_ids(record.identifiers), content_id(record))[0]
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
        aliases=() if separate else tuple(i for i in record.same_as if i != paper_id),
        status=record.status,
    )


def merge_record(
    paper: Paper | None, record: Record, *, fill_only: bool = False, known: bool = False
) -> Paper:
    """The paper with the record's contents added.

    A record of the paper's first source replaces values, unless `fill_only`; one of another source
    only fills what is missing. A `known` record, read before as it is, takes no mark or flag away:
    another one of the same file may have put it there. The id becomes the best identifier known; a
    former one an alias.
    """
    if paper is None:
        return new_paper(record)
    leads = record.source == paper.sources[0] and not fill_only
    theirs = new_paper(record)
    first, second = (theirs, paper) if leads else (paper, theirs)
    authors, et_al = _fuller_authors(first, second)
    title = first.title or second.title
    abstract = first.abstract or second.abstract
    alone = leads and not known and len(paper.sources) == 1
    has_code = theirs.has_code if alone else paper.has_code or theirs.has_code
    urls = _union(paper.urls, record.urls)
    if leads and not set(record.urls) <= set(paper.urls):
        urls = _union(record.urls) if alone else urls
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
        aliases=_union(paper.aliases, tuple(i for i in record.same_as if i != paper.paper_id)),
        status=record.status if alone else gravest(paper.status, record.status),
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
        status=gravest(paper.status, other.status),
    )
    return _with_best_id(merged)


class Deduper:
    """Decides for one record after another; one instance serves one run.

    It remembers which papers a source has touched in this run: a second entry for the same paper in
    the same file only fills gaps, else the two would replace each other on every run.
    """

    def __init__(
        self,
        lookup: Lookup,
        *,
        dedupe: bool = True,
        apart: Container[str] = (),
        mark: Callable[[Paper], Paper] = lambda paper: paper,
    ) -> None:
        """`apart` are ids of papers that a person split off; `mark` adds what others say of a paper."""
        self._lookup = lookup
        self._dedupe = dedupe
        self._apart = apart
        self._mark = mark
        self._touched: set[tuple[str, str]] = set()
        self._added: set[str] = set()

    def decide(self, record: Record, *, known: bool = False) -> Decision:
        """Find the record's paper, if there is one, and say what becomes of it; `known`: as it was."""
        if not self._dedupe or new_paper(record, separate=True).paper_id in self._apart:
            return self._decide_separate(record)
        record, found, reason = self._find(record)
        if not found:
            paper = self._mark(new_paper(record))
            self.touch(paper.paper_id, record.source)
            self._added.add(paper.paper_id)
            return Decision("added", paper)
        before, others = found[0], found[1:]
        ids = (before.paper_id, *before.aliases)
        seen = any((i, record.source) in self._touched for i in ids)
        joined = before
        for other in others:
            joined = merge_papers(joined, other)
        paper = self._mark(merge_record(joined, record, fill_only=seen, known=known))
        self.touch(paper.paper_id, record.source)
        if others or record.source not in before.sources or not self._added.isdisjoint(ids):
            return Decision("merged", paper, before, others, reason)
        return Decision("unchanged" if paper == before else "updated", paper, before, (), reason)

    def touch(self, paper_id: str, source: str) -> None:
        """Note that the source has given this paper a record: its further ones only fill what is missing."""
        self._touched.add((paper_id, source))

    def _find(self, record: Record) -> tuple[Record, tuple[Paper, ...], str]:
        """The paper the record belongs to, any other that shares an identifier with it, and why.

        An identifier that stands for another work is taken from the record.
        """
        found: dict[str, Paper] = {}
        reason = ""
        for key in match_keys(record):
            paper = self._lookup(key)
            if paper is None or paper.paper_id in found or paper.paper_id in self._apart:
                continue
            sure = is_identifier(key)
            if found and not sure:
                continue
            why = agreement(record, paper, key)
            if why is None:
                if sure:
                    record = _without(record, key)
                continue
            reason = reason or why
            found[paper.paper_id] = paper
        return record, tuple(found.values()), reason

    def _decide_separate(self, record: Record) -> Decision:
        paper = self._mark(new_paper(record, separate=True))
        before = self._lookup(paper.paper_id)
        if before is None:
            return Decision("added", paper)
        if before == paper:
            return Decision("unchanged", before, before)
        return Decision("updated", paper, before)


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


def gravest(*statuses: str | None) -> str | None:
    """The gravest of what is said of a paper."""
    known = [status for status in _GRAVITY if status in statuses]
    return known[-1] if known else None


def _without(record: Record, key: str) -> Record:
    """The record without an identifier that is another work's."""
    kind = key.partition(":")[0]
    same_as = tuple(other for other in record.same_as if other != key)
    if kind not in ("doi", "arxiv", "pmid") or key not in identifier_ids(record.identifiers):
        return replace(record, same_as=same_as)
    return replace(record, identifiers=replace(record.identifiers, **{kind: None}), same_as=same_as)


def _with_best_id(paper: Paper) -> Paper:
    best = (*identifier_ids(paper.identifiers), paper.paper_id)[0]
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
    if a.doi and b.doi and is_preprint_doi(a.doi) and not is_preprint_doi(b.doi):
        doi = b.doi
    return Identifiers(doi=doi, arxiv=a.arxiv or b.arxiv, pmid=a.pmid or b.pmid)


def _has_code(record: Record) -> bool:
    return links_to_code(record.abstract) if record.has_code is None else record.has_code


def _union(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
