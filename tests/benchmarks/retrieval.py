"""The ranking of papers beside its own parts and beside plain LlamaIndex, in one run.

    python tests/benchmarks/retrieval.py BEIR_PARENT_DIR --data DIR [--sets scifact:train ...]
        [--questions FILE.jsonl ... --papers papers.jsonl --seeds-store DIR] [--output FILE.json]

For each BEIR folder of BEIR_PARENT_DIR (ingested once, into a store of its own under DIR) and for
the question sets: the fused search, each leg alone over the whole corpus, the search without each
of its signals, and LlamaIndex over the same chunks with the same vectors:

- `LlamaIndex vectors`: `VectorStoreIndex` over Chroma, papers by their best chunk
- `LlamaIndex fused, ...`: `QueryFusionRetriever` of that and `BM25Retriever`, one query, by
  reciprocal rank and by relative score

`NAME:FILE.jsonl` asks a BEIR set other queries than its own, `{"_id", "text", "paper"}` a line:
`scifact:tests/questions/reworded_scifact.jsonl` has 61 questions in everyday words. A question set may
also be tests/benchmarks/refusal_questions.jsonl: asked are the 220 that have a paper of the seeds.

"ours better by" is the fused search minus the row, with the 95 % interval of a paired bootstrap
over the queries: in a row "without ..." what that signal brings. Milliseconds are without the
embedding of the question, which all rows need and which is given once. Needs
`pip install llama-index-retrievers-bm25` (the tests' extra has it), or `--no-llamaindex`.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.embedding import EmbeddingModel, Parts, embed_with_parts, open_embedding_model
from assistant.errors import AssistantError, ConfigurationError
from assistant.evaluation import describe_build, metrics
from assistant.evaluation.ablation import (
    RankingTable,
    compare_rankings,
    named,
    our_rankings,
    summarize_tables,
)
from assistant.evaluation.benchmark import (
    DEPTH,
    Benchmark,
    Measure,
    Measured,
    Ranking,
    benchmark_store,
    judged_ids,
    measure,
    read_benchmark,
)
from assistant.evaluation.gold import GoldQuestion, name_papers, resolve_questions
from assistant.evaluation.questions import Question, read_questions
from assistant.retrieval.plan import Plan, make_plan
from assistant.settings import Settings, load_settings
from assistant.stores import Stores, open_stores
from assistant.words import content_places

WRITTEN = "refusal_questions.jsonl"  # of tests/benchmarks: not a question set, and half of it on other papers
SETS = ("cranfield:test", "cisi:test", "nfcorpus:dev", "scifact:train")
UNRANKED = ("records", "count", "chat")  # intents whose answer is not searched for
CHUNKS = 2 * DEPTH  # as our search: an abstract is one to three chunks
CHROMA_BATCH = 5_000  # LlamaIndex's own batches are larger than Chroma takes

QUESTION_MEASURES: dict[str, Measure] = {
    "first": lambda ranked, gains: metrics.hit(ranked, gains, 1),
    "within 3": lambda ranked, gains: metrics.hit(ranked, gains, 3),
    "MRR@10": lambda ranked, gains: metrics.reciprocal_rank(ranked, gains, 10),
}


class RememberingModel:
    """An embedding model that reads each question once, so that rows differ in ranking alone."""

    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._parts: dict[tuple[str, Parts], tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._model.embed([text])[0]
        return np.stack([self._vectors[text] for text in texts]) if texts else self._model.embed(texts)

    def embed_with_parts(
        self, items: Sequence[tuple[str, Parts]]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        keys = [(text, tuple(parts)) for text, parts in items]
        for key in keys:
            if key not in self._parts:
                (self._parts[key],) = embed_with_parts(self._model, [key])
        return [self._parts[key] for key in keys]

    def read_ahead(self, questions: Sequence[str]) -> float | None:
        """Embed the questions; the median time one takes, in milliseconds."""
        times = []
        for question in questions:
            start = time.perf_counter()
            self.embed([question])
            times.append(1000 * (time.perf_counter() - start))
            self.embed_with_parts([(question, content_places(question))])
        return metrics.percentile(times, 0.5)


def llamaindex_rankings(stores: Stores, model: EmbeddingModel) -> dict[str, Ranking]:
    """LlamaIndex as its documentation sets it up, over the store's chunks and their vectors.

    Its nodes are written to a Chroma of their own, in memory, by its own `ChromaVectorStore.add`:
    the fusion adds up the two retrievers' scores by a hash of text and metadata, and nodes that
    were not written by LlamaIndex come back with their metadata in another order.
    """
    import chromadb
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.chroma import ChromaVectorStore
    from pydantic import PrivateAttr

    try:
        from llama_index.retrievers.bm25 import BM25Retriever
    except ImportError as error:
        raise ConfigurationError(
            "llama-index-retrievers-bm25 is not installed; run: pip install llama-index-retrievers-bm25,"
            " or measure without it: --no-llamaindex"
        ) from error

    class OurEmbedding(BaseEmbedding):
        _model: Any = PrivateAttr()

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._model.embed([query])[0].tolist()

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_query_embedding(text)

    embedding = OurEmbedding()
    embedding._model = model
    nodes = [
        TextNode(
            id_=found.chunk.chunk_id,
            text=found.chunk.text,
            embedding=found.vector.tolist(),
            metadata={"paper_id": found.chunk.paper_id},
            excluded_embed_metadata_keys=["paper_id"],  # else BM25 would index the id as words
        )
        for found in stores.catalogue.chunks_since(0, model.name)
    ]
    configuration: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400}}
    collection = chromadb.EphemeralClient().create_collection(
        f"plain-{stores.catalogue.store_id}", configuration=configuration, embedding_function=None
    )
    store = ChromaVectorStore.from_collection(collection)
    for start in range(0, len(nodes), CHROMA_BATCH):
        store.add(nodes[start : start + CHROMA_BATCH])
    index = VectorStoreIndex(
        [], storage_context=StorageContext.from_defaults(vector_store=store), embed_model=embedding
    )
    chunks = min(CHUNKS, len(nodes))
    by_vector = index.as_retriever(similarity_top_k=chunks)
    by_words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=chunks)

    def fused(mode: str) -> BaseRetriever:
        return QueryFusionRetriever(
            [by_vector, by_words],
            llm=MockLLM(),  # asked for nothing with one query, but without it a key is demanded
            mode=FUSION_MODES(mode),
            similarity_top_k=chunks,
            num_queries=1,
            use_async=False,
        )

    return {
        "LlamaIndex vectors": _by_best_chunk(by_vector),
        "LlamaIndex fused, reciprocal_rerank": _by_best_chunk(fused("reciprocal_rerank")),
        "LlamaIndex fused, relative_score": _by_best_chunk(fused("relative_score")),
    }


def _by_best_chunk(retriever: Any) -> Ranking:
    """The papers of a LlamaIndex retriever's nodes, each where its first node stands."""

    def rank(query: str, top: int) -> list[str]:
        found = (str(node.node.metadata["paper_id"]) for node in retriever.retrieve(query))
        return list(dict.fromkeys(found))[:top]

    return rank


