"""A paper whose title says nearly all that is asked, though the search puts others first.

A title may write out what the question abbreviates: "Is LoRA better than fine-tuning?" asks for
"Low-Rank Adaptation is Better than Fine-tuning", whose abstract may not say "LoRA" once.
"""

import re
from collections.abc import Sequence

from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.acronyms import other_forms
from assistant.retrieval.terms import Statistics, content_terms, coverage, inverse_document_frequencies
from assistant.words import content_words

__all__ = ["titled_first"]

_CANDIDATES = 30
_FEWEST_TERMS = 4  # of a question; a title has three words of it by chance
_NEARLY_ALL, _AHEAD = 0.7, 0.15  # share of the question's words by rarity, and more than any other title
_SHORT_FORM = re.compile(r"\w*[A-Z]\w*[A-Z]\w*")


def titled_first(topic: str, ranked: Sequence[ScoredPaper], statistics: Statistics) -> list[ScoredPaper]:
    """`ranked`, led by the one paper whose title has nearly all words of `topic`, if there is one."""
    terms = content_terms(topic, statistics)
    candidates = ranked[:_CANDIDATES]
    if len(terms) < _FEWEST_TERMS or len(candidates) < 2:
        return list(ranked)
    weights = inverse_document_frequencies(terms, statistics)
    written_out = _written_out(topic, [s.paper for s in candidates], statistics)
    shares = []
    for scored in candidates:
        held = set(statistics.analyze(readable(scored.paper.display_title)))
        for short, long in written_out:
            held |= short if long <= held else set()
        shares.append(coverage(terms, held, weights))
    second, first = sorted(shares)[-2:]
    if first < _NEARLY_ALL or first - second < _AHEAD:
        return list(ranked)
    at = shares.index(first)
    return [ranked[at], *ranked[:at], *ranked[at + 1 :]]


def _written_out(
    topic: str, papers: Sequence[Paper], statistics: Statistics
) -> list[tuple[set[str], set[str]]]:
    """The stems of the short forms in `topic`, each with those of a long form that papers define."""
    shorts = [word for word in content_words(topic) if _SHORT_FORM.fullmatch(word)]
    return [
        (set(content_terms(short, statistics)), set(statistics.analyze(long)))
        for short in shorts
        for long in {form for paper in papers for form in other_forms(short, paper)}
    ]
