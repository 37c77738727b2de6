"""What the papers of an answer say outright, and what only comes near."""

import pytest

from assistant.answering.outright import comparisons, held_by_each, never_together, unmentioned
from assistant.models import Paper, ScoredPaper, ScoredSentence
from assistant.retrieval.terms import Statistics
from assistant.sentences import split_sentences


def scored(key: str, abstract: str) -> ScoredPaper:
    sentences = [
        ScoredSentence(abstract[s.start : s.end], s.start, s.end, 0.5) for s in split_sentences(abstract)
    ]
    return ScoredPaper(Paper(key, f"On {key}", abstract), 1.0, {}, tuple(sentences))


BONES = scored("bones", "Bones in MIMIC-IR scans are found by ChatGPT. They are hard.")
WINGS = scored("wings", "Wings in ultrasound. BERT is better than ChatGPT at finding them.")


@pytest.mark.parametrize(
    ("topic", "lacking"),
    [
        ("papers on polyps in ultrasound", ("polyps",)),
        ("papers on MIMIC-CXR", ("MIMIC-CXR",)),
        ("papers on MIMIC-IR", ()),
        ("papers that use pictures of wings", ()),
    ],
)
def test_words_of_a_field_and_names_that_no_paper_has_are_told(
    topic: str, lacking: tuple[str, ...], statistics: Statistics
) -> None:
    assert unmentioned(topic, [BONES.paper, WINGS.paper], statistics) == lacking


def test_two_things_that_no_paper_has_together_are_told(statistics: Statistics) -> None:
    papers = [BONES.paper, WINGS.paper]
    assert never_together("Does MIMIC have ultrasound?", papers, statistics) == ("MIMIC", "ultrasound")
    assert never_together("Does ChatGPT read ultrasound?", papers, statistics) == ()
    assert never_together("Is ultrasound safe?", papers, statistics) == ()


def test_stems_that_are_known_already_are_read_from_no_paper_again(statistics: Statistics) -> None:
    topic, papers = "Does MIMIC have ultrasound, and LLMs?", [BONES.paper, WINGS.paper]
    held = held_by_each(topic, papers, statistics)
    assert never_together(topic, papers, statistics, held) == never_together(topic, papers, statistics)
    assert unmentioned(topic, papers, statistics, held) == unmentioned(topic, papers, statistics)
    nothing: list[set[str]] = [set(), set()]
    assert never_together(topic, papers, statistics, nothing) == ()
    assert "ultrasound" in unmentioned(topic, papers, statistics, nothing)


def test_of_papers_that_compare_a_thing_those_remain_that_set_it_against_another(
    statistics: Statistics,
) -> None:
    found = comparisons("Which papers compare ChatGPT with other models?", [BONES, WINGS], statistics)
    assert found is not None
    assert (found.thing, found.papers, found.outright) == ("ChatGPT", (WINGS,), True)


def test_papers_that_only_mention_what_they_should_compare_are_not_passed_for_more(
    statistics: Statistics,
) -> None:
    found = comparisons("papers that compare ChatGPT with BERT", [BONES], statistics)
    assert found is not None
    assert (found.papers, found.outright) == ((BONES,), False)


@pytest.mark.parametrize("question", ["Which papers use ChatGPT?", "papers that compare other models"])
def test_a_list_of_something_else_is_left_alone(question: str, statistics: Statistics) -> None:
    assert comparisons(question, [BONES, WINGS], statistics) is None
