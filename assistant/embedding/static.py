"""WordLlama: the mean of fixed vectors of word pieces, for corpora too large for a transformer.

An optional extra (`pip install 'paper-assistant[static]'`); the weights, 16 MB, come inside its package.
A text costs some 30 microseconds rather than 15 milliseconds; words know nothing of their neighbours.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ConfigurationError

_MAX_TOKENS = 512  # any length could be read; longer means blur
_RECENT = 1024  # texts whose tokens are kept between counting and embedding
_BATCH = 256  # texts tokenised at once


class StaticModel:
    """See `EmbeddingModel`. A text's vector is its own tokens' mean, whatever stands beside it."""

    max_tokens = _MAX_TOKENS

    def __init__(self) -> None:
        """Load the weights from the package's own folder; nothing is downloaded.

        Raises:
            ConfigurationError: the package is not installed, or its weights are not there.
        """
        spec = importlib.util.find_spec("wordllama")
        if spec is None or spec.origin is None:
            raise ConfigurationError(
                "ASSISTANT_EMBEDDING = 'wordllama' needs its package; run: pip install wordllama"
            )
        handlers, level = logging.root.handlers[:], logging.root.level
        from wordllama import WordLlama  # type: ignore[import-not-found,import-untyped,unused-ignore]

        logging.root.handlers[:] = handlers  # the package sets up logging for everybody
        logging.root.setLevel(level)
        try:
            model = WordLlama.load(cache_dir=Path(spec.origin).parent, disable_download=True)
        except Exception as error:  # whatever the package raises without its files
            raise ConfigurationError(
                f"wordllama's weights cannot be loaded: {error}; run: pip install --force-reinstall wordllama"
            ) from error
        self._rows: NDArray[np.float32] = np.asarray(model.embedding, dtype=np.float32)
        self._tokenizer = model.tokenizer
        self._recent: dict[str, list[int]] = {}
        self._tokenizer.no_padding()
        self.name = f"wordllama-l2-supercat-{self.dimension}-{importlib.metadata.version('wordllama')}"

    @property
    def dimension(self) -> int:
        return int(self._rows.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (len(texts), dimension); an empty text has that of the unknown token."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            for row, ids in enumerate(self._ids(texts[start : start + _BATCH]), start):
                vectors[row] = self._rows[ids or [0]].mean(axis=0)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def count_tokens(self, text: str) -> int:
        return len(self._counted(text))

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        # Tokenising is all that takes time here, and a chunk was counted before it is embedded.
        known = {text: self._recent[text] for text in texts if text in self._recent}
        rest = [text for text in dict.fromkeys(texts) if text not in known]
        found = self._tokenizer.encode_batch([*map(_clean, rest)], add_special_tokens=False)
        known.update((text, encoding.ids) for text, encoding in zip(rest, found, strict=True))
        return [known[text] for text in texts]

    def _counted(self, text: str) -> list[int]:
        ids = self._recent.get(text)
        if ids is None:
            ids = self._recent[text] = self._tokenizer.encode(_clean(text), add_special_tokens=False).ids
            while len(self._recent) > _RECENT:
                self._recent.pop(next(iter(self._recent)), None)
        return ids


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
