"""Which words of a question a paper lacks, and how they are told."""

import re
from collections.abc import Iterator

import pytest

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.models import Paper
from assistant.retrieval.lacking import abbreviates, as_terms, held_stems, lacking_words
from assistant.settings import Settings
from assistant.stores import open_stores

PAPER = Paper(
    "p", "Bones", "We train large language models and convolutional neural networks on radiographs."
)


@pytest.fixture(scope="module")
def corpus(seed_settings: Settings) -> Iterator[Corpus]:
    model = open_embedding_model()
    corpus = Corpus(open_stores(seed_settings, model), model)
    yield corpus
    corpus.close()


def lacking(question: str, corpus: Corpus) -> list[str]:
    return lacking_words(question, held_stems(PAPER, question, corpus.statistics), corpus.statistics)


def test_inflected_words_of_the_paper_are_not_lacking(corpus: Corpus) -> None:
    assert lacking("training language model networks", corpus) == []


def test_an_acronym_that_the_paper_writes_out_is_not_lacking(corpus: Corpus) -> None:
    assert lacking("which LLMs and CNN?", corpus) == []
    assert lacking("which LSTM?", corpus) == ["LSTM"]


def test_a_data_set_is_a_dataset(corpus: Corpus) -> None:
    written = Paper("q", "Bones", "We test on two data-sets.")
    for question in ("which datasets?", "which data sets?"):
        assert (
            lacking_words(question, held_stems(written, question, corpus.statistics), corpus.statistics) == []
        )
    assert lacking("which data sets?", corpus) == ["data", "sets"]


def test_the_commonest_words_tell_nothing(corpus: Corpus) -> None:
    assert lacking("radiographs against two polyps", corpus) == ["polyps"]


@pytest.mark.parametrize(
    ("acronym", "stands"), [("LLM", True), ("LLMs", True), ("LLR", False), ("NN", False)]
)
def test_an_acronym_is_made_of_first_letters_in_a_row(acronym: str, stands: bool) -> None:
    assert abbreviates(acronym, PAPER) is stands


def test_lacking_words_are_told_one_by_one_in_their_order() -> None:
    text = "get a chatbot running cheaply with homomorphic encryption"
    words = {"chatbot", "cheaply", "encryption"}
    assert as_terms(text, words) == ("chatbot", "cheaply", "encryption")


def test_of_many_lacking_words_the_most_specific_are_told() -> None:
    words = {"overhead", "homomorphic", "encryption", "stop"}
    assert as_terms("stop the overhead of homomorphic encryption", words) == (
        "overhead",
        "homomorphic",
        "encryption",
    )


@pytest.mark.parametrize("term", ["k-space", "Monte Carlo", "client/server"])
def test_what_is_written_as_one_thing_is_told_as_one(term: str) -> None:
    words = set(re.findall(r"\w+", term))
    assert as_terms(f"sampling of {term} here", words) == (term,)


def test_everyday_words_are_not_told_where_specific_ones_are_asked_for() -> None:
    assert as_terms("stop the polyps", {"stop", "polyps"}, at_least=0.5) == ("polyps",)


def test_a_name_is_told_once_and_first() -> None:
    assert as_terms("score on ChestX-ray14", {"ChestX", "ray14"}, ("ChestX-ray14",)) == ("ChestX-ray14",)


def test_a_verb_that_only_asks_is_not_told_as_lacking() -> None:
    text = "How does it solve protein folding, and what is reported and achieved?"
    assert as_terms(text, {"solve", "folding", "reported", "achieved"}) == ("folding",)
