import pytest

from assistant.evaluation.gold import GoldQuestion
from assistant.evaluation.lint import lint
from assistant.evaluation.questions import Question
from assistant.models import Paper

SAFARI = Paper(
    "p:safari",
    "SAFARI: Sparse Training on Phones",
    "Phones often lose their connection to a server. We train with 80% of the weights pruned.",
    title="SAFARI: Sparse Training on Phones",
    authors=("Ann Lee",),
    published="2022-04-05",
)
OTHER = Paper("p:other", "Other", "Nothing.", title="Other")


def gold(text="How do phones train?", line=1, expected=("p:safari",), **values):
    question = Question(id=f"q{line}", question=text, expected_papers=tuple(expected), line=line, **values)
    return GoldQuestion(question, frozenset(expected), frozenset(values.get("also_ok", ())))


def rules(*questions):
    return [(f.line, f.rule) for f in lint(questions, [SAFARI, OTHER])]


@pytest.mark.parametrize(
    "text",
    [
        "what is sparse training on phones like in safari: sparse training on phones?",
        "How does SAFARI train?",
        "Who says that phones often lose their connection to a server?",
    ],
    ids=["title", "name", "sentence"],
)
def test_a_concept_question_in_its_paper_s_words_leaks(text):
    assert rules(gold(text, type="concept")) == [(1, "leak")]


def test_only_a_whole_sentence_leaks_in_other_questions():
    assert rules(gold("How does SAFARI train?", type="fact")) == []
    assert rules(gold("Phones often lose their connection to a server?", type="fact")) == [(1, "leak")]


def test_a_concept_question_in_other_words_is_no_leak():
    assert rules(gold("learning on handsets with a flaky network", type="concept")) == []


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        (["80 %", "80%"], []),
        (["Ann Lee"], []),
        (["5 April 2022"], []),
        (["April 2022"], []),
        (["70%"], [(1, "fact")]),
        (["handset", "phones"], [(1, "giveaway")]),
    ],
)
def test_a_fact_must_stand_in_an_expected_paper_and_not_in_the_question(fact, found):
    assert rules(gold("How do phones train?", must_include=(tuple(fact),))) == found


def test_a_fact_given_away_by_the_conversation_is_found():
    question = gold("And how much?", history=("Is it 80%?",), must_include=(("80%",),))
    assert rules(question) == [(1, "giveaway")]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("How do phones train?", "how do phones train", True),
        ("How do phones train?", "How do phones train, please?", True),
        ("Which phones train a model?", "Which model do phones train?", True),
        ("Which papers are of June 2023?", "Which papers are of July 2023?", False),
        ("How many images has PMC-VQA?", "How many images has PMC-OA?", False),
        ("How do phones train?", "Who wrote FlowX?", False),
    ],
)
def test_near_duplicates_are_told_from_questions_of_one_pattern(one, other, found):
    questions = (gold(one), gold(other, line=2, must_include=(("80%",),)))
    assert rules(*questions) == ([(2, "duplicate")] if found else [])


def test_other_words_for_the_same_answer_are_a_near_duplicate():
    one, other = "What rate do the phones reach in training?", "What speed do the phones reach in training?"
    assert rules(gold(one), gold(other, line=2)) == [(2, "duplicate")]
    assert rules(gold(one), gold(other, line=2, expected=["p:other"])) == []


def test_a_follow_up_is_compared_with_its_conversation():
    questions = (gold("And how?", history=("SAFARI?",)), gold("And how?", line=2, history=("Conda?",)))
    assert rules(*questions) == []


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"answerable": False, "must_include": (("80%",),)}, "contradiction"),
        ({"must_include": (("80%",),), "must_not_include": ("80%",)}, "contradiction"),
        ({"also_ok": ("p:safari",)}, "contradiction"),
        ({"expected": ()}, "unscored"),
    ],
)
def test_a_row_that_cannot_tell_right_from_wrong_is_found(values, rule):
    assert rules(gold(**values)) == [(1, rule)]
