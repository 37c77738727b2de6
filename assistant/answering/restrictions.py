"""What restricts the papers of an answer, in words: "published in 2019 and 2021, with code"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from assistant.answering.filter_words import day, describe_filters, stretch_words
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
    if plan.people:
        filters = replace(filters, author=None, first_author=None)
    if apart := _apart(filters, exclude):
        said = [f"published in {_listed([stretch_words(*one) for one in apart])}"]
        filters = replace(filters, published_from=None, published_to=None)
        exclude = tuple(f for f in exclude if not _only_dates(f))
    said = [quote(describe_filters(filters))] * bool(filters) + said
    if plan.people:
        said.insert(0, f"by {quote(plan.people)}")
    said += [f"not {quote(describe_filters(one))}" for one in exclude]
    said += [f"not mentioning {quote(plan.unmentioned)}"] if plan.unmentioned else []
    said += [quote(plan.shown)] if plan.shown else []
    return f" ({', '.join(said)})" if said else ""


def _apart(filters: Filters, exclude: Sequence[Filters]) -> list[_Stretch]:
    """The stretches that are left of the filters' dates when what lies between them is taken out.

    Empty unless there are several, for then the filters say it best.
    """
    first, last = day(filters.published_from), day(filters.published_to)
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
    first, last = day(filters.published_from), day(filters.published_to)
    return (first, last) if first and last else None


def _listed(things: Sequence[str]) -> str:
    return f"{', '.join(things[:-1])} and {things[-1]}"
