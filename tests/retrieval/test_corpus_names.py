import pytest

from assistant.retrieval.corpus_names import CorpusNames

AUTHORS = ("Qicheng Lao", "Kang Li", "Haolin Li", "Li HY", "Laurens van der Maaten", "A. B. Novak", "Lao, Bo")
NAMES = CorpusNames({name: frozenset({name}) for name in AUTHORS}, {})


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("Qicheng Lao", {"Qicheng Lao"}),
        ("lao qicheng", {"Qicheng Lao"}),
        ("Lao", {"Qicheng Lao", "Lao, Bo"}),
        ("B. Lao", {"Lao, Bo"}),
        ("H. Li", {"Haolin Li", "Li HY"}),
        ("H. Y. Li", {"Li HY"}),
        ("Li HY", {"Li HY"}),
        ("van der Maaten", {"Laurens van der Maaten"}),
        ("Alice Novak", {"A. B. Novak"}),
        ("Alice C. Novak", set()),
        ("Wei Lao", set()),
        ("Haolin", {"Haolin Li"}),
        ("", set()),
    ],
)
def test_a_name_fits_whoever_may_be_written_so(words: str, people: set[str]) -> None:
    assert NAMES.people(words) == people


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("Quicheng Lao", {"Qicheng Lao"}),
        ("Qicheng Loa", {"Qicheng Lao"}),
        ("Maatn", {"Laurens van der Maaten"}),
        ("Loa", set()),  # too short: as likely another name
        ("Qucheng Loa", set()),  # two mistakes
    ],
)
def test_one_mistake_in_a_name_is_forgiven(words: str, people: set[str]) -> None:
    assert NAMES.misspelt(words) == people
