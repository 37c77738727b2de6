"""A title that says nearly all that is asked comes first."""

import pytest

from assistant.models import Paper, ScoredPaper
from assistant.retrieval.terms import Statistics
from assistant.retrieval.titles import titled_first


def order(question: str, titles: list[str], statistics: Statistics) -> list[str]:
    abstract = "We sort pebbles by Gravel Kernel Sieving (GKS)."
    papers = [ScoredPaper(Paper(t, t, abstract), 1 - i / 9, {}) for i, t in enumerate(titles)]
    return [s.paper.paper_id for s in titled_first(question, papers, statistics)]


FIRST, SECOND = "GKS in Rivers", "Gravel Kernel Sieving is Gentler than Washing for Pebble Beaches"


def test_a_title_that_writes_out_what_the_question_abbreviates_comes_first(statistics: Statistics) -> None:
    assert order("is GKS gentler than washing for pebble beaches?", [FIRST, SECOND], statistics) == [
        SECOND,
        FIRST,
    ]


@pytest.mark.parametrize(
    "question", ["does GKS wash pebbles?", "is GKS good for the wings of birds in winter?"]
)
def test_a_title_with_some_words_of_the_question_stays_where_it_is(
    question: str, statistics: Statistics
) -> None:
    assert order(question, [FIRST, SECOND], statistics) == [FIRST, SECOND]


def test_of_two_titles_alike_the_better_score_decides(statistics: Statistics) -> None:
    titles = [f"{SECOND}, Revisited", SECOND]
    assert order("is GKS gentler than washing for pebble beaches?", titles, statistics) == titles
