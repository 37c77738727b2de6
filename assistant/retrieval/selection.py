"""From ranked papers to those an answer rests on, or to the decision that nothing answers.

The decision rests on raw evidence, not on ranks: even gibberish has a best hit.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from assistant.models import ScoredPaper
from assistant.retrieval.members import papers_on
from assistant.retrieval.names import named_apart, named_papers, without_names
from assistant.retrieval.plan import COMPARE, Plan
from assistant.retrieval.relevance import NOWHERE_NEAR, SILENT, UNSURE, relevance, unknown_names
from assistant.retrieval.subjects import NOTHING_KNOWN, Elsewhere
from assistant.retrieval.terms import Statistics
from assistant.retrieval.titles import titled_first

NAME_CANDIDATES = 30  # papers looked at for names the question mentions
MOST_LISTED = 12  # papers an answer lists; more belong in a literature summary
ALTERNATIVES = 3  # papers offered when none stands out
_MOST_APART = 5  # papers named in one question that are answered one by one
STANDS_OUT = 0.55  # lead in score from which the first paper is answered from alone
BELONGS_TO_LIST = 0.62  # share of the best score down to which a paper is listed

Outcome = Literal["answer", "list", "compare", "off_topic"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The papers to answer from, best first; `sure` when the first one is certainly meant;
    `near` is false when even that, or the `closest`, have little in common with the question.

    `named` when the question itself says which papers are meant. `matched` counts the papers that
    came near; `left_out` are those not used among them. `closest` are shown with a refusal. `lacking`
    are words of the question that even the nearest papers do not have, where that speaks against them.
    A list is `certain` when the papers' own text says, in one form or another, what it is on.
    """

    outcome: Outcome
    papers: tuple[ScoredPaper, ...]
    sure: bool = False
    near: bool = True
    named: bool = False
    matched: int = 0
    left_out: tuple[str, ...] = ()
    closest: tuple[ScoredPaper, ...] = ()
    lacking: tuple[str, ...] = ()
    certain: bool = False


# A made-up name ("MedVInT"): a capital within the word, small letters too, five characters and more.
_RARE_NAME = re.compile(r"(?<![\w-])(?=\w*[a-z])(?=\w*\w[A-Z])\w{5,}(?![\w-])")
_OTHER_SIDE = re.compile(
    r"\b(?i:vs|versus)\b\.?\s+[A-Z][\w-]*[A-Z0-9]|[A-Z][\w-]{0,60}[A-Z0-9]\w{0,60}\s+(?i:vs|versus)\b"
)


