# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""The two sides of a comparison, and which of them this corpus does not know.

"SAFARI vs Scaffold" must not be answered by a comparison of SAFARI with whatever paper comes next.
A side is known when a paper is called so, or at least mentions it. Where the sides are matters that
papers are about ("compare federated and continual learning"), one search for both would find two papers
on the first: each is searched for by itself, and the best paper on each stands for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product, zip_longest

from assistant.models import ScoredPaper
from assistant.readable import readable
from assistant.retrieval.either import either_of
from assistant.retrieval.intervals import BARE_MONTH
from assistant.retrieval.members import asked_phrase
from assistant.retrieval.names import named_papers, without_names
from assistant.retrieval.selection import Outcome, Selection
from assistant.words import STOPWORDS, content_words

__all__ = ["Matters", "Side", "compared_matters", "compared_names", "opposed", "read_sides"]

_JOINED = (
    re.compile(r"\bcompar(?:e|ing|ison\s+(?:of|between))\s+(?!(?:to|with|against)\b)(?P<one>\S.*?)\s+(?:and|with|to|against|versus|vs\.?)\s+(?P<other>.+)", re.I),
    re.compile(r"\bdifferences?\s+between\s+(?P<one>\S.*?)\s+and\s+(?P<other>.+)", re.I),
    re.compile(r"(?P<one>\S.*?)\s(?:versus|vs\.?)\s+(?P<other>.+)", re.I),
    re.compile(r"\b(?:do|does|did|is|are|was)\s+(?P<one>\S.*?)\s+(?:differ(?:ent)?|compare[sd]?)\s+(?:from|with|to|against)\s+(?P<other>.+)", re.I),
)  # fmt: skip
# A name: an inner capital or digit ("QLoRA", "GPT-4"), or at least a capital ("Scaffold").
_NAME = r"(?=[\w+.-]*[A-Z])[A-Za-z0-9][\w+-]*(?:\.\d+)?(?:\s\d+(?:\.\d+)?)?(?![\w+-])"
_AT_END = re.compile(rf"(?:^|\s)(?P<name>{_NAME})\s*$")
_AT_START = re.compile(rf"^\s*(?:the\s+)?(?P<name>{_NAME})(?!\s+[A-Z])")
_NAMED = re.compile(rf"\s*(?:the\s+)?(?P<name>{_NAME})\s*")
# What parts further names of a side: "LoRKD, MeLo" and RoLoRA, SAT vs "MedLSAM vs UniCAD".
_FURTHER = re.compile(r"\s*,\s*(?:(?:and|or|versus|vs\.?)\s+)?|\s+(?:and|or|versus|vs\.?)\s+", re.I)
# Behind the two that are set against each other, a name alone, or one that what is asked follows.
_LISTED = re.compile(
    rf"\s*(?:the\s+)?(?P<name>{_NAME})\s*(?=$|[?!.;:]|(?:on|for|in|at|by|when|under|with)\b)"
)
_COURTESY = frozenset(("please", "thanks", "thank", "cheers"))
_MOST_LISTED = 6  # further names; each is looked for in every paper found
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")  # "SAFARI (2022)"
_MOST_NAMED = 30  # papers looked at for one that is called like a side


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name, and the paper that is called so or first mentions it."""

    name: str
    paper: ScoredPaper | None
    called: bool = False


def compared_names(question: str) -> tuple[str, ...]:
    """The names of the things that `question` sets against each other, two or more; () if it has no two."""
    return tuple(name for name, _ in _named_texts(question))


def _named_texts(question: str) -> list[tuple[str, str]]:
    """The names that `question` sets against each other, each with the text of its side."""
    question = _IN_BRACKETS.sub("", question)
    match = next((m for pattern in _JOINED if (m := pattern.search(question))), None)
    if match is None:
        return []
    *before, last = _FURTHER.split(match["one"].rstrip(" ,"))
    first, *after = _FURTHER.split(match["other"])
    one, other = _AT_END.search(last), _AT_START.match(first)
    if not one or not other:
        return []
    found = [(one["name"], last), (other["name"], first)]
    for text in reversed(before[-_MOST_LISTED:]):
        if not _NAMED.fullmatch(found[0][1]) or not (side := _AT_END.search(text)):
            break
        found.insert(0, (side["name"], text))
    for text in after[:_MOST_LISTED]:
        if not _NAMED.fullmatch(found[-1][1]) or not (side := _LISTED.match(text)):
            if _VERSUS.search(match["other"]) and _VERSUS.split(match["other"])[-1] == text:
                return []  # "SAFARI vs AQUILA vs continual learning": the last is a matter
            break
        if side["name"].lower() in STOPWORDS | _COURTESY:
            break
        found.append((side["name"], text))
    # "LoRKD of September vs April": months tell papers of one name apart.
    if any(BARE_MONTH.fullmatch(name) for name, _ in found):
        return []
    apart = {name.lower(): (name, text) for name, text in found}
    return list(apart.values()) if len(apart) > 1 else []


def read_sides(question: str, ranked: Sequence[ScoredPaper]) -> tuple[Side, ...]:
    """The sides of the comparison that `question` asks for, looked up among the `ranked` papers."""
    return tuple(_side(name, text, ranked) for name, text in _named_texts(question))


def _side(name: str, text: str, ranked: Sequence[ScoredPaper]) -> Side:
    if (side := _named_side(text, ranked)).called:
        return replace(side, name=name)
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", re.I)
    texts = ((s, readable(f"{s.paper.display_title} {s.paper.abstract}")) for s in ranked)
    return Side(name, next((s for s, text in texts if pattern.search(text)), None))


# Where the whole question is a comparison: "learners with differences between clients" is a matter itself.
_ASKED = r"(?:please\s+|can\s+you\s+|could\s+you\s+|would\s+you\s+|i\s+want\s+to\s+|help\s+me\s+)*"
_WHERE = r"(?:(?P<where>(?:in|for|within)\s+[^,]+),\s+)?"
_OPENINGS = (
    re.compile(rf"^\W*{_ASKED}{_WHERE}{_ASKED}(?:give\s+(?:me\s+)?|make\s+)?(?:(?:compare|comparing)(?:\s+and\s+contrast(?:ing)?)?|(?:an?\s+|the\s+)?comparison\s+(?:of|between))\s+(?:between\s+)?(?P<sides>.+)", re.I),
    re.compile(rf"^\W*{_ASKED}{_WHERE}(?:(?:what|which|explain|describe|tell\s+me|show\s+me)(?:['’]?s|\s+is|\s+are)?\s+)?(?:the\s+)?(?:[\w-]+\s+)?(?:similarit(?:y|ies)\s+(?:and|or)\s+)?(?:differences?|distinctions?|similarit(?:y|ies))\s+between\s+(?P<sides>.+)", re.I),
    re.compile(rf"^\W*{_ASKED}{_WHERE}(?:how|in\s+wh(?:at|ich)\s+ways?)\s+(?:do|does|did|is|are)\s+(?P<sides>.+?\s+(?:differ(?:ent)?|compared?)\s+(?:from|with|to|against)\s+.+)", re.I),
    re.compile(rf"^\W*{_ASKED}{_WHERE}(?:(?:explain|describe|tell\s+me|show\s+me)\s+)?(?:how|in\s+wh(?:at|ich)\s+ways?)\s+(?:(?:do|does|did|are)\s+)?(?P<sides>.+?\s+and\s+.+?)\s+(?:differ|compare|different)\b(?:\s+(?:in|on|by|with|as)\s+(?P<asked>.+))?", re.I),
    re.compile(rf"^\W*{_WHERE}(?P<sides>.+?\s(?:versus|vs\.?)\s.+)", re.I),
)  # fmt: skip
# What parts the sides, the surest first; "to" is part of many a side ("approaches to noise").
_PARTINGS = tuple(
    re.compile(rf",?\s+(?:{words})\s+", re.I)
    for words in (
        r"versus|vs\.?",
        r"differ(?:ent)?\s+from|compared?\s+(?:with|to|against)|against|(?:and|with|to)\s+(?=(?:those|the ones|papers|works?|methods?|approaches|techniques)\b)",
        r"and|with",
        r"to",
    )
)
_VERSUS, _COMMA = re.compile(r",?\s+(?:versus|vs\.?)\s+", re.I), re.compile(r",\s+")
_SHORT = 4  # words of a side in a list; what is longer has its comma for another reason
# What is asked of each side: behind a mark, or behind words that lead to it.
_ASKED_OF = re.compile(
    r"\s*(?:[:;?]|\s[-–—]\s|,\s*(?=(?:and\s+)?(?:what|which|how|who|where|when|is|are|do|does|in)\b))\s*"
    r"|\s+(?:in\s+terms\s+of|with\s+(?:respect|regards?)\s+to|with\s+regard\s+to|regarding|concerning|when\s+it\s+comes\s+to|as\s+to)\s+",
    re.I,
)
_ON = re.compile(
    r"\s+on\s+(?=(?:the\s+)?(?:[\w-]+\s+)?(?:accuracy|cost|speed|data|data\s?sets?|performance|results?|sizes?|efficiency|memory|quality|robustness|evaluation|methods?|goals?)\W*$)",
    re.I,
)
# "How pruning and quantization reduce cost": what they do is asked of each.
_HOW = re.compile(
    r"^how\s+(?P<sides>.+?)\s+(?P<asked>(?:deal|handle|address|tackle|reduce|cut|save|use|treat|avoid|prevent|solve|cope|improve|affect|perform|work|learn)\b.*)",
    re.I,
)
# "The accuracy of pruning and quantization".
_ASKED_FIRST = re.compile(
    r"^(?:the\s+)?(?P<asked>accurac(?:y|ies)|performance|results?|costs?|speed|efficiency|sizes?|robustness|memory|data|data\s?sets|limits|limitations|weaknesses|goals?)"
    r"\s+(?:of|in|for|used\s+(?:by|in|for))\s+",
    re.I,
)
# "The pros and cons of pruning and quantization": two words on what is asked, not two sides.
_PAIR_ASKED_FIRST = re.compile(
    r"^(?:the\s+)?(?P<asked>[\w-]+\s+(?:and|&)\s+[\w-]+)\s+of\s+(?=.*\S\s+(?:and|vs\.?|versus|with|to)\s)",
    re.I,
)
_FOR_AND_AGAINST = re.compile(
    r"pros|advantages|strengths|benefits|merits|upsides", re.I
)  # no abstract says so
_WITH_AND_WITHOUT = re.compile(r"\bwith\s+(?:and|or|vs\.?|versus)\s+without\b", re.I)
_LEAD = re.compile(
    r"^(?:(?:the|an?|some|all|different|various)\s+)*(?:papers?|works?|stud(?:y|ies)|research|literature|methods?|approach(?:es)?|techniques?|solutions?|strategies|ways|ideas|those|ones|use|pros\s+and\s+cons|advantages|benefits|merits)"
    r"\s+(?:on|about|to|for|of|against|in|with|using|that\s+(?:use|apply|address|tackle))\s+",
    re.I,
)
# "Masked" of "masked versus contrastive pretraining": no matter without the last word of the other.
_QUALITY = re.compile(r"[a-z]+(?:ed|ive|ous|less)|[a-z]+(?:-[a-z]+)+(?<!ing)(?<!ion)(?<!ment)(?<!s)")
_PLACE = re.compile(r"\s+(?:in|for|on|of|with|from|to|within|under)\s+", re.I)
# What points at a paper or at anything else, and is no matter to look for.
_NO_MATTER = re.compile(
    r"\b(?:it|its|they|them|their|this|these|that|each|other|others|another|existing|previous|prior|earlier|current|recent"
    r"|state[- ]of[- ]the[- ]art|sota|baselines?|alternatives?|competitors?|traditional|conventional|standard|usual|former|latter"
    r"|first|second|third|both|two|three|one|how|why|what|which|whether|paper|study|article|abstract|authors?)\b",
    re.I,
)
_MOST_SIDES = 4  # each is searched for; more are searched for together
_BEST_OF = 3  # papers on each side of which one may stand for it


@dataclass(frozen=True, slots=True)
class Matters:
    """A comparison whose sides are not all called by a paper's name; `asked` is asked of each, "" for nothing."""

    sides: tuple[Side, ...]
    asked: str = ""


