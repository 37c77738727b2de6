import numpy as np
import pytest

from assistant.retrieval.feedback import feedback


def vector(*values):
    return np.array(values, dtype=np.float32)


def test_a_paper_like_the_best_is_liked_more_than_one_unlike_it():
    means = [vector(1, 0), vector(2, 0.2), vector(0, 1)]
    likeness, _ = feedback(means, [2.0, 1.0, 0.9])
    assert likeness[0] > likeness[1] > likeness[2]
    assert likeness[1] == pytest.approx(0.995, abs=1e-3)


def test_what_most_candidates_share_is_common():
    means = [vector(1, 0), vector(1, 0), vector(1, 0), vector(0, 1)]
    _, commonness = feedback(means, [1.0, 1.0, 1.0, 1.0])
    assert commonness[3] < commonness[0]


def test_a_paper_without_sentences_is_neither_favoured_nor_put_back():
    likeness, commonness = feedback([vector(1, 0), None, vector(0, 1)], [1.0, 0.9, 0.8])
    assert min(likeness[0], likeness[2]) <= likeness[1] <= max(likeness[0], likeness[2])
    assert commonness[1] == pytest.approx((commonness[0] + commonness[2]) / 2)
    assert feedback([None, None], [1.0, 0.5]) == ([0.0, 0.0], [0.0, 0.0])
