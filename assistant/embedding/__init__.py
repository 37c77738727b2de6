"""Text -> unit-length vectors: the interface, and the factory of the models behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ConfigurationError

__all__ = ["SUPPORTED_MODELS", "EmbeddingModel", "open_embedding_model"]

SUPPORTED_MODELS = ("bundled",)


class EmbeddingModel(Protocol):
    """What stores and retrieval need of an embedding model.

    `name` identifies the weights, so that vectors of different models are never compared.
    `max_tokens` is what the model reads at once, special tokens included.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (len(texts), dimension) of unit length, in the order of `texts`.

        Any string is accepted, the empty one too. A text's vector does not depend on the
        texts beside it, and a text longer than `max_tokens` is not cut off in silence.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` as the model counts them, special tokens not counted."""
        ...


def open_embedding_model(name: str = "bundled") -> EmbeddingModel:
    """Load the embedding model that the setting ASSISTANT_EMBEDDING names.

    Raises:
        ConfigurationError: no such model, or the bundled model's files are damaged.
    """
    if name not in SUPPORTED_MODELS:
        raise ConfigurationError(
            f"ASSISTANT_EMBEDDING = {name!r} is no known embedding model; set it to one of: "
            + ", ".join(SUPPORTED_MODELS)
        )
    # Only now: onnxruntime takes 0.1 s to import, and names can be checked without it.
    from assistant.embedding.bundled import BundledModel

    return BundledModel()
