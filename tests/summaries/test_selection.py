"""Selection over a small corpus with hand-made vectors: the rule is tested, not the model."""

import numpy as np

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
        return {
            i: SentenceVectors((Span(0, 5),), self.vectors[i][None, :])
            for i in paper_ids
            if i in self.vectors
        }

    def search(self, query, top):
        """As the retriever's: every signal is the similarity to the topic, or the word itself."""
        found = []
        for paper in self.papers.values():
            cosine = float(self.vectors[paper.paper_id] @ TOPIC)
            words = float(query.lower() in paper.abstract)
            why = {"passage": cosine, "sentence": cosine, "words": words}
            found.append(ScoredPaper(paper, 2 * cosine + words, why))
        return sorted(found, key=lambda s: -s.score)[:top]


class Model:
    name = "made up"

    def embed(self, texts):
        return np.array([TOPIC for _ in texts])


class Words:
    count = 10

    def analyze(self, text):
        return text.lower().replace(".", "").split()

    def document_frequencies(self, terms):
        return dict.fromkeys(terms, 1)

    def nearest_term(self, word):
        return None


def chosen(vectors, texts, topic="pruning", allowed=None):
    corpus = Corpus(vectors, texts)
    return select(topic, corpus.search, corpus, Words(), Model(), allowed)


def ids(candidates):
    return [getattr(c, "paper", c).paper_id for c in candidates]


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


def test_a_topic_that_is_all_the_corpus_is_about_selects_all_of_it():
    vectors = {f"x{i}": NEAR for i in range(6)}
    assert len(chosen(vectors, dict.fromkeys(vectors, "pruning")).belong) == 6


def test_papers_that_do_not_satisfy_the_filters_are_counted_and_left_out():
    vectors = {"a": NEAR, "b": NEAR, **{f"x{i}": far(i) for i in range(6)}}
    texts = {i: "pruning" if i in "ab" else "other" for i in vectors}
    found = chosen(vectors, texts, allowed={"b", "x1"})
    assert (ids(found.belong), found.filtered) == (["b"], 1)


def test_a_paper_without_sentences_never_belongs():
    corpus = Corpus({"a": NEAR, "b": NEAR, "c": far(1), "d": far(2)}, dict.fromkeys("abcd", "pruning"))
    found = corpus.search("pruning", 10)
    del corpus.vectors["b"]
    assert "b" not in ids(select("pruning", lambda query, top: found, corpus, Words(), Model()).belong)


def test_an_empty_search_selects_nothing():
    corpus = Corpus({"a": NEAR}, {"a": "pruning"})
    found = select("pruning", lambda query, top: [], corpus, Words(), Model())
    assert (found.belong, found.considered) == ((), 0)


def test_papers_that_surely_belong_vouch_for_one_like_them():
    """Both x and y are as far from the topic; x resembles the best papers, y does not."""
    best, like, unlike = unit(1, 0, 1), unit(0.4, 0, 1.1), unit(0.4, 1.1, 0)
    vectors = {"a": best, "b": best, "y": unlike, "x": like, **{f"z{i}": far(i) for i in range(8)}}
    found = chosen(vectors, {i: "pruning" if i in "ab" else "other" for i in vectors})
    assert ids(found.belong) == ["a", "b", "x"]


ABOUT = {"cats": unit(1, 0, 0), "dogs": unit(0, 1, 0), "cats and dogs": unit(1, 0.2, 0)}


class TwoSubjects(Corpus):
    """A search whose similarity is to what the query names, and to both for the whole topic."""

    def search(self, query, top):
        found = []
        for paper in self.papers.values():
            cosine = float(self.vectors[paper.paper_id] @ ABOUT.get(query, far(8)))
            words = float(query in paper.abstract)
            why = {"passage": cosine, "sentence": cosine, "words": words}
            found.append(ScoredPaper(paper, 2 * cosine + words, why))
        return sorted(found, key=lambda s: -s.score)[:top]


def joined(topic):
    vectors = {"cat": unit(1, 0, 0), "dog": unit(0, 1, 0), **{f"x{i}": far(i) for i in range(6)}}
    corpus = TwoSubjects(vectors, {"cat": "cats", "dog": "dogs"} | {f"x{i}": "other" for i in range(6)})
    return select(topic, corpus.search, corpus, Words(), Model())


def test_a_paper_belongs_to_a_topic_of_two_subjects_by_the_one_it_is_about():
    """For the whole, the search puts the papers of one subject far ahead of the other's."""
    assert set(ids(joined("cats and dogs").belong)) == {"cat", "dog"}
    assert ids(joined("cats").belong) == ["cat"]


def test_a_subject_that_the_corpus_does_not_have_is_named():
    found = joined("cats and whales")
    assert ids(found.belong) == ["cat"]
    assert found.lacking == ("whales",)
