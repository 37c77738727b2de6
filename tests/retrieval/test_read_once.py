"""A question is read by the model once, and its vocabulary once in a process."""

import pytest

from assistant.corpus import Corpus
from assistant.embedding.bundled import BundledModel
from assistant.embedding.tokenizer import bundled_tokenizer
from assistant.models import Span
from assistant.sentences import split_sentences
from assistant.stores import open_stores

QUESTION = "How can a hospital train a model together with others and keep its scans?"


class CountingModel(BundledModel):
    """The bundled model, and the texts it was given."""

    def __init__(self):
        self.read = []
        super().__init__()

    def embed(self, texts):
        self.read += texts
        return super().embed(texts)

    def embed_with_parts(self, items):
        self.read += [text for text, _ in items]
        return super().embed_with_parts(items)


@pytest.fixture
def corpus(seed_settings):
    model = CountingModel()
    corpus = Corpus(open_stores(seed_settings, model), model)
    yield corpus
    corpus.close()


def test_the_sentences_of_an_answer_are_compared_with_the_vector_the_search_used(corpus):
    found, *_ = corpus.retriever.search(QUESTION, 1)
    corpus.similarities(QUESTION, found.paper)
    corpus.rough_similarities(QUESTION, found.paper, split_sentences(found.paper.abstract))
    corpus.retriever.search(QUESTION, 1)
    assert corpus.model.read.count(QUESTION) == 1


def test_what_was_asked_before_does_not_change_how_sentences_compare(corpus):
    found, *_ = corpus.retriever.search(QUESTION, 1)
    first, *others = split_sentences(found.paper.abstract)
    spans = [Span(first.start, first.end - 1), *others]  # a part of a sentence is not stored
    fresh = corpus.rough_similarities(QUESTION, found.paper, spans)
    corpus.similarities(QUESTION, found.paper, spans)
    assert corpus.rough_similarities(QUESTION, found.paper, spans) == fresh


def test_a_text_that_was_not_searched_for_has_the_vector_the_model_gives_it(corpus):
    assert corpus.retriever.vector(QUESTION) == pytest.approx(corpus.model.embed([QUESTION])[0], abs=1e-6)


def test_the_model_and_the_measure_of_everyday_words_share_one_vocabulary(corpus):
    assert corpus.model._tokenizer is bundled_tokenizer()
