"""What the papers of an answer say outright of what is asked, so that nothing near it passes for it.

A search always finds something, and a list says "papers on this". These checks look at the papers' own
words: a word of a field that none of them has, a name that only looks like theirs ("MIMIC-CXR" beside
"MIMIC-IR"), two things that no paper has together, a comparison that none of them makes.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.acronyms import other_forms
from assistant.retrieval.everyday import specificity
from assistant.retrieval.kinds import WORKS
from assistant.retrieval.lacking import as_terms, held_stems, lacking_words
from assistant.retrieval.members import ASKED_WITH
from assistant.retrieval.names import mention
from assistant.retrieval.terms import Statistics, content_terms
from assistant.words import content_words

__all__ = ["Comparisons", "comparisons", "held_by_each", "never_together", "unmentioned"]

_FIELD_WORD = 0.35  # specificity from which a word that no paper has is told
_TELLING = 0.25  # from which two words that no paper has together are
_JOINED_NAME = re.compile(r"(?<![\w-])[A-Z]\w+(?:-[A-Z0-9]\w*)+(?![\w-])")  # "MIMIC-CXR", not "X-ray"
_ACRONYM = re.compile(r"(?=\w*[A-Z]\w*[A-Z0-9])\w+")
_COMPARING = re.compile(
    rf"{WORKS}\s+(?:here\s+)?(?:that\s+|which\s+)?(?:\w+ly\s+)?"
    r"(?:compar(?:e|es|ed|ing)|contrast(?:s|ed|ing)?)\s+(?P<rest>.+)",
    re.I,
)
_BESIDE = re.compile(r"\s+(?:and|with|to|against|versus|vs\.?)\s+", re.I)
_ANY_OTHER = re.compile(
    r"\W*(?:(?:each|the|an|all|any)\s*)*(?:other|others|another|different|existing|several|various|multiple|many|previous|related"
    r"|alternatives?|baselines?|competitors?|rest|models?|methods?|approaches)\b", re.I
)  # fmt: skip
_SETS_AGAINST = re.compile(
    r"\bcompar|\bversus\b|\bvs\b|\bthan\b|\boutperform|\bsurpass|\bsuperior|\bexceed|\bbetter\b|\bworse\b"
    r"|\binferior|\bon par\b|\bagainst\b|\bbaselines?\b|\bbenchmark|\bmatch(?:es|ing)\b|\bevaluat",
    re.I,
)


def held_by_each(topic: str, papers: Sequence[Paper], statistics: Statistics) -> list[set[str]]:
    """The stems that each of the `papers` has, with those of acronyms of `topic` that it writes out.

    Reading them is most of the work of `unmentioned` and `never_together`: who asks for both makes them once.
    """
    return [held_stems(paper, topic, statistics) for paper in papers]


def unmentioned(
    topic: str, papers: Sequence[Paper], statistics: Statistics, held: Sequence[Set[str]] | None = None
) -> tuple[str, ...]:
    """The words of a field, and the names, of `topic` that none of the `papers` mentions.

    `held` are their stems, as `held_by_each` gives them, where they are known already.
    """
    held = held_by_each(topic, papers, statistics) if held is None else held
    texts = [readable(f"{paper.display_title} {paper.abstract}") for paper in papers]
    names = [n for n in _JOINED_NAME.findall(topic) if all(mention(text, n) is None for text in texts)]
    by_any = set[str]().union(*held)
    lacking = [w for w in lacking_words(topic, by_any, statistics) if w.lower() not in ASKED_WITH]
    return as_terms(topic, lacking, names, _FIELD_WORD)


def never_together(
    topic: str, papers: Sequence[Paper], statistics: Statistics, held: Sequence[Set[str]] | None = None
) -> tuple[str, ...]:
    """The two most telling words of `topic` that some of the `papers` have, and none has both; else ().

    `held` are their stems, as `held_by_each` gives them, where they are known already.
    """
    held = held_by_each(topic, papers, statistics) if held is None else held
    stems: dict[str, str] = {}
    for word in content_words(topic):
        found = content_terms(word, statistics)
        if len(found) == 1 and _worth(word) >= _TELLING and any(found[0] in one for one in held):
            stems.setdefault(found[0], word)
    ordered = sorted(stems, key=lambda stem: -_worth(stems[stem]))
    for one, other in combinations(ordered, 2):
        if not any(one in has and other in has for has in held):
            return tuple(word for word in stems.values() if word in (stems[one], stems[other]))
    return ()


def _worth(word: str) -> float:
    return 1.0 if _ACRONYM.fullmatch(word) else specificity(word)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Of the papers that are to compare `thing`, those that do; failing that, those that mention it."""

    thing: str
    papers: tuple[ScoredPaper, ...]
    outright: bool


def comparisons(question: str, papers: Sequence[ScoredPaper], statistics: Statistics) -> Comparisons | None:
    """Read "papers that compare X with Y" and look for the papers that set X or Y against something.

    None where no comparison of a thing is asked for, or no paper mentions it.
    """
    match = _COMPARING.search(question)
    things = [t.strip(" ?.!") for t in _BESIDE.split(match["rest"])] if match else []
    things = [t for t in things if t and not _ANY_OTHER.match(t)]
    if not things:
        return None
    mentioning = [s for s in papers if _sentences(s, things, statistics)]
    comparing = [s for s in mentioning if any(map(_SETS_AGAINST.search, _sentences(s, things, statistics)))]
    if not mentioning:
        return None
    return Comparisons(things[0], tuple(comparing or mentioning), bool(comparing))


def _sentences(scored: ScoredPaper, things: Sequence[str], statistics: Statistics) -> list[str]:
    """The title and the sentences of a paper that speak of one of `things`, in any of its forms."""
    forms = [f for thing in things for f in (thing, *other_forms(thing, scored.paper))]
    wanted = [set(statistics.analyze(form)) for form in forms]
    texts = [readable(text) for text in (scored.paper.display_title, *(s.text for s in scored.sentences))]
    return [
        text for text in texts if any(stems and stems <= set(statistics.analyze(text)) for stems in wanted)
    ]
