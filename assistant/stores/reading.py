"""What an embedding model is to read of a paper: its chunks, and the sentences in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.embedding import EmbeddingModel, embed_with_parts
from assistant.models import Chunk, Paper, Span
from assistant.readable import readable
from assistant.sentences import split_sentences
from assistant.stores.recording import text_hash


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


def embed_missing(
    model: EmbeddingModel,
    texts: Sequence[str],
    sentences: Sequence[PlacedSentence],
    known: Collection[bytes],
) -> tuple[dict[bytes, bytes], int]:
    """Vectors (float32, little-endian) by key of what is not `known`, and how many texts were read.

    Each text is read once, for itself and all sentences in it. A sentence that no text holds is
    read by itself, and only its own vector is kept.
    """
    whole_texts = set(texts)
    parts: dict[str, dict[tuple[int, int], bytes]] = {text: {} for text in texts}
    for sentence in sentences:
        parts.setdefault(sentence.text, {})[(sentence.start, sentence.end)] = sentence.key
    items = [
        (text, list(places))
        for text, places in parts.items()
        if (text in whole_texts and text_hash(text) not in known)
        or any(key not in known for key in places.values())
    ]
    vectors: dict[bytes, bytes] = {}
    for (text, places), (whole, rows) in zip(
        items, embed_with_parts(model, items) if items else (), strict=True
    ):
        if text in whole_texts:
            vectors[text_hash(text)] = whole.astype("<f4").tobytes()
        for place, row in zip(places, rows, strict=True):
            vectors[parts[text][place]] = row.astype("<f4").tobytes()
    return {key: vector for key, vector in vectors.items() if key not in known}, len(items)
