"""Reading publication filters from a question, by rule.

A phrase becomes a filter only when it can mean nothing else than publication data: "papers
since 2024", "by Qicheng Lao", "with code", "in cs.LG" are filters; "ImageNet 2012" is not.
What is read is taken out of the question, so that the rest can be searched for.
"""

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from assistant.models import Filters
from assistant.stores.folding import fold

_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9
_NUMBERS = {w: i for i, w in enumerate("one two three four five six seven eight nine ten".split(), 1)}

_M = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_Y = r"(?:19|20)\d\d"
_WORK = (
    r"(?:papers?|works?|articles?|publications?|preprints?|entr(?:y|ies)|stud(?:y|ies)|abstracts?|reports?"
    r"|manuscripts?|contributions?|version|follow-?up|releases?)"
)
_APPEARED = r"(?:published|released|appeared|appear|came out|come out|posted|submitted|written|dated|listed)"

# Each pattern stands for a range of dates; the named groups say how to read it.
_RANGES = [
    rf"(?:between|from)\s+(?P<m1>{_M})?\s*(?P<y1>{_Y})\s+(?:and|to|until|through|till)\s+(?P<m2>{_M})?\s*(?P<y2>{_Y})",
    rf"(?:between|from)?\s*(?P<m1>{_M})\s*(?:and|to|until|through|till|-|–)\s*(?P<m2>{_M})\s+(?:of\s+)?(?P<y2>{_Y})",
    rf"(?<=s )(?:in|from|of)\s+(?P<y1>{_Y})\s+and\s+(?P<y2>{_Y})",
    rf"(?P<y1>{_Y})\s*(?:-|–|—)\s*(?P<y2>{_Y})(?=\s+{_WORK})",
    rf"(?:in|from|during|of)?\s*(?:the\s+)?(?P<quarter>first|second|third|fourth|last)\s+quarter\s+(?:of\s+)?(?P<y1>{_Y})",
    rf"(?:in|from|during|of)?\s*\bq(?P<quarter>[1-4])\s*(?:of\s+|/)?\s*(?P<y1>{_Y})",
    rf"(?:in|from|during|of)?\s*(?:the\s+)?(?P<half>first|second|last)\s+half\s+(?:of\s+)?(?P<y1>{_Y})",
    rf"(?:{_APPEARED}\s+)?(?:in\s+or\s+)?(?P<op>since|after|later than|newer than|starting in|from|before|earlier than|older than|until|till|up to|no later than)\s+(?:the\s+year\s+)?(?P<m1>{_M})?\s*(?P<y1>{_Y})(?P<onwards>\s+(?:on|onwards?|or later))?",
    r"(?:(?:in|from|over|of|during|within)\s+)?(?:the\s+)?(?:last|past|previous|recent)\s+(?P<years>\d+|"
    + "|".join(_NUMBERS)
    + r")\s+years?",
    rf"(?:{_WORK}\s+)(?P<this>from\s+this|of\s+this|from\s+last|of\s+last|this|last)\s+year",
    rf"\(\s*(?P<m1>{_M})?\s*(?P<y1>{_Y})\s*\)",
    rf"(?:(?:{_APPEARED}|dates?)\s+)?(?:in|from|of|during)\s+(?P<m1>{_M})\s+(?P<y1>{_Y})",
    rf"(?<![\w-])(?P<m1>{_M})\s+(?P<y1>{_Y})(?:'s)?(?=\s+[a-z])",
    rf"(?:{_APPEARED}|is|are|was|were)\s+(?:in|from|of)\s+(?:the\s+year\s+)?(?P<y1>{_Y})",
    rf"(?<![\w-])(?P<y1>{_Y})(?:'s)?(?=(?:\s+[\w-]+){{0,2}}\s+{_WORK}\b)",
    rf"(?:(?<=et al)|(?<=et al\.)|(?<=et al,)|(?<=['’]s))[\s,]+\(?(?P<y1>{_Y})\)?",
    rf"\b{_WORK}\s+(?P<y1>{_Y})(?=\W*$|\s+(?:with|by|on|about|that|in))",
    rf"\b(?:anything|something|everything)\s+(?:from|in|of)\s+(?P<y1>{_Y})",
    rf"^in\s+(?P<y1>{_Y}),(?=.*\b{_WORK}\b)",
]
_WORK_YEAR = re.compile(
    rf"\b{_WORK}\b[^?!]{{0,40}}?\b(?:in|from|of|during|dated)\s+(?:the\s+year\s+)?(?P<y1>{_Y})\b", re.I
)
_RANGE_PATTERNS = [re.compile(p, re.I) for p in _RANGES]

