"""Literature summaries: what the corpus holds on a topic, grouped, cited and exportable."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from assistant.answering.markup import quote
from assistant.errors import QuestionError
from assistant.models import AnswerSentence, Citation, Coverage, Evidence, Filters, Paper
from assistant.readable import readable
from assistant.retrieval.terms import Statistics
from assistant.summaries.export import to_bibtex, to_markdown
from assistant.summaries.model import Provenance, Summary, TableRow, Theme
from assistant.summaries.selection import (
    Candidate,
    Embeds,
    PaperSource,
    Search,
    Selection,
    Vectors,
    select,
)
from assistant.summaries.table import table_row
from assistant.summaries.themes import group, headings, telling_sentences

__all__ = [
    "Summary",
    "TableRow",
    "Theme",
    "summarize",
    "to_bibtex",
    "to_markdown",
]

LONGEST_TOPIC = 2000  # characters; a longer text is no topic
SENTENCES = 20  # about so many in a summary, but one to three for each paper


def summarize(
    topic: str,
    *,
    search: Search,
    catalogue: PaperSource,
    lexical: Statistics,
    model: Embeds,
    filters: Filters | None = None,
) -> Summary:
    """Summarise what the corpus says on `topic`, in sentences quoted from the abstracts.

    Args:
        topic: a few words or a sentence.
        search: candidates for a query, best first; restricted by the caller if `filters` are.
        catalogue: where the papers and their sentence vectors are.
        lexical: the lexical index's statistics. model: the embedding model.
        filters: those the caller's `search` applies, for the record.

    Returns:
        A `Summary`; a refusal with the closest papers when nothing belongs to the topic.

    Raises:
        QuestionError: the topic is empty or far too long.
    """
    topic = " ".join(topic.split())
    if not topic:
        raise QuestionError('the topic is empty; run: python -m assistant summarize "TOPIC"')
    if len(topic) > LONGEST_TOPIC:
        raise QuestionError(f"the topic has {len(topic)} characters, at most {LONGEST_TOPIC} are read")
    clock = _Clock()
    selection = select(topic, search, catalogue, lexical, model)
    clock.lap("select")
    made = Provenance(
        generation=catalogue.generation,
        papers=lexical.count,
        embedding=model.name,
        date=datetime.now(UTC).date().isoformat(),
    )
    if not selection.belong:
        return _refusal(topic, selection, made, filters or Filters(), clock)
    groups = group(selection.belong)
    titles = headings(topic, groups, model)
    clock.lap("themes")
    draft = _Draft()
    themes = tuple(
        draft.add_theme(title, members, selection) for title, members in zip(titles, groups, strict=True)
    )
    table = tuple(
        table_row(number, c.paper, c.spans)
        for number, c in enumerate((c for members in groups for c in members), start=1)
    )
    clock.lap("write")
    return Summary(
        topic=topic,
        kind="answer",
        text="\n\n".join(f"## {t.heading}\n\n{t.text}" for t in themes),
        provenance=made,
        filters=filters or Filters(),
        themes=themes,
        table=table,
        citations=tuple(draft.citations),
        sentences=tuple(draft.sentences),
        coverage=_coverage(selection),
        timings_ms=clock.timings(),
        notes=_notes(selection, table),
    )


class _Draft:
    """Numbers the papers in order of appearance and collects citations and sentences."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []
        self.sentences: list[AnswerSentence] = []

    def add_theme(self, heading: str, members: Sequence[Candidate], selection: Selection) -> Theme:
        told: list[Vectors] = []
        lines = []
        numbers = []
        most = max(1, min(3, SENTENCES // len(selection.belong)))
        for candidate in members:
            number = len(self.citations) + 1
            quotes = telling_sentences(candidate, selection.topic, told, most)
            self.citations.append(Citation(number, candidate.paper, quotes))
            numbers.append(number)
            lines.append(self._line(candidate.paper, number, quotes))
        return Theme(heading, "\n".join(lines), tuple(numbers))

    def _line(self, paper: Paper, number: int, quotes: Sequence[Evidence]) -> str:
        """A bullet that names the paper and quotes it, each sentence followed by its marker."""
        year = f" ({paper.year})" if paper.year else ""
        written = [f"**{_title(paper)}**{year}:"]
        for evidence in quotes:
            text = quote(" ".join(readable(evidence.text).split()))
            self.sentences.append(AnswerSentence(text, (number,), "supported"))
            written.append(f"{text} [{number}]")
        return "- " + " ".join(written)


def _title(paper: Paper) -> str:
    """The display title in full, safe as Markdown: what follows a colon often says what the name does not."""
    return quote(" ".join(readable(paper.display_title).split()).rstrip("."))


def _refusal(topic: str, selection: Selection, made: Provenance, filters: Filters, clock: _Clock) -> Summary:
    closest = tuple(c.paper for c in selection.closest)
    named = "; ".join(_title(p) for p in closest[:3])
    text = f"The {made.papers} papers here hold nothing on this topic: {quote(topic)}."
    if named:
        text += f" The closest are: {named}."
    return Summary(
        topic=topic,
        kind="refusal",
        text=text,
        provenance=made,
        filters=filters,
        sentences=(AnswerSentence(text, (), None),),
        closest=closest,
        coverage=_coverage(selection),
        timings_ms=clock.timings(),
    )


def _coverage(selection: Selection) -> Coverage:
    return Coverage(
        matched=len(selection.belong) + len(selection.related),
        used=len(selection.belong),
        left_out=tuple(c.paper.paper_id for c in selection.related),
    )


def _notes(selection: Selection, table: Sequence[TableRow]) -> tuple[str, ...]:
    notes = [
        f"{selection.considered} papers considered, {len(selection.belong)} belong to the topic,"
        f" {len(selection.related)} come near it and were left out."
    ]
    undated = [f"[{row.number}]" for row in table if row.year is None]
    if undated:
        notes.append(f"Without a date: {', '.join(undated)}.")
    return tuple(notes)


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = 1000 * (now - self._last)
        self._last = now

    def timings(self) -> dict[str, float]:
        return {"total": 1000 * (time.perf_counter() - self._start), **self._laps}
