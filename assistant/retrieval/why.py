"""Why a paper was found: the question's words it holds, what each signal made of it, the filters."""

from collections.abc import Mapping, Sequence

from assistant.models import Filters, Paper, ScoredPaper, Why
from assistant.retrieval.lacking import record_stems
from assistant.retrieval.terms import Statistics, content_terms
from assistant.words import content_words

RANK = "_rank"  # `why["passage_rank"]` is the place of the paper among all candidates by `why["passage"]`
_FUSED = "rank"
# What finds papers, and "close", which ranks the few that were read closely. The other signals reorder
# papers by how they lie to one another: no ranks of their own.
_RANKED = ("passage", "sentence", "words", "late", "close")


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
    held = record_stems(paper, statistics)
    return tuple(dict.fromkeys(word for stem, word in asked.items() if stem in held))
