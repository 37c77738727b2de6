from assistant.answering.records import write_fields, write_records
from assistant.models import Filters, Paper
from assistant.retrieval.plan import Plan
from assistant.retrieval.tallies import Tally


def paper(number: int, **fields: object) -> Paper:
    return Paper(f"p{number}", f"Paper {number}", "It says so.", f"Paper {number}", **fields)  # type: ignore[arg-type]


PAPERS = [
    paper(1, published="2024-05", authors=("Ann Long", "Bo Gray"), categories=("LG",), has_code=True),
    paper(2, published="2024", authors=("Ann Long",), et_al=True),
    paper(3, published="2023-01-02", authors=("Bo Gray",), categories=("LG", "CV")),
    paper(4),
]


def count(tally: Tally, filters: Filters | None = None) -> str:
    plan = Plan("q", "q", "", "count", filters or Filters(), tally=tally)
    return write_records(PAPERS, plan).text


def field(of: Paper, **fields: object) -> tuple[str, str] | None:
    draft = write_fields([of], Plan("q", "q", "", "field", **fields))  # type: ignore[arg-type]
    return (draft.kind, draft.text) if draft else None


def test_papers_are_counted_by_year_newest_first_with_the_undated() -> None:
    text = count(Tally("year", "all"))
    assert text == "4 papers by year:\n\n- 2024: 2\n- 2023: 1\n\n1 paper has no year."


def test_the_most_are_named_all_where_several_have_as_many() -> None:
    assert count(Tally("author", "most")).startswith(
        "Ann Long, Bo Gray: 2 papers each, the most of 4 papers."
    )
    assert count(Tally("year", "most")).startswith("2024: 2 papers, the most of 4 papers. Next: 2023 (1).")
    assert count(Tally("year", "fewest")).startswith("2023: 1 paper, the fewest of 4 papers.")


def test_the_first_few_are_listed_when_a_number_is_asked_for() -> None:
    assert "- LG: 2 papers\n\n" in count(Tally("category", "most", limit=1))


def test_values_are_counted_and_shares_are_of_what_was_selected() -> None:
    of_2024 = Filters(year=2024)
    assert count(Tally("author", "number")) == "4 papers with 2 authors. 1 paper has no author."
    assert count(Tally("code", "share"), of_2024) == "1 of 4 papers (published in 2024) has code, 25 %."
    assert count(Tally("author", "share", total=8), of_2024) == "4 of 8 papers (published in 2024), 50 %."


def test_a_list_without_papers_refuses_and_says_what_was_asked_for() -> None:
    draft = write_records([], Plan("q", "q", "", "records", Filters(author="Zoe Q"), unmentioned="pruning"))
    assert (draft.kind, draft.text) == (
        "refusal",
        "There is no such paper here (by Zoe Q, not mentioning pruning).",
    )


def test_several_publication_data_are_said_one_after_the_other() -> None:
    assert field(PAPERS[0], field_names=("published", "authors")) == (
        "catalogue",
        "**Paper 1** is dated 2024-05. [1] It is by Ann Long, Bo Gray. [1]",
    )


def test_the_missing_one_of_several_is_named() -> None:
    assert field(PAPERS[0], field_names=("authors", "venue")) == (
        "partial",
        "**Paper 1** is by Ann Long, Bo Gray. [1] The corpus does not say where it was published.",
    )
    assert field(PAPERS[3], field_names=("authors",)) is None


def test_of_several_papers_each_has_its_line() -> None:
    plan = Plan("q", "q", "", "field", field_names=("authors",))
    draft = write_fields([PAPERS[0], PAPERS[3]], plan)
    assert draft is not None
    assert (draft.kind, draft.text) == (
        "partial",
        "- **Paper 1** is by Ann Long, Bo Gray. [1]"
        "\n- The corpus does not say who wrote it: **Paper 4**. [2]",
    )


def test_code_and_link_are_one_sentence_when_both_are_asked_for() -> None:
    there = paper(5, urls=("https://example.org/x",), has_code=True)
    assert field(there, field_names=("code", "link")) == (
        "catalogue",
        "The code of **Paper 5** is at https://example.org/x [1]",
    )
    assert field(there, field_names=("published", "link")) == (
        "partial",
        "**Paper 5** is on the web at https://example.org/x [1]"
        " The corpus does not say when it was published.",
    )


def test_authors_are_counted_as_far_as_the_list_goes() -> None:
    assert field(PAPERS[0], field_names=("author_count",)) == (
        "catalogue",
        "**Paper 1** has 2 authors: Ann Long, Bo Gray. [1]",
    )
    cut = field(PAPERS[1], field_names=("author_count",))
    assert cut is not None
    assert "more than 1 author; the source lists only the first names, Ann Long." in cut[1]


def test_of_a_first_author_only_the_first_is_named() -> None:
    assert field(PAPERS[0], field_names=("first_author",)) == (
        "catalogue",
        "The first author of **Paper 1** is Ann Long. [1]",
    )


def test_stars_of_a_repository_are_not_in_the_corpus() -> None:
    assert field(PAPERS[0], field_names=("popularity",)) is None
    assert field(PAPERS[0], field_names=("authors", "popularity")) == (
        "partial",
        "**Paper 1** is by Ann Long, Bo Gray. [1]"
        " The corpus does not say how many stars, forks or downloads it has.",
    )


def test_whether_somebody_is_an_author_is_answered_as_far_as_the_list_goes() -> None:
    asked = {"field_names": ("authors",), "asked_author": "A. Long"}
    assert (field(PAPERS[0], **asked) or ("", ""))[1].startswith("Yes, Ann Long is among its authors")
    assert (field(PAPERS[2], **asked) or ("", ""))[1].startswith("No, A. Long is not among its authors")
    first = (
        field(PAPERS[0], field_names=("authors",), asked_author="Bo Gray", asked_first=True) or ("", "")
    )[1]
    assert first.startswith("No, Bo Gray is not its first author")
    cut = field(PAPERS[1], field_names=("authors",), asked_author="Bo Gray")
    assert cut is not None
    assert cut[0] == "partial"
    assert "names only the first ones: Ann Long" in cut[1]
