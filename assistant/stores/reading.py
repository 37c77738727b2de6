"""What an embedding model is to read of a paper: its chunks, and the sentences in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.embedding import EmbeddingModel, ReadsParts, embed_with_parts
from assistant.models import Chunk, Paper, Span
from assistant.readable import readable
from assistant.sentences import split_sentences
from assistant.stores import schema
from assistant.stores.catalogue import Catalogue
from assistant.stores.lookups import cached_hashes
from assistant.stores.schema import text_hash
from assistant.words import content_places


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence of an abstract and where its readable form stands: in `text` at [start, end).

    `text` is the chunk's that holds the whole sentence, else the sentence by itself.
    """

    span: Span
    text: str
    start: int
    end: int

    @property
    def key(self) -> bytes:
        """The key of the sentence's vector, which depends on the text around the sentence."""
        return text_hash(f"{self.start}-{self.end} of {self.text}")


def place_sentences(paper: Paper, chunks: Sequence[Chunk]) -> list[PlacedSentence]:
    """The sentences of the abstract, in order, placed in the paper's chunks."""
    placed = []
    cursors = {chunk.chunk_id: 0 for chunk in chunks}
    for span in split_sentences(paper.abstract):
        sentence = readable(paper.abstract[span.start : span.end])
        holder = next((c for c in chunks if c.start <= span.start and span.end <= c.end), None)
        at = holder.text.find(sentence, cursors[holder.chunk_id]) if holder and sentence else -1
        if holder is None or at < 0:
            placed.append(PlacedSentence(span, sentence, 0, len(sentence)))
            continue
        cursors[holder.chunk_id] = at + len(sentence)
        placed.append(PlacedSentence(span, holder.text, at, at + len(sentence)))
    return placed


def vector_keys(texts: Sequence[str], sentences: Sequence[PlacedSentence]) -> set[bytes]:
    """The keys under which the vectors of these texts and sentences are kept."""
    return {*map(text_hash, texts), *(s.key for s in sentences)}


@dataclass(frozen=True, slots=True)
class Read:
    """What an embedding model made of texts, by key, and how many it read.

    `vectors` are float32, little-endian. `signs` are those of each text's content words, a bit a
    dimension, one word after the other; none by a model that cannot tell words apart.
    """

    vectors: Mapping[bytes, bytes]
    signs: Mapping[bytes, bytes]
    texts: int


def embed_missing(
    model: EmbeddingModel,
    texts: Sequence[str],
    sentences: Sequence[PlacedSentence],
    known: Collection[bytes],
    known_signs: Collection[bytes],
) -> Read:
    """Read what has no vector among `known`, or no signs among `known_signs`.

    Each text is read once, for itself and all sentences and words in it. A sentence that no text
    holds is read by itself, and only its own vector is kept.
    """
    whole_texts = set(texts)
    worded = whole_texts if isinstance(model, ReadsParts) else set()
    parts: dict[str, dict[tuple[int, int], bytes]] = {text: {} for text in texts}
    for sentence in sentences:
        parts.setdefault(sentence.text, {})[(sentence.start, sentence.end)] = sentence.key
    wanted = [
        text
        for text, places in parts.items()
        if (text in whole_texts and text_hash(text) not in known)
        or (text in worded and text_hash(text) not in known_signs)
        or any(key not in known for key in places.values())
    ]
    items = [(text, [*parts[text], *(content_places(text) if text in worded else ())]) for text in wanted]
    vectors: dict[bytes, bytes] = {}
    signs: dict[bytes, bytes] = {}
    for (text, _), (whole, rows) in zip(items, embed_with_parts(model, items) if items else (), strict=True):
        if text in whole_texts:
            vectors[text_hash(text)] = whole.astype("<f4").tobytes()
        for key, row in zip(parts[text].values(), rows, strict=False):  # the rows of words follow
            vectors[key] = row.astype("<f4").tobytes()
        if text in worded and text_hash(text) not in known_signs:
            signs[text_hash(text)] = np.packbits(rows[len(parts[text]) :] > 0, axis=1).tobytes()
    return Read({key: vector for key, vector in vectors.items() if key not in known}, signs, len(items))


def read_missing(
    catalogue: Catalogue, model: EmbeddingModel, texts: Sequence[str], sentences: Sequence[PlacedSentence]
) -> Read:
    """As `embed_missing`, of what the catalogue does not hold yet."""
    known = cached_hashes(catalogue, vector_keys(texts, sentences), model.name)
    signs = cached_hashes(catalogue, set(map(text_hash, texts)), schema.signs_of(model.name))
    return embed_missing(model, texts, sentences, known, signs)
