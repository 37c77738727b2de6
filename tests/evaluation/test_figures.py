"""Rows of made-up values; every expected figure was computed by hand."""

import pytest

from assistant.evaluation.figures import ALL, Figure, figures, figures_by_type
from assistant.evaluation.metric_names import LOWER_IS_BETTER, MEDIANS, METRICS, SHARES
from assistant.evaluation.scoring import Row


def row(name, kind="fact", **values):
    return Row(name, kind, "?", False, False, "", (), (), values, ())


def test_a_share_has_a_wilson_interval():
    rows = [row(str(i), cited_first=float(i < 5)) for i in range(10)]
    found = figures(rows)["cited_first"]
    assert (found.value, found.n) == (0.5, 10)
    assert (found.low, found.high) == pytest.approx((0.23659, 0.76341), abs=1e-4)


def test_a_mean_has_a_bootstrap_interval_and_a_single_row_none():
    rows = [row(str(i), facts=value) for i, value in enumerate([0.0, 0.5, 1.0, 0.5])]
    found = figures(rows)["facts"]
    assert found.value == 0.5
    assert found.low is not None
    assert found.high is not None
    assert 0.0 <= found.low < 0.5 < found.high <= 1.0
    assert figures(rows[:1])["facts"] == Figure(0.0, 1, None, None)


def test_latency_is_told_by_its_median_and_its_95th_percentile():
    found = figures([row(str(i), ms=float(i)) for i in range(101)])
    assert (found["ms"].value, found["ms_p95"].value) == (50.0, 95.0)


def test_each_type_has_its_figures_beside_all():
    found = figures_by_type([row("1", "b", facts=1.0), row("2", "a", facts=0.0), row("3", "a")])
    assert list(found) == [ALL, "a", "b"]
    assert (found[ALL]["facts"].value, found["a"]["facts"].n) == (0.5, 1)
    assert "cost" not in found[ALL]


def test_the_lists_name_metrics_that_there_are():
    assert set(METRICS) >= LOWER_IS_BETTER | MEDIANS | SHARES
