from collections.abc import Collection

import pytest

from assistant.retrieval.spelling import put_right


def right(text: str, corpus: "Corpus") -> tuple[str, tuple[tuple[str, str], ...]]:
    return put_right(text, corpus, corpus.says)


class Corpus:
    """A corpus that holds the words it is given, unstemmed."""

    count = 10

    def __init__(self, *words: str) -> None:
        self._words = words

    def analyze(self, text: str) -> list[str]:
        return text.lower().split()

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        return {term: self._words.count(term) for term in terms}

    def says(self, word: str) -> bool:
        return word in self._words

    def nearest_term(self, word: str) -> str | None:
        return None


@pytest.mark.parametrize(
    ("question", "meant"),
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
def test_only_plain_words_one_slip_away_are_right(question: str, meant: str) -> None:
    assert right(question, Corpus("radiology", "generation", "report"))[0] == meant


def test_what_a_paper_says_is_no_slip() -> None:
    assert right("radiolgy", Corpus("radiology", "radiolgy")) == ("radiolgy", ())


def test_what_no_paper_says_takes_no_slips_place() -> None:
    assert right("radiolgy", Corpus("pruning")) == ("radiolgy", ())


def test_of_several_words_the_most_frequent_is_meant() -> None:
    assert right("learnin", Corpus("learning", "learning", "learnt"))[1] == (("learnin", "learning"),)


@pytest.mark.parametrize("word", ["wording", "shines", "helpers"])
def test_a_form_of_a_common_word_is_no_slip(word: str) -> None:
    assert right(word, Corpus("working", "spines", "helpeds"))[1] == ()


def test_a_string_that_only_has_a_known_stem_is_no_word() -> None:
    class Stemmed(Corpus):
        def analyze(self, text: str) -> list[str]:
            return [text.lower()[:7]]

    assert right("zylographz", Stemmed("zylogra"))[1] == ()
    assert right("zyloraphy", Stemmed("zylogra", "zylography"))[1] == (("zyloraphy", "zylography"),)
