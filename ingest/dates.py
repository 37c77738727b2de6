"""Publication dates as sources print them -> YYYY, YYYY-MM or YYYY-MM-DD."""

from __future__ import annotations

import calendar
import re

_MONTH_NAMES = tuple(calendar.month_name)[1:]
MONTHS = {name[:3].lower(): number for number, name in enumerate(_MONTH_NAMES, 1)}
# "Sep", "Sept", "Sep." and "September" alike.
MONTH_PATTERN = r"(?:" + "|".join(rf"{n[:3]}(?:{n[3:]}|t)?" if n[3:] else n for n in _MONTH_NAMES) + r")\b\.?"
_EARLIEST, _LATEST = 1500, 2100

_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?![\d])")
_MONTH_FIRST = re.compile(rf"({MONTH_PATTERN})\s*(?:(\d{{1,2}})(?:st|nd|rd|th)?\b)?[\s,]*(\d{{4}})?", re.I)
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\s+({MONTH_PATTERN})[\s,]*(\d{{4}})?", re.I)
# PubMed's "2002 Sep 7".
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s+({MONTH_PATTERN})(?:\s+(\d{{1,2}})\b)?", re.I)
_ANY_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def parse_date(text: str, *, default_year: int | None = None) -> str | None:
    """Read a date, as precisely as it is given; None when `text` holds none.

    `default_year` completes a month or a day printed without a year; without it these give None.
    """
    text = text.strip()
    if match := _YEAR_FIRST.match(text):
        return format_date(int(match[1]), MONTHS[match[2][:3].lower()], int(match[3] or 0))
    if match := _ISO.match(text):
        return format_date(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    if match := _DAY_FIRST.match(text):
        day, month, year = match[1], match[2], match[3]
    elif match := _MONTH_FIRST.match(text):
        month, day, year = match[1], match[2], match[3]
    else:
        found = _ANY_YEAR.search(text)
        return found[1] if found else None
    number = int(year) if year else default_year
    return format_date(number, MONTHS[month[:3].lower()], int(day or 0)) if number else None


def format_date(year: int, month: int = 0, day: int = 0) -> str | None:
    """YYYY[-MM[-DD]], dropping what is no real month or day; None for an impossible year."""
    if not _EARLIEST <= year <= _LATEST:
        return None
    if not 1 <= month <= 12:
        return f"{year:04d}"
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}"