def select_papers(
    plan: Plan,
    ranked: Sequence[ScoredPaper],
    statistics: Statistics,
    elsewhere: Callable[[str], Elsewhere] = lambda _: NOTHING_KNOWN,
    called: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Selection:
    """Choose among `ranked` (best first) what `plan` asks for.

    `elsewhere` says whether a topic is a subject that the corpus has nothing on. `called` are other
    forms of phrases of the topic, as `papers_on` takes them.
    """
    closest = tuple(ranked[:ALTERNATIVES])
    if not ranked:
        return Selection("off_topic", (), closest=closest)
    by_id = {s.paper.paper_id: s for s in ranked}
    named = named_papers(plan.standalone, [s.paper for s in ranked[:NAME_CANDIDATES]])
    meant_ids = dict.fromkeys((*(p.paper_id for p in named), *plan.focus))
    meant = tuple(by_id[i] for i in meant_ids if i in by_id)
    if plan.intent == "compare" and (len(meant) >= 2 or COMPARE.search(plan.standalone)):
        rest = [s for s in ranked if s.paper.paper_id not in meant_ids]
        other = without_names(plan.standalone, [s.paper for s in meant])
        if len(meant) == 1 and _OTHER_SIDE.search(other):
            # "AQUILA vs BERT": the corpus does not have the other one, and none takes its place.
            lacking = unknown_names(other, statistics)
            return Selection(
                "answer", meant, sure=True, near=False, matched=1, closest=closest, lacking=lacking
            )
        return Selection(
            "compare", (*meant, *rest[: max(0, 2 - len(meant))]), sure=True, matched=max(2, len(meant))
        )
    of_each = plan.intent in ("answer", "field")
    apart = named_apart(plan.standalone, [s.paper for s in meant]) if of_each else ()
    if 2 <= len(apart) <= _MOST_APART:
        # "What do X and Y each measure?" asks of both, whatever the verb.
        both = tuple(by_id[p.paper_id] for p in apart)
        return Selection("compare", both, sure=True, matched=len(both), closest=closest)
    if meant:
        best = max(meant, key=lambda s: s.score)
        ordered = (best, *(s for s in meant if s is not best))
        return Selection(
            "answer",
            ordered[:ALTERNATIVES],
            sure=len(meant) == 1,
            named=True,
            matched=len(meant),
            left_out=tuple(s.paper.paper_id for s in ordered[ALTERNATIVES:]),
            closest=closest,
        )
    if exact := _with_figures(plan.topic, ranked):
        one = len(exact) == 1
        return Selection("answer", exact, sure=one, named=one, matched=len(exact), closest=closest)
    members = papers_on(plan.topic, ranked, statistics, called) if plan.intent == "list" else None
    if members is not None and members.certain:
        # What the papers' own text says needs no estimate.
        return replace(_list(plan, members.papers, closest), certain=True)
    found = relevance(plan.topic, ranked, statistics, elsewhere(plan.topic))
    unsure = found.doubt > UNSURE
    if plan.intent != "list" and not unsure and _alone_has_name(plan.topic, ranked):
        return Selection("answer", closest[:1], sure=True, named=True, matched=1, closest=closest)
    # A list of what goes by a name that no paper mentions has nothing on it.
    nameless = plan.intent == "list" and found.names > 0 and (unsure or not found.covered)
    if found.doubt > SILENT or nameless:
        return Selection(
            "off_topic", (), near=found.doubt < NOWHERE_NEAR, closest=closest, lacking=found.lacking
        )
    # What is named and mentioned by no paper, none answers in full.
    unsure = unsure or found.names > 0
    lacking = found.lacking if unsure else ()
    near = [s for s in ranked if s.score >= BELONGS_TO_LIST * ranked[0].score]
    if plan.intent == "list" and len(ranked) > 1:
        return _list(plan, members.papers if members else near, closest, lacking, near=not unsure)
    ranked = titled_first(plan.topic, ranked, statistics)
    sure = len(ranked) == 1 or ranked[0].score - ranked[1].score >= STANDS_OUT
    used = tuple(ranked[: 1 if sure else ALTERNATIVES])
    return Selection(
        "answer",
        used,
        sure,
        near=not unsure,
        matched=max(len(near), len(used)),
        left_out=tuple(s.paper.paper_id for s in near[len(used) :]),
        closest=closest,
        lacking=lacking,
    )


def _with_figures(topic: str, ranked: Sequence[ScoredPaper]) -> tuple[ScoredPaper, ...]:
    """The papers that hold all figures which the question quotes, when they are few."""
    figures = re.findall(r"(?<![\w.])\d+[.,]\d+(?!\w)|(?<![\w.])\d{4,}(?!\w)", topic)
    figures = [f for f in figures if not re.fullmatch(r"(?:19|20)\d\d", f)]
    found = [s for s in ranked if figures and all(f in s.paper.abstract for f in figures)]
    return tuple(found) if len(found) <= ALTERNATIVES else ()


def _alone_has_name(topic: str, ranked: Sequence[ScoredPaper]) -> bool:
    """Whether the first paper is the only one that has a made-up name of the question.

    Of a paper further down it says little: many a paper mentions ImageNet, and is not about it.
    """
    for name in _RARE_NAME.findall(topic):
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        first, *others = (pattern.search(s.paper.abstract) is not None for s in ranked)
        if first and not any(others):
            return True
    return False


def _list(
    plan: Plan,
    papers: Sequence[ScoredPaper],
    closest: tuple[ScoredPaper, ...],
    lacking: tuple[str, ...] = (),
    *,
    near: bool = True,
) -> Selection:
    """The first of the `papers` that belong to a list, in the order that is asked for."""
    ordered = by_date(papers, oldest_first=plan.oldest_first) if plan.by_date else list(papers)
    most = min(plan.limit or MOST_LISTED, MOST_LISTED)
    return Selection(
        "list",
        tuple(ordered[:most]),
        near=near,
        matched=len(ordered),
        left_out=tuple(s.paper.paper_id for s in ordered[most:]),
        closest=closest,
        lacking=lacking,
    )


def by_date(papers: Sequence[ScoredPaper], *, oldest_first: bool) -> list[ScoredPaper]:
    """`papers` in the order of their dates, the undated last."""
    dated = [s for s in papers if s.paper.published]
    dated.sort(key=lambda s: s.paper.published or "", reverse=not oldest_first)
    return dated + [s for s in papers if not s.paper.published]
