"""The faults that the benchmark of verdicts plants are the ones it names."""

from random import Random

from benchmarks.planted import Truth, paraphrase, plant

from assistant.models import Paper

PRUNED = Truth(
    "The authors show that pruning 80 weights improves accuracy on CIFAR-10 data.",
    "We show that pruning 80 weights improves accuracy on CIFAR-10 data.",
    Paper(
        "a",
        "Pruning",
        "We train 12 nets. We show that pruning 80 weights improves accuracy on CIFAR-10 data.",
    ),
)
CURRENTS = Truth(
    "Ocean currents were measured near ICELAND by 7 autonomous gliders.",
    "Ocean currents were measured near ICELAND by 7 autonomous gliders.",
    Paper("b", "Currents", "Ocean currents were measured near ICELAND by 7 autonomous gliders."),
)


def test_a_paraphrase_keeps_the_figures_and_leaves_out_parentheses() -> None:
    text = paraphrase(
        "However, we demonstrate gains (see below) of 5 points on BLEU for our model.", Random(1)
    )
    assert "5 points on BLEU" in text
    assert not any(left_out in text for left_out in ("see below", "However", " we "))


def test_each_fault_differs_from_its_true_sentence_or_from_its_citation() -> None:
    pairs = plant(PRUNED, CURRENTS, CURRENTS, Random(3))
    assert all(true.true and not fault.true for true, fault in pairs)
    assert all((true.sentence, true.cited) != (fault.sentence, fault.cited) for true, fault in pairs)


def test_planted_changes_are_the_named_ones() -> None:
    faults = {fault.kind: fault for _, fault in plant(PRUNED, CURRENTS, CURRENTS, Random(3))}
    assert " 12 weights" in faults["figure from elsewhere in the abstract"].sentence
    assert "80" not in faults["new figure"].sentence
    assert "worsens" in faults["direction turned"].sentence
    assert "ICELAND" in faults["other name"].sentence
    assert faults["citation of a near paper"].cited == (CURRENTS.paper,)
    blend = faults["blend, both cited"]
    assert blend.sentence.startswith("The authors show")
    assert blend.sentence.endswith("gliders.")
    assert blend.cited == (PRUNED.paper, CURRENTS.paper)
