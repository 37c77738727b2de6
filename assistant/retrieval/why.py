"""Why a paper was found: the question's words it holds, what each signal made of it, the filters."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from assistant.models import Filters, Paper, ScoredPaper, Why
from assistant.readable import readable
from assistant.retrieval.terms import Statistics, content_terms, content_words

RANK = "_rank"  # `why["passage_rank"]` is the place of the paper among all candidates by `why["passage"]`
_FUSED = "rank"
# What finds papers. The other signals reorder these by how they lie to one another: no ranks of their own.
_RANKED = ("passage", "sentence", "words", "late")
_WORD = re.compile(r"\w+(?:-\w+)*")


def with_ranks(signals: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """The signals of all candidates, best fused score first, with the rank by each: 1 is the best.

    Equal values share a rank. A signal that says nothing of a paper (0) gives it no rank.
    """
    ranked: list[dict[str, float]] = [
        {**values, _FUSED: place} for place, values in enumerate(signals, start=1)
    ]
    for signal in _RANKED:
        values = sorted((v[signal] for v in signals if v.get(signal, 0.0) > 0.0), reverse=True)
        place = {value: rank for rank, value in reversed(list(enumerate(values, start=1)))}
        for row in ranked:
            if row.get(signal, 0.0) > 0.0:
                row[f"{signal}{RANK}"] = place[row[signal]]
    return ranked


def explain(
    question: str, papers: Sequence[ScoredPaper], statistics: Statistics, filters: Filters
) -> list[Why]:
    """Why each of `papers` was found for `question`; `filters` are those that were applied."""
    asked = question_terms(question, statistics)
    return [
        Why(
            terms=held_terms(asked, scored.paper, statistics),
            score=scored.score,
            rank=int(scored.why[_FUSED]) if _FUSED in scored.why else None,
            scores={k: v for k, v in scored.why.items() if k != _FUSED and not k.endswith(RANK)},
            ranks={k.removesuffix(RANK): int(v) for k, v in scored.why.items() if k.endswith(RANK)},
            filters=filters,
        )
        for scored in papers
    ]


def question_terms(question: str, statistics: Statistics) -> dict[str, str]:
    """The stems of a question's content words, misspelt ones put right, with the word as it is written."""
    terms: dict[str, str] = {}
    for word in content_words(question):
        for stem in content_terms(word, statistics):
            terms.setdefault(stem, word)
    return terms


def held_terms(asked: Mapping[str, str], paper: Paper, statistics: Statistics) -> tuple[str, ...]:
    """The words of `asked` that title, abstract or authors hold, in any inflection or spelling variant."""
    text = _folded(readable(f"{paper.display_title}. {paper.abstract} {' '.join(paper.authors)}"))
    # Stemming leaves the first letters alone; only words that share them are worth analysing.
    beginnings = {stem[:2] for stem in asked}
    alike = (word for word in set(_WORD.findall(text)) if any(p[:2] in beginnings for p in word.split("-")))
    held = set(statistics.analyze(" ".join(alike)))
    return tuple(dict.fromkeys(word for stem, word in asked.items() if stem in held))


def _folded(text: str) -> str:
    """Lower case without accents, as the lexical index has it."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", re.sub(r"[‐‑–]", "-", text))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
