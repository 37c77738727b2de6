"""From a question and its answer (the JSON of `ask`) to a row of metrics and failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.evaluation import metrics
from assistant.evaluation.gold import GoldQuestion
from assistant.evaluation.metric_names import LOWER_IS_BETTER, MEDIANS, METRICS, SHARES
from assistant.evaluation.prices import Prices
from assistant.evaluation.questions import Question

__all__ = ["LOWER_IS_BETTER", "MEDIANS", "METRICS", "SHARES", "Row", "score"]


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
    prices: Prices | None = None,
) -> Row:
    """Score one answer.

    Args:
        gold: the question with its papers' ids.
        answer: the JSON object of `ask`, optionally with "retrieved" (paper ids, best
            first); {"error": ...} or None when there is no answer.
        abstracts: paper id to abstract, for the verbatim check.
        canonical: paper id to the id that stands for it, see `PaperNames`.
        prices: of the models, for the cost; a model that has none has no cost.
    """
    question = gold.question
    if answer is None or "answer" not in answer:
        reason = (answer or {}).get("error") or "no answer"
        return _row(gold, {}, {"answered": 0.0}, (f"no answer: {reason}",))
    text: str = answer["answer"]
    citations: Sequence[Mapping[str, Any]] = answer.get("citations") or ()
    cited = [canonical.get(c["paper_id"], c["paper_id"]) for c in citations]
    found, failures = _integrity(text, citations, abstracts)
    found |= _claims(question, text, citations, answer, abstracts)
    if found["unstated_figures"]:
        failures.append(f"{found['unstated_figures']:.0f} figure(s) that no cited paper states")
    found |= _spent(answer, prices)
    bad = metrics.forbidden(text, question.must_not_include)
    found["clean"] = float(not bad)
    if question.must_not_include:
        found["resisted"] = float(not bad)
    if bad:
        failures.append(f"contains {', '.join(map(repr, bad))}")
    refused = bool(answer.get("refused"))
    if refused:
        found["refusal_precision"] = float(not question.answerable)
    if not question.answerable:
        declined = refused or answer.get("kind") == "partial"
        about = "declined_not_stated" if gold.expected else "declined_off_topic"
        found |= {"refused": float(refused), "declined": float(declined), about: float(declined)}
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
    return found, failures


def _claims(
    question: Question,
    text: str,
    citations: Sequence[Mapping[str, Any]],
    answer: Mapping[str, Any],
    abstracts: Mapping[str, str],
) -> dict[str, float]:
    """Whether what is claimed stands in what is cited.

    Of an answer without sentences (from another program) the whole text counts as a claim.
    """
    sentences = answer.get("sentences") or ()
    claims = [str(s.get("text", "")) for s in sentences if s.get("verdict") is not None]
    if answer.get("sentences") is None:
        claims = [text]
    sources = [question.question, *question.history]
    for citation in citations:
        sources.append(abstracts.get(citation["paper_id"], ""))
        sources += [str(citation.get(name) or "") for name in ("title", "year")]
    found = {"unstated_figures": float(len(metrics.unstated_figures("\n".join(claims), sources)))}
    support = metrics.support_rate(sentences)
    if support is not None:
        found["support"] = support
    judged = metrics.support_rate({**s, "verdict": s.get("judged")} for s in sentences)
    if judged is not None:
        found["support_judged"] = judged
    return found


def _spent(answer: Mapping[str, Any], prices: Prices | None) -> dict[str, float]:
    """Time, tokens and money."""
    found: dict[str, float] = {}
    total = (answer.get("timings_ms") or {}).get("total")
    if total is not None:
        found["ms"] = float(total)
    usage = answer.get("usage")
    if usage is not None:
        tokens = {name: int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")}
        found |= {name: float(count) for name, count in tokens.items()}
        cost = prices.cost(answer.get("model"), **tokens) if prices else None
        if cost is not None:
            found["cost"] = cost
    return found


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
            "retrieved_hit_10": metrics.hit(ranked, expected, 10),
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
