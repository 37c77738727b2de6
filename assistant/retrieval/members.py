"""Which papers belong to a list on a topic: those whose own text names it.

The score of a search says what comes near, not what is about it: "low-rank structures" come near to
"low-rank adaptation". Where a topic is one phrase and papers have it, word by word or by the short or
long form that one of them defines for it, the list is of these, and of what scores as high as they do.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.acronyms import other_forms
from assistant.retrieval.kinds import NOISE
from assistant.retrieval.terms import Statistics, inverse_document_frequencies
from assistant.words import content_places

__all__ = ["called_also", "papers_on", "topic_phrase"]

_LONGEST = 5  # words of a topic that is one phrase
_GENERIC = 0.1  # share of a phrase's weight below which its last word ("models") may differ
_AS_NEAR = 0.85  # share of the best score from which a paper belongs without the phrase
_ASKED_WITH = NOISE | frozenset(
    "use uses used using utilise utilize employ employs apply applies rely deal deals dealing build builds"
    " built building propose proposes introduce introduces present presents address addresses cover covers"
    " involve involves mention mentions discuss talk related based work works purpose kind topic".split()
)
_APART = re.compile(r"[-‐‑–/_]")  # a compound is read as its words
_SURE = 4  # letters of a stem that stand in every word it is the stem of; analysing a text costs more
_JOINT = re.compile(r"[,;:?]|\b(?:and|or|for|in|on|with|without|from|to|by|that|which)\b", re.I)


def topic_phrase(topic: str) -> str | None:
    """The one phrase that `topic` consists of beside the words it is asked with; None if it is no phrase."""
    places = content_places(topic)
    while places and topic[slice(*places[0])].lower() in _ASKED_WITH:
        places = places[1:]
    while places and topic[slice(*places[-1])].lower() in _ASKED_WITH:
        places = places[:-1]
    if not places:
        return None
    phrase = topic[places[0][0] : places[-1][1]]
    return None if _JOINT.search(phrase) or len(phrase.split()) > _LONGEST else phrase


def papers_on(
    topic: str, ranked: Sequence[ScoredPaper], statistics: Statistics
) -> tuple[ScoredPaper, ...] | None:
    """The `ranked` papers that name `topic` or score nearly as high as the first, in their order.

    None where the topic is no phrase, or no paper has it: then only the score can tell.
    """
    phrase = topic_phrase(topic)
    if phrase is None:
        return None
    forms = {phrase, *called_also(phrase, ranked)}
    patterns = [pattern for form in sorted(forms) if (pattern := _stems(form, statistics))]
    holding = {s.paper.paper_id for s in ranked if _has(s.paper, patterns, statistics)}
    if not holding:
        return None
    best = ranked[0].score
    return tuple(s for s in ranked if s.paper.paper_id in holding or s.score >= _AS_NEAR * best)


def called_also(phrase: str, ranked: Sequence[ScoredPaper]) -> tuple[str, ...]:
    """The other forms that the `ranked` papers define for a phrase, the most frequent first."""
    counts = Counter(form for s in ranked for form in dict.fromkeys(other_forms(phrase, s.paper)))
    return tuple(form for form, _ in counts.most_common())


def _stems(form: str, statistics: Statistics) -> tuple[str, ...]:
    """The stems of a phrase in order, without a last word that hardly says anything here."""
    stems = statistics.analyze(_APART.sub(" ", form))
    weights = inverse_document_frequencies(stems, statistics)
    total = sum(weights[stem] for stem in stems)
    return tuple(stems[:-1] if len(stems) > 1 and weights[stems[-1]] < _GENERIC * total else stems)


def _has(paper: Paper, patterns: Iterable[Sequence[str]], statistics: Statistics) -> bool:
    text = _APART.sub(" ", readable(f"{paper.display_title}. {paper.abstract}"))
    lower = text.lower()
    likely = [stems for stems in patterns if all(stem[:_SURE] in lower for stem in stems)]
    found = statistics.analyze(text) if likely else []
    return any(_stand_together(stems, found) for stems in likely)


def _stand_together(stems: Sequence[str], text: Sequence[str]) -> bool:
    """True where `stems` follow each other in `text`; of two, in either order."""
    orders: Collection[Sequence[str]] = (stems, stems[::-1]) if len(stems) == 2 else (stems,)
    return any(
        list(text[i : i + len(order)]) == list(order)
        for order in orders
        for i, stem in enumerate(text)
        if stem == order[0]
    )
