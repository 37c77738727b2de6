"""From ranked papers to those an answer rests on, or to the decision that nothing answers.

The decision rests on raw evidence, not on ranks: even gibberish has a best hit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.models import ScoredPaper
from assistant.retrieval.names import named_papers, without_names
from assistant.retrieval.plan import COMPARE, Plan
from assistant.retrieval.terms import Statistics, missing_names

NAME_CANDIDATES = 30  # papers looked at for names the question mentions
MOST_LISTED = 12  # papers an answer lists; more belong in a literature summary
ALTERNATIVES = 3  # papers offered when none stands out
STANDS_OUT = 0.25  # lead in score from which the first paper is answered from alone
BELONGS_TO_LIST = 0.72  # share of the best score down to which a paper is listed

# Passage + sentence cosine of the best paper. Below FAR the corpus is silent; where the question
# names something that no paper mentions, already below FAR_WITH_UNKNOWN_NAME. Below UNSURE an
# answer is only what comes near. See tests/benchmarks/refusal.py.
FAR = 0.42
FAR_WITH_UNKNOWN_NAME = 0.90
UNSURE = 0.70

Outcome = Literal["answer", "list", "compare", "off_topic"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The papers to answer from, best first; `sure` when the first one is certainly meant;
    `near` is false when even that has little in common with the question.

    `matched` counts the papers that came near; `left_out` are those not used among them.
    `closest` are shown with a refusal.
    """

    outcome: Outcome
    papers: tuple[ScoredPaper, ...]
    sure: bool = False
    near: bool = True
    matched: int = 0
    left_out: tuple[str, ...] = ()
    closest: tuple[ScoredPaper, ...] = ()


_OTHER_SIDE = re.compile(
    r"\b(?i:vs|versus)\b\.?\s+[A-Z][\w-]*[A-Z0-9]|[A-Z][\w-]*[A-Z0-9]\w*\s+(?i:vs|versus)\b"
)


def select_papers(plan: Plan, ranked: Sequence[ScoredPaper], statistics: Statistics) -> Selection:
    """Choose among `ranked` (best first) what `plan` asks for."""
    closest = tuple(ranked[:ALTERNATIVES])
    if not ranked:
        return Selection("off_topic", (), closest=closest)
    by_id = {s.paper.paper_id: s for s in ranked}
    named = named_papers(plan.standalone, [s.paper for s in ranked[:NAME_CANDIDATES]])
    meant_ids = dict.fromkeys((*(p.paper_id for p in named), *plan.focus))
    meant = tuple(by_id[i] for i in meant_ids if i in by_id)
    if plan.intent == "compare" and (len(meant) >= 2 or COMPARE.search(plan.standalone)):
        rest = [s for s in ranked if s.paper.paper_id not in meant_ids]
        if len(meant) == 1 and _OTHER_SIDE.search(without_names(plan.standalone, [meant[0].paper])):
            # "AQUILA vs BERT": the corpus does not have the other one, and none takes its place.
            return Selection("answer", meant, sure=True, near=False, matched=1, closest=closest)
        return Selection(
            "compare", (*meant, *rest[: max(0, 2 - len(meant))]), sure=True, matched=max(2, len(meant))
        )
    if meant:
        best = max(meant, key=lambda s: s.score)
        ordered = (best, *(s for s in meant if s is not best))
        return Selection(
            "answer", ordered[:ALTERNATIVES], sure=len(meant) == 1, matched=len(meant), closest=closest
        )
    if exact := _with_figures(plan.topic, ranked):
        return Selection("answer", exact, sure=len(exact) == 1, matched=len(exact), closest=closest)
    if off_topic(plan.topic, ranked, statistics):
        return Selection("off_topic", (), closest=closest)
    near = [s for s in ranked if s.score >= BELONGS_TO_LIST * ranked[0].score]
    if plan.intent == "list" and len(ranked) > 1:
        left_out = tuple(s.paper.paper_id for s in near[MOST_LISTED:])
        return Selection(
            "list", tuple(near[:MOST_LISTED]), matched=len(near), left_out=left_out, closest=closest
        )
    sure = len(ranked) == 1 or ranked[0].score - ranked[1].score >= STANDS_OUT
    used = tuple(ranked[: 1 if sure else ALTERNATIVES])
    left_out = tuple(s.paper.paper_id for s in near[len(used) :])
    return Selection(
        "answer", used, sure, nearness(ranked) >= UNSURE, max(len(near), len(used)), left_out, closest
    )


def _with_figures(topic: str, ranked: Sequence[ScoredPaper]) -> tuple[ScoredPaper, ...]:
    """The papers that hold a figure the question quotes, when it singles them out."""
    figures = re.findall(r"(?<![\w.])\d+[.,]\d+(?!\w)|(?<![\w.])\d{4,}(?!\w)", topic)
    figures = [f for f in figures if not re.fullmatch(r"(?:19|20)\d\d", f)]
    found = [s for s in ranked if figures and all(f in s.paper.abstract for f in figures)]
    return tuple(found) if len(found) <= ALTERNATIVES else ()


def off_topic(topic: str, ranked: Sequence[ScoredPaper], statistics: Statistics) -> bool:
    """True when even the best of the papers has too little to do with `topic`."""
    unknown = missing_names(topic, lambda stem: statistics.document_frequencies([stem])[stem] > 0, statistics)
    return nearness(ranked) < (FAR_WITH_UNKNOWN_NAME if unknown else FAR)


def nearness(ranked: Sequence[ScoredPaper]) -> float:
    """The highest sum of a paper's passage and sentence cosine."""
    return max(s.why["passage"] + s.why["sentence"] for s in ranked)
