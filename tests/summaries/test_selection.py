"""Selection over a small corpus with hand-made vectors: the rule is tested, not the model."""

import numpy as np
import pytest

from assistant.models import Paper, ScoredPaper, Span
from assistant.stores.catalogue import SentenceVectors
from assistant.summaries.selection import select

DIMENSION = 12


def unit(*values):
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


TOPIC = unit(1, 0, 0)
NEAR, HALF = unit(1, 0.1, 0), unit(0.5, 0, 1)


def far(number):
    """A vector that is like neither the topic nor any other of these."""
    return np.eye(DIMENSION, dtype=np.float32)[3 + number]


class Corpus:
    """Papers whose every vector is given; `texts` are their abstracts."""

    generation = 1

    def __init__(self, vectors, texts):
        self.vectors = vectors
        self.papers = {i: Paper(i, f"Title {i}", texts[i]) for i in vectors}

    def get_papers(self, ids):
        return {i: self.papers[i] for i in ids if i in self.papers}

    def sentence_vectors(self, paper_ids, model):
        return {i: SentenceVectors((Span(0, 5),), self.vectors[i][None, :]) for i in paper_ids}

    def search(self, query, top):
        return [ScoredPaper(p, 1.0) for p in self.papers.values()][:top]


class Model:
    name = "made up"

    def __init__(self, corpus):
        self.of = {f"Title {i}": v for i, v in corpus.vectors.items()}

    def embed(self, texts):
        return np.array([self.of.get(t, TOPIC) for t in texts])


class Words:
    count = 10

    def analyze(self, text):
        return text.lower().replace(".", "").split()

    def document_frequencies(self, terms):
        return dict.fromkeys(terms, 1)


def chosen(vectors, texts, topic="pruning"):
    corpus = Corpus(vectors, texts)
    return select(topic, corpus.search, corpus, Words(), Model(corpus))


def ids(candidates):
    return [c.paper.paper_id for c in candidates]


def test_papers_near_the_best_belong():
    vectors = {"a": NEAR, "b": NEAR, **{f"x{i}": far(i) for i in range(6)}}
    found = chosen(vectors, {i: "pruning" if i in "ab" else "other" for i in vectors})
    assert ids(found.belong) == ["a", "b"]
    assert found.related == ()
    assert found.considered == 8


def test_a_paper_that_comes_near_is_named_as_left_out():
    vectors = {"a": NEAR, "b": HALF, **{f"x{i}": far(i) for i in range(6)}}
    found = chosen(vectors, {i: "pruning" if i == "a" else "other" for i in vectors})
    assert ids(found.belong) == ["a"]
    assert ids(found.related) == ["b"]


def test_nothing_belongs_to_a_topic_that_the_corpus_does_not_have():
    vectors = {f"x{i}": far(i) for i in range(5)} | {"y": unit(0.3, 0, 1)}
    found = chosen(vectors, dict.fromkeys(vectors, "other"))
    assert found.belong == ()
    assert ids(found.closest)[0] == "y"


@pytest.mark.parametrize("texts", ["pruning", "other"])
def test_what_every_paper_shares_selects_nothing_by_itself(texts):
    """All papers are equally near: none stands out, so the corpus as a whole is no selection."""
    vectors = {f"x{i}": NEAR for i in range(6)}
    assert chosen(vectors, dict.fromkeys(vectors, texts)).belong == ()


def test_an_empty_search_selects_nothing():
    corpus = Corpus({"a": NEAR}, {"a": "pruning"})
    found = select("pruning", lambda query, top: [], corpus, Words(), Model(corpus))
    assert (found.belong, found.considered) == ((), 0)


def test_papers_that_surely_belong_vouch_for_one_like_them():
    """Both x and y are as far from the topic; x resembles the best papers, y does not."""
    best, like, unlike = unit(1, 0, 1), unit(0.4, 0, 1.1), unit(0.4, 1.1, 0)
    vectors = {"a": best, "b": best, "y": unlike, "x": like, **{f"z{i}": far(i) for i in range(8)}}
    found = chosen(vectors, {i: "pruning" if i in "ab" else "other" for i in vectors})
    assert ids(found.belong) == ["a", "b", "x"]
