"""Papers judged beside one another: what the best have in common, and what all have in common.

Pseudo-relevance feedback on vectors, in the form of Rocchio (1971), on what is there anyway: the
papers' mean sentence vectors. A paper like the best few is likelier to be meant; what all
candidates share is the field they come from, and tells nothing about which of them is meant.
Measured over 100 candidates after late interaction, nDCG@10: likeness Cranfield +.006, NFCorpus
+.004, SciFact +.001, CISI -.009; commonness Cranfield +.005, CISI +.013, NFCorpus +.001, SciFact -.001.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BEST = 5  # papers taken for relevant
TEMPERATURE = 0.1  # of their scores: a paper that scores 0.1 less counts 1/e as much


def feedback(
    directions: Sequence[NDArray[np.float32] | None], scores: Sequence[float]
) -> tuple[list[float], list[float]]:
    """For each paper its likeness to the best ones, and to all.

    Args:
        directions: the summed vectors of each paper's sentences, best paper first; None has no likeness.
        scores: of the same papers, descending.
    """
    known = [i for i, direction in enumerate(directions) if direction is not None]
    if not known:
        return [0.0] * len(directions), [0.0] * len(directions)
    rows = np.stack([direction for direction in directions if direction is not None])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    best = np.array([scores[i] for i in known[:BEST]])
    shares = np.exp((best - best[0]) / TEMPERATURE)
    wanted = (shares / shares.sum()).astype(np.float32) @ rows[:BEST]
    likeness, commonness = rows @ wanted, rows @ rows.mean(axis=0)
    to_best = np.full(len(directions), likeness.mean())
    to_all = np.full(len(directions), commonness.mean())
    to_best[known], to_all[known] = likeness, commonness
    return to_best.tolist(), to_all.tolist()
