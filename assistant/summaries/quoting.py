"""A theme in the papers' own sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.answering.markup import quote
from assistant.models import AnswerSentence, Evidence, Paper
from assistant.readable import readable
from assistant.summaries.model import Theme
from assistant.summaries.selection import Candidate, Vectors
from assistant.summaries.telling import telling_sentences

SENTENCES = 20  # about so many in a summary, but one to three for each paper
TOLD = 40  # papers that are quoted in a summary; of a larger selection the others are named


@dataclass(frozen=True, slots=True)
class WrittenTheme:
    """A theme with what its papers' citations rest on (by number) and its sentences, checked.

    `told` are the numbers of the papers that are quoted; the others are only named.
    """

    theme: Theme
    evidence: Mapping[int, tuple[Evidence, ...]]
    sentences: tuple[AnswerSentence, ...]
    notes: tuple[str, ...] = ()
    told: frozenset[int] = frozenset()


def quote_theme(
    heading: str, papers: Mapping[int, Candidate], topic: Vectors, selected: int, themes: int
) -> WrittenTheme:
    """A bullet for each paper: its name and its telling sentences, without repetition.

    `papers` are the theme's by citation number, most relevant first; `selected` and `themes` count
    those of the whole summary.
    """
    most = max(1, min(3, SENTENCES // max(1, selected)))
    quoted = len(papers) if selected <= TOLD else max(3, TOLD // themes)
    told: list[Vectors] = []
    lines: list[str] = []
    others: list[str] = []
    evidence: dict[int, tuple[Evidence, ...]] = {}
    sentences: list[AnswerSentence] = []
    for number, paper in papers.items():
        if len(lines) == quoted:
            evidence[number] = (nearest_sentence(paper, topic),)
            others.append(f"{name(paper.paper)} [{number}]")
            continue
        evidence[number] = telling_sentences(paper, topic, told, most)
        texts = [quote(" ".join(readable(e.text).split())) for e in evidence[number]]
        sentences += [AnswerSentence(text, (number,), "supported") for text in texts]
        year = f" ({paper.paper.year})" if paper.paper.year else ""
        lines.append(f"- **{name(paper.paper)}**{year}: " + " ".join(f"{t} [{number}]" for t in texts))
    if others:
        lines.append(f"- Also: {'; '.join(others)}")
    theme = Theme(heading, "\n".join(lines), tuple(papers))
    told_of = frozenset(list(papers)[: len(lines) - bool(others)])
    return WrittenTheme(theme, evidence, tuple(sentences), told=told_of)


def name(paper: Paper) -> str:
    """The display title in full, safe as Markdown: what follows a colon often says what the name does not."""
    return quote(" ".join(readable(paper.display_title).split()).rstrip("."))


def nearest_sentence(candidate: Candidate, topic: Vectors) -> Evidence:
    """The sentence of the abstract that is nearest to the topic."""
    span = candidate.spans[int((candidate.sentences @ topic).argmax())]
    return Evidence(candidate.paper.abstract[span.start : span.end], span.start, span.end)
