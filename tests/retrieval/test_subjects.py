"""What else a question could be about: subjects that a corpus has nothing on."""

import json

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import open_embedding_model
from assistant.retrieval.subjects import SUBJECTS, Subjects, packed, unpacked

MODEL = json.loads(SUBJECTS.read_text("utf-8"))["model"]


class OnePassage:
    """A corpus of one passage; counts how often it is searched."""

    def __init__(self, vector: NDArray[np.float32]) -> None:
        self.vector, self.searches = vector, 0

    def search(self, vector: NDArray[np.float32], top: int) -> list[tuple[str, str, float]]:
        self.searches += 1
        return [("c", "p", float(self.vector @ vector))][:top]


def test_the_stored_vectors_are_those_of_the_bundled_model() -> None:
    model = open_embedding_model()
    found = json.loads(SUBJECTS.read_text("utf-8"))
    stored = unpacked(found["vectors"], len(found["subjects"]))
    for number in (0, len(stored) // 2, len(stored) - 1):
        (vector,) = model.embed([found["subjects"][number]])
        assert float(vector @ stored[number]) > 0.999
    assert model.name == found["model"]


def test_a_question_on_another_subject_is_nearer_to_it_than_one_on_the_corpus_own() -> None:
    model = open_embedding_model()
    passage, own, other = model.embed(
        [
            "Federated learning. We train a model at several hospitals without sharing their data.",
            "How do hospitals learn together?",
            "Which yeast makes the best sourdough bread?",
        ]
    )
    subjects = Subjects(OnePassage(passage), MODEL)
    near, far = subjects.foreign(own, 1), subjects.foreign(other, 1)
    assert near is not None
    assert far is not None
    assert far > near


def test_a_subject_that_the_corpus_has_does_not_count_and_is_looked_up_once() -> None:
    model = open_embedding_model()
    (vector,) = model.embed(["sign language recognition"])
    empty, own = OnePassage(-vector), OnePassage(vector)
    subjects = Subjects(own, MODEL)
    assert (Subjects(empty, MODEL).foreign(vector, 1) or 0) > (subjects.foreign(vector, 1) or 1) + 0.1
    searches = own.searches
    subjects.foreign(vector, 1)
    assert own.searches == searches
    subjects.foreign(vector, 2)  # another generation may hold other papers
    assert own.searches == 2 * searches


def test_other_models_have_no_vectors_of_the_subjects() -> None:
    assert Subjects(OnePassage(np.zeros(3, np.float32)), "other").foreign(np.zeros(3, np.float32), 1) is None


def test_packing_keeps_the_direction_of_a_vector() -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 384)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert ((unpacked(packed(vectors), 5) * unit).sum(axis=1) > 0.999).all()