def compared_matters(topic: str, found: Sequence[ScoredPaper]) -> Matters | None:
    """The sides that `topic` sets against each other, one at least of which is a matter papers are about.

    A side that one of the papers `found` is called by is that paper. None where `topic` is no such
    comparison: a side points back ("it", "other methods"), or a paper is named beside the sides.
    """
    topic = _IN_BRACKETS.sub("", topic)
    opening = next((m for pattern in _OPENINGS if (m := pattern.search(topic))), None)
    if opening is None or _WITH_AND_WITHOUT.search(topic):
        return None
    body, asked = _without_asked(opening["sides"].strip(" ?.!"))
    asked = asked or (opening.groupdict().get("asked") or "").strip(" ?.!")
    parting = next((m for pattern in _PARTINGS if (m := pattern.search(body))), None)
    if parting is None:
        return None
    if not asked and (on := _ON.search(body, parting.end())):  # "pruning vs quantization on accuracy"
        body, asked = body[: on.start()], body[on.end() :]
    parts = [_LEAD.sub("", part) for part in _parted(body, parting)]
    things = _PLACE.split(parts[1])[0].split()
    if _QUALITY.fullmatch(parts[0]) and len(things) > 1:
        parts[0] += f" {things[-1]}"
    papers = [s.paper for s in found[:_MOST_NAMED]]
    sides = [_named_side(part, found) for part in parts]
    left = [
        not side.called or bool(content_words(without_names(part, [side.paper.paper])))
        for side, part in zip(sides, parts, strict=True)
        if side.paper
    ]
    if any(left) or all(side.called for side in sides) or (asked and named_papers(asked, papers)):
        return None
    if not any(side.called for side in sides):
        where = opening["where"] or ""
        listed = f"{', '.join(parts[:-1])} or {parts[-1]}"
        placed = f"{listed} {where[:1].lower()}{where[1:]}".rstrip()
        texts = either_of(placed, found[:_MOST_NAMED]) or tuple(map(asked_phrase, parts))
        sides = [Side(text, None) for text in texts]
    else:
        sides = [s if s.called else Side(asked_phrase(s.name), None) for s in sides]
    matters = [side.name for side in sides if not side.called]
    pointing = any(
        _NO_MATTER.search(part) for part, side in zip(parts, sides, strict=False) if not side.called
    )
    if pointing or len(sides) > _MOST_SIDES or not all(map(content_words, matters)):
        return None
    return Matters(tuple(sides), asked) if len(set(map(str.lower, matters))) == len(matters) else None


