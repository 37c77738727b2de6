from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.intervals import Interval, ago, parse_point

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("March 2024", "2024-03-01", "2024-03-31"),
        ("Feb. 2024", "2024-02-01", "2024-02-29"),
        ("2024-07", "2024-07-01", "2024-07-31"),
        ("7/2024", "2024-07-01", "2024-07-31"),
        ("2024-07-15", "2024-07-15", "2024-07-15"),
        ("15 March 2024", "2024-03-15", "2024-03-15"),
        ("March 15th, 2024", "2024-03-15", "2024-03-15"),
        ("Q3 2024", "2024-07-01", "2024-09-30"),
        ("the last quarter of 2024", "2024-10-01", "2024-12-31"),
        ("H1 2024", "2024-01-01", "2024-06-30"),
        ("mid-2023", "2023-05-01", "2023-08-31"),
        ("the 2010s", "2010-01-01", "2019-12-31"),
        ("the early 2010s", "2010-01-01", "2013-12-31"),
        ("summer 2024", "2024-06-01", "2024-08-31"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("yesterday", "2026-11-21", "2026-11-21"),
    ],
)
def test_a_point_of_time_is_read_as_its_days(text: str, first: str, last: str) -> None:
    assert parse_point(text, TODAY) == Interval(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["31 April 2024", "2048", "13/2024", "March", "soon", ""])
def test_what_names_no_days_is_no_point(text: str) -> None:
    assert parse_point(text, TODAY) is None


def test_a_month_alone_is_of_the_year_that_is_given() -> None:
    assert parse_point("March", TODAY, 2023) == parse_point("March 2023", TODAY)


@given(st.dates(date(1950, 1, 1), date(2030, 12, 31)))
def test_every_day_is_read_back_and_lies_in_its_month_and_year(day: date) -> None:
    month = parse_point(f"{day:%B} {day.year}", TODAY)
    year = parse_point(f"{day.year}", TODAY)
    assert parse_point(day.isoformat(), TODAY) == Interval(day, day)
    assert month == Interval(day.replace(day=1), ago(-1, "month", day.replace(day=1)) - timedelta(1))
    assert year == Interval(date(day.year, 1, 1), date(day.year, 12, 31))


def test_a_window_of_months_goes_back_to_the_same_day_or_the_last_one_there_is() -> None:
    assert ago(6, "month", date(2024, 8, 31)) == date(2024, 2, 29)
    assert ago(3, "year", TODAY) == date(2024, 1, 1)
