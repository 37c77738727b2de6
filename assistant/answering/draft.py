"""An answer under construction: numbered citations, quotations with their evidence, sentences."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from assistant.answering.markup import quote
from assistant.models import AnswerSentence, Citation, Evidence, Kind, Paper
from assistant.readable import readable
from assistant.retrieval.names import mention, paper_names
from assistant.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Draft:
    """What a synthesizer hands to the engine; `text` has resolved markers."""

    text: str
    citations: tuple[Citation, ...] = ()
    sentences: tuple[AnswerSentence, ...] = ()
    kind: Kind = "answer"
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass
class _Cited:
    paper: Paper
    evidence: dict[tuple[int, int], Evidence] = field(default_factory=dict)
    fields: dict[str, None] = field(default_factory=dict)


class DraftWriter:
    """Writes an answer of quotations and catalogue data; numbers papers in order of first use."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._cited: dict[str, _Cited] = {}
        self._sentences: list[AnswerSentence] = []

    def number(self, paper: Paper) -> int:
        """The citation number of `paper`, given now if it has none."""
        self._cited.setdefault(paper.paper_id, _Cited(paper))
        return list(self._cited).index(paper.paper_id) + 1

    def say(self, text: str) -> None:
        """Add connecting words, which claim nothing and cite nothing."""
        self._parts.append(text)

    def title(self, paper: Paper) -> str:
        """The display title in bold, and the paper's own name where the title lacks it."""
        title = readable(paper.display_title)
        names = paper_names(paper)
        if paper.title is None or any(mention(title, name) is not None for name in names):
            return f"**{quote(title)}**"
        # Of several names in an abstract, its own is the one it keeps using.
        name = max(names, key=paper.abstract.count, default="")
        kept_using = len(names) == 1 or paper.abstract.count(name) > 1
        return f"**{quote(title)}**" + (f" ({quote(name)})" if name and kept_using else "")

    def quote(self, paper: Paper, start: int, end: int) -> None:
        """Add the abstract's stretch [start, end) verbatim, with its citation.

        What is left out of a sentence before or behind it is shown by an ellipsis.
        """
        text = quote(readable(paper.abstract[start:end]))
        number = self.support(paper, start, end)
        before, after = _left_out(paper.abstract, start, end)
        self._parts.append(f"{'… ' if before else ''}{text}{' …' if after else ''} [{number}]")
        self._sentences.append(AnswerSentence(text, (number,), "supported"))

    def support(self, paper: Paper, start: int, end: int) -> int:
        """Keep a stretch as evidence without showing it; return the citation's number."""
        number = self.number(paper)
        self._cited[paper.paper_id].evidence[(start, end)] = Evidence(paper.abstract[start:end], start, end)
        return number

    def mention(self, paper: Paper, fields: Iterable[str] = ()) -> None:
        """Name a paper with its citation; that claims nothing about it."""
        text, number = self.title(paper), self.number(paper)
        self._cited[paper.paper_id].fields.update(dict.fromkeys(fields))
        self._parts.append(f"{text} [{number}]")
        self._sentences.append(AnswerSentence(text, (number,), None))

    def state(self, text: str, paper: Paper, fields: Iterable[str]) -> None:
        """Add a statement that the catalogue's `fields` carry, with its citation."""
        number = self.number(paper)
        self._cited[paper.paper_id].fields.update(dict.fromkeys(fields))
        self._parts.append(f"{text} [{number}]")
        self._sentences.append(AnswerSentence(text, (number,), "supported"))

    def draft(self, kind: Kind = "answer", left_out: Iterable[str] = ()) -> Draft:
        citations = tuple(
            Citation(
                number,
                cited.paper,
                tuple(sorted(cited.evidence.values(), key=lambda e: e.start)),
                tuple(cited.fields),
            )
            for number, cited in enumerate(self._cited.values(), 1)
        )
        text = "".join(self._parts).strip()
        return Draft(text, citations, tuple(self._sentences), kind, left_out=tuple(left_out))


def _left_out(abstract: str, start: int, end: int) -> tuple[bool, bool]:
    """Whether words of the first sentence stand before [start, end), and of the last one behind it."""
    sentences = split_sentences(abstract)
    before = any(s.start < start < s.end and re.search(r"\w", abstract[s.start : start]) for s in sentences)
    after = any(s.start < end < s.end and re.search(r"\w", abstract[end : s.end]) for s in sentences)
    return before, after
