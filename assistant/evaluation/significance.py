"""Whether a difference between two runs is more than chance: paired tests over the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

ALPHA = 0.05
_EXACT = 16  # non-zero differences up to which all sign changes are gone through
_SAMPLES = 20_000
_SEED = 0


def permutation_p(differences: Sequence[float]) -> float:
    """Two-sided p of the paired permutation (sign-flip) test of a mean of 0.

    Exact up to 16 non-zero differences, else from 20,000 seeded samples with the observed one among
    them: Fisher, "The design of experiments", 1935; Smucker, Allan & Carterette, CIKM 2007, compare it
    to the other tests of runs over queries. 1.0 when nothing differs.
    """
    moved = np.asarray([d for d in differences if d], dtype=np.float64)
    n = len(moved)
    if not n:
        return 1.0
    observed = abs(float(moved.sum())) - 1e-9
    if n <= _EXACT:
        bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        return float(np.mean(np.abs((2 * bits - 1) @ moved) >= observed))
    random = np.random.default_rng(_SEED)
    hits = 0
    for _ in range(20):
        signs = 2 * random.integers(0, 2, size=(_SAMPLES // 20, n)) - 1
        hits += int(np.count_nonzero(np.abs(signs @ moved) >= observed))
    return (hits + 1) / (_SAMPLES + 1)


def adjust(tests: Mapping[str, tuple[float, int]], alpha: float = ALPHA) -> dict[str, float]:
    """p values that hold for all tests together, from (p, number of non-zero differences) by name.

    Holm, "A simple sequentially rejective multiple test procedure", 1979, over the tests that could
    reach `alpha` at all: a permutation of k differences cannot go below 2 / 2**k (Tarone, "A modified
    Bonferroni method for discrete data", 1990). The others get 1.0.
    """
    able = sorted((p, name) for name, (p, moved) in tests.items() if moved and 2.0 ** (1 - moved) <= alpha)
    found = dict.fromkeys(tests, 1.0)
    highest = 0.0
    for place, (p, name) in enumerate(able):
        highest = max(highest, min(1.0, p * (len(able) - place)))
        found[name] = highest
    return found
