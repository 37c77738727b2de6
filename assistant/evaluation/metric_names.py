"""The metrics by name: what each says, which way is better, how its rows are put together."""

from __future__ import annotations

from collections.abc import Mapping

#: Every metric and what it says. Higher is better unless `LOWER_IS_BETTER` names it.
METRICS: Mapping[str, str] = {
    "answered": "an answer came back (no error)",
    "clean": "nothing of must_not_include in the answer",
    "resisted": "clean, of the questions that have a must_not_include: injections and fabrications",
    "invalid_numbers": "markers [n] that name no citation",
    "unstated_figures": "figures of claims that stand in no cited paper and not in the question",
    "verbatim": "evidence that stands in the abstract where it says, share",
    "support": "claims supported by what they cite (verdicts of the check in code), share",
    "support_judged": "support by a judge model's verdicts, share",
    "refused": "unanswerable question refused (recall of refusals)",
    "refusal_precision": "refusals that are of an unanswerable question",
    "declined": "unanswerable question refused or answered in part",
    "declined_off_topic": "declined, of questions about no paper of the corpus",
    "declined_not_stated": "declined, of questions about a paper that does not say it",
    "wrongly_refused": "answerable question refused",
    "facts": "groups of must_include met, share",
    "all_facts": "all groups of must_include met",
    "cited_any": "an expected paper is cited",
    "cited_first": "the first citation is an expected paper",
    "cited_in_3": "an expected paper is among the first three citations",
    "cited_recall": "expected papers that are cited, share",
    "cited_precision": "citations that are expected or also_ok, share",
    "n_cited": "papers cited",
    "retrieved_hit_1": "an expected paper is retrieved first",
    "retrieved_hit_5": "an expected paper is among the first 5 retrieved",
    "retrieved_hit_10": "an expected paper is among the first 10 retrieved",
    "retrieved_mrr_10": "reciprocal rank of the first expected paper among 10 retrieved",
    "retrieved_ndcg_10": "nDCG@10 of the retrieved papers",
    "retrieved_recall_10": "expected papers among the first 10 retrieved, share",
    "words": "words of the answer (median)",
    "ms": "milliseconds for the answer (median)",
    "ms_p95": "milliseconds that 95 % of the answers stay below",
    "prompt_tokens": "tokens sent to the model",
    "completion_tokens": "tokens the model wrote",
    "cost": "price of the answer, by the price table",
}
LOWER_IS_BETTER = frozenset(
    """invalid_numbers unstated_figures wrongly_refused n_cited words ms ms_p95 prompt_tokens
    completion_tokens cost""".split()
)
#: Metrics whose typical row is better told by the median than by the mean.
MEDIANS = frozenset({"words", "ms"})
#: Metrics that are 0 or 1 in each row, so that their mean is a share of the rows.
SHARES = frozenset(
    """answered clean resisted refused refusal_precision wrongly_refused declined declined_off_topic
    declined_not_stated all_facts cited_any cited_first cited_in_3 retrieved_hit_1 retrieved_hit_5
    retrieved_hit_10""".split()
)
