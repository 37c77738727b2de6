from collections.abc import Collection

import pytest

from assistant.retrieval.spelling import put_right


class Corpus:
    """A corpus that holds the words it is given, unstemmed."""

    count = 10

    def __init__(self, *words: str) -> None:
        self._words = words

    def analyze(self, text: str) -> list[str]:
        return text.lower().split()

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        return {term: self._words.count(term) for term in terms}

    def nearest_term(self, word: str) -> str | None:
        return None


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("radiolgy report generaton with LLMs", "radiology report generation with LLMs"),
        ("raidology", "radiology"),
        ("radiologgy?", "radiology?"),
        ("Radiolgy", "Radiolgy"),  # a capital may be a name
        ("radiolgy-based", "radiolgy-based"),
        ("radiographer", "radiographer"),
        ("rediology-net2 radology2", "rediology-net2 radology2"),
    ],
)
def test_only_plain_words_one_slip_away_are_put_right(question: str, right: str) -> None:
    assert put_right(question, Corpus("radiology", "generation", "report"))[0] == right


def test_what_a_paper_says_is_no_slip() -> None:
    assert put_right("radiolgy", Corpus("radiology", "radiolgy")) == ("radiolgy", ())


def test_what_no_paper_says_takes_no_slips_place() -> None:
    assert put_right("radiolgy", Corpus("pruning")) == ("radiolgy", ())


def test_of_several_words_the_most_frequent_is_meant() -> None:
    assert put_right("learnin", Corpus("learning", "learning", "learnt"))[1] == (("learnin", "learning"),)


@pytest.mark.parametrize("word", ["wording", "shines", "helpers"])
def test_a_form_of_a_common_word_is_no_slip(word: str) -> None:
    assert put_right(word, Corpus("working", "spines", "helpeds"))[1] == ()
