"""A small logistic regression and the figures that go with it; numpy is all it takes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def fit(rows: Vector, labels: Vector, weights: Vector, ridge: float = 1.0) -> Vector:
    """Coefficients (d + 1, the intercept last) of log-odds of label 1, for features as they come.

    Newton's method on standardised features with a ridge penalty on all but the intercept.
    `weights` are scaled to a mean of 1.
    """
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    x = np.c_[(rows - mean) / spread, np.ones(len(rows))]
    weights = weights / weights.mean()
    penalty = np.diag([ridge] * rows.shape[1] + [1e-6])
    beta = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weights * (labels - p)) - penalty @ beta
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    slopes = beta[:-1] / spread
    coefficients: Vector = np.r_[slopes, beta[-1] - slopes @ mean]
    return coefficients


def log_odds(rows: Vector, coefficients: Vector) -> Vector:
    """What the fitted coefficients say of each row."""
    scores: Vector = rows @ coefficients[:-1] + coefficients[-1]
    return scores


def auroc(positive: Sequence[float] | Vector, negative: Sequence[float] | Vector) -> float:
    """The chance that a positive scores above a negative; ties count half."""
    if not len(positive) or not len(negative):
        return float("nan")
    p, n = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float((p > n).mean() + 0.5 * (p == n).mean())


def wilson(hits: int, n: int) -> str:
    """A share in per cent with its counts and its 95 % interval (Wilson 1927)."""
    if not n:
        return "-"
    z, share = 1.96, hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (
        f"{100 * share:.0f} % ({hits}/{n}, {100 * max(0.0, middle - half):.0f}-{100 * (middle + half):.0f})"
    )
