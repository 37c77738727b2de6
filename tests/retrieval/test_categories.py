"""Affiliations in a question, where a corpus has many."""

import re

import pytest

from assistant.retrieval.categories import read_affiliations

MANY = [f"university of place {i}" for i in range(500)]


@pytest.mark.parametrize(
    ("question", "tag"),
    [
        ("Which papers are from MIDDLE-EARTH?", "middle_earth"),
        ("papers from Gondor about swords", "gondor-research"),
        ("works by people at the University of Place 7", "university of place 7"),
    ],
)
def test_an_affiliation_is_found_among_many_in_any_case_and_joined_anyhow(question: str, tag: str) -> None:
    readings = list(read_affiliations(question, [*MANY, "middle_earth", "gondor-research"]))
    assert tag in [reading.values["affiliation_tag"] for reading in readings]


def test_affiliations_whose_words_are_not_in_the_question_are_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_for: list[str] = []
    find = re.finditer

    def counted(pattern: str, text: str, flags: int = 0):
        looked_for.append(pattern)
        return find(pattern, text, flags)

    monkeypatch.setattr(re, "finditer", counted)
    assert list(read_affiliations("papers from Gondor", [*MANY, "Gondor"]))
    assert len(looked_for) < 10
    assert all("Gondor" in pattern for pattern in looked_for)
