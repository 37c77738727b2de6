# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""Publication dates in a question: an expression of time, and whether it is about publication.

Expressions are read by a small grammar over the points of `intervals`: a point ("in March
2024"), a range ("from July to December 2024"), a point with an operator ("since 2020", "2019 and
earlier"), a window back from today ("the last 6 months"). Whether one is a filter is decided by
what stands around it, by the same rule for all: "ImageNet 2012" and "data from 2019" are not.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import pairwise

from assistant.retrieval.intervals import (
    BARE_MONTH,
    MONTH,
    POINT,
    YEAR,
    Interval,
    ago,
    month_number,
    parse_point,
)
from assistant.retrieval.reading import WORK, Reading
from assistant.words import content_words

_NUMBERS = {w: i for i, w in enumerate("one two three four five six seven eight nine ten".split(), 1)}
_NUMBERS |= {"couple of": 2, "twelve": 12}
_APPEARED = (
    r"(?:published|released|appeared|appear|came\s+out|come\s+out|posted|submitted|written|dated|listed"
    r"|from\s+the\s+years?)"
)
_SINCE = r"since|starting\s+(?:in|from|with)|no\s+earlier\s+than|not\s+before|as\s+of"
_AFTER = r"after|later\s+than|newer\s+than|younger\s+than|more\s+recent\s+than|post[\s-]"
_BEFORE = r"before|earlier\s+than|older\s+than|prior\s+to|pre[\s-]"
_UNTIL = r"until|till|up\s+to|up\s+until|through|no\s+later\s+than|not\s+after|not\s+later\s+than|(?<=published\s)by"
_ONWARDS = r"(?:(?:and|or)\s+(?:later|after|newer|onwards?|more\s+recent)|onwards?|on(?=\s*(?:$|[,.?!;]))|to\s+(?:date|now|today|the\s+present)|until\s+(?:now|today))"
_BACK = r"(?:(?:and|or)\s+(?:earlier|before|older))"
_OPERATORS = (("since", _SINCE), ("after", _AFTER), ("before", _BEFORE), ("until", _UNTIL))
_EDGE, _END = r"(?<![\w.,/$#€@+-])", r"(?![\w%]|[.,/:]\d|-\w)"
_JOIN = r"(?:\s+(?P<join>and|or|to|until|through|thru|till)\s+|\s*(?P<dash>-|–|—)\s*)"
_PREPOSITION = (
    r"(?:(?P<verb>\b"
    + _APPEARED
    + r")\s+)?(?:(?P<between>between|from)\s+|(?P<in>in|of|during|within|over|on|around)\s+)?"
)
_EXPRESSIONS = (
    re.compile(rf"{_PREPOSITION}{_EDGE}(?P<first>{POINT}(?:\s*,\s*{POINT})*),?{_JOIN}(?P<second>{POINT}){_END}", re.I),
    re.compile(
        rf"(?:(?P<verb>\b{_APPEARED})\s+)?(?:in\s+or\s+)?\b(?P<operator>{'|'.join(o for _, o in _OPERATORS)})\s*"
        rf"(?:the\s+(?:start|beginning|end)\s+of\s+)?(?P<point>{POINT}){_END}(?:\s+{_ONWARDS})?", re.I),
    re.compile(rf"{_PREPOSITION}{_EDGE}(?P<point>{POINT})\s+(?:(?P<onwards>{_ONWARDS})|(?P<back>{_BACK}))", re.I),
    re.compile(
        rf"(?:(?P<verb>\b{_APPEARED})\s+)?(?:\b(?:in|from|over|of|during|within)\s+)?\b(?:the\s+)?(?:(?P<past>past)|last|previous|recent)"
        rf"\s+(?:(?P<count>\d{{1,3}}|a\s+couple\s+of|{'|'.join(_NUMBERS)})\s+)?(?P<unit>year|month|week|day|decade)(?P<plural>s?)\b", re.I),
    re.compile(rf"{_PREPOSITION}(?P<bracket>\(\s*)?{_EDGE}(?P<point>{POINT}){_END}(?:['’]s\b)?(?(bracket)\s*\))", re.I),
)  # fmt: skip
# A date right behind one of these is theirs: it says when data were collected or something else
# happened. "Papers on medical data from 2024" are about the noun, and the date is the papers'.
_EVENTS = r"pandemic|outbreak|epidemic|challenges?|competitions?|editions?|elections?|war|crisis"
_HAPPENED = re.compile(
    rf"\b(?:{_EVENTS}|collected|admitted|acquired|recorded"
    r"|treated|diagnosed|trained|enrolled|obtained|sampled|born|observed|measured)(?:\s+(?:first|only|either))*\s*$",
    re.I,
)
_OWNERS = (
    r"data|data ?sets?|benchmarks?|corp(?:us|ora)|cohorts?|patients?|images?|scans?|cases?|deaths?|samples?|surveys?|census|trials?"
    r"|guidelines?|wikipedia|news|tweets|posts|prices?|people|women|men|children|adults"
)
_OWN_DATE = re.compile(
    rf"\b(?:{_OWNERS})(?:\s+(?:that|which|were|was|is|are|been|first|only))*\s*$",
    re.I,
)
_TOPIC = re.compile(
    rf"\b{WORK}\s+(?:on|about|covering|regarding|concerning|dealing\s+with)\s+(?:(?!\w+(?:ed|ing)\b)[\w-]+\s+){{1,4}}$",
    re.I,
)
_POINT = re.compile(POINT, re.I)
# Without any of these there is no expression of time; most questions are done with here.
_SOME_TIME = re.compile(rf"\d|{MONTH}|year|month|week|day|decade|quarter", re.I)
_WORK = re.compile(rf"\b{WORK}\b", re.I)
_NEWS = re.compile(
    r"\b(?:anything|something|everything|nothing|what(?:['’]s|\s+is)\s+new|progress|advances|developments|publish(?:es|ed)?|wr(?:ites?|ote)"
    r"|appeared|came out|come out|those|ones?)\b",
    re.I,
)
_ATTRIBUTE = re.compile(
    rf"^(?P<between>(?:\s+(?!(?:and|or|on|about|in|of|for|with|by|to|from|is|are|was|were|do|does|did|has|have|that|which|who|using|as)\b)"
    rf"[\w-]+){{0,3}}?)\s+{WORK}\b", re.I)  # fmt: skip
_MONTH_OF_A_YEAR = re.compile(rf"{MONTH}\s+{YEAR}", re.I)
_EVENT_AFTER = re.compile(
    rf"^(?:\s+[\w-]+){{0,3}}?\s+(?:{_EVENTS}|{_OWNERS}|is|are|was|were|to|and|or|with|by|on|in)\b", re.I
)
_NAME_BEFORE = re.compile(r"(?:(?<=\w )|^\W*\w)[\w-]*[A-Z0-9][\w-]*\s+$")
_AUTHOR_BEFORE = re.compile(
    r"(?:\bet\s+al\.?,?|['’]s|\band\s+(?:colleagues|co-?workers)|~[.,]?)\s*[,(]?\s*$", re.I
)
_ASKS = re.compile(
    r"^\W*(?:how|what|when|where|who|why|which|is|are|was|were|do|does|did|can|could|has|have)\b", re.I
)

_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|can|will|would|may|might)\b|\w(?:ed|es)\b|(?:\S+\s+){7}",
    re.I,
)


