from dataclasses import replace

import numpy as np
import pytest

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.models import Paper
from assistant.retrieval.close_reading import CLOSE, CloseReader, undecided
from assistant.retrieval.retriever import PaperRetriever, Weights
from assistant.stores import open_stores

IN_OTHER_WORDS = "win back accuracy of a squeezed language model without training it again"
IN_ITS_WORDS = (
    "Which method does SAFARI use for sparsity enabled federated learning under unreliable communication?"
)


class CountingModel:
    """The bundled model, and the texts whose parts it was asked for."""

    def __init__(self, model):
        self._model = model
        self.texts = []

    def __getattr__(self, name):
        return getattr(self._model, name)

    def embed(self, texts):
        return self._model.embed(texts)

    def embed_with_parts(self, items):
        self.texts += [text for text, _ in items]
        return self._model.embed_with_parts(items)


@pytest.fixture(scope="module")
def bundled():
    return open_embedding_model()


@pytest.fixture
def model(bundled):
    return CountingModel(bundled)


@pytest.fixture(scope="module")
def stores(seed_settings, bundled):
    stores = open_stores(seed_settings, bundled)
    yield stores
    stores.close()


def retriever(stores, model, weights=None):
    statistics = Corpus(stores, model).statistics
    return PaperRetriever(stores, stores.vectors, stores.lexical, statistics, model, weights)


def paper(paper_id, abstract):
    return Paper(paper_id, display_title=paper_id, abstract=abstract)


def asked(model, text):
    words = text.split()
    places = [(text.index(word), text.index(word) + len(word)) for word in words]
    ((_, vectors),) = model._model.embed_with_parts([(text, places)])
    return vectors, np.full(len(words), 1 / len(words), np.float32)


def test_words_that_the_best_paper_holds_leave_nothing_open():
    assert undecided([0.9, 0.1]) == undecided([0.4]) == 0
    assert undecided([0.0]) == undecided([]) == 1
    assert undecided([0.1, 0.2]) > undecided([0.3, 0.1]) > 0


def test_each_sentence_is_read_by_itself_and_the_best_counts(model):
    vectors, weights = asked(model, "bank")
    river, loan = "Otters sleep on the bank of the stream.", "The bank gave a loan."
    found = CloseReader(model).match(
        vectors, weights, [paper("a", river), paper("b", loan), paper("c", f"{river} {loan}")]
    )
    assert found[2] == max(found[:2]) != min(found[:2])


def test_a_paper_is_read_once_sentence_by_sentence_and_again_when_its_abstract_changes(model):
    vectors, weights = asked(model, "pruned weights")
    reader = CloseReader(model)
    first = reader.match(vectors, weights, [paper("a", "We prune weights. Accuracy stays the same.")])
    assert model.texts == ["We prune weights.", "Accuracy stays the same."]
    assert reader.match(vectors, weights, [paper("a", "We prune weights. Accuracy stays the same.")]) == first
    assert len(model.texts) == 2
    changed = reader.match(vectors, weights, [paper("a", "Otters sleep.")])
    assert model.texts[2:] == ["Otters sleep."]
    assert changed != first


def test_an_abstract_without_content_words_has_no_match(model):
    vectors, weights = asked(model, "pruned weights")
    abstracts = ("", "...", "We prune weights.")
    found = CloseReader(model).match(
        vectors, weights, [paper(str(i), text) for i, text in enumerate(abstracts)]
    )
    assert found[:2] == [None, None]
    assert found[2] > 0.5


def test_of_a_question_in_other_words_the_first_papers_are_read_closely_and_no_others(stores, model):
    found = retriever(stores, model).search(IN_OTHER_WORDS, 20)
    read = {s.paper.paper_id for s in found if "close" in s.why}
    assert len(read) == CLOSE
    before = retriever(stores, model, replace(Weights(), close=0.0)).search(IN_OTHER_WORDS, 20)
    assert read == {s.paper.paper_id for s in before[:CLOSE]}
    assert found[0].paper.display_title == "EoRA" != before[0].paper.display_title


def test_a_question_in_the_words_of_a_paper_costs_no_reading(stores, model):
    retriever(stores, model).search(IN_ITS_WORDS, 5)
    retriever(stores, model).search("SAFARI", 5)  # a name is looked up, nothing is told
    assert set(model.texts) <= {IN_ITS_WORDS, "SAFARI"}
