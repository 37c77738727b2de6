"""Why a paper was found: ranks by each signal, the question's words it holds."""

import pytest

from assistant.models import Filters, Paper, ScoredPaper
from assistant.retrieval.why import explain, held_terms, with_ranks
from assistant.stores.folding import fold


class Words:
    """Folded words, as the lexical index has them, without their plural; knows one misspelling."""

    count = 10

    def analyze(self, text):
        return [word.rstrip("s") for word in fold(text).split()]

    def document_frequencies(self, terms):
        return {t: int(t != "prunning") for t in terms}

    def nearest_term(self, word):
        return "pruning" if word == "prunning" else None


PAPER = Paper(
    paper_id="a",
    display_title="Weights of GPT-4",
    abstract="We study pruning, naïvely.",
    authors=("Ann Long",),
)


def test_each_signal_ranks_all_candidates() -> None:
    ranked = with_ranks([{"passage": 0.5, "words": 0.1}, {"passage": 0.9, "words": 0.0}])
    assert ranked == [
        {"passage": 0.5, "words": 0.1, "rank": 1, "passage_rank": 2, "words_rank": 1},
        {"passage": 0.9, "words": 0.0, "rank": 2, "passage_rank": 1},
    ]


def test_close_reading_ranks_only_the_papers_it_read() -> None:
    ranked = with_ranks([{"late": 0.5, "close": 0.6}, {"late": 0.4, "close": 0.7}, {"late": 0.6}])
    assert [row.get("close_rank") for row in ranked] == [2, 1, None]


def test_equal_values_share_the_better_rank() -> None:
    places = [r["words_rank"] for r in with_ranks([{"words": w} for w in (0.2, 0.4, 0.4, 0.1)])]
    assert places == [3, 1, 1, 4]


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ({"weight": "weight", "model": "models"}, ("weight",)),
        ({"pruning": "prunning"}, ("prunning",)),
        ({"gpt": "GPT-4", "4": "GPT-4"}, ("GPT-4",)),
        ({"long": "Long"}, ("Long",)),
        ({"naively": "naïvely"}, ("naïvely",)),
        ({}, ()),
    ],
)
def test_terms_are_given_as_the_question_writes_them(asked: dict[str, str], held: tuple[str, ...]) -> None:
    assert held_terms(asked, PAPER, Words()) == held


def test_why_gathers_terms_scores_ranks_and_filters() -> None:
    scored = ScoredPaper(PAPER, 1.5, {"passage": 0.5, "passage_rank": 2.0, "words": 0.0, "rank": 1.0})
    (why,) = explain("Which prunning of weights?", [scored], Words(), Filters(year=2023))
    assert why.to_dict() == {
        "terms": ["prunning", "weights"],
        "score": 1.5,
        "rank": 1,
        "dense": {"score": 0.5, "rank": 2},
        "lexical": {"score": 0.0, "rank": None},
        "filters": {"year": 2023},
    }
