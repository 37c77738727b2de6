# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""The two sides of a comparison, and which of them this corpus does not know.

"SAFARI vs Scaffold" must not be answered by a comparison of SAFARI with whatever paper comes next.
A side is known when a paper is called so, or at least mentions it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import ScoredPaper
from assistant.readable import readable
from assistant.retrieval.intervals import BARE_MONTH
from assistant.retrieval.names import named_papers

__all__ = ["Side", "compared_names", "read_sides"]

_JOINED = (
    re.compile(r"\bcompar(?:e|ing|ison\s+(?:of|between))\s+(?P<one>.+?)\s+(?:and|with|to|against|versus|vs\.?)\s+(?P<other>.+)", re.I),
    re.compile(r"\bdifferences?\s+between\s+(?P<one>.+?)\s+and\s+(?P<other>.+)", re.I),
    re.compile(r"(?P<one>\S.*?)\s(?:versus|vs\.?)\s+(?P<other>.+)", re.I),
    re.compile(r"\b(?:do|does|did|is|are|was)\s+(?P<one>.+?)\s+(?:differ(?:ent)?|compare[sd]?)\s+(?:from|with|to|against)\s+(?P<other>.+)", re.I),
)  # fmt: skip
# A name: an inner capital or digit ("QLoRA", "GPT-4"), or at least a capital ("Scaffold").
_NAME = r"(?=[\w+.-]*[A-Z])[A-Za-z0-9][\w+-]*(?:\.\d+)?(?![\w+-])"
_AT_END = re.compile(rf"(?:^|\s)(?P<name>{_NAME})\s*$")
_AT_START = re.compile(rf"^\s*(?:the\s+)?(?P<name>{_NAME})(?!\s+[A-Z])")
_MOST_NAMED = 30  # papers looked at for one that is called like a side


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name, and the paper that is called so or first mentions it."""

    name: str
    paper: ScoredPaper | None
    called: bool = False


def compared_names(question: str) -> tuple[str, str] | None:
    """The names of the two things that `question` sets against each other; None if it has no two."""
    for pattern in _JOINED:
        if match := pattern.search(question):
            one, other = _AT_END.search(match["one"]), _AT_START.match(match["other"])
            if any(side and BARE_MONTH.fullmatch(side["name"]) for side in (one, other)):
                return None  # "LoRKD of September vs April": months tell papers of one name apart
            if one and other and one["name"].lower() != other["name"].lower():
                return one["name"], other["name"]
            return None
    return None


def _side_texts(question: str) -> tuple[str, str] | None:
    match = next((m for pattern in _JOINED if (m := pattern.search(question))), None)
    return (match["one"], match["other"]) if match else None


def read_sides(question: str, ranked: Sequence[ScoredPaper]) -> tuple[Side, ...]:
    """The sides of the comparison that `question` asks for, looked up among the `ranked` papers."""
    names, texts = compared_names(question), _side_texts(question)
    if not names or not texts:
        return ()
    return tuple(_side(name, text, ranked) for name, text in zip(names, texts, strict=True))


def _side(name: str, text: str, ranked: Sequence[ScoredPaper]) -> Side:
    called = named_papers(text, [s.paper for s in ranked[:_MOST_NAMED]])
    if called:
        return Side(name, next(s for s in ranked if s.paper.paper_id == called[0].paper_id), called=True)
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", re.I)
    texts = ((s, readable(f"{s.paper.display_title} {s.paper.abstract}")) for s in ranked)
    return Side(name, next((s for s, text in texts if pattern.search(text)), None))
