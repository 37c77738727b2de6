"""Expressions of time as intervals of days: "March 2024", "2024-07", "the 2010s", "mid-2023".

A point is a stretch of days somebody can name. `POINT` finds one in a text, `parse_point` says
which days it means. What makes a point a filter is decided elsewhere (see `dates`).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_NAMES = [
    *zip(calendar.month_name, range(13), strict=True),
    *zip(calendar.month_abbr, range(13), strict=True),
]
_MONTHS = {name.lower(): number for name, number in _NAMES if name} | {"sept": 9}
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
YEAR = r"(?:19|20)\d\d"
_FUTURE = 10  # years ahead that a question may still mean; 2048 is the number of something
_NUMERIC_MONTH = r"(?:0[1-9]|1[0-2])"
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_NTH_WORD = "|".join(_NTH) + "|last|final"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
# The meteorological seasons that lie within one year; a winter lies in two.
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
_THIRDS = {"early": (1, 4), "mid": (5, 8), "late": (9, 12)}  # of a year, in months
_DECADE_THIRDS = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}  # years

# From the longest to the shortest: the first that fits is taken.
_POINTS = (
    rf"{_DAY}\s+(?:of\s+)?(?P<month>{MONTH}),?\s+(?P<year>{YEAR})",
    rf"(?P<month>{MONTH})\s+{_DAY},?\s+(?P<year>{YEAR})",
    rf"(?P<year>{YEAR})[-/.](?P<number>{_NUMERIC_MONTH})[-/.](?P<day>\d\d)",
    rf"(?P<month>{MONTH}),?\s*(?:of\s+)?(?P<year>{YEAR})",
    rf"(?P<year>{YEAR})[-/](?P<number>{_NUMERIC_MONTH})",
    rf"(?P<number>0?[1-9]|1[0-2])[/.-](?P<year>{YEAR})",
    rf"(?:the\s+)?(?:q(?P<quarter>[1-4])|(?P<nth_quarter>{_NTH_WORD})\s+quarter)[\s/-]*(?:(?:of|in)\s+)?(?P<year>{YEAR})",
    rf"(?P<year>{YEAR})[\s/-]*q(?P<quarter>[1-4])",
    rf"(?:the\s+)?(?:h(?P<half>[12])|(?P<nth_half>{_NTH_WORD})\s+half)[\s/-]*(?:(?:of|in)\s+)?(?P<year>{YEAR})",
    r"(?:the\s+)?(?:(?P<third>early|mid|late)[\s-]+(?:the\s+)?)?(?P<decade>(?:19|20)\d0)['’]?s",
    rf"(?:the\s+)?(?P<third>early|mid|late)[\s-]+(?P<year>{YEAR})",
    rf"(?:the\s+)?(?P<season>{'|'.join(_SEASONS)})\s+(?:of\s+)?(?P<year>{YEAR})",
    rf"(?:the\s+year\s+)?(?P<year>{YEAR})",
    r"(?P<relative>this|last|previous)\s+(?P<unit>year|quarter|month|week)|(?P<near>today|yesterday)",
    rf"(?P<bare>{MONTH})",
)
_POINT_PATTERNS = tuple(re.compile(point, re.I) for point in _POINTS)
POINT = "(?:" + "|".join(re.sub(r"\?P<\w+>", "?:", point) for point in _POINTS) + ")"
BARE_MONTH = re.compile(MONTH, re.I)


@dataclass(frozen=True, slots=True)
class Interval:
    """From the first to the last day, both included; None where it is open."""

    first: date | None
    last: date | None


def month_number(name: str) -> int:
    """1 for "January", "jan" and "Jan."."""
    return _MONTHS[name.lower().rstrip(".")]


def parse_point(text: str, today: date, year_of_month: int | None = None) -> Interval | None:
    """The days `text` means; None when it means none (a 31 April, or no point at all).

    A month without a year is taken in `year_of_month`, and means nothing without that.
    """
    for pattern in _POINT_PATTERNS:
        if match := pattern.fullmatch(text.strip()):
            try:
                return _interval(match.groupdict(), today, year_of_month)
            except ValueError:
                return None
    return None


def months(year: int, first: int, last: int) -> Interval:
    """From the first day of one month of `year` to the last day of another."""
    return Interval(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def _interval(part: dict[str, str | None], today: date, year_of_month: int | None) -> Interval | None:
    third = (part.get("third") or "").lower()
    if decade := part.get("decade"):
        start, end = _DECADE_THIRDS.get(third, (0, 9))
        return Interval(date(int(decade) + start, 1, 1), date(int(decade) + end, 12, 31))
    if part.get("relative") or part.get("near"):
        return _relative(
            (part.get("relative") or "").lower(), (part.get("unit") or part["near"] or "").lower(), today
        )
    if bare := part.get("bare"):
        return months(year_of_month, month_number(bare), month_number(bare)) if year_of_month else None
    year = int(part["year"] or 0)
    if not date.min.year < year <= today.year + _FUTURE:
        return None
    if quarter := part.get("quarter") or part.get("nth_quarter"):
        last = 3 * _which(quarter, 4)
        return months(year, last - 2, last)
    if half := part.get("half") or part.get("nth_half"):
        last = 6 * _which(half, 2)
        return months(year, last - 5, last) if last <= 12 else None
    if season := part.get("season"):
        return months(year, *_SEASONS[season.lower()])
    if third:
        return months(year, *_THIRDS[third])
    name, number = part.get("month"), part.get("number")
    if name or number:
        month = month_number(name) if name else int(number or 0)
        if day := part.get("day"):
            return Interval(date(year, month, int(day)), date(year, month, int(day)))
        return months(year, month, month)
    return months(year, 1, 12)


def _which(word: str, last: int) -> int:
    return int(word) if word.isdigit() else _NTH.get(word.lower(), last)


def _relative(which: str, unit: str, today: date) -> Interval:
    """The calendar's year, quarter, month, week or day that holds today, or the one before."""
    back = which in ("last", "previous")
    if unit in ("today", "yesterday"):
        day = today - timedelta(unit == "yesterday")
        return Interval(day, day)
    if unit == "year":
        return months(today.year - back, 1, 12)
    if unit == "week":
        monday = today - timedelta(today.weekday() + 7 * back)
        return Interval(monday, monday + timedelta(6))
    size = 3 if unit == "quarter" else 1
    index = (12 * today.year + today.month - 1) // size - back
    year, month = divmod(index * size, 12)
    return months(year, month + 1, month + size)


def ago(count: int, unit: str, today: date) -> date:
    """The first day of the last `count` years, months, weeks or days.

    Years are the calendar's, this one among them, as people count publication years; the
    smaller units are counted back from today.
    """
    if unit == "year":
        return date(today.year - count + 1, 1, 1)
    if unit == "month":
        year, month = divmod(12 * today.year + today.month - 1 - count, 12)
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    return today - timedelta(count * (7 if unit == "week" else 1))
