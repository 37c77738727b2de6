import importlib.util
import logging

import numpy as np
import pytest

from assistant.embedding import open_embedding_model
from assistant.errors import ConfigurationError


@pytest.fixture(scope="module")
def model():
    return open_embedding_model("wordllama")


def test_a_vector_is_of_unit_length_and_does_not_depend_on_its_neighbours(model):
    texts = ["Seagrass stores carbon.", "", "x" * 5000, "half a pair \ud800"]
    together = model.embed(texts)
    assert together.shape == (4, model.dimension)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.array_equal(together, np.vstack([model.embed([text]) for text in texts]))


def test_what_means_the_same_lies_near(model):
    carbon, seagrass, court = model.embed(
        ["Seagrass meadows store carbon.", "Carbon in marine plants", "The court denied the appeal."]
    )
    assert carbon @ seagrass > carbon @ court


def test_loading_it_leaves_logging_alone(model):
    assert logging.root.level == logging.WARNING


def test_without_its_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="pip install wordllama"):
        open_embedding_model("wordllama")
