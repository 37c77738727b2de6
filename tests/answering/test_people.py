"""Who works on a topic is answered by the authors of the papers on it."""

from assistant.answering.draft import DraftWriter
from assistant.answering.people import write_people
from assistant.models import Paper


def written(*papers: Paper) -> DraftWriter:
    writer = DraftWriter()
    write_people(writer, papers)
    return writer


def test_authors_of_several_papers_come_first_and_each_paper_is_cited() -> None:
    draft = written(
        Paper("a", "On bones", "", authors=("Ann Long", "Bo Gray")),
        Paper("b", "On wings", "", authors=("Ann Long",), et_al=True),
        Paper("c", "On roots", ""),
    ).draft()
    assert draft.text == (
        "In several of them: Ann Long [1] [2].\n\n"
        "- Ann Long, Bo Gray: **On bones** [1]\n"
        "- Ann Long et al.: **On wings** [2]\n"
        "- No author is given: **On roots** [3]"
    )
    assert [c.fields for c in draft.citations] == [("authors",)] * 3


def test_of_many_authors_the_first_and_the_last_are_named() -> None:
    authors = tuple(f"Ann {letter}" for letter in "ABCDEFGHIJKL")
    text = written(Paper("a", "On bones", "", authors=authors)).draft().text
    assert "Ann G, 4 more, Ann L: **On bones**" in text