def _parted(body: str, parting: re.Match[str]) -> list[str]:
    """The sides: two, or as many as a "versus" stands between, or as a list "A, B and C" has."""
    before, behind = body[: parting.start()], body[parting.end() :]
    if _VERSUS.search(parting[0]):
        return [before, *_VERSUS.split(behind)]
    commas = _COMMA.split(before)
    return [*(commas if all(len(part.split()) <= _SHORT for part in commas) else [before]), behind]


def _without_asked(sides: str) -> tuple[str, str]:
    if how := _HOW.match(sides):
        return how["sides"], f"how do they {how['asked']}"
    if first := _ASKED_FIRST.match(sides) or _PAIR_ASKED_FIRST.match(sides):
        return sides[first.end() :], "" if _FOR_AND_AGAINST.match(first["asked"]) else first["asked"]
    match = _ASKED_OF.search(sides)
    return (sides[: match.start()], sides[match.end() :]) if match else (sides, "")


def _named_side(text: str, found: Sequence[ScoredPaper]) -> Side:
    called = named_papers(text, [s.paper for s in found[:_MOST_NAMED]])
    if not called:
        return Side(text, None)
    return Side(text, next(s for s in found if s.paper.paper_id == called[0].paper_id), called=True)


def opposed(matters: Matters, selections: Sequence[Selection]) -> tuple[Selection, tuple[Side, ...]]:
    """The papers that stand for the sides, from the list on each, and the sides that have one, in their order.

    A side without a list, or whose list comes only near, has none; without any, nothing answers. One paper
    that is all there is on every side answers for them together.
    """
    listed = [
        (side, s) for side, s in zip(matters.sides, selections, strict=True) if s.outcome == "list" and s.near
    ]
    sides = tuple(side for side, _ in listed)
    if not listed:
        closest = {
            s.paper.paper_id: s for row in zip_longest(*(s.closest for s in selections)) for s in row if s
        }
        near = any(s.near for s in selections)
        lacking = tuple(dict.fromkeys(word for s in selections for word in s.lacking))
        return Selection("off_topic", (), near=near, closest=tuple(closest.values())[:3], lacking=lacking), ()
    found = _pair([s.papers for _, s in listed]) or listed[0][1].papers[:1]
    ids = {s.paper.paper_id for s in found}
    left_out = dict.fromkeys(
        i for _, s in listed for i in (*(p.paper.paper_id for p in s.papers), *s.left_out) if i not in ids
    )
    outcome: Outcome = "compare" if len(found) > 1 else "answer"
    matched = len(found) + len(left_out)
    return Selection(outcome, found, sure=True, matched=matched, left_out=tuple(left_out)), sides


def _pair(ranked: Sequence[Sequence[ScoredPaper]]) -> tuple[ScoredPaper, ...]:
    """A paper for each side of those `ranked` for it, best first: different ones, as near the best as can be.

    () where there are not as many papers as sides. Each of `ranked` has one paper at least.
    """

    def nearness(papers: Sequence[ScoredPaper]) -> float:
        return sum(p.score / max(side[0].score, 1e-9) for p, side in zip(papers, ranked, strict=True))

    rows = product(*(side[:_BEST_OF] for side in ranked))
    apart = [row for row in rows if len({s.paper.paper_id for s in row}) == len(row)]
    return max(apart, key=nearness, default=())