_HAS_CODE = re.compile(
    r"\b(?:with|whose|having|have|has|that have|which have|provid\w+|shar\w+|releas\w+|publish\w+)\s+(?:their\s+|its\s+|the\s+|a\s+)?"
    r"(?:public(?:ly available)?\s+|open(?:[- ]source)?\s+|available\s+|released\s+|source\s+)*"
    r"(?:code|implementation|source code)\b(?:\s+(?:is|are|was|were))?"
    r"(?:\s+(?:out|public(?:ly)?|available|released|online|open(?:[- ]source[d]?)?|attached|listed|on github))*"
    r"(?!\s+(?:generation|models?|llms?|completion|search|review|written|snippets?))",
    re.I,
)
_CODE_PUBLIC = re.compile(
    r"\b(?:code|implementation)\s+(?:is|are|was)\s+(?:publicly\s+)?(?:public|available|released|out|open)\b",
    re.I,
)
_NO_CODE = re.compile(
    r"\b(?:without|lacking|(?:has|have|with)\s+no)\s+(?:any\s+)?(?:public\s+|released\s+)?(?:source\s+)?code\b(?!\s+(?:generation|models?))",
    re.I,
)

_FIRST_BEFORE = re.compile(
    r"(?:\bled\s+by|\bheaded\s+by|\bfirst[- ]authored\s+by|\b(?:lead|first|main)\s+author(?:ed)?(?:\s+(?:is|by|was))?)\s*:?\s*$",
    re.I,
)
_FIRST_AFTER = re.compile(
    r"^\s*(?:et\s+al\b\.?|and\s+(?:colleagues|co-?workers|co-?authors|others)\b"
    r"|(?:as|is|being|was)\s+(?:the\s+)?(?:lead|first|main)\s+author|\(first author\))",
    re.I,
)
_BY_BEFORE = re.compile(
    r"(?:\b(?:written|published|co-?authored|authored|work|works|papers?|stud(?:y|ies)|report)\s+)?"
    r"(?:\b(?:by|from|of|involving|with|list|lists|listing|name|names|naming|mention|mentions|include|includes)\s+)(?:the\s+)?(?:authors?\s+)?$",
    re.I,
)
_AUTHOR_AFTER = re.compile(
    r"^(?:['’]s?)?\s*(?:among\s+(?:the\s+)?authors|as\s+(?:an?\s+)?(?:co-?)?author)?", re.I
)


