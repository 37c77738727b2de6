"""Vectors are of unit length when they are written: one that is not was altered since."""

import numpy as np
from numpy.typing import NDArray

NORM_ERROR = 1e-3  # of a vector of unit length in float32


def not_unit(vectors: NDArray[np.floating], tolerance: float) -> NDArray[np.bool_]:
    """Which rows of `vectors` (n, dimension) are `tolerance` or more away from length 1, or no numbers."""
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
        result: NDArray[np.bool_] = ~(np.abs(norms - 1) < tolerance)  # true for NaN
    return result
