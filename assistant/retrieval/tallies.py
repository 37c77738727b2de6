# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""Questions about the catalogue as a whole: "how many papers per year?", "who has most papers?"."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from assistant.retrieval.kinds import WORKS

By = Literal["year", "month", "author", "first_author", "category", "affiliation_tag", "code"]
Order = Literal["all", "most", "fewest", "number", "share"]

_KINDS: tuple[tuple[By, str], ...] = (
    ("year", r"(?:publication\s+)?years?"),
    ("month", r"months?"),
    ("first_author", r"(?:first|lead)\s+authors?"),
    ("author", r"(?:authors?|researchers?|writers?)"),
    ("category", r"(?:(?:arxiv|subject)\s+)?(?:categor(?:y|ies)|sections?|subject\s+class(?:es)?)"),
    ("affiliation_tag", r"(?:affiliations?|institutions?)"),
)
_KIND = "|".join(pattern for _, pattern in _KINDS)
_MOST = r"(?P<order>most|fewest|least|(?:largest|highest|greatest)\s+number\s+of|(?:lowest|smallest)\s+number\s+of)"
_HAS = r"(?:has|have|had|saw|got|holds?|contains?|with|published|wrote|written|authored|appears?\s+(?:on|in)|is\s+(?:on|in))"
_HERE = r"(?:are\s+(?:there|here|covered|represented|included|in)|is\s+there|do\s+you\s+(?:have|cover|hold|know)|does\s+(?:the|this|your)\s+(?:corpus|collection)|do\s+the\s+papers|exist|covered|(?:of|in)\s+(?:the|this|your)\s+(?:corpus|collection))"
_PATTERNS: tuple[tuple[Order, re.Pattern[str]], ...] = (
    ("all", re.compile(
        rf"\b(?:(?:how\s+many|(?:the\s+)?numbers?\s+of|count(?:s)?(?:\s+of|\s+the)?|distribution\s+of|breakdown\s+of|histogram\s+of)\s+(?:the\s+|all\s+)?{WORKS}"
        rf"(?:\s+(?:are\s+there|do\s+you\s+have|were\s+published|are))?(?P<middle>.{{0,40}}?)\s(?:per|by|(?:for|in|from|of)\s+each|each|every|in\s+every|over(?:\s+the)?|across(?:\s+the)?)"
        rf"|\b{WORKS}\s+per|\bpapers\s+(?:in|for)\s+each)\s+(?P<kind>{_KIND})\b", re.I)),
    ("most", re.compile(rf"\b(?:which|what)\s+(?:is\s+the\s+)?(?P<kind>{_KIND})\s+(?:that\s+)?{_HAS}\s+(?:the\s+)?{_MOST}(?:\s+{WORKS})?", re.I)),
    ("most", re.compile(rf"\b(?:in|from|by|of)\s+(?:which|what)\s+(?P<kind>{_KIND})\s+(?:were|are|was|do|did)\s+(?:the\s+)?{_MOST}\s+{WORKS}(?:\s+(?:published|written|from|listed|come|appear))?", re.I)),
    ("most", re.compile(rf"\bwho\s+(?:{_HAS})\s+(?:the\s+)?{_MOST}(?:\s+{WORKS})?(?P<kind>)\b|\bwho\s+(?:is|are)\s+the\s+most\s+(?:prolific|productive|frequent)(?:\s+authors?)?(?P<order2>)", re.I)),
    ("most", re.compile(rf"\b(?P<order>most)\s+(?:common|frequent|prolific|productive|published|active)\s+(?P<kind>{_KIND})\b", re.I)),
    ("most", re.compile(rf"\btop\s+(?P<limit>\d{{1,2}}|three|five|ten)?\s*(?P<kind>{_KIND})\b(?:\s+by\s+(?:number\s+of\s+)?{WORKS})?", re.I)),
    ("most", re.compile(rf"\b(?P<kind>{_KIND})\s+with\s+(?:the\s+)?{_MOST}\s+{WORKS}", re.I)),
    ("number", re.compile(rf"\bhow\s+many\s+(?:different\s+|distinct\s+|unique\s+)?(?P<kind>{_KIND})\s+(?:{_HERE}|(?:have\s+|has\s+)?(?:wrote|written|published|contributed(?:\s+to)?)\s+(?:the\s+|any\s+)?{WORKS})", re.I)),
    ("all", re.compile(
        rf"\b(?:which|what)\s+(?:are\s+the\s+|different\s+)?(?P<kind>{_KIND})\s+{_HERE}(?:\s+(?:cover|span|have|hold|include|contain))?"
        rf"|^\W*(?:list|show|name)\s+(?:me\s+)?(?:all\s+)?(?:the\s+|your\s+)?(?P<kind2>{_KIND})(?=\W*$|\s+(?:in|of)\s+(?:the|this|your)\s+(?:corpus|collection))", re.I)),
    ("share", re.compile(rf"\b(?:what|which)?\s*(?:percentage|percent|fraction|share|proportion)\s+of\s+(?P<middle>(?:[\w'’.-]+\s+){{0,4}}?){WORKS}", re.I)),
)  # fmt: skip
_LIMITS = {"three": 3, "five": 5, "ten": 10}


@dataclass(frozen=True, slots=True)
class Tally:
    """A count over the papers a plan selects.

    `order`: "all" values of `by` with their papers, those with the "most" or "fewest", the
    "number" of values, or the "share": with `by` "code" of the selected papers those that have
    code (or, with `code` false, have none), else the selected ones of the `total` of the corpus.
    """

    by: By
    order: Order
    limit: int | None = None
    total: int = 0
    code: bool = True


def read_tally(question: str) -> tuple[Tally, str] | None:
    """The tally that `question` asks for, and the question without the words that ask for it."""
    for order, pattern in _PATTERNS:
        match = pattern.search(question)
        if match is None:
            continue
        group = match.groupdict()
        kind = group.get("kind") or group.get("kind2")
        by: By = next((b for b, p in _KINDS if kind and re.fullmatch(p, kind, re.I)), "author")
        few = re.match(r"few|least|low|small", group.get("order") or "", re.I)
        tally = Tally(by, "fewest" if few else order)
        if limit := group.get("limit"):
            tally = replace(tally, limit=_LIMITS.get(limit.lower()) or int(limit))
        kept = group.get("middle")
        filters = f"papers {kept} papers" if kept else ""  # a filter needs its noun, before or behind
        return tally, f"{question[: match.start()]} {filters} {question[match.end() :]}".strip()
    return None
