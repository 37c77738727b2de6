"""The measures, as pure functions; each is checked against hand-computed cases.

Ranking measures follow Manning, Raghavan & Schütze, "Introduction to Information
Retrieval", chapter 8, with the linear gain that trec_eval uses for nDCG. Intervals: Wilson,
"Probable inference, the law of succession, and statistical inference", JASA 1927, for shares;
the percentile bootstrap of Efron & Tibshirani, "An introduction to the bootstrap", 1993, else.
"""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answering.features import features

_MARKER = re.compile(r"\[(\d+)\]")
_DATE = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?\b")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")


def normalise(text: str) -> str:
    """NFKC, every dash as "-", white space single, lower-case: how facts are compared."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return re.sub(r"\s+", " ", text).lower().strip()


def hit(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """1.0 when one of the first `k` is relevant."""
    return float(any(item in relevant for item in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int | None = None) -> float:
    """1 / rank of the first relevant item among the first `k`; 0.0 without one."""
    return next((1 / i for i, item in enumerate(ranked[:k], start=1) if item in relevant), 0.0)


def recall(ranked: Sequence[str], relevant: Collection[str], k: int | None = None) -> float:
    """Share of the relevant items that are among the first `k`; 1.0 when nothing is relevant."""
    return len(set(ranked[:k]) & set(relevant)) / len(set(relevant)) if relevant else 1.0


def precision(ranked: Sequence[str], fine: Collection[str]) -> float | None:
    """Share of `ranked` that is among `fine`; None when nothing was given."""
    return sum(item in fine for item in ranked) / len(ranked) if ranked else None


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Normalised discounted cumulative gain of the first `k`; 0.0 when nothing has a gain."""
    ideal = _dcg(sorted(gains.values(), reverse=True)[:k])
    return _dcg([gains.get(item, 0.0) for item in ranked[:k]]) / ideal if ideal else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(i + 2) for i, gain in enumerate(gains))


def facts_present(answer: str, groups: Iterable[Sequence[str]]) -> tuple[bool, ...]:
    """For each group whether one of its strings stands in the answer."""
    text = normalise(answer)
    return tuple(any(normalise(variant) in text for variant in group) for group in groups)


def forbidden(answer: str, strings: Iterable[str]) -> tuple[str, ...]:
    """The `strings` that the answer contains though it must not."""
    text = normalise(answer)
    return tuple(s for s in strings if normalise(s) in text)


def invalid_numbers(answer: str, numbers: Collection[int]) -> int:
    """How many different markers [n] of the answer name no citation; ``\\[3\\]`` is no marker."""
    return len({int(n) for n in _MARKER.findall(answer)} - set(numbers))


def unstated_figures(text: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The figures of `text`, as plain decimals, that stand in none of the `sources`.

    Markers [n] and dates like 2021-06-15, which are the catalogue's, are no figures here.
    """
    told: frozenset[str] = frozenset().union(*(features(source).figures for source in sources))
    return tuple(sorted(features(_DATE.sub(" ", _MARKER.sub(" ", text))).figures - told))


def is_verbatim(evidence: Mapping[str, Any], abstract: str) -> bool:
    """Whether a piece of evidence {"text", "start", "end"} stands in the abstract where it says."""
    return bool(abstract[evidence["start"] : evidence["end"]] == evidence["text"])


def support_rate(sentences: Iterable[Mapping[str, Any]]) -> float | None:
    """Share of the claims that are supported by what they cite; None when nothing is claimed.

    A claim is a sentence {"citations", "verdict"} whose verdict is not None. One without a
    citation is not supported, whatever its verdict: the citation recall of Gao et al., "Enabling
    large language models to generate text with citations" (ALCE), EMNLP 2023.
    """
    claims = [s for s in sentences if s.get("verdict") is not None]
    good = sum(s["verdict"] == "supported" and bool(s.get("citations")) for s in claims)
    return good / len(claims) if claims else None


@dataclass(frozen=True, slots=True)
class RefusalScores:
    """Refusing as a classification: `precision` of the refusals, `recall` of what needed one."""

    precision: float | None
    recall: float | None
    wrongly_refused: float | None


def refusal_scores(pairs: Iterable[tuple[bool, bool]]) -> RefusalScores:
    """Score (unanswerable, refused) pairs; a part without cases is None."""
    rows = list(pairs)
    right = sum(unanswerable and refused for unanswerable, refused in rows)
    refusals = sum(refused for _, refused in rows)
    needed = sum(unanswerable for unanswerable, _ in rows)
    return RefusalScores(
        precision=right / refusals if refusals else None,
        recall=right / needed if needed else None,
        wrongly_refused=(refusals - right) / (len(rows) - needed) if len(rows) > needed else None,
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of `values` lie, linearly interpolated."""
    return float(np.quantile(np.asarray(values, dtype=np.float64), share)) if values else None


def wilson_interval(successes: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """The score interval of a share: inside [0, 1] and honest at 0 % and 100 %.

    Raises:
        ValueError: there are no trials.
    """
    if n < 1:
        raise ValueError("a share of nothing has no interval")
    z = statistics.NormalDist().inv_cdf((1 + level) / 2)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap_interval(
    values: Sequence[float],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
    *,
    level: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of a statistic over rows (default: the mean).

    `statistic` maps an array of shape (samples, n) to one of shape (samples,). None when
    there are fewer than two values. The seed makes a report repeatable.
    """
    if len(values) < 2:
        return None
    data = np.asarray(values, dtype=np.float64)
    if float(np.ptp(data)) == 0.0:
        return float(data[0]), float(data[0])
    drawn = data[np.random.default_rng(seed).integers(0, len(data), size=(samples, len(data)))]
    results = drawn.mean(axis=1) if statistic is None else statistic(drawn)
    low, high = np.quantile(results, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
