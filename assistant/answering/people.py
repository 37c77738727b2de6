"""Who works on a topic: the authors of the papers on it."""

from collections.abc import Sequence

from assistant.answering.draft import DraftWriter
from assistant.answering.markup import quote
from assistant.models import Paper

__all__ = ["write_people"]

_MOST_OFTEN = 5  # authors of several of the papers, named first
_SHOWN = 8  # authors of one paper; the last, who often leads the group, among them


def write_people(writer: DraftWriter, papers: Sequence[Paper]) -> None:
    """Name the authors of several of the `papers`, then those of each paper with its title."""
    by: dict[str, list[int]] = {}
    for paper in papers:
        number = writer.number(paper)
        for author in dict.fromkeys(paper.authors):
            by.setdefault(author, []).append(number)
    often = sorted((who for who in by if len(by[who]) > 1), key=lambda who: -len(by[who]))[:_MOST_OFTEN]
    if often:
        named = (f"{quote(who)} {' '.join(f'[{number}]' for number in by[who])}" for who in often)
        writer.say(f"\nIn several of them: {', '.join(named)}.\n")
    for paper in papers:
        writer.say("\n- ")
        writer.state(f"{_authors(paper)}: {writer.title(paper)}", paper, ("authors",))


def _authors(paper: Paper) -> str:
    if not paper.authors:
        return "No author is given"
    names = [quote(author) for author in paper.authors]
    if (left := len(names) - _SHOWN) > 0:
        names = [*names[: _SHOWN - 1], f"{left} more", names[-1]]
    return ", ".join(names) + (" et al." if paper.et_al else "")
