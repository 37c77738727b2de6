# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.acronyms import other_forms
from assistant.retrieval.kinds import NOISE
from assistant.retrieval.terms import Statistics, coverage, inverse_document_frequencies, stand_together
from assistant.sentences import split_sentences
from assistant.words import content_places

__all__ = [
    "ASKED_WITH",
    "DEFINING",
    "Members",
    "asked_phrase",
    "called_also",
    "papers_on",
    "topic_phrase",
    "topic_phrases",
]

DEFINING = 10  # of the papers found first for a phrase, one may say what it is also called
_LONGEST = 5  # words of a topic that is one phrase
_GENERIC = 0.1  # share of a phrase's weight below which its last word ("models") may differ
# Shares of the best score down to which a paper belongs: one that holds the phrase, or any while hardly a
# paper holds it; and one that does not hold what several others hold. A list of less than several goes
# on to papers that hold the phrase and come half as near: one match stands out by its title alone.
_NEAR, _AS_NEAR, _HOLDING = 0.62, 0.85, 0.45
_SEVERAL = 3
# Words that only ask for papers on a topic, or for something of one.
ASKED_WITH = NOISE | frozenset(
    "use uses used using utilise utilize employ employs apply applies rely deal deals dealing build builds"
    " built building propose proposes introduce introduces present presents address addresses cover covers"
    " involve involves mention mentions discuss talk related based work works purpose kind topic"
    " method methods approach approaches".split()
)
_PLAYS_A_PART = re.compile(r"\s+play(?:s|ed)?\s+(?:an?|the|any|some)\s+(?:[\w-]+\s+)?(?:part|role)\b.*", re.I)
_NAME_LIKE = re.compile(r"[\w-]*[A-Z0-9][\w-]*[A-Z0-9][\w-]*")
_APART = re.compile(r"[-‐‑–/_]")  # a compound is read as its words
_HELD, _KEPT_TO = 1, 2
_SURE = 4  # letters of a stem that stand in every word it is the stem of; analysing a text costs more
_JOINT = re.compile(
    r"[,;:?]|\b(?:and|or|for|in|on|with|without|from|to|by|that|which|about)\b|\w\s+(?:is|are|uses?|using)\b",
    re.I,
)
_DOES = r"(?:use[sd]?|using|appl(?:y|ies|ied|ying)|employ(?:s|ed|ing)?|rel(?:y|ies|ying)\s+on|deal(?:s|ing)?\s+with|address(?:es|ing)?|involv(?:es?|ing)|concern(?:s|ing)?|mention(?:s|ing)?|cover(?:s|ing)?)"
# What joins a topic with its qualifier.
_QUALIFIED = re.compile(
    rf"\s+(?:(?:(?:that|which)\s+)?(?:are|is)\s+(?:also\s+)?(?:about|on|for|in)|(?:(?:that|which)\s+)?(?:also\s+)?{_DOES}"
    r"|(?:applied|adapted|used)\s+(?:to|for|in|on)|based\s+on|in|for|with|on|of|to|within|via)\s+(?:(?:an?|the|their)\s+)?",
    re.I,
)
# What only says that a qualifier is one: "in a medical setting" is as medical as "in medicine".
_WHEREABOUTS = re.compile(
    r"\s+(?:settings?|domains?|fields?|contexts?|areas?|applications?|scenarios?|environments?|tasks?|problems?|research|use cases?)$",
    re.I,
)
# Shares by rarity of the words of a qualifier that a paper must have: any, and one that comes near besides.
_MOST_OF, _SOME_OF = 2 / 3, 1 / 3
_FAMILY = 5  # letters that words of one family begin with


def topic_phrases(topic: str) -> tuple[str, ...]:
    """The phrase that `topic` consists of, or those of a topic with its qualifiers; () for neither."""
    parts = [_WHEREABOUTS.sub("", part.strip()) for part in _QUALIFIED.split(asked_phrase(topic))]
    return tuple(parts) if parts[0] and all(topic_phrase(part) == part for part in parts) else ()


def topic_phrase(topic: str) -> str | None:
    """The one phrase that `topic` consists of beside the words it is asked with; None if it is no phrase."""
    phrase = asked_phrase(topic)
    return None if not phrase or _JOINT.search(phrase) or len(phrase.split()) > _LONGEST else phrase


def asked_phrase(topic: str) -> str:
    """`topic` without the words it is asked with, before and behind; "" when nothing else is left."""
    topic = _PLAYS_A_PART.sub("", topic)
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