def read_dates(
    question: str, today: date, months: Collection[str] = (), year_of_month: int | None = None
) -> Iterator[Reading]:
    """Every stretch of publication dates that `question` asks for.

    A month without a year is taken in `year_of_month`, else in the last year that `months`, the
    months (YYYY-MM) of the corpus, has it in, else in the last year up to `today`.
    """
    if not _SOME_TIME.search(question):
        return
    taken: list[tuple[int, int]] = []
    for expression in _EXPRESSIONS:
        for match in expression.finditer(question):
            start, end = match.span()
            if any(s < end and start < e for s, e in taken):
                continue
            part = match.groupdict()
            if part.get("second"):
                interval, gaps, note = _several(part, today)
            else:
                interval, note = _read(part, today, months, year_of_month)
                gaps = ()
            if interval is None and not part.get("second"):
                continue
            if not _is_publication(question, match, part):
                continue
            taken.append((start, end))
            if interval is not None:
                exclude = tuple(_values(gap) for gap in gaps)
                yield Reading(_values(interval), start, end, note=note, exclude=exclude)


def _read(
    part: dict[str, str | None], today: date, corpus: Collection[str], year: int | None
) -> tuple[Interval | None, str]:
    if unit := part.get("unit"):
        return _window(unit.lower(), part, today), ""
    point, note = part.get("point") or "", ""
    if BARE_MONTH.fullmatch(point):
        if not (point[0].isupper() or len(point) > 3) or point == "may":
            return None, ""
        known = year
        year = known or _year_of(month_number(point), today, corpus)
        note = "" if known else f"“{point}” was taken as {point} {year}."
    interval = parse_point(point, today, year)
    if interval is None or interval.first is None or interval.last is None:
        return None, ""
    operator = part.get("operator")
    name = next((n for n, o in _OPERATORS if operator and re.fullmatch(o, operator, re.I)), None)
    if part.get("onwards"):
        name = "since"
    elif part.get("back") or (operator or "").lower() == "by":
        name = "until"
    return {
        "since": Interval(interval.first, None),
        "after": Interval(interval.last + timedelta(1), None),
        "before": Interval(None, interval.first - timedelta(1)),
        "until": Interval(None, interval.last),
    }.get(name or "", interval), note


def _year_of(month: int, today: date, corpus: Collection[str]) -> int:
    """The last year, this one at most, in which the corpus has papers of `month`."""
    latest = today.year - (month > today.month)
    return max((int(m[:4]) for m in corpus if int(m[5:7]) == month and int(m[:4]) <= latest), default=latest)


