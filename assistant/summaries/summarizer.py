"""From a topic to a literature summary, top to bottom.

topic, read as a question is -> selection -> themes -> each theme quoted or written, checked ->
findings, table, stances -> `Summary`. It is yielded as it grows, a theme at a time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.answering.markup import quote
from assistant.errors import ProviderError, QuestionError
from assistant.models import AnswerSentence, Citation, Coverage, Evidence, Filters, Paper
from assistant.readable import readable
from assistant.retrieval.terms import Statistics
from assistant.summaries.drafts import Drafts
from assistant.summaries.findings import find
from assistant.summaries.headings import headings
from assistant.summaries.model import Counts, Findings, Provenance, Statement, Stood, Summary, TableRow, Theme
from assistant.summaries.quoting import WrittenTheme, name, quote_theme
from assistant.summaries.selection import (
    Candidate,
    Embeds,
    PaperSource,
    Search,
    Selection,
    select,
    select_all,
)
from assistant.summaries.table import table_row
from assistant.summaries.themes import group

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.summaries.synthesis import Paragraph

_QUESTION = re.compile(
    r"\?\s*$|^(?:do|does|did|is|are|was|were|can|could|has|have|should|will)\b", re.IGNORECASE
)
NAMED = 5  # papers that a note names; of more it gives the number
LONGEST_TOPIC = 2000  # characters; a longer text is no topic


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be summarised.

    `searched` is the topic without the phrases that are filters; "" when it is nothing else.
    `allowed` are the ids of the papers that satisfy them, None when all do.
    """

    topic: str
    searched: str
    filters: Filters = field(default_factory=Filters)
    allowed: Collection[str] | None = None
    notes: tuple[str, ...] = ()

    @staticmethod
    def of(topic: str) -> Request:
        """The topic as it stands, without filters.

        Raises:
            QuestionError: it is empty or far too long.
        """
        words = " ".join(topic.encode("utf-8", "replace").decode("utf-8").split())
        if not words:
            raise QuestionError('the topic is empty; run: python -m assistant summarize "TOPIC"')
        if len(words) > LONGEST_TOPIC:
            raise QuestionError(
                f"the topic has {len(words):,} characters, the limit is {LONGEST_TOPIC:,}; shorten it"
            )
        return Request(words, words)