def all_rankings(stores: Stores, model: EmbeddingModel, *, llamaindex: bool) -> dict[str, Ranking]:
    return our_rankings(stores, model) | (llamaindex_rankings(stores, model) if llamaindex else {})


def read_queries(name: str, path: Path) -> Benchmark:
    """Queries of a file of their own, each with the one paper of the set that it asks for."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    queries = {row["_id"]: row["text"] for row in rows}
    return Benchmark(name, path.stem, queries, {row["_id"]: {row["paper"]: 1.0} for row in rows})


def run_set(
    folder: Path, split: str, settings: Settings, model: EmbeddingModel, *, llamaindex: bool
) -> RankingTable:
    """Measure every ranking on one BEIR set."""
    benchmark = read_queries(folder.name, Path(split)) if ".jsonl" in split else read_benchmark(folder, split)
    stores = open_stores(benchmark_store(folder, settings, model), model)
    try:
        remembering = RememberingModel(model)
        rankings = all_rankings(stores, remembering, llamaindex=llamaindex)
        rankings = named(rankings, judged_ids(stores.catalogue.papers(), benchmark))
        embed_ms = remembering.read_ahead([benchmark.queries[i] for i in benchmark.relevant])
        measured = measure(benchmark, rankings, progress(f"{folder.name}:{split}"))
        about = {"papers": stores.catalogue.count_papers(), "ms to embed a question": round(embed_ms or 0, 1)}
    finally:
        stores.close()
    rows = compare_rankings(measured, ("nDCG@10", "MRR@10", "R@100"), "nDCG@10")
    return RankingTable(f"{folder.name} {benchmark.split}", len(benchmark.relevant), "nDCG@10", rows, about)


def run_questions(
    paths: Sequence[Path], keys: Path | None, data: Path, model: EmbeddingModel, *, llamaindex: bool
) -> Iterator[RankingTable]:
    """Measure every ranking on question sets, by question type.

    A question is searched for as the assistant does it: its plan's topic, among the papers its
    filters leave. Left out are unanswerable ones, follow-ups (their paper comes from the
    conversation) and those that the catalogue answers without a search.
    """
    stores = open_stores(load_settings(data), model)
    try:
        corpus = Corpus(stores, model)
        papers = stores.catalogue.papers()
        names = name_papers(papers, keys)
        remembering = RememberingModel(model)
        rankings = all_rankings(stores, remembering, llamaindex=llamaindex)
        rankings = named(rankings, {p.paper_id: names.canonical.get(p.paper_id, p.paper_id) for p in papers})
        for path in paths:
            gold = resolve_questions(path, _questions(path), names)
            asked, left_out = _searched(gold, corpus)
            print(f"\n{path.name}: {len(asked)} questions are searched for; left out: {dict(left_out)}")
            by_type: dict[str, list[tuple[GoldQuestion, Plan]]] = defaultdict(list)
            for question, plan in asked:
                by_type[question.question.type].append((question, plan))
            for kind, some in sorted(by_type.items()):
                measured = _measure_questions(some, corpus, rankings, remembering)
                rows = compare_rankings(measured, tuple(QUESTION_MEASURES), "MRR@10")
                yield RankingTable(f"{path.stem} {kind}", len(some), "MRR@10", rows, {"papers": len(papers)})
    finally:
        stores.close()


def _questions(path: Path) -> tuple[Question, ...]:
    """A question set, or the questions written for the fit of refusals that one of the papers answers."""
    if path.name != WRITTEN:
        return read_questions(path)
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return tuple(
        Question(row["id"], row["question"], row["kind"], expected_papers=(row["paper"],))
        for row in rows
        if row["kind"].startswith("own") and "paper" in row
    )


def _searched(
    gold: Sequence[GoldQuestion], corpus: Corpus
) -> tuple[list[tuple[GoldQuestion, Plan]], Counter[str]]:
    asked: list[tuple[GoldQuestion, Plan]] = []
    skipped: Counter[str] = Counter()
    for item in gold:
        question = item.question
        plan = make_plan(question.question, question.question, corpus.names, date.today())
        if question.history or not item.expected or not question.answerable:
            skipped["follow-up" if question.history else question.type] += 1
        elif plan.intent in UNRANKED or not plan.topic:
            skipped[f"{question.type} ({plan.intent})"] += 1
        else:
            asked.append((item, plan))
    return asked, skipped


def _measure_questions(
    some: Sequence[tuple[GoldQuestion, Plan]],
    corpus: Corpus,
    rankings: Mapping[str, Ranking],
    model: RememberingModel,
) -> dict[str, Measured]:
    """Whether an expected paper is found first and within three, and its reciprocal rank."""
    allowed: dict[str, set[str] | None] = {}
    for item, plan in some:
        left = set(corpus.catalogue.select_ids(plan.filters)) if plan.filters else None
        if plan.within is not None:
            left = set(plan.within) if left is None else left & set(plan.within)
        allowed[item.question.id] = left
    model.read_ahead([plan.topic for _, plan in some])
    benchmark = Benchmark(
        "questions",
        "",
        {item.question.id: item.question.id for item, _ in some},
        {item.question.id: dict.fromkeys(item.expected, 1.0) for item, _ in some},
    )
    topics = {item.question.id: plan.topic for item, plan in some}

    def filtered(rank: Ranking) -> Ranking:
        def ranked(question_id: str, top: int) -> list[str]:
            left = allowed[question_id]
            # Enough of the whole corpus that a filter leaves what it should.
            found = rank(topics[question_id], top if left is None else corpus.catalogue.count_papers())
            return [paper for paper in found if left is None or paper in left][:top]

        return ranked

    filtering = {name: filtered(rank) for name, rank in rankings.items()}
    return measure(benchmark, filtering, measures=QUESTION_MEASURES)


def progress(name: str) -> Callable[[int, int], None] | None:
    """A line that counts up, on a terminal."""
    if not sys.stderr.isatty():
        return None
    return lambda done, total: print(
        f"\r{name} {done}/{total}", end="" if done < total else "\n", file=sys.stderr
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("beir", nargs="?", type=Path, help="folder of BEIR folders")
    parser.add_argument("--data", type=Path, help="where the sets' stores are kept")
    parser.add_argument("--sets", nargs="+", default=SETS, metavar="NAME:SPLIT")
    parser.add_argument("--questions", nargs="+", default=(), type=Path)
    parser.add_argument("--papers", type=Path, help="the keys of the question sets' papers")
    parser.add_argument("--seeds-store", type=Path, help="the store the questions are about")
    parser.add_argument("--no-llamaindex", action="store_true")
    parser.add_argument("--output", type=Path, help="write the tables as JSON")
    arguments = parser.parse_args()
    if not arguments.beir and not arguments.questions:
        parser.error("give a folder of BEIR folders, or --questions, or both")
    if arguments.questions and not arguments.seeds_store:
        parser.error("--questions needs --seeds-store, the store they are about")
    settings = load_settings(arguments.data)
    model = open_embedding_model(settings.embedding)
    setup = {"embedding": model.name, **describe_build()}
    print("  ".join(f"{name}: {value}" for name, value in setup.items() if value))
    tables: list[RankingTable] = []
    try:
        for table in _run(arguments, settings, model):
            tables.append(table)
            print(f"\n{table.to_markdown()}", flush=True)
    except AssistantError as error:
        sys.exit(f"error: {error}")
    print(f"\n{summarize_tables(tables)}")
    if arguments.output:
        report = {"setup": setup, "tables": [table.to_dict() for table in tables]}
        arguments.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _run(arguments: argparse.Namespace, settings: Settings, model: EmbeddingModel) -> Iterator[RankingTable]:
    compared = not arguments.no_llamaindex
    for name, _, split in (each.partition(":") for each in arguments.sets if arguments.beir):
        yield run_set(arguments.beir / name, split or "test", settings, model, llamaindex=compared)
    if arguments.questions:
        yield from run_questions(
            arguments.questions, arguments.papers, arguments.seeds_store, model, llamaindex=compared
        )


if __name__ == "__main__":
    main()
