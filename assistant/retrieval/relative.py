"""Dates told by a paper: "papers newer than SAFARI" are those published after its date."""

import re
from collections.abc import Callable, Sequence

from assistant.models import Paper
from assistant.retrieval.names import named_papers, paper_names
from assistant.retrieval.reading import WORK

__all__ = ["dated_by_paper"]

_PUBLISHED = (
    r"(?:(?:(?:that|which)\s+)?(?:were\s+|was\s+|are\s+|is\s+)?"
    r"(?:published|released|written|came\s+out|appeared)\s+)?"
)
_RELATION = (
    r"(?:(?P<after>newer\s+than|later\s+than|more\s+recent\s+than|younger\s+than|after|since)"
    r"|(?P<before>older\s+than|earlier\s+than|before|prior\s+to))"
)
_END = r"(?=\s+(?:on|about|that|which|with|for|using|in|by|and|do|does|have|has|are|is)\b|\W*$)"
_THAN = re.compile(rf"\b{_PUBLISHED}{_RELATION}\s+(?:the\s+)?(?P<name>\S.*?)(?:\s+paper)?{_END}", re.I)
_ANYTHING = re.compile(r"\b(?:anything|something|everything)\b", re.I)
_LISTED = re.compile(rf"\b{WORK}\b|{_ANYTHING.pattern}", re.I)


def dated_by_paper(question: str, search: Callable[[str], Sequence[Paper]]) -> tuple[str, str] | None:
    """The question with the paper's date in place of its name, and a note that says so.

    `search` finds the papers that may be called by a name. None where no papers are asked for, or
    no single dated paper is called so.
    """
    match = _THAN.search(question)
    if match is None or re.match(r"\d", match["name"]):
        return None
    before, after = question[: match.start()], question[match.end() :]
    if not _LISTED.search(f"{before} {after}"):
        return None
    found = named_papers(match["name"], search(match["name"]))
    if len(found) != 1 or not found[0].published:
        return None
    paper = found[0]
    name = next((name for name in paper_names(paper) if name in match["name"]), match["name"])
    relation = "after" if match["after"] else "before"
    listed = _ANYTHING.sub("papers", before, count=1)
    dated = f"{listed}published {relation} {paper.published}{after}"
    return dated, f"{name} is dated {paper.published}."
