"""Every expected value here was computed by hand."""

import math
import random

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


def claims(*verdicts, citations=(1,)):
    return [{"verdict": verdict, "citations": list(citations)} for verdict in verdicts]


def test_support_ignores_sentences_that_claim_nothing():
    assert metrics.support_rate(claims("supported", None, "weak", "unsupported", "supported")) == 0.5
    assert metrics.support_rate(claims(None)) is None


def test_a_claim_without_a_citation_is_not_supported():
    assert metrics.support_rate(claims("supported") + claims("supported", citations=())) == 0.5


def test_a_figure_must_stand_in_a_source():
    sources = ["We prune 80 % with 1,000 users.", "And 2021?"]
    assert metrics.unstated_figures("In 2021 it prunes 80% [7] for 1000 users.", sources) == ()
    assert metrics.unstated_figures("**SAFARI** is dated 2019-03-12. [1]", sources) == ()
    assert metrics.unstated_figures("It prunes 97.3 % or 80 %.", sources) == ("97.3",)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # By hand with z = 1.959964: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (5, 10, 0.23659, 0.76341),
        (81, 263, 0.25529, 0.36621),  # Newcombe 1998, table I, method 3: 0.2553 to 0.3662
    ],
)
def test_shares_have_wilson_intervals(successes, n, low, high):
    assert metrics.wilson_interval(successes, n) == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_has_no_interval():
    with pytest.raises(ValueError, match="nothing"):
        metrics.wilson_interval(0, 0)


def test_ranking_measures_agree_with_ir_measures():
    ir_measures = pytest.importorskip("ir_measures")
    draw = random.Random(5)
    papers = [f"p{i:02}" for i in range(40)]
    gains, ranked = {}, {}
    for query in map(str, range(60)):
        judged = draw.sample(papers, draw.randint(1, 15))
        gains[query] = {paper: draw.choice([1, 1, 2, 3]) for paper in judged}
        ranked[query] = draw.sample(papers, draw.choice([0, 1, 5, 30]))
    run = {q: {p: 1 / rank for rank, p in enumerate(ids, 1)} for q, ids in ranked.items()}
    cases = {
        "nDCG@10": lambda q: metrics.ndcg(ranked[q], gains[q], 10),
        "nDCG@3": lambda q: metrics.ndcg(ranked[q], gains[q], 3),
        "RR@10": lambda q: metrics.reciprocal_rank(ranked[q], gains[q], 10),
        "R@5": lambda q: metrics.recall(ranked[q], gains[q], 5),
        "R@100": lambda q: metrics.recall(ranked[q], gains[q], 100),
        "Success@1": lambda q: metrics.hit(ranked[q], gains[q], 1),
        "Success@5": lambda q: metrics.hit(ranked[q], gains[q], 5),
        "P@30": lambda q: len(ranked[q]) / 30 * (metrics.precision(ranked[q], gains[q]) or 0.0),
    }
    # Their nDCG takes the grades as gains when it is told not to exponentiate, as trec_eval's does.
    theirs = {
        (value.query_id, str(value.measure)): value.value
        for value in ir_measures.iter_calc([ir_measures.parse_measure(m) for m in cases], gains, run)
    }
    for name, ours in cases.items():
        for query in gains:
            assert ours(query) == pytest.approx(theirs.get((query, name), 0.0)), (name, query)


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
