"""Which papers belong to a list on a topic: those whose own text names it.

The score of a search says what comes near, not what is about it: "low-rank structures" come near to
"low-rank adaptation". Where a topic is a name, or a phrase that a paper defines a short form for, and
papers have it in either form, those whose title has it or whose abstract keeps to it are listed however
low they score by the one form that was asked for. Of other topics only the score can tell.
"""

import re
from collections import Counter
from collections.abc import Sequence

from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.acronyms import other_forms
from assistant.retrieval.kinds import NOISE
from assistant.retrieval.terms import Statistics, inverse_document_frequencies
from assistant.words import content_places

__all__ = ["called_also", "papers_on", "topic_phrase"]

_LONGEST = 5  # words of a topic that is one phrase
_GENERIC = 0.1  # share of a phrase's weight below which its last word ("models") may differ
_AS_NEAR = 0.62  # share of the best score from which a paper belongs without the phrase
_ASKED_WITH = NOISE | frozenset(
    "use uses used using utilise utilize employ employs apply applies rely deal deals dealing build builds"
    " built building propose proposes introduce introduces present presents address addresses cover covers"
    " involve involves mention mentions discuss talk related based work works purpose kind topic".split()
)
_NAME_LIKE = re.compile(r"[\w-]*[A-Z0-9][\w-]*[A-Z0-9][\w-]*")
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

    None where the topic is no such phrase, or no paper has it: then only the score can tell.
    """
    phrase = topic_phrase(topic)
    if phrase is None:
        return None
    also = called_also(phrase, ranked)
    if not also and not _NAME_LIKE.fullmatch(phrase):
        return None
    forms = {phrase, *also}
    patterns = [pattern for form in sorted(forms) if (pattern := _stems(form, statistics))]
    holding = {s.paper.paper_id for s in ranked if _is_on(s.paper, patterns, statistics)}
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


def _is_on(paper: Paper, patterns: Sequence[Sequence[str]], statistics: Statistics) -> bool:
    """True when the title has one of the phrases, or the abstract has them more than once."""
    title, abstract = (_APART.sub(" ", readable(text)) for text in (paper.display_title, paper.abstract))
    lower = f"{title} {abstract}".lower()
    likely = [stems for stems in patterns if all(stem[:_SURE] in lower for stem in stems)]
    if not likely:
        return False
    in_title, in_abstract = statistics.analyze(title), statistics.analyze(abstract)
    if any(_times(stems, in_title) for stems in likely):
        return True
    return sum(_times(stems, in_abstract) for stems in likely) > 1


def _times(stems: Sequence[str], text: Sequence[str]) -> int:
    """How often `stems` follow each other in `text`; of two, in either order."""
    orders = {tuple(stems), tuple(stems[::-1])} if len(stems) == 2 else {tuple(stems)}
    return sum(tuple(text[i : i + len(stems)]) in orders for i in range(len(text)))
