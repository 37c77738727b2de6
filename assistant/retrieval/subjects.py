"""What else a question could be about: the subjects that it comes near to, or names, beside a corpus.

How near a question comes to a corpus says little unless it is known how near it comes to the rest of
the world: a question about lip reading is fairly near to papers on radiology reports, and much nearer to
"lip reading". The idea is that of the background model in speaker verification (Reynolds, Quatieri
and Dunn, "Speaker verification using adapted Gaussian mixture models", Digital Signal Processing 2000).
And a question with the words "lip reading" side by side names what it is about; where no paper has these
words, it is about something else.

The subjects, thousands of research and of everyday life, stand in `subjects.json` with their stems in the
lexical index and their vectors by the bundled model; `tests/benchmarks/subjects.py` makes these. Subjects
that the corpus does have papers on do not count.
"""

import base64
import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.everyday import specificity
from assistant.retrieval.terms import stand_together
from assistant.words import content_words

__all__ = ["NOTHING_KNOWN", "SUBJECTS", "Elsewhere", "Subjects", "packed", "stems_of", "unpacked"]

SUBJECTS = Path(__file__).with_name("subjects.json")
_COVERED = 0.45  # cosine of the nearest passage from which a corpus has something on a subject
# Subjects nearest to a question that are looked up in the corpus, until one is found that it has nothing on;
# the mean of the nearest two or three told less, cross-validated.
_TRIED = 40
_TELLING = 0.5  # specificity from which one word names a subject: "colonoscopy"
_PRIOR_SPECIFICITY = 0.3  # keeps the share that names a subject from being all of a one-word question


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What speaks for it that a question is about something that the corpus has nothing on.

    `nearness`: its cosine to the nearest subject that the corpus has nothing on; None with another
    embedding model than the bundled one, which alone has vectors of the subjects. `named`: the share, by
    specificity, of its words that make up names of subjects all of whose words no paper has.
    """

    nearness: float | None = None
    named: float = 0.0


NOTHING_KNOWN = Elsewhere()


class _Dense(Protocol):
    def search(self, vector: NDArray[np.float32], top: int) -> list[tuple[str, str, float]]: ...


class _Lexical(Protocol):
    def analyze(self, text: str) -> list[str]: ...

    def some_paper_has(self, terms: Collection[str]) -> bool: ...


class Subjects:
    """The subjects beside one corpus; shared by threads."""

    def __init__(self, dense: _Dense, lexical: _Lexical, model: str) -> None:
        """`dense` and `lexical` search the corpus; `model` is the name of its embedding model."""
        self._dense, self._lexical, self._model = dense, lexical, model
        self._generation = -1
        # Subject -> whether the corpus of that generation comes near to it, and whether it has its words.
        self._covered: dict[int, bool] = {}
        self._held: dict[int, bool] = {}
        self._lock = threading.Lock()

    def elsewhere(self, text: str, vector: NDArray[np.float32], generation: int) -> Elsewhere:
        """What the subjects say of a question; `generation` is the corpus's."""
        with self._lock:
            if generation != self._generation:  # what earlier corpora had is no longer of use
                self._generation, self._covered, self._held = generation, {}, {}
            covered, held = self._covered, self._held
        return Elsewhere(self._nearness(vector, covered), self._named(text, held))

    def _nearness(self, vector: NDArray[np.float32], covered: dict[int, bool]) -> float | None:
        subjects = _read()
        if subjects.model != self._model:
            return None
        cosines = subjects.vectors @ vector
        nearest = [int(i) for i in np.argsort(-cosines)[:_TRIED]]
        strange = (i for i in nearest if not self._is_covered(i, subjects.vectors[i], covered))
        return float(cosines[next(strange, nearest[-1])])

    def _is_covered(self, number: int, vector: NDArray[np.float32], covered: dict[int, bool]) -> bool:
        known = covered.get(number)
        if known is None:
            known = any(cosine >= _COVERED for _, _, cosine in self._dense.search(vector, 1))
            covered[number] = known
        return known

    def _named(self, text: str, held: dict[int, bool]) -> float:
        found: set[str] = set()
        for number, stems in _names_in(self._lexical.analyze(text.replace("-", " "))):
            if number not in held:
                held[number] = self._lexical.some_paper_has(stems)
            if not held[number]:
                found |= stems
        if not found:
            return 0.0
        worth = [
            (specificity(word), not found.isdisjoint(self._lexical.analyze(word)))
            for word in content_words(text)
        ]
        return sum(value for value, names in worth if names) / (
            sum(value for value, _ in worth) + _PRIOR_SPECIFICITY
        )


@dataclass(frozen=True, slots=True)
class _Subjects:
    """The subjects with their unit-length vectors by `model`, a row each, and stems by the first of these."""

    model: str
    vectors: NDArray[np.float32]
    by_stem: Mapping[str, Sequence[tuple[int, frozenset[str]]]]


def _names_in(stems: Sequence[str]) -> Iterator[tuple[int, frozenset[str]]]:
    """The subjects all of whose stems stand together in a text's `stems`."""
    here, by_stem = set(stems), _read().by_stem
    for stem in here:
        for number, wanted in by_stem.get(stem, ()):
            if wanted <= here and stand_together(wanted, stems):
                yield number, wanted


def stems_of(subject: str, analyze: Callable[[str], list[str]]) -> list[str]:
    """The stems that stand for a subject; none for one word that is not specific enough to name it."""
    words = content_words(subject.replace("-", " "))
    if len(words) == 1 and specificity(words[0]) < _TELLING:
        return []
    return list(dict.fromkeys(analyze(" ".join(words))))


@lru_cache(maxsize=1)
def _read() -> _Subjects:
    found = json.loads(SUBJECTS.read_text("utf-8"))
    by_stem: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for number, stems in enumerate(map(str.split, found["stems"])):
        if stems:
            by_stem.setdefault(stems[0], []).append((number, frozenset(stems)))
    return _Subjects(found["model"], unpacked(found["vectors"], len(found["subjects"])), by_stem)


def packed(vectors: NDArray[np.float32]) -> str:
    """Vectors, a row a text, in a byte a number; cosines keep three digits."""
    scaled = np.rint(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True))
    return base64.b64encode(scaled.astype(np.int8).tobytes()).decode("ascii")


def unpacked(text: str, rows: int) -> NDArray[np.float32]:
    """The unit-length vectors that `packed` has written, (rows, dimension)."""
    vectors = np.frombuffer(base64.b64decode(text), np.int8).reshape(rows, -1).astype(np.float32)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
