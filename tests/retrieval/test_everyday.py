"""How specific a word is, by the shipped vocabulary."""

import pytest

from assistant.retrieval.everyday import specificity


@pytest.mark.parametrize("word", ["help", "picture", "doctors", "stopped", "training", "bodies"])
def test_everyday_words_and_their_forms_are_not_specific(word: str) -> None:
    assert specificity(word) < 0.3


@pytest.mark.parametrize("word", ["colonoscopy", "homomorphic", "equivariant", "encryption", "LiDAR"])
def test_words_of_a_field_are_specific(word: str) -> None:
    assert specificity(word) > 0.7


def test_a_rarer_word_is_more_specific() -> None:
    assert specificity("help") < specificity("dose") < specificity("encryption") < specificity("colonoscopy")


@pytest.mark.parametrize("slip", ["agianst", "smaples", "famillies"])
def test_a_slip_makes_no_everyday_word_specific(slip: str) -> None:
    assert specificity(slip) < 0.3


def test_case_does_not_matter_for_a_known_word() -> None:
    assert specificity("Doctors") == specificity("doctors")
