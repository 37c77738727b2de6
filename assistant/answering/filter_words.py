"""Filters as people say them: in answers, above lists, on the page and in saved files."""

from collections.abc import Iterator
from datetime import date, timedelta

from assistant.models import Filters

_WORDS = {
    "author": "by {}",
    "first_author": "first author {}",
    "category": "in {}",
    "affiliation_tag": "affiliation {}",
    "year": "published in {}",
}


def describe_filters(filters: Filters) -> str:
    """Which papers the filters let through, as it follows "papers": "in cs.LG, since 2024, with code".

    "" when there are none. The values are shown as they are: markup in them is for the caller to escape.
    """
    return ", ".join(_described(filters))


def stretch_words(first: date, last: date) -> str:
    """The days from `first` to `last`: "2019", "March to June 2024", "2024-03-05 to 2024-04-01"."""
    months = first.day == 1 and _ends_month(last)
    years = months and (first.month, last.month) == (1, 12)
    one, other = _time(first, years, months), _time(last, years, months)
    if one == other:
        return one
    return f"{f'{first:%B}' if months and not years and first.year == last.year else one} to {other}"


def day(written: str | None) -> date | None:
    """The day a filter names, None for none."""
    return date.fromisoformat(written) if written else None


def _described(filters: Filters) -> Iterator[str]:
    given = filters.to_dict()
    yield from (phrase.format(given[name]) for name, phrase in _WORDS.items() if name in given)
    first, last = day(filters.published_from), day(filters.published_to)
    if first and last:
        said = stretch_words(first, last)
        yield f"published {'from' if ' to ' in said else 'in'} {said}"
    elif first:
        yield f"since {_time(first, (first.month, first.day) == (1, 1), first.day == 1)}"
    elif last:
        ends_year = (last.month, last.day) == (12, 31)
        ends = "the end of " if ends_year or _ends_month(last) else ""
        yield f"until {ends}{_time(last, ends_year, _ends_month(last))}"
    if filters.has_code is not None:
        yield "with code" if filters.has_code else "without code"


def _time(day: date, year: bool, month: bool) -> str:
    """The `year` or the `month` of a day where that is what is meant, else the day."""
    return str(day.year) if year else f"{day:%B %Y}" if month else day.isoformat()


def _ends_month(day: date) -> bool:
    return (day + timedelta(1)).day == 1
