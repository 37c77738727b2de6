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
    assert headings("Networks", (ONE, TWO), Model()) == ("Weight pruning", "Image synthesis")


def test_a_single_theme_is_headed_by_the_topic():
    assert headings("networks", (ONE,), Model()) == ("Networks",)


def test_a_phrase_that_is_the_topic_heads_no_theme():
    first, _ = headings("Weight pruning", (ONE, TWO), Model())
    assert first != "Weight pruning"


def test_papers_that_share_no_phrase_are_headed_by_two_titles_without_coined_names():
    apart = (
        paper(5, "BLUR2X: camera motion", "Nothing.", unit(1, 0)),
        paper(6, "Speech signals", "Nothing.", unit(1, 0)),
    )
    first, _ = headings("Networks", (apart, TWO), Model())
    assert set(first.lower().split("; ")) == {"camera motion", "speech signals"}
