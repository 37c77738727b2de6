"""Marks that one paper's record puts on another: a retraction notice names the paper it retracts.

A notice may come before its paper or long after it, so notices are kept by themselves, and a paper
has its mark whenever it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.models import Paper
from assistant.stores import Catalogue, lookups
from ingest.dedupe import gravest
from ingest.matching import identifier_ids, is_identifier


class Notices:
    """What sources say of the works that were looked up."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._said: dict[str, list[str]] = {}

    def look_up(self, keys: Iterable[str], papers: Iterable[Paper]) -> None:
        """Fetch what is said of these papers, and of the works with identifiers among these keys."""
        wanted = [*filter(is_identifier, keys), *(key for paper in papers for key in _identifiers(paper))]
        self._said = lookups.notices_about(self._catalogue, wanted)

    def add(self, notices: Iterable[tuple[str, str, str]]) -> None:
        """Take in notices, as (identifier, source, status), that are not stored yet."""
        for key, _, status in notices:
            self._said.setdefault(key, []).append(status)

    def mark(self, paper: Paper) -> Paper:
        """The paper with the gravest of what it says itself and what is said of it."""
        said = (status for key in _identifiers(paper) for status in self._said.get(key, ()))
        status = gravest(paper.status, *said)
        return paper if status == paper.status else replace(paper, status=status)


def marked(catalogue: Catalogue, papers: Sequence[Paper]) -> list[Paper]:
    """The papers, each with the mark that the stored notices put on it."""
    notices = Notices(catalogue)
    notices.look_up((), papers)
    return [notices.mark(paper) for paper in papers]


def _identifiers(paper: Paper) -> list[str]:
    """All that the paper is known by; a preprint's, once it was joined to its published version, too."""
    known = (*identifier_ids(paper.identifiers), paper.paper_id, *paper.aliases)
    return [key for key in dict.fromkeys(known) if is_identifier(key)]
