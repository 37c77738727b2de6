"""A literature summary as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.models import AnswerSentence, Citation, Coverage, Evidence, Filters, Kind, Paper, Usage


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
class Provenance:
    """What a summary was made from, so that it can be made again."""

    generation: int
    papers: int
    embedding: str
    date: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of what the corpus holds on a topic.

    `text` is the Markdown of the themes with markers [1][2] that `citations` resolves; a
    refusal's text says that nothing was found. `coverage.matched` counts the papers that
    come near the topic, `left_out` names those of them that fell below the cut-off.
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

    @property
    def refused(self) -> bool:
        return self.kind == "refusal"

    def to_dict(self) -> dict[str, Any]:
        """The object `summarize --json` prints: that of `ask`, with topic, themes and table."""
        return {
            "topic": self.topic,
            "question": self.topic,
            "standalone_question": self.topic,
            "answerer": self.answerer,
            "model": self.model,
            "kind": self.kind,
            "refused": self.refused,
            "filters": self.filters.to_dict(),
            "answer": self.text,
            "citations": [c.to_dict() for c in self.citations],
            "sentences": [
                {"text": s.text, "citations": list(s.citations), "verdict": s.verdict} for s in self.sentences
            ],
            "closest": [p.paper_id for p in self.closest],
            "coverage": {
                "matched": self.coverage.matched,
                "used": self.coverage.used,
                "left_out": list(self.coverage.left_out),
            },
            "timings_ms": {k: round(v, 1) for k, v in self.timings_ms.items()},
            "usage": asdict(self.usage),
            "notes": list(self.notes),
            "themes": [
                {"heading": t.heading, "text": t.text, "citations": list(t.citations)} for t in self.themes
            ],
            "table": [row.to_dict() for row in self.table],
            "provenance": asdict(self.provenance),
        }
