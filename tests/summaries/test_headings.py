import numpy as np

from assistant.models import Paper
from assistant.summaries.headings import headings
from assistant.summaries.selection import Candidate


def unit(*values):
    return np.array(values, dtype=np.float32) / np.linalg.norm(values).astype(np.float32)


class Model:
    """Puts every phrase as near to one theme as to the other: the words decide."""

    name = "made up"

    def embed(self, texts):
        return np.array([unit(1, 1)] * len(texts))


class Words:
    """Counts of a corpus in which every word is rare but those of `common`."""

    count = 100

    def __init__(self, *common):
        self.common = common

    def analyze(self, text):
        return text.lower().split()

    def document_frequencies(self, terms):
        return {term: 100 if term in self.common else 2 for term in terms}

    def nearest_term(self, word):
        return None


def paper(number, title, abstract, vector):
    its = Paper(f"p:{number}", title, abstract, title=title)
    return Candidate(its, vector, (), np.array([vector]))


ONE = (
    paper(1, "SHRINK: weight pruning", "We study weight pruning of networks.", unit(1, 0)),
    paper(2, "On sparsity", "SHRINK and others use weight pruning.", unit(1, 0)),
)
TWO = (
    paper(3, "DREAM: image synthesis", "We study image synthesis.", unit(0, 1)),
    paper(4, "On pictures", "All image synthesis is hard.", unit(0, 1)),
)


def test_a_heading_is_a_phrase_that_the_papers_of_its_theme_share():
    assert headings("Networks", (ONE, TWO), Model(), Words()) == ("Weight pruning", "Image synthesis")


def test_a_single_theme_is_headed_by_the_topic():
    assert headings("networks", (ONE,), Model(), Words()) == ("Networks",)


def test_a_phrase_that_is_the_topic_heads_no_theme():
    first, _ = headings("Weight pruning", (ONE, TWO), Model(), Words())
    assert first != "Weight pruning"


def test_papers_that_share_no_phrase_are_headed_by_two_titles_without_coined_names():
    apart = (
        paper(5, "BLUR2X: camera motion", "Nothing.", unit(1, 0)),
        paper(6, "Speech signals", "Nothing.", unit(1, 0)),
    )
    first, _ = headings("Networks", (apart, TWO), Model(), Words())
    assert set(first.lower().split("; ")) == {"camera motion", "speech signals"}


def theme(*abstracts):
    return tuple(
        paper(number, f"Title {number}", text, unit(1, 0)) for number, text in enumerate(abstracts, 7)
    )


def heads(topic, group, words=None):
    return headings(topic, (group, TWO), Model(), words or Words())[0]


def test_a_fragment_of_the_phrase_that_is_meant_heads_no_theme():
    group = theme("Of red blood cells and others.", "We count red blood cells.")
    assert heads("Malaria", group) in ("Red blood cells", "Blood cells")


def test_singular_and_plural_are_one_phrase():
    assert heads("Malaria", theme("We treat a blood cell.", "We treat blood cells.")) == "Blood cell"


def test_a_phrase_of_the_topics_words_in_another_form_heads_no_theme():
    group = theme("Of medical images in bone marrow.", "Of medical image by bone marrow.")
    assert heads("Medical imaging", group) == "Bone marrow"


def test_what_every_paper_of_the_corpus_says_heads_no_theme():
    group = theme("Of cancer cells in bone marrow.", "Of cancer cells by bone marrow.")
    assert heads("Leukaemia", group, Words("cancer", "cells")) == "Bone marrow"


def test_papers_of_which_nothing_can_be_said_are_further_ones():
    assert heads("Malaria", theme("We do.", "We did.")) == "Further papers"