def _window(unit: str, part: dict[str, str | None], today: date) -> Interval | None:
    """ "The last 6 months", "the past year"; the year before this one is a point, not a window."""
    number = 1
    if count := part.get("count"):
        word = " ".join(count.lower().removeprefix("a ").split())
        number = int(word) if word.isdigit() else _NUMBERS[word]
    elif part["plural"] or not (unit == "decade" or part.get("past")):
        return None  # "recent years" says no number
    if unit == "decade":
        return Interval(ago(10 * number, "year", today), None)
    if unit == "year" and not count:
        number, unit = 12, "month"
    return Interval(ago(number, unit, today), None) if number else None


def _several(part: dict[str, str | None], today: date) -> tuple[Interval | None, tuple[Interval, ...], str]:
    """What several points stand for: the interval around them, the gaps inside that are not meant, a note.

    "from July to December 2024" has no gap, "in 2019, 2021 and 2023" has two; as filters say only the
    interval around them, the note says which points count. A month alone is in the last point's year.
    """
    last = part["second"] or ""
    year = re.search(YEAR, last)
    texts = [*_POINT.findall(part["first"] or ""), last]
    points = [parse_point(text, today, int(year[0]) if year else None) for text in texts]
    days = [(p.first, p.last) for p in points if p and p.first and p.last]
    if len(days) < len(points):
        return None, (), ""
    listed = (part["join"] or "").lower() in ("and", "or") and (
        part.get("between") or ""
    ).lower() != "between"
    if not listed:
        return Interval(days[0][0], days[-1][1]) if days[0][0] <= days[-1][1] else None, (), ""
    days.sort()
    gaps = tuple(
        Interval(one[1] + timedelta(1), other[0] - timedelta(1))
        for one, other in pairwise(days)
        if one[1] + timedelta(1) < other[0]
    )
    named = f"{', '.join(text.strip() for text in texts[:-1])} and {last.strip()}"
    note = f"Only papers from {named} count, not those between." if gaps else ""
    return Interval(days[0][0], days[-1][1]), gaps, note


def _values(interval: Interval) -> dict[str, int | str]:
    first, last = interval.first, interval.last
    if (
        first
        and last
        and (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
        and first.year == last.year
    ):
        return {"year": first.year}
    found: dict[str, int | str] = {}
    if first:
        found["published_from"] = first.isoformat()
    if last:
        found["published_to"] = last.isoformat()
    return found


def _is_publication(question: str, match: re.Match[str], part: dict[str, str | None]) -> bool:
    """True when the expression can only say when papers were published."""
    before, after = question[: match.start()], question[match.end() :]
    point = part.get("point") or part.get("first") or ""
    bare = bool(BARE_MONTH.fullmatch(part.get("point") or ""))
    verb = (part.get("verb") or "").lower()
    if _HAPPENED.search(before) or (_OWN_DATE.search(before) and not _TOPIC.search(before)):
        return False
    if bare and re.match(r"^\s*(?:[A-Z]\w|\d)", after):
        return False  # "from April Wang"
    if re.fullmatch(r"(?:19|20)00", point) and re.match(r"\s+(?!is\b|was\b|has\b|does\b)[a-z]+s\b", after):
        return bool(_ATTRIBUTE.match(after)) and not part.get(
            "in"
        )  # a round figure may count things: "of 2000 images"
    if verb and not (bare and not part.get("in") and not part.get("operator")):
        return verb not in ("released", "written", "listed") or bool(_WORK.search(question))
    if part.get("bracket") or (not bare and _AUTHOR_BEFORE.search(before)):
        return True
    introduced = any(
        part.get(name) for name in ("operator", "between", "in", "unit", "onwards", "back", "join")
    )
    attribute = _ATTRIBUTE.match(after)
    if attribute and not part.get("operator") and not _OWN_DATE.search(attribute["between"]):
        named = _NAME_BEFORE.search(before) and not _AUTHOR_BEFORE.search(before)
        return not named and not (bare and (point.lower().startswith("may") or not before.strip()))
    if not introduced and _MONTH_OF_A_YEAR.fullmatch(point) and re.match(r"\s+[a-z]", after):
        # So exact a date stands before what it describes: "the April 2024 decomposition".
        return not (_NAME_BEFORE.search(before) or _EVENT_AFTER.match(after))
    if not introduced:
        return (bool(re.search(rf"\b{WORK}\s+$", before, re.I)) and not bare) or _alone(before, after)
    if _WORK.search(before) or _NEWS.search(before):
        return True
    if not before.strip(" (") and _WORK.search(after):
        return True
    strong = (
        part.get("operator")
        or part.get("unit")
        or part.get("onwards")
        or part.get("back")
        or part.get("dash")
    )
    # Words of a search, not a sentence: "federated learning since 2023".
    words = strong and not after.strip(" ?.!") and not _ASKS.match(question) and not _SENTENCE.search(before)
    return _alone(before, after) or bool(words)


def _alone(before: str, after: str) -> bool:
    """True when the question consists of the expression."""
    return not content_words(before) and not content_words(after)
