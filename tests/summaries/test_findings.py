import numpy as np
import pytest

from assistant.models import Evidence, Paper
from assistant.sentences import split_sentences
from assistant.summaries.findings import find, read_relation
from assistant.summaries.selection import Candidate


def candidate(paper_id, abstract):
    spans = split_sentences(abstract)
    vector = np.ones(2, dtype=np.float32) / np.sqrt(2).astype(np.float32)
    return Candidate(Paper(paper_id, paper_id, abstract), vector, spans, np.array([vector] * len(spans)))


def found(*abstracts):
    return find({n: candidate(f"p:{n}", text) for n, text in enumerate(abstracts, 1)})


ASPIRIN = "Daily aspirin reduced the incidence of colorectal adenomas in trials."
SAME = "Regular aspirin use was associated with a lower risk of colorectal adenomas."
NONE = "Aspirin use was not associated with the incidence of colorectal adenomas."
RAISES = "In this cohort aspirin increased the incidence of colorectal adenomas."


@pytest.mark.parametrize(
    ("sentence", "sign"),
    [
        (ASPIRIN, -1),
        (SAME, -1),
        (NONE, 0),
        (RAISES, 1),
        ("Low serum ferritin was associated with a higher risk of infection.", -1),
        ("We found no association between coffee and gastric ulcers.", 0),
    ],
)
def test_a_relation_has_the_direction_its_sentence_states(sentence, sign):
    assert read_relation(sentence).sign == sign


@pytest.mark.parametrize(
    "sentence",
    [
        "We investigated whether aspirin reduces colorectal adenomas.",
        "Aspirin may reduce colorectal adenomas.",
        "BACKGROUND Aspirin reduces colorectal adenomas.",
        "The trial enrolled four hundred patients in two hospitals.",
        "Our method improves performance.",
    ],
)
def test_what_is_asked_supposed_or_common_is_no_finding(sentence):
    assert read_relation(sentence) is None


def test_two_papers_that_say_the_like_are_set_side_by_side():
    ((one, other),) = found(ASPIRIN, SAME).agreements
    assert (one.evidence.text, other.evidence.text) == (ASPIRIN, SAME)
    assert {one.number, other.number} == {1, 2}


@pytest.mark.parametrize("other", [NONE, RAISES])
def test_two_papers_that_point_different_ways_are_told_apart(other):
    assert len(found(ASPIRIN, other).differences) == 1
    assert found(ASPIRIN, other).agreements == ()


def test_a_paper_is_not_set_beside_itself():
    assert found(f"{ASPIRIN} {SAME}").agreements == ()


def test_findings_about_other_things_are_not_set_side_by_side():
    other = "Sleep reduced the number of errors in mental arithmetic."
    assert found(ASPIRIN, other) == find({})


def test_open_questions_are_quoted_from_where_they_stand():
    abstract = "Aspirin is old. We gave it daily. Further research is needed on its dose."
    (gap,) = found(abstract).gaps
    assert gap.evidence == Evidence("Further research is needed on its dose.", 34, 73)


def test_an_open_question_that_the_paper_sets_out_to_answer_is_no_gap():
    assert found("The best dose remains unclear. We tried four. Two hundred worked. It was safe.").gaps == ()
