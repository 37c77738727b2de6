"""Which papers belong to a list on a topic: those whose own text names it.

The score of a search says what comes near, not what is about it: "low-rank structures" come near to
"low-rank adaptation". A paper holds a topic that is one phrase when its words stand together in the title
or in a sentence; it keeps to it when its title has the phrase, or its abstract has it more than once.
Where several papers hold the topic, others have to come very near. Where the topic is a name, or a
phrase that a paper defines a short form for, those that keep to it in either form are listed however low
they score by the one form that was asked for.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.acronyms import other_forms
from assistant.retrieval.kinds import NOISE
from assistant.retrieval.terms import Statistics, inverse_document_frequencies
from assistant.sentences import split_sentences
from assistant.words import content_places

__all__ = ["ASKED_WITH", "Members", "asked_phrase", "called_also", "papers_on", "topic_phrase"]

_LONGEST = 5  # words of a topic that is one phrase
_GENERIC = 0.1  # share of a phrase's weight below which its last word ("models") may differ
# Shares of the best score down to which a paper belongs: one that holds the phrase, or any while hardly a
# paper holds it; and one that does not hold what several others hold. A list of less than several goes
# on to papers that hold the phrase and come half as near: one match stands out by its title alone.
_NEAR, _AS_NEAR, _HOLDING = 0.62, 0.85, 0.45
_SEVERAL = 3
_APART_BY = 1  # words that may stand between those of a topic: "generating realistic images"
# Words that only ask for papers on a topic, or for something of one.
ASKED_WITH = NOISE | frozenset(
    "use uses used using utilise utilize employ employs apply applies rely deal deals dealing build builds"
    " built building propose proposes introduce introduces present presents address addresses cover covers"
    " involve involves mention mentions discuss talk related based work works purpose kind topic"
    " method methods approach approaches".split()
)
_NAME_LIKE = re.compile(r"[\w-]*[A-Z0-9][\w-]*[A-Z0-9][\w-]*")
_APART = re.compile(r"[-‐‑–/_]")  # a compound is read as its words
_HELD, _KEPT_TO = 1, 2
_SURE = 4  # letters of a stem that stand in every word it is the stem of; analysing a text costs more
_JOINT = re.compile(r"[,;:?]|\b(?:and|or|for|in|on|with|without|from|to|by|that|which)\b", re.I)


def topic_phrase(topic: str) -> str | None:
    """The one phrase that `topic` consists of beside the words it is asked with; None if it is no phrase."""
    phrase = asked_phrase(topic)
    return None if not phrase or _JOINT.search(phrase) or len(phrase.split()) > _LONGEST else phrase


def asked_phrase(topic: str) -> str:
    """`topic` without the words it is asked with, before and behind; "" when nothing else is left."""
    places = content_places(topic)
    while places and topic[slice(*places[0])].lower() in ASKED_WITH:
        places = places[1:]
    while places and topic[slice(*places[-1])].lower() in ASKED_WITH:
        places = places[:-1]
    return topic[places[0][0] : places[-1][1]] if places else ""


@dataclass(frozen=True, slots=True)
class Members:
    """The papers that belong to a list, best first; `certain` when one keeps to it, or has its name."""

    papers: tuple[ScoredPaper, ...]
    certain: bool


def papers_on(topic: str, ranked: Sequence[ScoredPaper], statistics: Statistics) -> Members | None:
    """Those of the `ranked` papers that belong to a list on `topic`, in their order.

    None where the topic is no phrase, or no paper holds it: then only the score can tell.
    """
    phrase = topic_phrase(topic)
    if phrase is None or not ranked:
        return None
    also = called_also(phrase, ranked)
    patterns = [p for form in sorted({phrase, *also}) if (p := _stems(form, statistics))]
    held = {s.paper.paper_id: _held(s.paper, patterns, statistics) for s in ranked}
    holding = sum(grade > 0 for grade in held.values())
    if not holding:
        return None
    name = _NAME_LIKE.fullmatch(phrase) is not None
    term = bool(also) or name
    best = ranked[0].score
    near = math.inf if name and not also else (_AS_NEAR if holding >= _SEVERAL else _NEAR)

    def belonging(to_holding: float) -> tuple[ScoredPaper, ...]:
        return tuple(
            s
            for s in ranked
            if (term and held[s.paper.paper_id] == _KEPT_TO)
            or s.score >= (to_holding if held[s.paper.paper_id] else near) * best
        )

    papers = belonging(_NEAR)
    if len(papers) < _SEVERAL:
        papers = belonging(_HOLDING)
    sure = _HELD if name else _KEPT_TO
    return Members(papers, any(held[s.paper.paper_id] >= sure for s in papers))


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


def _held(paper: Paper, patterns: Sequence[Sequence[str]], statistics: Statistics) -> int:
    """Whether the paper holds one of the phrases, or even keeps to it; 0 when it does not."""
    title, abstract = (_APART.sub(" ", readable(text)) for text in (paper.display_title, paper.abstract))
    lower = f"{title} {abstract}".lower()
    likely = [stems for stems in patterns if all(stem[:_SURE] in lower for stem in stems)]
    if not likely:
        return 0
    in_title = statistics.analyze(title)
    if any(_times(stems, in_title) for stems in likely):
        return _KEPT_TO
    # A phrase runs over no full stop.
    sentences = [statistics.analyze(abstract[s.start : s.end]) for s in split_sentences(abstract)]
    if sum(_times(stems, sentence) for stems in likely for sentence in sentences) > 1:
        return _KEPT_TO
    together = any(_together(stems, text) for stems in likely for text in (in_title, *sentences))
    return _HELD if together else 0


def _together(stems: Sequence[str], text: Sequence[str]) -> bool:
    """True when all `stems` stand in a stretch of `text` with hardly a word between them."""
    wanted = set(stems)
    stretch = len(wanted) + _APART_BY
    return any(wanted <= set(text[i : i + stretch]) for i, stem in enumerate(text) if stem in wanted)


def _times(stems: Sequence[str], text: Sequence[str]) -> int:
    """How often `stems` follow each other in `text`; of two, in either order."""
    orders = {tuple(stems), tuple(stems[::-1])} if len(stems) == 2 else {tuple(stems)}
    return sum(tuple(text[i : i + len(stems)]) in orders for i in range(len(text)))
