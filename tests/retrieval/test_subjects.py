"""What else a question could be about: subjects that a corpus has nothing on."""

import json
from collections.abc import Collection

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.retrieval.subjects import SUBJECTS, Subjects, packed, stems_of, unpacked
from assistant.stores.lexical import analyze

MODEL = json.loads(SUBJECTS.read_text("utf-8"))["model"]


class OnePassage:
    """A corpus of one passage; counts how often it is searched."""

    def __init__(self, vector: NDArray[np.float32], text: str = "") -> None:
        self.vector, self.stems, self.searches = vector, set(analyze(text)), 0

    def analyze(self, text: str) -> list[str]:
        return analyze(text)

    def some_paper_has(self, terms: Collection[str]) -> bool:
        self.searches += 1
        return self.stems.issuperset(terms)

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


def test_the_stored_stems_are_those_of_the_lexical_index() -> None:
    found = json.loads(SUBJECTS.read_text("utf-8"))
    assert len(found["stems"]) == len(found["subjects"])
    for number in range(0, len(found["subjects"]), 97):
        assert found["stems"][number].split() == stems_of(found["subjects"][number], analyze)


def test_a_question_on_another_subject_is_nearer_to_it_than_one_on_the_corpus_own() -> None:
    model = open_embedding_model()
    passage, own, other = model.embed(
        [
            "Federated learning. We train a model at several hospitals without sharing their data.",
            "How do hospitals learn together?",
            "Which yeast makes the best sourdough bread?",
        ]
    )
    near, far = (nearness(OnePassage(passage), vector) for vector in (own, other))
    assert near is not None
    assert far is not None
    assert far > near


def test_a_subject_that_the_corpus_has_does_not_count_and_is_looked_up_once() -> None:
    model = open_embedding_model()
    (vector,) = model.embed(["sign language recognition"])
    empty, own = OnePassage(-vector), OnePassage(vector)
    assert (nearness(empty, vector) or 0) > (nearness(own, vector) or 1) + 0.1
    subjects, searches = Subjects(own, own, MODEL), own.searches
    subjects.elsewhere("sign language recognition", vector, 1)
    asked = own.searches - searches
    subjects.elsewhere("sign language recognition", vector, 1)
    assert own.searches == searches + asked
    subjects.elsewhere("sign language recognition", vector, 2)  # another generation may hold other papers
    assert own.searches == searches + 2 * asked


def nearness(corpus: OnePassage, vector: NDArray[np.float32]) -> float | None:
    return Subjects(corpus, corpus, MODEL).elsewhere("", vector, 1).nearness


def test_other_models_have_no_vectors_of_the_subjects() -> None:
    corpus = OnePassage(np.zeros(3, np.float32))
    assert Subjects(corpus, corpus, "other").elsewhere("", corpus.vector, 1).nearness is None


@pytest.mark.parametrize(
    ("question", "text", "low", "high"),
    [
        ("What is there on sign-language recognition?", "We translate speech.", 0.3, 1.0),
        ("Which models recognise the languages of sign posts?", "We translate speech.", 0.0, 0.0),
        ("What is there on sign language recognition?", "Language, as hands sign it: recognition.", 0.0, 0.0),
        ("polyps seen in colonoscopy, and what to tell patients", "We translate speech.", 0.1, 0.9),
    ],
)
def test_words_side_by_side_name_a_subject_unless_a_paper_has_them(
    question: str, text: str, low: float, high: float
) -> None:
    corpus = OnePassage(np.zeros(3, np.float32), text)
    assert low <= Subjects(corpus, corpus, "other").elsewhere(question, corpus.vector, 1).named <= high


def test_a_question_that_names_another_subject_of_the_same_field_is_not_answered(
    seed_assistant: Assistant,
) -> None:
    assert seed_assistant.ask("What is there on sign language recognition?").refused


def test_packing_keeps_the_direction_of_a_vector() -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 384)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert ((unpacked(packed(vectors), 5) * unit).sum(axis=1) > 0.999).all()