def papers_on(
    topic: str,
    ranked: Sequence[ScoredPaper],
    statistics: Statistics,
    called: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Members | None:
    """Those of the `ranked` papers that belong to a list on `topic`, in their order.

    `called` holds other forms of its phrases, beside those that the `ranked` papers define. None where the
    topic is no phrase, or no paper holds it: then only the score can tell.
    """
    phrase = topic_phrase(topic)
    if phrase is None or not ranked:
        return _qualified(topic_phrases(topic), ranked, statistics, called)
    also = (*called_also(phrase, ranked), *called.get(phrase, ()))
    patterns = [p for form in sorted({phrase, *also}) if (p := _stems(form, statistics))]
    held = {s.paper.paper_id: _held(s.paper, patterns, statistics) for s in ranked}
    holding = sum(grade > 0 for grade in held.values())
    if not holding:
        return None
    name = _NAME_LIKE.fullmatch(phrase) is not None
    term = bool(also) or name
    best = ranked[0].score
    # Of a name, what has neither it nor its long form is no member; nor does a score tell anything where
    # only the long form stands in papers, for the search was by the short one.
    as_asked = [_stems(phrase, statistics)]
    asked = name and (not also or not any(_held(s.paper, as_asked, statistics) for s in ranked))
    near = math.inf if asked else (_AS_NEAR if holding >= _SEVERAL else _NEAR)

    def belonging(to_holding: float) -> tuple[ScoredPaper, ...]:
        return tuple(
            s
            for s in ranked
            if (term and held[s.paper.paper_id] == _KEPT_TO)
            or s.score >= (to_holding if held[s.paper.paper_id] else near) * best
        )

    papers = belonging(_NEAR)
    if len(papers) < _SEVERAL:
        papers = belonging(_HOLDING) or belonging(-math.inf)
    sure = _HELD if name else _KEPT_TO
    return Members(papers, any(held[s.paper.paper_id] >= sure for s in papers))


def _qualified(
    phrases: Sequence[str],
    ranked: Sequence[ScoredPaper],
    statistics: Statistics,
    called: Mapping[str, Sequence[str]],
) -> Members | None:
    """The papers that have all the `phrases`, one of which is a name or a term in one of its forms."""
    forms = {p: dict.fromkeys((p, *called_also(p, ranked), *called.get(p, ()))) for p in phrases}
    terms = [p for p in phrases if len(forms[p]) > 1 or _NAME_LIKE.fullmatch(p)]
    if len(phrases) < 2 or not terms:
        return None
    patterns = {t: [stems for form in forms[t] if (stems := _stems(form, statistics))] for t in terms}
    loose = [p for p in phrases if p not in terms]
    named = any(_NAME_LIKE.fullmatch(term) for term in terms)
    found = []
    for scored in ranked:
        grades = [_held(scored.paper, patterns[term], statistics) for term in terms]
        close = scored.score / ranked[0].score
        # What comes very near may say a term, not a name, in other words.
        in_other_words = bool(loose) and not named and close >= _AS_NEAR
        if not all(grades) and not in_other_words:
            continue
        share = min((_share_of_words(scored.paper, p, statistics) for p in loose), default=1.0)
        if not all(grades):
            if share >= _MOST_OF:
                found.append((scored, 0.0))
        elif (share >= _MOST_OF and (close >= _HOLDING or max(grades) == _KEPT_TO)) or (
            share >= _SOME_OF and close >= _NEAR
        ):
            found.append((scored, share))
    papers = tuple(scored for scored, _ in found)
    return Members(papers, certain=True) if any(share >= _MOST_OF for _, share in found) else None


def _share_of_words(paper: Paper, phrase: str, statistics: Statistics) -> float:
    """The share, by rarity, of the words of `phrase` that the paper has, "medical" for "medicine" too."""
    stems = set(statistics.analyze(_APART.sub(" ", phrase)))
    text = set(statistics.analyze(_APART.sub(" ", readable(f"{paper.display_title}. {paper.abstract}"))))
    beginnings = {stem[:_FAMILY] for stem in text if len(stem) >= _FAMILY}
    held = [stem for stem in stems if stem in text or stem[: max(_FAMILY, len(stem) - 2)] in beginnings]
    return coverage(stems, held, inverse_document_frequencies(stems, statistics))


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
    together = any(stand_together(stems, text) for stems in likely for text in (in_title, *sentences))
    return _HELD if together else 0


def _times(stems: Sequence[str], text: Sequence[str]) -> int:
    """How often `stems` follow each other in `text`; of two, in either order."""
    orders = {tuple(stems), tuple(stems[::-1])} if len(stems) == 2 else {tuple(stems)}
    return sum(tuple(text[i : i + len(stems)]) in orders for i in range(len(text)))
