"""A list on one topic or another: "papers on pruning or quantization" holds the papers of either.

A search for both words at once puts first what has both, and leaves out what is about one of them. So
each topic is searched for and selected by itself, and the lists are put together.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from assistant.models import ScoredPaper
from assistant.readable import readable
from assistant.retrieval.members import asked_phrase, topic_phrase
from assistant.retrieval.plan import Plan
from assistant.retrieval.selection import MOST_LISTED, Selection, by_date

__all__ = ["either_of", "joined"]

_OR = re.compile(r",?\s+(?:and\s*/\s*)?or\s+(?:(?:on|about|for|with|in|of|to|using|by)\s+)?", re.I)
_COMMA = re.compile(r",\s+")
# "Segmentation or classification of lesions": what is done, and to what.
_DONE = r"(?:[\w-]+\s+)?[\w-]+(?:tion|sion|ment|ing|al|sis|ance|ence|ery)"
_DONE_TO = re.compile(rf"(?P<done>{_DONE})\s+(?P<to>(?:of|in|for|on|from)\s+\S.*)$", re.I)
# "LoRA or low-rank adapters in medical imaging": what is used, and where.
_WHERE = re.compile(r"(?P<thing>\S.*?)\s+(?P<joint>in|for|on|within)\s+(?P<where>\S.*)", re.I)


def either_of(topic: str, found: Sequence[ScoredPaper]) -> tuple[str, ...]:
    """The topics that a list on `topic` may be on, two or more; () where it is not one or another.

    "Breast or lung cancer" shares its last word where one of the papers `found` speaks of "breast
    cancer"; "pruning or low-rank adaptation" does not. What is done to the same thing shares that:
    "detection or segmentation of nodules" is on the detection of nodules, or on their segmentation; and
    so does what is used in the same place.
    """
    phrase = asked_phrase(topic)
    sides = _OR.split(phrase) if phrase else []
    if len(sides) != 2:
        return ()
    parts = [*_COMMA.split(sides[0]), sides[1]]
    texts = [readable(f"{s.paper.display_title}. {s.paper.abstract}") for s in found]
    if shared := _done_to_the_same(parts, texts):
        return shared
    # "A dataset of images or reports": what "or" joins there does not show in the letters.
    if any(topic_phrase(part) is None or " of " in part for part in parts):
        return ()
    *_, last = parts[-1].split()
    return tuple(_whole(part, last, texts) if part is not parts[-1] else part for part in parts)


def _done_to_the_same(parts: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    match = _DONE_TO.fullmatch(parts[-1])
    if match and all(re.fullmatch(_DONE, part, re.I) for part in parts[:-1]):
        return tuple(f"{done} {match['to']}" for done in (*parts[:-1], match["done"]))
    where = _WHERE.fullmatch(parts[-1])
    things = (*parts[:-1], where["thing"]) if where else ()
    if where is None or any(topic_phrase(thing) is None for thing in (*things, where["where"])):
        return ()
    *_, last = where["thing"].split()
    things = (*(_whole(thing, last, texts) for thing in things[:-1]), where["thing"])
    return tuple(f"{thing} {where['joint']} {where['where']}" for thing in things)


def _whole(part: str, last: str, texts: Sequence[str]) -> str:
    pattern = re.compile(rf"\b{re.escape(part)}[\s-]+{re.escape(last)}", re.I)
    return f"{part} {last}" if any(pattern.search(text) for text in texts) else part


def joined(plan: Plan, selections: Sequence[Selection]) -> tuple[Plan, Selection] | None:
    """One list of the lists on each of `plan.either`, and the plan with those that have papers.

    Of the others a note of the plan tells. None where no topic has a list. Papers alternate, the best of
    each topic first.
    """
    named = list(zip(plan.either, selections, strict=True))
    listed = [s for _, s in named if s.outcome == "list" and s.near] or [
        s for _, s in named if s.outcome == "list"
    ]
    if not listed:
        return None
    found = {
        scored.paper.paper_id: scored
        for row in zip_longest(*(s.papers for s in listed))
        for scored in row
        if scored is not None
    }
    papers = list(found.values())
    if plan.by_date:
        papers = by_date(papers, oldest_first=plan.oldest_first)
    most = min(plan.limit or MOST_LISTED, MOST_LISTED)
    left_out = [s.paper.paper_id for s in papers[most:]] + [i for s in listed for i in s.left_out]
    left_out = [i for i in dict.fromkeys(left_out) if i not in {s.paper.paper_id for s in papers[:most]}]
    told = tuple(f"No paper here is on “{topic}”." for topic, s in named if s not in listed)
    either = tuple(topic for topic, s in named if s in listed)
    selection = replace(
        listed[0],
        papers=tuple(papers[:most]),
        matched=len(papers[:most]) + len(left_out),
        left_out=tuple(left_out),
    )
    return replace(plan, either=either, notes=(*plan.notes, *told)), selection