class Summarizer:
    """Summarises topics over one corpus; shared by threads."""

    def __init__(
        self,
        search: Search,
        catalogue: PaperSource,
        statistics: Statistics,
        model: Embeds,
        llm: LLM | None = None,
        drafts: Drafts | None = None,
    ) -> None:
        """`search` gives candidates for a query, best first, each with the parts of its score.

        `llm` writes the themes, which are quoted without one; `drafts` keep what it wrote before it
        failed.
        """
        self._search, self._catalogue, self._statistics, self._model = search, catalogue, statistics, model
        self._llm, self._drafts = llm, drafts or Drafts()

    def summarize(self, request: Request) -> Summary:
        """A summary in sentences quoted from the abstracts; a refusal when nothing belongs to the topic."""
        *_, summary = self.stream(request)
        return summary

    def stream(self, request: Request) -> Iterator[Summary]:
        """As `summarize`, but yields the summary as it grows, and the whole of it last."""
        clock = _Clock()
        selection = self._select(request)
        clock.lap("select")
        started = self._started(request, selection)
        if not selection.belong:
            yield replace(_refusal(started, selection), timings_ms=clock.timings())
            return
        groups = group(selection.belong)
        titles = headings(request.searched or request.topic, groups, self._model, self._statistics)
        numbered = _numbered(groups)
        clock.lap("themes")
        quoted = [
            quote_theme(title, papers, selection.topic, len(selection.belong), len(groups))
            for title, papers in zip(titles, numbered, strict=True)
        ]
        if self._llm is None:
            for count in range(1, len(quoted) + 1):
                summary = _with_themes(started, quoted[:count], numbered)
                yield replace(summary, complete=False)
        else:
            for summary in self._written(started, quoted, numbered, selection):
                yield replace(summary, complete=False)
        clock.lap("write")
        papers = {n: c for of in numbered for n, c in of.items()}
        table = tuple(table_row(n, c.paper, c.spans) for n, c in papers.items())
        clock.lap("table")
        summary = _with_findings(summary, find(papers))
        clock.lap("findings")
        stances = _stances(request.topic, papers)
        missing = tuple(f"The papers here hold nothing on: {quote(side)}." for side in selection.lacking)
        told = _notes(replace(summary, stances=stances), table)
        notes = (*request.notes, *missing, *summary.notes, *told)
        yield replace(summary, table=table, stances=stances, notes=notes, timings_ms=clock.timings())

    def _written(
        self,
        started: Summary,
        quoted: Sequence[WrittenTheme],
        numbered: Sequence[Mapping[int, Candidate]],
        selection: Selection,
    ) -> Iterator[Summary]:
        """The summary as the language model writes it, a theme at a time, its opening paragraph last."""
        # LlamaIndex's synthesizers take a second to import; extractive summaries do without.
        from assistant.summaries.synthesis import Paragraph, ThemeWriter, prompt_version

        assert self._llm is not None
        writer = ThemeWriter(self._llm, self._model.embed, self._drafts)
        made = replace(started.provenance, prompt=prompt_version())
        started = replace(started, answerer="openai", model=writer.model, provenance=made)
        done: list[WrittenTheme] = []
        summary = started
        try:
            for its, papers in zip(quoted, numbered, strict=True):
                for part in writer.write(started.topic, its.theme.heading, papers, selection.topic, its):
                    if isinstance(part, WrittenTheme):
                        done.append(part)
                        summary = _with_themes(started, done, numbered)
                    else:
                        growing = replace(its, theme=replace(its.theme, text=part), sentences=())
                        summary = _with_themes(started, [*done, growing], numbered)
                    yield replace(summary, usage=writer.usage)
            if len(done) > 1:
                everything = {n: c for of in numbered for n, c in of.items()}
                plain = summary
                for opening in writer.overview(started.topic, plain.themes, everything):
                    if isinstance(opening, Paragraph):
                        summary = _opened(plain, opening)
                    else:
                        summary = replace(plain, text=f"{opening}\n\n{plain.text}")
                    yield replace(summary, usage=writer.usage)
        except ProviderError as error:
            kept = (
                f"{len(done)} of {len(quoted)} themes are written and kept: the same call goes on from there"
            )
            raise ProviderError(f"{error}; {kept}", retryable=error.retryable) from error
        writer.finished()

    def _select(self, request: Request) -> Selection:
        if request.searched:
            return select(
                request.searched,
                self._search,
                self._catalogue,
                self._statistics,
                self._model,
                request.allowed,
            )
        papers = self._catalogue.get_papers(request.allowed or ())
        newest = sorted(papers.values(), key=lambda p: (p.published or "", p.paper_id), reverse=True)
        return select_all(newest, self._catalogue, self._model)

    def _started(self, request: Request, selection: Selection) -> Summary:
        used, near = len(selection.belong), len(selection.related)
        return Summary(
            topic=request.topic,
            kind="answer",
            text="",
            provenance=Provenance(
                generation=self._catalogue.generation,
                papers=self._statistics.count,
                embedding=self._model.name,
                date=date.today().isoformat(),
            ),
            filters=request.filters,
            coverage=Coverage(used + near, used, tuple(p.paper_id for p in selection.related)),
            counts=Counts(selection.considered, used, near, selection.filtered),
        )


def _numbered(groups: Sequence[Sequence[Candidate]]) -> list[dict[int, Candidate]]:
    """The papers of each theme by citation number, counted through all themes."""
    numbered: list[dict[int, Candidate]] = []
    first = 1
    for members in groups:
        numbered.append(dict(enumerate(members, first)))
        first += len(members)
    return numbered


def _with_themes(
    summary: Summary, written: Sequence[WrittenTheme], numbered: Sequence[Mapping[int, Candidate]]
) -> Summary:
    citations = tuple(
        Citation(number, candidate.paper, its.evidence.get(number, ()))
        for its, papers in zip(written, numbered, strict=False)
        for number, candidate in papers.items()
    )
    themes = tuple(its.theme for its in written)
    return replace(
        summary,
        text="\n\n".join(_section(theme) for theme in themes),
        themes=themes,
        citations=citations,
        sentences=tuple(s for its in written for s in its.sentences),
        notes=tuple(note for its in written for note in its.notes),
    )


def _opened(summary: Summary, opening: Paragraph) -> Summary:
    """The summary with its opening paragraph, where anything of it holds."""
    if not opening.text:
        return summary
    return replace(
        summary,
        overview=opening.text,
        text=f"{opening.text}\n\n{summary.text}",
        sentences=(*opening.sentences, *summary.sentences),
    )


