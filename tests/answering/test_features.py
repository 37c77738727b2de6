"""What the verdicts compare: stems, figures, names, directions."""

import pytest

from assistant.answering.features import contains, features, stem, strange_names, turned


@pytest.mark.parametrize(
    ("one", "other"),
    [("prunes", "pruning"), ("studies", "study"), ("segmentation", "segmented"), ("weights", "weight")],
)
def test_inflections_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("loss", "lose"), ("model", "mode")])
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("80% of 1,000 cases", {"80", "1000"}),
        ("80.0\\% and 3.50", {"80", "3.5"}),
        ("three of twelve", {"3", "12"}),
        ("GPT-4, ResNet50 and 3D scans", set()),
        ("from 2019 to 2024", {"2019", "2024"}),
        ("1.6M pairs and 2.5x faster", {"1.6", "2.5"}),
    ],
)
def test_figures_are_compared_as_numbers_and_names_are_no_figures(text: str, figures: set[str]) -> None:
    assert features(text).figures == figures


def test_names_are_words_with_inner_capitals_or_digits() -> None:
    assert features("The SAFARI and RadGenome-ChestCT on ResNet50, LLMs").names >= {
        "safari",
        "radgenome",
        "chestct",
        "resnet50",
        "llm",
    }


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("It increases accuracy", "It reduces accuracy", True),
        ("It improves accuracy", "It boosts accuracy", False),
        ("It does not need labels", "It needs labels", True),
        ("It needs no labels", "It works without labels", False),
        ("It reduces cost and improves speed", "It improves speed and reduces cost", False),
        ("Loss of p53 raises growth", "p53 lowers growth", False),
        ("Loss of p53 raises growth", "p53 raises growth", True),
        ("The test is inaccurate", "The test is accurate", True),
        ("Cells were treated before infection", "Cells were treated after infection", True),
        ("Adapters outperform prompts", "Adapters outperform prompts on all tasks", False),
        ("Prompts outperform adapters", "Adapters outperform prompts on all tasks", True),
        ("Prompts underperform adapters", "Adapters outperform prompts on all tasks", False),
        ("Rates are higher in men than in women", "Rates were higher in women than in men", True),
        ("Rates are lower in men than in women", "Rates were higher in women than in men", False),
        ("It learns from images", "It learns from images, which are not always at hand", False),
        ("Cats purr", "Dogs never bark", False),
    ],
)
def test_denials_and_opposites_turn_a_claim_round(claim: str, evidence: str, expected: bool) -> None:
    assert turned(features(claim).words, features(evidence).words) is expected


def test_containment_ignores_case_dashes_spacing_and_the_final_stop() -> None:
    assert contains(
        "We show that low-rank  adapters suffice. More.", "we show that low–rank adapters suffice"
    )
    assert contains("We cite [3] for the proof of it.", "We cite \\[3\\] for the proof of it.")
    assert not contains("We show it.", "it")


def test_clauses_end_at_conjunctions_and_at_commas_between_enough_words() -> None:
    text = (
        "It prunes weights of large vision models, keeping accuracy of their dense original versions,"
        " and saves energy, while others do not"
    )
    found = [" ".join(word.stem for word in clause.words if word.stem) for clause in features(text).clauses]
    assert len(found) == 4
    assert [clause.split()[0] for clause in found[:3]] == ["prun", "keep", "save"]


@pytest.mark.parametrize(
    ("claim", "known", "strange"),
    [
        ("RAS-driven mice", "Mice driven by RAS", set()),
        ("A dose of 40mg", "A dose of 40 mg", set()),
        ("We train ResNet101", "We train ResNet50", {"resnet101"}),
        ("With the XYZ-driven mice", "Mice driven by RAS", {"xyz-driven", "xyz"}),
    ],
)
def test_a_name_is_known_when_its_parts_are(claim: str, known: str, strange: set[str]) -> None:
    assert strange_names(features(claim), features(known)) == strange
