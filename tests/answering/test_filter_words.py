"""Filters in words."""

from __future__ import annotations

import pytest

from assistant.answering.filter_words import describe_filters
from assistant.models import Filters


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (Filters(), ""),
        (Filters(author="Zihao Zhao", year=2022), "by Zihao Zhao, published in 2022"),
        (Filters(published_from="2024-01-01", category="cs.LG"), "in cs.LG, since 2024"),
        (Filters(published_from="2024-07-01", has_code=True), "since July 2024, with code"),
        (Filters(published_to="2024-12-31", has_code=False), "until the end of 2024, without code"),
        (
            Filters(published_to="2024-06-30", first_author="Wu"),
            "first author Wu, until the end of June 2024",
        ),
    ],
)
def test_filters_are_said_in_words(filters: Filters, words: str) -> None:
    assert describe_filters(filters) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2022-01-01", None, "since 2022"),
        ("2022-07-01", None, "since July 2022"),
        ("2022-07-05", None, "since 2022-07-05"),
        (None, "2022-12-31", "until the end of 2022"),
        (None, "2024-02-29", "until the end of February 2024"),
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
    assert describe_filters(Filters(published_from=first, published_to=last)) == words
