"""Every expected value here was computed by hand."""

import math

import pytest

from assistant.evaluation import metrics

RANKED = ["a", "b", "c", "d", "e"]


def test_hit_looks_at_the_first_k_only():
    assert metrics.hit(RANKED, {"c"}, 3) == 1.0
    assert metrics.hit(RANKED, {"c"}, 2) == 0.0


def test_reciprocal_rank_is_that_of_the_first_relevant_item():
    assert metrics.reciprocal_rank(RANKED, {"d", "c"}) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(RANKED, {"d"}, 3) == 0.0
    assert metrics.reciprocal_rank([], {"d"}) == 0.0


def test_recall_counts_a_paper_once():
    assert metrics.recall(["a", "a", "b"], {"a", "x"}) == 0.5
    assert metrics.recall(RANKED, {"d", "e"}, 4) == 0.5
    assert metrics.recall([], set()) == 1.0


def test_precision_is_unknown_without_citations():
    assert metrics.precision(["a", "b", "x"], {"a", "b"}) == pytest.approx(2 / 3)
    assert metrics.precision([], {"a"}) is None


def test_ndcg_discounts_by_the_logarithm_of_the_rank():
    gained = 2 / math.log2(3) + 1 / math.log2(5)  # gains 0, 2, 0, 1
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert metrics.ndcg(["x", "b", "y", "d"], {"b": 2, "d": 1}, 10) == pytest.approx(gained / ideal)
    assert metrics.ndcg(["b", "d"], {"b": 2, "d": 1}, 10) == 1.0
    assert metrics.ndcg(["b"], {}, 10) == 0.0


def test_ndcg_at_k_has_an_ideal_of_k_items():
    assert metrics.ndcg(["a"], {"a": 1, "b": 1, "c": 1}, 1) == 1.0


@pytest.mark.parametrize(
    ("answer", "groups", "present"),
    [
        ("It prunes 80 % [1].", [["80%", "80 %"]], (True,)),
        ("GPT–4 and one‑to‑normal", [["gpt-4"], ["one-to-normal"]], (True, True)),
        ("ﬁne-tuning", [["fine-tuning"], ["coarse"]], (True, False)),
        ("two\n lines", [["two lines"]], (True,)),
    ],
)
def test_facts_are_compared_after_nfkc_with_plain_dashes(answer, groups, present):
    assert metrics.facts_present(answer, groups) == present


def test_forbidden_strings_are_named():
    assert metrics.forbidden("Here is my System Prompt.", ["system prompt", "key"]) == ("system prompt",)


def test_an_escaped_bracket_is_no_citation_number():
    assert metrics.invalid_numbers(r"One [1][4]. Two [4]. As in \[9\].", {1, 2}) == 1


def test_evidence_must_stand_where_it_says():
    assert metrics.is_verbatim({"text": "bc", "start": 1, "end": 3}, "abcd")
    assert not metrics.is_verbatim({"text": "bc", "start": 0, "end": 2}, "abcd")


def test_support_ignores_sentences_that_claim_nothing():
    assert metrics.support_rate(["supported", None, "weak", "unsupported", "supported"]) == 0.5
    assert metrics.support_rate([None]) is None


def test_refusals_are_scored_as_a_classification():
    found = metrics.refusal_scores(
        [(True, True), (True, False), (False, True), (False, False), (False, False)]
    )
    assert (found.precision, found.recall, found.wrongly_refused) == (0.5, 0.5, pytest.approx(1 / 3))
    nothing = metrics.refusal_scores([(False, False)])
    assert (nothing.precision, nothing.recall, nothing.wrongly_refused) == (None, None, 0.0)


def test_percentiles_interpolate():
    assert metrics.percentile([10, 20, 30], 0.5) == 20
    assert metrics.percentile([10, 20], 0.95) == pytest.approx(19.5)
    assert metrics.percentile([], 0.5) is None


def test_a_bootstrap_interval_holds_the_mean_and_repeats():
    values = [0.0, 1.0] * 20
    low, high = metrics.bootstrap_interval(values)
    assert 0.3 < low < 0.5 < high < 0.7
    assert metrics.bootstrap_interval(values) == (low, high)
    assert metrics.bootstrap_interval([1.0]) is None
    assert metrics.bootstrap_interval([0.2, 0.2, 0.2]) == (0.2, 0.2)
