"""What restricts the papers of an answer is said as people say it."""

from assistant.answering.restrictions import restriction
from assistant.models import Filters
from assistant.retrieval.plan import Plan


def said(filters: Filters, *exclude: Filters, unmentioned: str = "") -> str:
    return restriction(Plan("q", "q", "", "records", filters, exclude=exclude, unmentioned=unmentioned))


def test_years_apart_are_named_and_not_those_between() -> None:
    between = Filters(year=2020), Filters(year=2022)
    filters = Filters(published_from="2019-01-01", published_to="2023-12-31", has_code=True)
    assert said(filters, *between) == " (with code, published in 2019, 2021 and 2023)"
    assert said(filters, *between, Filters(author="Bo Gray")) == (
        " (with code, published in 2019, 2021 and 2023, not by Bo Gray)"
    )


def test_what_is_left_out_elsewhere_is_said_so() -> None:
    assert said(Filters(has_code=False), Filters(year=2024), unmentioned="pruning") == (
        " (without code, not published in 2024, not mentioning pruning)"
    )
    assert said(Filters()) == ""


def test_of_which_papers_shown_before_is_said() -> None:
    plan = Plan("q", "q", "", "records", Filters(year=2023), shown="of the 10 on “federated learning”")
    assert restriction(plan) == " (published in 2023, of the 10 on “federated learning”)"
