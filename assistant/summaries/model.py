"""A literature summary as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from assistant.models import Answer, AnswerSentence, Citation, Coverage, Evidence, Filters, Kind, Paper, Usage

COLUMNS = ("task", "data", "method", "result", "code")  # of the evidence table
Stance = Literal["supports", "contradicts", "mixed", "silent"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Papers that do similar things: a heading, Markdown with a citation for every sentence."""

    heading: str
    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """What one paper's abstract says, each cell verbatim; None where it does not say.

    `number` is the paper's citation number, `year` the year of publication.
    """

    number: int
    year: int | None
    task: Evidence | None = None
    data: Evidence | None = None
    method: Evidence | None = None
    result: Evidence | None = None
    code: Evidence | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Statement:
    """A verbatim sentence of the paper with citation `number`."""

    number: int
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        return {"number": self.number, **asdict(self.evidence)}


@dataclass(frozen=True, slots=True)
class Findings:
    """Statements of two papers that say the like, that point opposite ways, and open questions."""

    agreements: tuple[tuple[Statement, Statement], ...] = ()
    differences: tuple[tuple[Statement, Statement], ...] = ()
    gaps: tuple[Statement, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        pairs = {"agreements": self.agreements, "differences": self.differences}
        told: dict[str, Any] = {
            name: [[s.to_dict() for s in pair] for pair in of] for name, of in pairs.items()
        }
        return told | {"gaps": [s.to_dict() for s in self.gaps]}


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a paper stands on the question; the `quote` that says so, None when it is silent."""

    number: int
    stance: Stance
    quote: Evidence | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"number": self.number, "stance": self.stance, "quote": self.quote and asdict(self.quote)}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many papers were considered, used and left out, by reason.

    `near` came close but fell below the cut-off, `filtered` belong but do not satisfy the filters,
    `far` are all others that were considered.
    """

    considered: int = 0
    used: int = 0
    near: int = 0
    filtered: int = 0

    @property
    def far(self) -> int:
        return self.considered - self.used - self.near - self.filtered

    def to_dict(self) -> dict[str, int]:
        return {**asdict(self), "far": self.far}


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a summary was made from, so that it can be made again.

    `generation` is the corpus's, `papers` how many it holds; `prompt` is the prompts' version, None
    when no language model was asked.
    """

    generation: int
    papers: int
    embedding: str
    date: str
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of what the corpus holds on a topic.

    `text` is the Markdown of the themes with markers [1][2] that `citations` resolves; a
    refusal's text says that nothing was found. `coverage.matched` counts the papers that
    come near the topic, `left_out` names those of them that fell below the cut-off. While a
    summary is being written it is not `complete`: its last theme's text may be unfinished.
    `overview` is the opening paragraph, which only a language model writes; `closing` are the sections
    of the `findings`.
    `stances` are given where the topic is a question or a claim, one for each cited paper.
    """

    topic: str
    kind: Kind
    text: str
    provenance: Provenance
    answerer: str = "extractive"
    model: str | None = None
    filters: Filters = field(default_factory=Filters)
    themes: tuple[Theme, ...] = ()
    table: tuple[TableRow, ...] = ()
    citations: tuple[Citation, ...] = ()
    sentences: tuple[AnswerSentence, ...] = ()
    closest: tuple[Paper, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    overview: str = ""
    closing: tuple[Theme, ...] = ()
    findings: Findings = field(default_factory=Findings)
    counts: Counts = field(default_factory=Counts)
    stances: tuple[Stood, ...] = ()
    complete: bool = True

    @property
    def timeline(self) -> tuple[tuple[int | None, tuple[int, ...]], ...]:
        """The citation numbers of each year's papers, oldest first, undated ones last."""
        years: dict[int | None, list[int]] = {}
        for citation in self.citations:
            years.setdefault(citation.paper.year, []).append(citation.number)
        order = sorted(years, key=lambda year: (year is None, year or 0))
        return tuple((year, tuple(years[year])) for year in order)

    @property
    def refused(self) -> bool:
        return self.kind == "refusal"

    def _repr_html_(self) -> str:
        """What a notebook shows of it: the document that `--export FILE.md` writes."""
        from assistant.notebook import markdown_html
        from assistant.summaries.export import to_markdown

        return markdown_html(to_markdown(self), self.citations)

    def to_dict(self) -> dict[str, Any]:
        """The object `summarize --json` prints: that of `ask`, with topic, themes and table."""
        return {
            "topic": self.topic,
            **self._as_answer().to_dict(),
            "themes": [
                {"heading": t.heading, "text": t.text, "citations": list(t.citations)} for t in self.themes
            ],
            "table": [row.to_dict() for row in self.table],
            "overview": self.overview,
            "findings": self.findings.to_dict(),
            "timeline": [{"year": year, "citations": list(numbers)} for year, numbers in self.timeline],
            "stances": [stood.to_dict() for stood in self.stances],
            "counts": self.counts.to_dict(),
            "provenance": asdict(self.provenance),
        }

    def _as_answer(self) -> Answer:
        """The summary as the answer to its topic, so that both are told in one form."""
        return Answer(
            question=self.topic,
            standalone_question=self.topic,
            answerer=self.answerer,
            model=self.model,
            kind=self.kind,
            text=self.text,
            filters=self.filters,
            citations=self.citations,
            sentences=self.sentences,
            closest=self.closest,
            coverage=self.coverage,
            timings_ms=self.timings_ms,
            usage=self.usage,
            notes=self.notes,
        )
