"""What restricts the papers of an answer, in words: "published in 2019 and 2021, with code"."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from assistant.answering.markup import quote
from assistant.models import Filters
from assistant.retrieval.plan import Plan

__all__ = ["restriction"]

_DATES = frozenset({"year", "published_from", "published_to"})
_Stretch = tuple[date, date]  # first and last day


def restriction(plan: Plan) -> str:
    """What restricts the papers of `plan`, in brackets behind a space; "" when nothing does."""
    filters, exclude = plan.filters, plan.exclude
    said = []
    if apart := _apart(filters, exclude):
        said = [f"published in {_listed([_stretch(*one) for one in apart])}"]
        filters = replace(filters, published_from=None, published_to=None)
        exclude = tuple(f for f in exclude if not _only_dates(f))
    said = [*_described(filters), *said]
    said += [f"not {', '.join(_described(one))}" for one in exclude]
    said += [f"not mentioning {quote(plan.unmentioned)}"] if plan.unmentioned else []
    return f" ({', '.join(said)})" if said else ""


def _described(filters: Filters) -> Iterator[str]:
    """The filters one by one: "author Qicheng Lao", "year 2019"."""
    for name, value in filters.to_dict().items():
        if name == "has_code":
            yield "with code" if value else "without code"
        elif name not in ("published_from", "published_to"):
            yield f"{name.replace('_', ' ').replace(' tag', '')} {quote(str(value))}"
    first, last = _day(filters.published_from), _day(filters.published_to)
    if first and last:
        said = _stretch(first, last)
        yield f"published {'from' if ' to ' in said else 'in'} {said}"
    elif first:
        yield f"published since {_time(first, (first.month, first.day) == (1, 1), first.day == 1)}"
    elif last:
        yield f"published until {_time(last, (last.month, last.day) == (12, 31), _ends_month(last))}"


def _apart(filters: Filters, exclude: Sequence[Filters]) -> list[_Stretch]:
    """The stretches that are left of the filters' dates when what lies between them is taken out.

    Empty unless there are several, for then the filters say it best.
    """
    first, last = _day(filters.published_from), _day(filters.published_to)
    gaps = sorted(gap for one in exclude if _only_dates(one) and (gap := _days(one)))
    if not (first and last and gaps):
        return []
    left, start = [], first
    for gap_first, gap_last in gaps:
        if start < gap_first:
            left.append((start, gap_first - timedelta(1)))
        start = max(start, gap_last + timedelta(1))
    if start <= last:
        left.append((start, last))
    return left if len(left) > 1 else []


def _only_dates(filters: Filters) -> bool:
    return filters.to_dict().keys() <= _DATES


def _days(filters: Filters) -> _Stretch | None:
    if filters.year:
        return date(filters.year, 1, 1), date(filters.year, 12, 31)
    first, last = _day(filters.published_from), _day(filters.published_to)
    return (first, last) if first and last else None


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _stretch(first: date, last: date) -> str:
    """ "2019", "2019 to 2021", "March 2024", "March to June 2024", "2024-03-05 to 2024-04-01"."""
    months = first.day == 1 and _ends_month(last)
    years = months and (first.month, last.month) == (1, 12)
    one, other = _time(first, years, months), _time(last, years, months)
    if one == other:
        return one
    return f"{f'{first:%B}' if months and not years and first.year == last.year else one} to {other}"


def _time(day: date, year: bool, month: bool) -> str:
    """The `year` or the `month` of a day where that is what is meant, else the day."""
    return str(day.year) if year else f"{day:%B %Y}" if month else day.isoformat()


def _ends_month(day: date) -> bool:
    return (day + timedelta(1)).day == 1


def _listed(things: Sequence[str]) -> str:
    return f"{', '.join(things[:-1])} and {things[-1]}"
