"""The data that travels between the modules; imports nothing of ours but what shows it in notebooks.

All offsets are code points into `Paper.abstract`, end exclusive. All scores: higher is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["answer", "partial", "refusal", "catalogue", "chat"]
Verdict = Literal["supported", "weak", "unsupported"]


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Registered identifiers; `arxiv` is versionless, `doi` lower-case without a resolver's URL."""

    doi: str | None = None
    arxiv: str | None = None
    pmid: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A bibliographic record.

    `title` is None when the source has none; `display_title` is never empty. `abstract` is
    the source's text with container encoding undone and nothing else, LaTeX included.
    `published` is YYYY, YYYY-MM or YYYY-MM-DD. `et_al` says that `authors` was cut short.
    `sources` are the full paths of the files it came from. `status` is what became of the paper
    since: "retracted", "withdrawn", "concern" (an expression of concern), or None.
    """

    paper_id: str
    display_title: str
    abstract: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    et_al: bool = False
    affiliation_tag: str | None = None
    published: str | None = None
    categories: tuple[str, ...] = ()
    has_code: bool = False
    urls: tuple[str, ...] = ()
    identifiers: Identifiers = field(default_factory=Identifiers)
    source_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    status: str | None = None

    @property
    def year(self) -> int | None:
        return int(self.published[:4]) if self.published else None

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names of the files it came from, without their folders."""
        return tuple(dict.fromkeys(source.rpartition("/")[2] for source in self.sources))

    @property
    def url(self) -> str | None:
        """The best link to the paper itself, else the first link its source gives."""
        if self.identifiers.doi:
            return f"https://doi.org/{self.identifiers.doi}"
        if self.identifiers.arxiv:
            return f"https://arxiv.org/abs/{self.identifiers.arxiv}"
        if self.identifiers.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.identifiers.pmid}/"
        return self.urls[0] if self.urls else None

    def to_dict(self) -> dict[str, Any]:
        """The object `papers --json` prints; with "status" for a paper that has one."""
        marks = {"status": self.status} if self.status else {}
        return {
            "paper_id": self.paper_id,
            "aliases": list(self.aliases),
            "title": self.title,
            "display_title": self.display_title,
            "authors": list(self.authors),
            "et_al": self.et_al,
            "affiliation_tag": self.affiliation_tag,
            "published": self.published,
            "year": self.year,
            "categories": list(self.categories),
            "has_code": self.has_code,
            "urls": list(self.urls),
            "identifiers": asdict(self.identifiers),
            "source_ids": list(self.source_ids),
            "sources": list(self.source_names),
            "abstract": self.abstract,
            **marks,
        }


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of an abstract, as indexed.

    `text` is what is embedded: the display title and the readable passage. `start` and
    `end` delimit the passage in the abstract. `chunk_id` is made of the paper, the number
    and a hash of the text, so that the same input always gives the same id.
    """

    chunk_id: str
    paper_id: str
    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an abstract."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """One sentence of an abstract with its similarity to a question."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class ScoredPaper:
    """A retrieved paper; `sentences` in the order of the abstract, `why` the score's parts."""

    paper: Paper
    score: float
    why: Mapping[str, float] = field(default_factory=dict)
    sentences: tuple[ScoredSentence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """One entry of `results` in what `search --json` prints."""
        return {
            "paper_id": self.paper.paper_id,
            "source_ids": list(self.paper.source_ids),
            "title": self.paper.display_title,
            "score": round(self.score, 6),
            "why": {k: round(v, 4) for k, v in self.why.items()},
        }


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question restricts by publication data; None means no restriction.

    Dates are YYYY-MM-DD, inclusive. An undated paper satisfies no date filter.
    """

    author: str | None = None
    first_author: str | None = None
    category: str | None = None
    year: int | None = None
    published_from: str | None = None
    published_to: str | None = None
    has_code: bool | None = None
    affiliation_tag: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in asdict(self).values())

    def to_dict(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if v is not None}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a paper was found for a question.

    `terms` are the question's words that the paper holds. `scores` and `ranks` are by signal:
    "passage" and "sentence" are cosines of the nearest passage and sentence, "words" is the share
    of the best possible BM25; a rank (1 is best) is the paper's place by that signal alone, absent
    where the signal says nothing of it. `score` and `rank` are of all signals together, None for a
    paper that the catalogue's fields alone selected. `filters` are those it had to satisfy.
    """

    terms: tuple[str, ...] = ()
    score: float | None = None
    rank: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)

    def to_dict(self) -> dict[str, Any]:
        """What is printed as `why`: the signals under the names the field has for them."""
        named = {_SIGNALS.get(s, s): (score, self.ranks.get(s)) for s, score in self.scores.items()}
        return {
            "terms": list(self.terms),
            "score": None if self.score is None else round(self.score, 6),
            "rank": self.rank,
            **{name: {"score": round(score, 4), "rank": rank} for name, (score, rank) in named.items()},
            "filters": self.filters.to_dict(),
        }


_SIGNALS = {"passage": "dense", "words": "lexical", "late": "late_interaction"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Verbatim text of an abstract: `text == abstract[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited paper; `number` lives for one answer.

    `evidence` is empty when catalogue fields carry the statement; `fields` then names them.
    `why` says how the paper was found, None in answers that nothing was searched for.
    """

    number: int
    paper: Paper
    evidence: tuple[Evidence, ...] = ()
    fields: tuple[str, ...] = ()
    why: Why | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "paper_id": self.paper.paper_id,
            "title": self.paper.display_title,
            "authors": list(self.paper.authors),
            "year": self.paper.year,
            "url": self.paper.url,
            "sources": list(self.paper.source_names),
            "evidence": [asdict(e) for e in self.evidence],
            "fields": list(self.fields),
            "why": self.why.to_dict() if self.why else None,
        }


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer; `verdict` is None when it claims nothing."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many papers matched, how many the answer used, and which were left out, best first.

    `strongest` are the first of `left_out`, to be named to the reader.
    """

    matched: int = 0
    used: int = 0
    left_out: tuple[str, ...] = ()
    strongest: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens the language model's server counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in Markdown, with markers [1][2] that `citations` resolves.

    `notes` are messages for the reader that are not part of the answer (a fallback to the
    extractive answerer, a filter that was dropped). `filters` are those that were applied.
    """

    question: str
    standalone_question: str
    answerer: str
    model: str | None
    kind: Kind
    text: str
    filters: Filters = field(default_factory=Filters)
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

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        from assistant.notebook import answer_html  # no other program pays for the Markdown parser

        return answer_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The object `ask --json` prints."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
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
        }
