"""A conversation as a file: Markdown with references, BibTeX or RIS."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import bibliography
from assistant.conversations import Turn
from assistant.models import Answer, Paper
from assistant.readable import readable
from assistant.web.markup import answer_markdown, filters_remark

FORMATS = {
    "md": ("Markdown", "text/markdown"),
    "bib": ("BibTeX", "application/x-bibtex"),
    "ris": ("RIS", "application/x-research-info-systems"),
}
"""Ending -> (name for people, media type) of the files a conversation can be saved as."""

_MARKER = re.compile(r"(?<!\\)\[(\d{1,4})\]")
_NOT_ANSWERED = "*This question was stopped before it was answered.*"


def conversation_file(title: str, turns: Sequence[Turn], ending: str) -> str:
    """Return the conversation in the format of `ending`, a key of FORMATS."""
    papers = _cited(turns)
    if ending == "bib":
        return bibliography.to_bibtex(papers)
    if ending == "ris":
        return bibliography.to_ris(papers)
    return _markdown(title, turns, papers)


def file_name(title: str, ending: str) -> str:
    """A file name made of a title: letters, digits and hyphens only."""
    return f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')[:60] or 'conversation'}.{ending}"


def _cited(turns: Sequence[Turn]) -> list[Paper]:
    """The papers cited in the conversation, once each, in order of first citation."""
    cited = (c.paper for turn in turns if turn.answer for c in turn.answer.citations)
    return list({paper.paper_id: paper for paper in cited}.values())


def _markdown(title: str, turns: Sequence[Turn], papers: Sequence[Paper]) -> str:
    """The document; markers are renumbered, so that a number means one paper throughout."""
    numbers = {paper.paper_id: number for number, paper in enumerate(papers, 1)}
    parts = [f"# {_line(title)}"]
    for turn in turns:
        parts.append(f"## {_line(turn.question)}")
        parts.append(_answer(turn.answer, numbers) if turn.answer else _NOT_ANSWERED)
    if papers:
        parts += [
            "## References",
            "\n".join(f"{numbers[p.paper_id]}. {bibliography.to_reference(p)}" for p in papers),
        ]
    return "\n\n".join(parts) + "\n"


def _answer(answer: Answer, numbers: dict[str, int]) -> str:
    own = {c.number: numbers[c.paper.paper_id] for c in answer.citations}
    # Markup that a source or a model wrote stays text, for the file may become a web page; the
    # markers, which would become links into the page, stand aside meanwhile.
    text = _MARKER.sub(lambda m: f"\ue000{own[int(m[1])]}\ue001" if int(m[1]) in own else m[0], answer.text)
    text = answer_markdown(text, 1, ()).replace("\ue000", "[").replace("\ue001", "]")
    remarks = [filters_remark(answer), *answer.notes]
    return "\n\n".join([text, *(f"*{_line(remark)}*" for remark in remarks if remark)])


def _line(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", " ".join(readable(text).split()))
