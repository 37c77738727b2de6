"""From scored rows to figures: a value for each metric, with n and a 95 % interval, by question type."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evaluation import metrics
from assistant.evaluation.metric_names import MEDIANS, METRICS, SHARES
from assistant.evaluation.scoring import Row

ALL = "all"
#: Metrics that are a quantile of another one's rows.
QUANTILES: Mapping[str, tuple[str, float]] = {"ms_p95": ("ms", 0.95)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over `n` rows: a mean, a median for `MEDIANS`, a quantile for `QUANTILES`.

    `low` and `high` bound its 95 % interval: Wilson's for `SHARES`, else a percentile bootstrap over
    the rows, which a single row does not have (None).
    """

    value: float
    n: int
    low: float | None
    high: float | None


def figures_by_type(rows: Sequence[Row]) -> dict[str, dict[str, Figure]]:
    """The figures of all rows under "all", then of each question type, in alphabetical order."""
    kinds = sorted({row.type for row in rows})
    return {ALL: figures(rows)} | {kind: figures([r for r in rows if r.type == kind]) for kind in kinds}


def figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """A figure for each metric that applies to one of the rows, in the order of `METRICS`."""
    found = {}
    for name in METRICS:
        source, share = QUANTILES.get(name, (name, 0.5))
        values = [row.metrics[source] for row in rows if source in row.metrics]
        if values:
            found[name] = _figure(name, values, share)
    return found


def _figure(name: str, values: Sequence[float], share: float) -> Figure:
    interval: tuple[float, float] | None
    if name in SHARES:
        value = statistics.fmean(values)
        interval = metrics.wilson_interval(sum(values), len(values))
    elif name in MEDIANS or name in QUANTILES:
        value = float(np.quantile(values, share))
        interval = metrics.bootstrap_interval(values, lambda drawn: np.quantile(drawn, share, axis=1))
    else:
        value = statistics.fmean(values)
        interval = metrics.bootstrap_interval(values)
    low, high = interval or (None, None)
    return Figure(value, len(values), low, high)
