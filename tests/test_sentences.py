from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.sentences import split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["We prune weights.", "It works."],
        ["Accuracy is 3.5 % (e.g. ResNet) vs. VGG.", "Next."],
        ["The works of Gatys et al. demonstrated it.", "Fig. 3 shows more."],
        ["Is it good?", "Yes!", "(Really.)"],
        ["Code: https://github.com/a/b.c.", "More."],
        ["By J. Smith and A. B. Jones.", "Done."],
        ["It learns the matrices A and B.", "In each round they are averaged."],
        ["The ratio is 1.5:1.", "And one epoch suffices."],
        ["We plan it.", "(ii) To judge it, we run it.", "(b) More."],
        ["Three steps: 1. Read it."],
        ["It uses v1.2. beta versions."],
        ["As Wu et al. Show."],
    ],
)
def test_sentences_end_where_they_end(sentences: list[str]) -> None:
    text = " ".join(sentences)
    found = [text[s.start : s.end] for s in split_sentences(text)]
    if sentences == ["As Wu et al. Show."]:
        assert found == ["As Wu et al.", "Show."]  # a capital after "al." cannot be told from a new sentence
    else:
        assert found == sentences


@given(st.text(max_size=400))
def test_sentences_cover_all_but_white_space_in_order(text: str) -> None:
    spans = split_sentences(text)
    assert "".join(text.split()) == "".join("".join(text[s.start : s.end].split()) for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(text[s.start : s.end].strip() == text[s.start : s.end] != "" for s in spans)
