"""What else a question could be about: the nearest subjects that a corpus has nothing on.

How near a question comes to a corpus says little unless it is known how near it comes to the rest of
the world: a question about lip reading is fairly near to papers on radiology reports, and much nearer to
"lip reading". The idea is that of the background model in speaker verification (Reynolds, Quatieri
and Dunn, "Speaker verification using adapted Gaussian mixture models", Digital Signal Processing 2000).
The subjects, some 480 of research and of everyday life, stand in `subjects.json` with their vectors by
the bundled model; `tests/benchmarks/subjects.py` makes these. Subjects that the corpus does have
papers on do not count.
"""

import base64
import json
import threading
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["SUBJECTS", "Subjects", "packed", "unpacked"]

SUBJECTS = Path(__file__).with_name("subjects.json")
_COVERED = 0.5  # cosine of the nearest passage from which a corpus has something on a subject
_TRIED = 12  # subjects nearest to a question that are looked up in the corpus, until
_COUNTED = 2  # so many are found that it has nothing on; one or three told less, cross-validated


class _Dense(Protocol):
    def search(self, vector: NDArray[np.float32], top: int) -> list[tuple[str, str, float]]: ...


class Subjects:
    """The subjects beside one corpus; shared by threads."""

    def __init__(self, dense: _Dense, model: str) -> None:
        """`dense` searches the corpus. Only the bundled `model` has vectors of the subjects."""
        self._dense, self._model = dense, model
        self._generation = -1
        self._covered: dict[int, bool] = {}  # subject -> whether the corpus of that generation has it
        self._lock = threading.Lock()

    def foreign(self, vector: NDArray[np.float32], generation: int) -> float | None:
        """The mean cosine of a question's vector to the two nearest subjects that the corpus has nothing on.

        None with another embedding model than the bundled one. `generation` is the corpus's.
        """
        model, subjects = _read()
        if model != self._model:
            return None
        cosines = subjects @ vector
        nearest = [int(i) for i in np.argsort(-cosines)[:_TRIED]]
        strange = (i for i in nearest if not self._is_covered(i, subjects[i], generation))
        return float(np.mean(cosines[list(islice(strange, _COUNTED)) or nearest[-1:]]))

    def _is_covered(self, number: int, vector: NDArray[np.float32], generation: int) -> bool:
        with self._lock:
            if generation != self._generation:  # what earlier corpora had is no longer of use
                self._generation, self._covered = generation, {}
            covered = self._covered
        known = covered.get(number)
        if known is None:
            known = any(cosine >= _COVERED for _, _, cosine in self._dense.search(vector, 1))
            covered[number] = known
        return known


@lru_cache(maxsize=1)
def _read() -> tuple[str, NDArray[np.float32]]:
    """The model's name and the unit-length vectors, a row a subject."""
    found = json.loads(SUBJECTS.read_text("utf-8"))
    return found["model"], unpacked(found["vectors"], len(found["subjects"]))


def packed(vectors: NDArray[np.float32]) -> str:
    """Vectors, a row a text, in a byte a number; cosines keep three digits."""
    scaled = np.rint(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True))
    return base64.b64encode(scaled.astype(np.int8).tobytes()).decode("ascii")


def unpacked(text: str, rows: int) -> NDArray[np.float32]:
    """The unit-length vectors that `packed` has written, (rows, dimension)."""
    vectors = np.frombuffer(base64.b64decode(text), np.int8).reshape(rows, -1).astype(np.float32)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
