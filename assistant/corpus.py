"""One open store with what reading it takes: catalogue, indexes, embedding model, retriever, names."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from assistant.embedding import EmbeddingModel
from assistant.models import Paper
from assistant.retrieval.filters import CorpusNames
from assistant.retrieval.retriever import PaperRetriever
from assistant.stores import Catalogue, Stores
from assistant.stores.schema import authors

if TYPE_CHECKING:
    from assistant.stores.lexical import LexicalIndex


class Corpus:
    """Shared by threads; `refresh` takes over what an ingest has committed since."""

    def __init__(self, stores: Stores, model: EmbeddingModel) -> None:
        self._stores = stores
        self.model = model
        self.statistics = CorpusStatistics(stores.lexical, model)
        self.retriever = PaperRetriever(stores.catalogue, stores.vectors, stores.lexical, self.statistics, model)
        self._names: CorpusNames | None = None

    @property
    def catalogue(self) -> Catalogue:
        return self._stores.catalogue

    @property
    def generation(self) -> int:
        return self._stores.generation

    def refresh(self) -> None:
        if self._stores.refresh():
            self._names = None

    @property
    def names(self) -> CorpusNames:
        """The authors, categories and affiliations that filters can name."""
        if self._names is None:
            self._names = _corpus_names(self.catalogue)
        return self._names

    def similarities(self, text: str, paper: Paper) -> Sequence[float]:
        """Cosine of `text` to each sentence of the paper's abstract, in order."""
        found = self.catalogue.sentence_vectors([paper.paper_id], self.model.name).get(paper.paper_id)
        if found is None:
            return []
        cosines: NDArray[np.float32] = found.vectors @ self.model.embed([text])[0]
        return [float(c) for c in cosines]

    def close(self) -> None:
        self._stores.close()


class CorpusStatistics:
    """What ranking needs to know about words: how they are indexed, how rare they are."""

    def __init__(self, lexical: "LexicalIndex", model: EmbeddingModel) -> None:
        self._lexical, self._model = lexical, model

    @property
    def count(self) -> int:
        return self._lexical.count

    def analyze(self, text: str) -> list[str]:
        return self._lexical.analyze(text)

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        return self._lexical.document_frequencies(terms)

    def nearest_term(self, word: str) -> str | None:
        """None for a word that the embedding model has in its vocabulary: that is no misspelling."""
        if self._model.count_tokens(word) <= 1:
            return None
        stems = self._lexical.analyze(word)
        return self._lexical.nearest_term(stems[0]) if stems else None


def _corpus_names(catalogue: Catalogue) -> CorpusNames:
    papers_of: dict[str, set[str]] = defaultdict(set)
    leads: dict[str, str] = {}
    with catalogue.connect() as connection:
        rows = connection.execute(
            select(authors.c.paper_id, authors.c.name, authors.c.number).order_by(authors.c.number)
        )
        for paper_id, name, _ in rows:
            papers_of[name].add(paper_id)
            leads.setdefault(paper_id, name)
    return CorpusNames(
        {name: frozenset(ids) for name, ids in papers_of.items()},
        leads,
        tuple(catalogue.categories()),
        tuple(catalogue.affiliation_tags()),
    )
