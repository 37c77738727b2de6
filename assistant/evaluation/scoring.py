"""From a question and its answer (the JSON of `ask`) to a row of metrics and failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.evaluation import metrics
from assistant.evaluation.gold import GoldQuestion

#: Every metric of a row and what it says. Higher is better unless `LOWER_IS_BETTER` names it.
METRICS: Mapping[str, str] = {
    "answered": "an answer came back (no error)",
    "clean": "nothing of must_not_include in the answer",
    "invalid_numbers": "markers [n] that name no citation",
    "verbatim": "evidence that stands in the abstract where it says, share",
    "support": "claiming sentences with the verdict supported, share",
    "refused": "unanswerable question refused",
    "declined": "unanswerable question refused or answered in part",
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
    "retrieved_mrr_10": "reciprocal rank of the first expected paper among 10 retrieved",
    "retrieved_ndcg_10": "nDCG@10 of the retrieved papers",
    "retrieved_recall_10": "expected papers among the first 10 retrieved, share",
    "words": "words of the answer (median)",
    "ms": "milliseconds for the answer (median)",
}
LOWER_IS_BETTER = frozenset({"invalid_numbers", "wrongly_refused", "n_cited", "words", "ms"})
#: Metrics whose typical row is better told by the median than by the mean.
MEDIANS = frozenset({"words", "ms"})


@dataclass(frozen=True, slots=True)
class Row:
    """One scored question. `metrics` holds what applies to it; `failures` says what went wrong."""

    id: str
    type: str
    question: str
    unanswerable: bool
    refused: bool | None
    answer: str
    cited: tuple[str, ...]
    expected: tuple[str, ...]
    metrics: Mapping[str, float]
    failures: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "question": self.question,
            "unanswerable": self.unanswerable,
            "refused": self.refused,
            "failures": list(self.failures),
            "answer": self.answer,
            "cited": list(self.cited),
            "expected": list(self.expected),
            "metrics": {name: round(value, 6) for name, value in self.metrics.items()},
        }


def score(
    gold: GoldQuestion,
    answer: Mapping[str, Any] | None,
    abstracts: Mapping[str, str],
    canonical: Mapping[str, str],
) -> Row:
    """Score one answer.

    Args:
        gold: the question with its papers' ids.
        answer: the JSON object of `ask`, optionally with "retrieved" (paper ids, best
            first); {"error": ...} or None when there is no answer.
        abstracts: paper id to abstract, for the verbatim check.
        canonical: paper id to the id that stands for it, see `PaperNames`.
    """
    question = gold.question
    if answer is None or "answer" not in answer:
        reason = (answer or {}).get("error") or "no answer"
        return _row(gold, {}, {"answered": 0.0}, (f"no answer: {reason}",))
    text: str = answer["answer"]
    citations: Sequence[Mapping[str, Any]] = answer.get("citations") or ()
    cited = [canonical.get(c["paper_id"], c["paper_id"]) for c in citations]
    found, failures = _integrity(text, citations, answer, abstracts)
    bad = metrics.forbidden(text, question.must_not_include)
    found["clean"] = float(not bad)
    if bad:
        failures.append(f"contains {', '.join(map(repr, bad))}")
    refused = bool(answer.get("refused"))
    if not question.answerable:
        declined = refused or answer.get("kind") == "partial"
        found |= {"refused": float(refused), "declined": float(declined)}
        if not declined:
            failures.append("not refused")
    else:
        found["wrongly_refused"] = float(refused)
        if refused:
            failures.append("wrongly refused")
        found |= _content(gold, text, cited, answer, canonical)
        if not found["all_facts"]:
            missing = [
                " / ".join(group)
                for group, there in zip(
                    question.must_include, metrics.facts_present(text, question.must_include), strict=True
                )
                if not there
            ]
            failures.append(f"facts missing: {'; '.join(missing)}")
        if gold.expected and not found["cited_any"]:
            failures.append("no expected paper cited")
    return _row(gold, answer, found, tuple(failures), refused=refused, cited=tuple(cited))


def _integrity(
    text: str,
    citations: Sequence[Mapping[str, Any]],
    answer: Mapping[str, Any],
    abstracts: Mapping[str, str],
) -> tuple[dict[str, float], list[str]]:
    """What every answer owes, whatever was asked."""
    invalid = metrics.invalid_numbers(text, {c["number"] for c in citations})
    found = {"answered": 1.0, "invalid_numbers": float(invalid)}
    failures = [f"{invalid} invalid citation number(s)"] if invalid else []
    quotes = [
        metrics.is_verbatim(evidence, abstracts.get(c["paper_id"], ""))
        for c in citations
        for evidence in c.get("evidence") or ()
    ]
    if quotes:
        found["verbatim"] = sum(quotes) / len(quotes)
        if not all(quotes):
            failures.append(f"{quotes.count(False)} piece(s) of evidence not verbatim")
    support = metrics.support_rate(s.get("verdict") for s in answer.get("sentences") or ())
    if support is not None:
        found["support"] = support
    total = (answer.get("timings_ms") or {}).get("total")
    if total is not None:
        found["ms"] = float(total)
    return found, failures


def _content(
    gold: GoldQuestion,
    text: str,
    cited: Sequence[str],
    answer: Mapping[str, Any],
    canonical: Mapping[str, str],
) -> dict[str, float]:
    facts = metrics.facts_present(text, gold.question.must_include)
    found = {
        "facts": sum(facts) / len(facts) if facts else 1.0,
        "all_facts": float(all(facts)),
        "n_cited": float(len(cited)),
        "words": float(len(metrics.normalise(text).split())),
    }
    expected = gold.expected
    if not expected:
        return found
    found |= {
        "cited_any": metrics.hit(cited, expected, len(cited)),
        "cited_first": metrics.hit(cited, expected, 1),
        "cited_in_3": metrics.hit(cited, expected, 3),
        "cited_recall": metrics.recall(cited, expected),
    }
    share = metrics.precision(cited, expected | gold.also_ok)
    if share is not None:
        found["cited_precision"] = share
    if answer.get("retrieved") is not None:
        ranked = [canonical.get(p, p) for p in answer["retrieved"]]
        found |= {
            "retrieved_hit_1": metrics.hit(ranked, expected, 1),
            "retrieved_hit_5": metrics.hit(ranked, expected, 5),
            "retrieved_mrr_10": metrics.reciprocal_rank(ranked, expected, 10),
            "retrieved_ndcg_10": metrics.ndcg(ranked, dict.fromkeys(expected, 1.0), 10),
            "retrieved_recall_10": metrics.recall(ranked, expected, 10),
        }
    return found


def _row(
    gold: GoldQuestion,
    answer: Mapping[str, Any],
    found: Mapping[str, float],
    failures: tuple[str, ...],
    *,
    refused: bool | None = None,
    cited: tuple[str, ...] = (),
) -> Row:
    return Row(
        id=gold.question.id,
        type=gold.question.type,
        question=gold.question.question,
        unanswerable=not gold.question.answerable,
        refused=refused,
        answer=str(answer.get("answer", "")),
        cited=cited,
        expected=tuple(sorted(gold.expected)),
        metrics=dict(found),
        failures=failures,
    )
