"""Text -> unit-length vectors: the interface, and the factory of the models behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ConfigurationError

__all__ = [
    "SUPPORTED_MODELS",
    "EmbeddingModel",
    "Parts",
    "ReadsParts",
    "embed_with_parts",
    "open_embedding_model",
]

SUPPORTED_MODELS = ("wordllama", "bundled")


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


Parts = Sequence[tuple[int, int]]
"""Stretches of a text: (start, end) in code points, end exclusive."""


@runtime_checkable
class ReadsParts(Protocol):
    """A model that gives the vectors of a text's sentences from the text's own forward pass."""

    def embed_with_parts(
        self, items: Sequence[tuple[str, Parts]]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """For each text its vector (dimension,) and those of its parts (len(parts), dimension)."""
        ...


def embed_with_parts(
    model: EmbeddingModel, items: Sequence[tuple[str, Parts]]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Vectors of texts and of their parts; a model that cannot pool parts embeds each by itself.

    Pooled over the abstract's own pass a sentence costs nothing more, and its vector knows its
    neighbours. Measured with the bundled model: Cranfield nDCG@10 0.428 pooled, 0.424 apart;
    250 SciFact claims 0.698 pooled, 0.703 apart; a third of the time.
    """
    if isinstance(model, ReadsParts):
        return model.embed_with_parts(items)
    texts = [text for text, _ in items]
    pieces = [text[start:end] for text, parts in items for start, end in parts]
    vectors = model.embed([*texts, *pieces])
    found, at = [], len(texts)
    for row, (_, parts) in enumerate(items):
        found.append((vectors[row], vectors[at : at + len(parts)]))
        at += len(parts)
    return found


def open_embedding_model(name: str = "bundled") -> EmbeddingModel:
    """Load the embedding model that the setting ASSISTANT_EMBEDDING names.

    Raises:
        ConfigurationError: no such model, it is not installed, or its files are damaged.
    """
    if name not in SUPPORTED_MODELS:
        raise ConfigurationError(
            f"ASSISTANT_EMBEDDING = {name!r} is no known embedding model; set it to one of: "
            + ", ".join(SUPPORTED_MODELS)
        )
    if name == "wordllama":
        from assistant.embedding.static import StaticModel

        return StaticModel()
    # Only now: onnxruntime takes 0.1 s to import, and names can be checked without it.
    from assistant.embedding.bundled import BundledModel

    return BundledModel()