@dataclass(frozen=True)
class CorpusNames:
    """The names a filter can point at, taken from the catalogue.

    `papers_of` maps a full author name to the ids of the papers that list it; it decides
    which of several people with one surname are meant when surnames are given together.
    """

    papers_of: Mapping[str, frozenset[str]]
    first_authors: Mapping[str, str]
    categories: tuple[str, ...] = ()
    affiliation_tags: tuple[str, ...] = ()
    _by_full_name: dict[str, str] = field(init=False, repr=False, compare=False)
    _by_surname: dict[str, set[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        full: dict[str, str] = {}
        surnames: dict[str, set[str]] = defaultdict(set)
        for name in self.papers_of:
            words = fold(name).split()
            if len(words) < 2:
                continue
            full.setdefault(" ".join(words), name)
            full.setdefault(" ".join([words[-1], *words[:-1]]), name)
            surnames[words[-1]].add(name)
        object.__setattr__(self, "_by_full_name", full)
        object.__setattr__(self, "_by_surname", dict(surnames))

    def full_name(self, words: str) -> str | None:
        return self._by_full_name.get(fold(words))

    def with_surname(self, word: str) -> frozenset[str]:
        return frozenset(self._by_surname.get(fold(word), ()))


@dataclass(frozen=True, slots=True)
class FilterReading:
    """The filters of a question and the question without the phrases they were read from.

    `within` are the papers that several authors, joined by "and", have in common.
    """

    filters: Filters
    rest: str
    within: tuple[str, ...] | None = None


def read_filters(question: str, names: CorpusNames, today: date) -> FilterReading:
    """Read every filter the question holds; see the module's docstring for what counts."""
    found: dict[str, Any] = {}
    spans: list[tuple[int, int]] = []
    for values, span in _readings(question, names, today):
        if any(span[0] < end and start < span[1] for start, end in spans):
            continue
        if any(key in found for key in values):
            continue
        found.update(values)
        spans.append(span)
    rest = question
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    rest = re.sub(r"\s+(?:that|which|who)\W*$", "", rest)
    within = None
    others = [n for n in _named_authors(rest, names) if "author" in found]
    if others and re.search(r"\band\b|&", question):
        known = [found["author"], *(name for name, _ in others)]
        within = tuple(sorted(frozenset.intersection(*(names.papers_of[n] for n in known))))
        for _, text in others:
            rest = re.sub(rf"(?:\band\s+|&\s*|,\s*)*{re.escape(text)}", " ", rest)
    return FilterReading(replace(Filters(), **found), re.sub(r"\s+", " ", rest).strip(), within)


def _named_authors(text: str, names: CorpusNames) -> list[tuple[str, str]]:
    """Full names in `text`, as the catalogue has them and as written."""
    words = [(m.start(), m.end()) for m in _NAME_WORD.finditer(text)]
    pairs = ((text[words[i][0] : words[i + 1][1]]) for i in range(len(words) - 1))
    return [(name, pair) for pair in pairs if (name := names.full_name(pair))]


def _readings(
    question: str, names: CorpusNames, today: date
) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    yield from _authors(question, names)
    for pattern in _RANGE_PATTERNS:
        for match in pattern.finditer(question):
            values = _dates(match.groupdict(), today)
            if values:
                yield values, match.span()
    for match in _WORK_YEAR.finditer(question):
        yield {"year": int(match["y1"])}, _from_preposition(question, match)
    for match in _NO_CODE.finditer(question):
        yield {"has_code": False}, match.span()
    for pattern in (_HAS_CODE, _CODE_PUBLIC):
        for match in pattern.finditer(question):
            yield {"has_code": True}, match.span()
    yield from _categories(question, names.categories)
    yield from _affiliations(question, names.affiliation_tags)


def _from_preposition(question: str, match: re.Match[str]) -> tuple[int, int]:
    """The span of "from 2024" at the end of a longer match."""
    head = question[match.start() : match.start("y1")]
    preposition = re.search(r"\b(?:in|from|of|during|dated)\s+(?:the\s+year\s+)?$", head, re.I)
    start = match.start() + preposition.start() if preposition else match.start("y1")
    return start, match.end()


def _month(text: str) -> int:
    return _MONTHS[text.lower().rstrip(".")]


def _last_day(year: int, month: int) -> str:
    return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"


def _between(y1: int, m1: int, y2: int, m2: int) -> dict[str, Any]:
    if y1 == y2 and (m1, m2) == (1, 12):
        return {"year": y1}
    return {"published_from": f"{y1}-{m1:02d}-01", "published_to": _last_day(y2, m2)}


_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 0}
_OPEN_START = ("before", "earlier than", "older than", "until", "till", "up to", "no later than")


def _dates(group: dict[str, str | None], today: date) -> dict[str, Any]:
    """Turn the named groups of a range pattern into filter values."""
    y1, y2 = (int(year) if (year := group.get(name)) else None for name in ("y1", "y2"))
    m1, m2 = (_month(month) if (month := group.get(name)) else None for name in ("m1", "m2"))
    if years := group.get("years"):
        count = int(years) if years.isdigit() else _NUMBERS[years.lower()]
        return {"published_from": f"{today.year - count + 1}-01-01"}
    if this := group.get("this"):
        return {"year": today.year - ("last" in this.lower())}
    if op := (group.get("op") or "").lower():
        return _open_range(op, y1, m1, bool(group.get("onwards")))
    if y2 is not None:
        return _between(y1 if y1 is not None else y2, m1 or 1, y2, m2 or 12)
    if y1 is None:
        return {}
    if quarter := group.get("quarter"):
        number = int(quarter) if quarter.isdigit() else (_ORDINALS[quarter.lower()] or 4)
        return _between(y1, 3 * number - 2, y1, 3 * number)
    if half := group.get("half"):
        return _between(y1, 1, y1, 6) if half.lower() == "first" else _between(y1, 7, y1, 12)
    return _between(y1, m1, y1, m1) if m1 else {"year": y1}


def _open_range(op: str, year: int | None, month: int | None, onwards: bool) -> dict[str, Any]:
    if year is None or (op == "from" and not onwards):
        return {}
    first, last = month or 1, month or 12
    if op in ("before", "earlier than", "older than"):
        year, last = (year, first - 1) if first > 1 else (year - 1, 12)
        return {"published_to": _last_day(year, last)}
    if op in _OPEN_START:
        return {"published_to": _last_day(year, last)}
    if op in ("after", "later than", "newer than"):
        year, first = (year, last + 1) if last < 12 else (year + 1, 1)
    return {"published_from": f"{year}-{first:02d}-01"}


_NAME_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


def _authors(question: str, names: CorpusNames) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    words = [(m.start(), m.end()) for m in _NAME_WORD.finditer(question)]
    taken: list[tuple[int, int]] = []
    for size in (4, 3, 2):
        for i in range(len(words) - size + 1):
            start, end = words[i][0], words[i + size - 1][1]
            text = re.sub(r"['’]s$|['’]$", "", question[start:end])
            name = names.full_name(text)
            if name and re.search(r"[^\w\s'’.,-]", question[start:end]) is None:
                end = start + len(text)
                if not any(s < end and start < e for s, e in taken):
                    taken.append((start, end))
                    yield _as_author(question, start, end, name)
    if not taken:
        yield from _surname_lists(question, names)
        yield from _single_surnames(question, names)


def _as_author(question: str, start: int, end: int, name: str) -> tuple[dict[str, Any], tuple[int, int]]:
    before, after = question[:start], question[end:]
    if match := _FIRST_AFTER.match(after):
        by = _BY_BEFORE.search(before)
        return {"first_author": name}, (by.start() if by else start, end + match.end())
    if match := _FIRST_BEFORE.search(before):
        return {"first_author": name}, (match.start(), end)
    by = _BY_BEFORE.search(before)
    tail = _AUTHOR_AFTER.match(after)
    return {"author": name}, (by.start() if by else start, end + (tail.end() if tail else 0))


def _surname_lists(question: str, names: CorpusNames) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    """ "Zhao, Liu and Ding": people who have a paper together; the first is its first author."""
    pattern = re.compile(r"\b([A-Z][\w'’-]+(?:,\s+[A-Z][\w'’-]+)*),?\s+(?:and|&)\s+([A-Z][\w'’-]+)")
    for match in pattern.finditer(question):
        surnames = [*re.split(r",\s+", match[1]), match[2]]
        papers = _papers_together(surnames, names)
        leads = {names.first_authors[p] for p in papers if p in names.first_authors}
        if papers and len(leads) == 1:
            (lead,) = leads
            if fold(lead).split()[-1:] == fold(surnames[0]).split()[-1:]:
                by = _BY_BEFORE.search(question[: match.start()])
                yield {"first_author": lead}, (by.start() if by else match.start(), match.end())


def _papers_together(surnames: Sequence[str], names: CorpusNames) -> frozenset[str]:
    together: frozenset[str] | None = None
    for surname in surnames:
        papers: frozenset[str] = frozenset().union(*(names.papers_of[n] for n in names.with_surname(surname)))
        together = papers if together is None else together & papers
    return together or frozenset()


def _single_surnames(question: str, names: CorpusNames) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    """ "Lao et al." and "by Lao", when one author only bears the name."""
    for match in re.finditer(
        r"\b([A-Z][\w-]+)\s+(?:et\s+al\b\.?|and\s+(?:colleagues|co-?workers))", question
    ):
        people = {n for n in names.with_surname(match[1]) if n in set(names.first_authors.values())}
        if len(people) == 1:
            yield {"first_author": people.pop()}, match.span()
    for match in re.finditer(
        r"\b(?:by|authored by)\s+([A-Z][\w-]+)\b(?!\s+[A-Z])|\b([A-Z][\w-]+)['’]s?\s+(?=(?:\d{4}\s+)?"
        + _WORK
        + ")",
        question,
    ):
        people = set(names.with_surname(match[1] or match[2]))
        if len(people) == 1:
            yield {"author": people.pop()}, match.span()


# The arXiv's own names of its sections, for "the computer vision category".
_SPOKEN = {
    "artificial intelligence": "AI", "computation and language": "CL", "computer vision": "CV",
    "computer vision and pattern recognition": "CV", "machine learning": "LG", "distributed computing": "DC",
    "information retrieval": "IR", "robotics": "RO", "cryptography and security": "CR", "game theory": "GT",
    "computer science and game theory": "GT", "image and video processing": "IV", "neurons and cognition": "NC",
    "neural and evolutionary computing": "NE", "human-computer interaction": "HC", "sound": "SD",
    "multiagent systems": "MA", "software engineering": "SE", "social and information networks": "SI",
}  # fmt: skip


def _categories(question: str, known: Iterable[str]) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    codes: dict[str, str] = {}
    for category in known:
        codes.setdefault(category.lower(), category)
        codes.setdefault(category.rsplit(".", 1)[-1].lower(), category)
    if not codes:
        return
    code = "|".join(sorted(map(re.escape, codes), key=len, reverse=True))
    full = r"(?:[a-z-]+\.)?" + f"(?P<code>{code})"
    spoken = "|".join(sorted(map(_flexible, _SPOKEN), key=len, reverse=True))
    patterns = [
        rf"(?:(?:in|of|from)\s+)?(?:the\s+)?(?:arxiv\s+)?(?:category|section|subject(?:\s+class)?)\s+[\"']?{full}\b[\"']?",
        rf"(?:(?:in|of|from)\s+)?(?:the\s+)?\b{full}\s+(?:category|section)\b",
        rf"(?:in|of|from)?\s*\b[a-z-]{{2,8}}\.(?P<code>{code})\b",
        rf"(?:\b(?:{spoken})\s+)?\(\s*{full}\s*\)(?=\s+{_WORK})",
        rf"\b(?P<code>(?-i:{'|'.join(c.upper() for c in codes if c.isalpha() and len(c) == 2)}))(?=[\s-]+{_WORK}\b)",
        rf"(?<=s )in\s+(?P<code>(?-i:{'|'.join(c.upper() for c in codes if c.isalpha() and len(c) == 2)}))\b",
        rf"(?:(?:in|of|from)\s+)?(?:the\s+)?\b(?P<spoken>{spoken})\s+(?:category|section)\b",
        rf"(?:in|of|from)\s+(?:the\s+)?(?:category|section)\s+[\"']?(?P<spoken>{spoken})\b",
    ]
    for pattern in patterns:
        for match in re.finditer(pattern, question, re.I):
            group = match.groupdict()
            key = group.get("code") or _SPOKEN.get(
                re.sub(r"[\s-]+", " ", group.get("spoken") or "").lower(), ""
            )
            if key and key.lower() in codes:
                yield {"category": codes[key.lower()]}, match.span()


def _flexible(name: str) -> str:
    return re.sub(r"[\s-]+", r"[\\s-]+", name)


def _affiliations(question: str, tags: Iterable[str]) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    for tag in tags:
        name = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", tag)))
        for pattern in (
            rf"\b(?:from|by|at|of|affiliated\s+with|with\s+affiliation)\s+(?:the\s+)?{name}(?:\s+universit\w+)?\b",
            rf"\b{name}(?=\s+(?:{_WORK}|affiliation)\b)",
        ):
            for match in re.finditer(pattern, question, re.I):
                yield {"affiliation_tag": tag}, match.span()