def _section(theme: Theme) -> str:
    return f"## {theme.heading}\n\n{theme.text}"


_SECTIONS = {
    "agreements": "Findings that say the like",
    "differences": "Findings that point different ways",
    "gaps": "Limits and open questions the papers name",
}


def _with_findings(summary: Summary, findings: Findings) -> Summary:
    """The summary with its findings as sections of their own, and as evidence of their papers."""
    closing: list[Theme] = []
    sentences = list(summary.sentences)
    told: dict[int, list[Evidence]] = {c.number: list(c.evidence) for c in summary.citations}
    groups: dict[str, Sequence[Sequence[Statement]]] = {
        "agreements": findings.agreements,
        "differences": findings.differences,
        "gaps": [(statement,) for statement in findings.gaps],
    }
    for kind, group_of in groups.items():
        if not group_of:
            continue
        text = "\n".join(f"- {_together(statements)}" for statements in group_of)
        numbers = dict.fromkeys(s.number for statements in group_of for s in statements)
        closing.append(Theme(_SECTIONS[kind], text, tuple(numbers)))
        for statement in (s for statements in group_of for s in statements):
            sentences.append(AnswerSentence(_quoted(statement), (statement.number,), "supported"))
            told[statement.number].append(statement.evidence)
    citations = (
        replace(c, evidence=tuple(sorted(set(told[c.number]), key=lambda e: e.start)))
        for c in summary.citations
    )
    return replace(
        summary,
        text="\n\n".join((summary.text, *(_section(s) for s in closing))),
        closing=tuple(closing),
        sentences=tuple(sentences),
        citations=tuple(citations),
        findings=findings,
    )


def _together(statements: Sequence[Statement]) -> str:
    return " — ".join(f"{_quoted(s)} [{s.number}]" for s in statements)


def _quoted(statement: Statement) -> str:
    return quote(" ".join(readable(statement.evidence.text).split()))


def _refusal(summary: Summary, selection: Selection) -> Summary:
    closest: tuple[Paper, ...] = selection.closest
    made = summary.provenance
    if selection.filtered:
        text = (
            f"None of the {selection.filtered} papers here on this topic satisfies the filters:"
            f" {quote(summary.topic)}."
        )
    else:
        text = f"The {made.papers} papers here hold nothing on this topic: {quote(summary.topic)}."
    if named := "; ".join(name(p) for p in closest[:3]):
        text += f" The closest are: {named}."
    return replace(
        summary, kind="refusal", text=text, sentences=(AnswerSentence(text, (), None),), closest=closest
    )


def _stances(topic: str, numbers: Iterable[int]) -> tuple[Stood, ...]:
    """Where each paper stands on a topic that is a question; none for a mere topic.

    All are silent: a stance is told only where it is right four times in five, and no rule tried here
    is. On HealthVer "supported" by the check of answers is right in 47 % (n = 43), by a logistic
    regression over cosines, shared words and directions, fitted on half of SciFact's training claims, in
    at most 47 %; for "contradicts" it reaches 71 % (n = 17) on SciFact's other half and 41 % on HealthVer.
    """
    if not _QUESTION.search(topic):
        return ()
    return tuple(Stood(number, "silent") for number in numbers)


def _notes(summary: Summary, table: Sequence[TableRow]) -> tuple[str, ...]:
    counts = summary.counts
    left_out = [
        f"{number} {reason}"
        for number, reason in (
            (counts.near, "came near it but fell below the cut-off"),
            (counts.filtered, "belong but do not satisfy the filters"),
        )
        if number
    ]
    notes = [
        f"{counts.considered} papers considered, {counts.used} belong to the topic"
        + "".join(f"; {reason}" for reason in left_out)
        + "."
    ]
    undated = [f"[{row.number}]" for row in table if row.year is None]
    if 0 < len(undated) <= NAMED:
        notes.append(f"Without a date: {', '.join(undated)}.")
    elif len(undated) == len(table) > 0:
        notes.append("None of the papers has a date.")
    elif undated:
        notes.append(f"{len(undated)} of the {len(table)} papers have no date.")
    if summary.stances:
        notes.append(
            "Which papers support and which contradict is not told: no rule here is sure enough of it."
        )
    return tuple(notes)


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, lap: str) -> None:
        now = time.perf_counter()
        self._laps[lap] = 1000 * (now - self._last)
        self._last = now

    def timings(self) -> dict[str, float]:
        return {"total": 1000 * (time.perf_counter() - self._start), **self._laps}
