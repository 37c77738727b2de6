"""Whatever models write as a citation becomes [1][2]; whatever is none stays text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.citations import (
    build_citations,
    renumber,
    resolve,
    resolve_prefix,
    split_answer,
    strip_markers,
    without_pieces,
)
from assistant.models import Evidence, Paper

A = Paper(paper_id="a", display_title="Alpha", abstract="We prune as in [3] by 80%. Both (2) and (4) hold.")
B = Paper(paper_id="b", display_title="Beta", abstract="Nothing.")
C = Paper(paper_id="c", display_title="Gamma", abstract="Nothing else.")
OFFERED = {1: A, 2: B, 3: A, 4: C}  # passages 1 and 3 are of the same paper


@pytest.mark.parametrize(
    ("written", "resolved", "papers"),
    [
        ("It is so [2].", "It is so [1].", "b"),
        ("It is so. [4] It is not [2].", "It is so. [1] It is not [2].", "cb"),
        ("Both [1, 2].", "Both [1][2].", "ab"),
        ("Both [2][1].", "Both [1][2].", "ba"),
        ("Both [1; 4].", "Both [1][2].", "ac"),
        ("Both [1 and 4].", "Both [1][2].", "ac"),
        ("All [1-4].", "All [1][2][3].", "abc"),
        ("All [1–2], [4].", "All [1][2][3].", "abc"),
        ("Once [1][3].", "Once [1].", "a"),
        ("Spaced [1] [2].", "Spaced [1][2].", "ab"),
        ("It is so (2).", "It is so [1].", "b"),
        ("It is so (1, 2).", "It is so [1][2].", "ab"),
        ("It is so. (2)", "It is so. [1]", "b"),
        ("It is so (Source 2).", "It is so [1].", "b"),
        ("It is so (see passage 2).", "It is so [1].", "b"),
        ("It is so [Source 2].", "It is so [1].", "b"),
        ("It is so [Passages 1, 2].", "It is so [1][2].", "ab"),
        ("It is so [passage: 2].", "It is so [1].", "b"),
        ("According to Source 2, it is.", "According to [1], it is.", "b"),
        ("Sources 2 and 4 agree.", "[1][2] agree.", "bc"),
        ("Passage 4 says so.", "[1] says so.", "c"),
        ("It is so【2】.", "It is so[1].", "b"),
        ("It is so【2†source】.", "It is so[1].", "b"),
        ("It is so [2†L3-L5].", "It is so [1].", "b"),
        ("It is so [^2].", "It is so [1].", "b"),
        ("It is so [[2]].", "It is so [1].", "b"),
        ("It is so [2](https://bad.example).", "It is so [1].", "b"),
    ],
)
def test_styles_of_citing_become_one(written: str, resolved: str, papers: str) -> None:
    result = resolve(written, OFFERED)
    assert result.text == resolved
    assert "".join(p.paper_id for p in result.order) == papers
    assert result.dropped == 0


@pytest.mark.parametrize(
    ("written", "resolved", "dropped"),
    [
        ("It is so [9].", "It is so.", 1),
        ("It is so [2, 9, 10].", "It is so [1].", 2),
        ("It is so (see [9]).", "It is so.", 1),
        ("It is so [9] and more.", "It is so and more.", 1),
        ("According to Source 9, it is.", "According to a source, it is.", 1),
    ],
)
def test_numbers_that_were_not_offered_are_dropped_and_counted(
    written: str, resolved: str, dropped: int
) -> None:
    result = resolve(written, OFFERED)
    assert (result.text, result.dropped) == (resolved, dropped)


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("It came out (2024).", "It came out (2024)."),
        ("Two steps: (1) align and (2) prune.", "Two steps: (1) align and (2) prune."),
        ("See Eq. (2).", "See Eq. (2)."),
        ("This is step (2).", "This is step (2)."),
        ("It has (9).", "It has (9)."),
        ("Values in [0, 1].", "Values in \\[0, 1\\]."),
        ("On a scale of [1, 4].", "On a scale of \\[1, 4\\]."),
        ("Since [2024].", "Since \\[2024\\]."),
        ("Pages [1-100].", "Pages \\[1-100\\]."),
        ("They prune as in [3] by 80%.", "They prune as in [1] by 80%."),
        ("We prune as in [3] by 80%.", "We prune as in \\[3\\] by 80%."),
        ("Both (2) and (4) hold.", "Both (2) and (4) hold."),
        ("Escaped \\[3\\] stays.", "Escaped \\[3\\] stays."),
        ("Open Source 2 is a name.", "Open Source 2 is a name."),
        ("Paper 2.5 times as thick.", "Paper 2.5 times as thick."),
        ("In 2 of 3 cases.", "In 2 of 3 cases."),
    ],
)
def test_years_enumerations_intervals_and_copied_brackets_are_no_citations(
    written: str, resolved: str
) -> None:
    assert resolve(written, OFFERED).text == resolved


def test_a_prefix_never_shows_half_a_marker_or_link() -> None:
    text = (
        "It is so [1, 2]. So is that (4), see [x](https://bad.example/y) or Source 12【2†s】."
        " ![i](https://b.c) End."
    )
    for end in range(len(text) + 1):
        shown = resolve_prefix(text[:end], OFFERED)
        rest = re.sub(r"\[\d+\]", "", shown)
        assert not re.search(r"[\[\]【】†!]|\(\d|https|bad|Source \d", rest), shown


def test_a_prefix_keeps_its_numbers_as_the_answer_grows() -> None:
    text = "Alpha [2]. Beta [4, 1]. Gamma [2]."
    final = resolve(text, OFFERED).text
    for end in range(len(text) + 1):
        assert final.startswith(resolve_prefix(text[:end], OFFERED).rstrip("."))


_fragments = st.sampled_from(
    [
        "It is so",
        " [1]",
        "[2, 4]",
        " (2)",
        ". ",
        " [9]",
        "Source 3",
        " [1-3]",
        "\n- ",
        " (2024)",
        "【4】",
        "\\[2\\]",
    ]
)


@given(st.lists(_fragments, max_size=12).map("".join))
def test_resolved_numbers_count_from_one_in_order_of_first_use(text: str) -> None:
    result = resolve(text, OFFERED)
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", result.text)]
    assert list(dict.fromkeys(numbers)) == list(range(1, len(result.order) + 1))
    assert len({p.paper_id for p in result.order}) == len(result.order)


@given(st.text(alphabet="ab [](){}0123456789,.-–†【】^\\!<>\n", max_size=60))
def test_any_text_resolves_to_valid_numbers_only(text: str) -> None:
    result = resolve(text, OFFERED)
    numbers = {int(n) for n in re.findall(r"\[(\d+)\]", result.text)}
    assert numbers <= set(range(1, len(result.order) + 1))


def test_renumbering_follows_changed_markers() -> None:
    result = renumber("New [3]. Old [1].", [A, B, C])
    assert result.text == "New [1]. Old [2]."
    assert [p.paper_id for p in result.order] == ["c", "a"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("It is so [1]. Not that [2][3].", [("It is so.", (1,)), ("Not that.", (2, 3))]),
        ("It is so. [1] Not that. [2]", [("It is so.", (1,)), ("Not that.", (2,))]),
        ("It is so. [1] proposes that [2].", [("It is so.", ()), ("[1] proposes that.", (1, 2))]),
        ("According to [1], it is.", [("According to [1], it is.", (1,))]),
        ("- It is so [1]\n- Not that [2]", [("It is so", (1,)), ("Not that", (2,))]),
        ("1. First [1]\n2. Second", [("First", (1,)), ("Second", ())]),
        ("By Smith et al. in e.g. Rome [1].", [("By Smith et al. in e.g. Rome.", (1,))]),
        ("It cut 3.5% [1] and 4% [2].", [("It cut 3.5% and 4%.", (1, 2))]),
        ("As in \\[3\\] [1].", [("As in \\[3\\].", (1,))]),
        ("", []),
        ("[1][2].", []),
    ],
)
def test_each_sentence_has_its_own_citations(text: str, pieces: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(p.text, p.numbers) for p in split_answer(text)] == pieces


def test_a_sentence_ends_where_its_citation_can_be_put() -> None:
    text = "- It is *so*. Not that [1]."
    ends = [piece.end for piece in split_answer(text)]
    assert [text[:end] for end in ends] == ["- It is *so*.", text]


def test_sentences_can_be_taken_out_with_their_markers() -> None:
    text = "- It is so. [1] Not that [2]. [1] ends."
    pieces = split_answer(text)
    assert without_pieces(text, pieces[:1]) == "- Not that [2]. [1] ends."
    assert without_pieces(text, pieces[1:]) == "- It is so. [1]"


def test_markers_can_be_stripped() -> None:
    assert strip_markers("It is [1][2] so [3]. As in \\[3\\].") == "It is so. As in \\[3\\]."


def test_citations_carry_evidence_once_in_the_order_of_the_abstract() -> None:
    late, early = Evidence("Both", 27, 31), Evidence("We", 0, 2)
    (first, second) = build_citations([B, A], {"a": [late, early, late]}, {"b": ["authors", "authors"]})
    assert (first.number, first.paper, first.evidence, first.fields) == (1, B, (), ("authors",))
    assert (second.number, second.paper, second.evidence, second.fields) == (2, A, (early, late), ())
