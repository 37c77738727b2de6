"""What restricts the papers of an answer is said as people say it."""

import pytest

from assistant.answering.restrictions import restriction
from assistant.models import Filters
from assistant.retrieval.plan import Plan


def said(filters: Filters, *exclude: Filters, unmentioned: str = "") -> str:
    return restriction(Plan("q", "q", "", "records", filters, exclude=exclude, unmentioned=unmentioned))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2022-01-01", None, "published since 2022"),
        ("2022-07-01", None, "published since July 2022"),
        ("2022-07-05", None, "published since 2022-07-05"),
        (None, "2022-12-31", "published until 2022"),
        (None, "2024-02-29", "published until February 2024"),
        ("2019-01-01", "2021-12-31", "published from 2019 to 2021"),
        ("2024-07-01", "2024-12-31", "published from July to December 2024"),
        ("2023-07-01", "2024-03-31", "published from July 2023 to March 2024"),
        ("2024-03-01", "2024-03-31", "published in March 2024"),
        ("2024-03-05", "2024-04-01", "published from 2024-03-05 to 2024-04-01"),
    ],
)
def test_dates_are_said_as_years_and_months_where_they_are_such(
    first: str | None, last: str | None, words: str
) -> None:
    assert said(Filters(published_from=first, published_to=last)) == f" ({words})"


def test_years_apart_are_named_and_not_those_between() -> None:
    between = Filters(year=2020), Filters(year=2022)
    filters = Filters(published_from="2019-01-01", published_to="2023-12-31", has_code=True)
    assert said(filters, *between) == " (with code, published in 2019, 2021 and 2023)"
    assert said(filters, *between, Filters(author="Bo Gray")) == (
        " (with code, published in 2019, 2021 and 2023, not author Bo Gray)"
    )


def test_what_is_left_out_elsewhere_is_said_so() -> None:
    assert said(Filters(has_code=False), Filters(year=2024), unmentioned="pruning") == (
        " (without code, not year 2024, not mentioning pruning)"
    )
    assert said(Filters()) == ""
