from dataclasses import fields, replace

import pytest

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.retrieval import retriever
from assistant.retrieval.retriever import PaperRetriever, Weights
from assistant.stores import open_stores

QUESTION = "How can a hospital train a model together with others and keep its scans?"


@pytest.fixture(scope="module")
def search(seed_settings):
    model = open_embedding_model()
    stores = open_stores(seed_settings, model)
    statistics = Corpus(stores, model).statistics

    def run(weights, top=77):
        its = PaperRetriever(stores, stores.vectors, stores.lexical, statistics, model, weights)
        return its.search(QUESTION, top)

    yield run
    stores.close()


@pytest.mark.parametrize("name", [field.name for field in fields(Weights)])
def test_every_signal_counts(search, name):
    with_it, without = search(Weights()), search(replace(Weights(), **{name: 0.0}))
    assert [s.score for s in with_it] != [s.score for s in without]


def test_looking_again_keeps_the_level_of_scores_and_loses_no_paper(search):
    again, once = search(Weights()), search(Weights(late=0, together=0, head=0, feedback=0, contrast=0))
    assert {s.paper.paper_id for s in again} == {s.paper.paper_id for s in once}
    assert sum(s.score for s in again) == pytest.approx(sum(s.score for s in once), rel=1e-4)


def test_why_holds_every_signal_and_the_ranks_by_them(search):
    first, *_, last = search(Weights())
    assert {field.name for field in fields(Weights)} <= set(first.why)
    assert first.why["rank"] == 1
    assert last.why["rank"] == 77


def test_a_papers_words_and_passage_count_the_same_by_whichever_list_it_was_found(search, monkeypatch):
    whole = {s.paper.paper_id: (s.why["words"], s.why["passage"]) for s in search(Weights())}
    monkeypatch.setattr(retriever, "CANDIDATES", 10)
    short = {s.paper.paper_id: (s.why["words"], s.why["passage"]) for s in search(Weights(), top=10)}
    assert short == {paper_id: pytest.approx(whole[paper_id], abs=1e-5) for paper_id in short}
