"""Papers -> the catalogue, a batch a transaction, with their chunks, sentences and vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from assistant.embedding import EmbeddingModel
from assistant.models import Paper
from assistant.stores import Catalogue, lookups, recording
from assistant.stores.batch import Batch, Merge, PaperChange, StoredRecord
from assistant.stores.reading import PlacedSentence, Read, place_sentences, read_missing
from ingest.chunking import AbstractNodeParser, chunk_papers
from ingest.matching import match_keys
from ingest.tally import Tally

T = TypeVar("T")

# One transaction. Small enough that a killed ingest loses seconds, large enough that the
# transaction's own cost (about 10 ms) is nothing beside the embedding (seconds).
_BATCH = 64


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items (records or papers), as many at a time as are to be written in one transaction."""
    remaining = iter(items)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


class PaperWriter:
    """Writes papers with all that is derived from them, or nothing in a dry run.

    `apart` are the ids of papers that a person split off: no record is matched with them again.
    """

    def __init__(self, catalogue: Catalogue, model: EmbeddingModel, tally: Tally, *, dry_run: bool) -> None:
        self.catalogue, self.model, self.dry_run = catalogue, model, dry_run
        self.apart = lookups.split_papers(catalogue)
        self._tally = tally
        self._parser = AbstractNodeParser.for_model(model)

    def write(
        self,
        papers: Sequence[Paper],
        replaces: Mapping[str, Sequence[str]] | None = None,
        records: Sequence[tuple[StoredRecord, str]] = (),
        removed: Sequence[str] = (),
        merges: Sequence[Merge] = (),
        notices: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        """Write one batch; `replaces` gives the ids that a paper had or has absorbed, by its new id.

        The others as in `Batch`. Only texts without a stored vector are embedded.
        """
        if self.dry_run or not (papers or records or removed):
            return
        with self._tally.stage("chunk"):
            chunks = chunk_papers(papers, self._parser)
            spoken = {paper.paper_id: place_sentences(paper, chunks[paper.paper_id]) for paper in papers}
        read = self._embed(
            [chunk.text for its in chunks.values() for chunk in its],
            [sentence for its in spoken.values() for sentence in its],
        )
        with self._tally.stage("catalogue"):
            changes = [
                PaperChange(
                    paper,
                    chunks[paper.paper_id],
                    [(sentence.span, sentence.key) for sentence in spoken[paper.paper_id]],
                    match_keys(paper) if paper.paper_id not in self.apart else (paper.paper_id,),
                    (replaces or {}).get(paper.paper_id, ()),
                )
                for paper in papers
            ]
            recording.commit(
                self.catalogue,
                Batch(changes, records, removed, merges, notices, self.model.name, read.vectors, read.signs),
            )

    def _embed(self, texts: Sequence[str], sentences: Sequence[PlacedSentence]) -> Read:
        """What the texts, and the sentences and words in them, have no vectors of yet; each text once."""
        with self._tally.stage("embed"):
            read = read_missing(self.catalogue, self.model, texts, sentences)
            self._tally.embedded += read.texts
            return read
