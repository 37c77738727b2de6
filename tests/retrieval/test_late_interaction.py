import numpy as np
import pytest

from assistant.retrieval.late_interaction import BLOCK, match_words, told, word_weights
from assistant.words import content_places


class Words:
    """Every word its own stem; "rare" is in 1 of 100 papers, "common" in 90."""

    count = 100

    def analyze(self, text):
        return text.lower().split()

    def document_frequencies(self, terms):
        return {term: {"rare": 1, "common": 90}.get(term, 0) for term in terms}


def signs(*rows):
    return np.packbits(np.array(rows) > 0, axis=1)


def test_a_word_of_the_question_is_matched_with_the_most_similar_of_the_paper():
    question = np.array([[0.5, 0.5, 0.5, 0.5]], dtype=np.float32)
    found = match_words(question, np.ones(1, np.float32), {"a": signs([-1, -1, -1, -1], [1, 1, 1, 1])})
    assert found["a"].anywhere == pytest.approx(1.0)


def test_words_count_by_their_weight():
    question = np.array([[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, -0.5, -0.5]], dtype=np.float32)
    papers = {"first": signs([1, 1, 1, 1]), "second": signs([1, 1, -1, -1])}
    found = match_words(question, np.array([0.75, 0.25], np.float32), papers)
    assert found["first"].anywhere == pytest.approx(0.75)
    assert found["second"].anywhere == pytest.approx(0.25)


ASKED = np.array([[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, -0.5, -0.5]], dtype=np.float32)
ONE, OTHER, NEITHER = [1, 1, 1, 1], [1, 1, -1, -1], [-1, 1, 1, -1]
HALVES = np.full(2, 0.5, np.float32)


def test_words_far_apart_are_matched_anywhere_and_not_together():
    far = [ONE, *[NEITHER] * (3 * BLOCK), OTHER]
    near = [*[NEITHER] * (3 * BLOCK), ONE, OTHER]
    found = match_words(ASKED, HALVES, {"far": signs(*far), "near": signs(*near)})
    assert found["far"].anywhere == found["near"].anywhere == pytest.approx(1.0)
    assert found["far"].together == pytest.approx(0.5)
    assert found["near"].together == pytest.approx(1.0)


def test_words_on_both_sides_of_a_blocks_end_are_together():
    rows = [*[NEITHER] * (BLOCK - 1), ONE, OTHER, *[NEITHER] * (2 * BLOCK)]
    assert match_words(ASKED, HALVES, {"a": signs(*rows)})["a"].together == pytest.approx(1.0)


def test_a_stretch_ends_with_its_paper():
    papers = {"a": signs(*[NEITHER] * BLOCK, ONE), "b": signs(OTHER, *[NEITHER] * BLOCK)}
    found = match_words(ASKED, HALVES, papers)
    assert found["a"].together == found["b"].together == pytest.approx(0.5)


def test_the_head_is_the_first_words_alone():
    papers = {"first": signs(ONE, OTHER, *[NEITHER] * BLOCK), "last": signs(*[NEITHER] * BLOCK, ONE, OTHER)}
    found = match_words(ASKED, HALVES, papers)
    assert found["first"].head == pytest.approx(1.0)
    assert found["last"].head == pytest.approx(0.0)


def test_where_words_stand_counts_for_questions_of_many_words_only():
    assert [told(n) for n in (1, 3, 6, 40)] == [0, 0, 1, 1]
    assert 0 < told(4) < told(5) < 1


def test_papers_without_words_are_left_out():
    question = np.ones((1, 8), dtype=np.float32)
    weights = np.ones(1, np.float32)
    empty = np.empty((0, 1), np.uint8)
    assert set(match_words(question, weights, {"none": empty, "some": signs([1] * 8)})) == {"some"}
    assert match_words(question, weights, {}) == {}


def test_signs_give_nearly_the_cosine_of_whole_vectors():
    rows = np.random.default_rng(0).normal(size=(3, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = match_words(rows[:1], np.ones(1, np.float32), {"same": signs(rows[0]), "other": signs(rows[1])})
    assert found["same"].anywhere == pytest.approx(0.8, abs=0.05)  # sqrt(2 / pi) for normal components
    assert abs(found["other"].anywhere) < 0.2


def test_rare_words_weigh_more_and_the_weights_sum_to_one():
    weights = word_weights(["rare", "common", "unheard"], Words())
    assert weights.sum() == pytest.approx(1)
    assert weights[2] > weights[0] > 5 * weights[1]


def test_content_words_are_found_where_they_stand():
    text = "What does the U-Net segment, e.g. a naïve one?"
    assert [text[s:e] for s, e in content_places(text)] == ["U-Net", "segment", "e", "g", "naïve"]
