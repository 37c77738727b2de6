"""How long a search and an extractive answer take, stage by stage, and how much memory they need.

    python tests/benchmarks/latency.py --papers corpus.jsonl --data DIR [--limit N] [--bundled]

`--papers` is any file that `python -m ingest` reads; `--limit` takes its first N lines. The store
is made below `--data` once, and used again. Without `--bundled` its vectors are stand-ins: a
weighted bag of words projected at random, made thousands of times faster. They stand where the
real ones would, as many and as long, but mean less; a question then still costs what the bundled
model takes to read it. Questions are made from the corpus: titles, and sentences with every
third word left out. Wall-clock and processor milliseconds, after a warm-up that is not counted.
"""

import argparse
import hashlib
import os
import platform
import random
import re
import resource
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.embedding import EmbeddingModel, Parts, open_embedding_model
from assistant.engine import Assistant
from assistant.evaluation import describe_build
from assistant.evaluation.metrics import percentile
from assistant.models import Filters, Paper
from assistant.retrieval import selection
from assistant.sentences import split_sentences
from assistant.settings import Settings
from assistant.stores import Stores, open_stores
from ingest.pipeline import ingest_paths

BUCKETS = 1 << 14
WARM_UP = 20
_WORD = re.compile(r"\w+")


class StandInModel:
    """Made vectors for stores of a size that takes the bundled model an hour to read.

    Each word has a random direction; a text's vector is their sum, short (frequent) words
    counting less. `embed`, which searching calls, lets the bundled model read the texts all the
    same, so that the time is right.
    """

    name = "stand-in: random projection of a bag of words"

    def __init__(self, bundled: EmbeddingModel) -> None:
        self._bundled = bundled
        self.dimension, self.max_tokens = bundled.dimension, bundled.max_tokens
        random_rows = np.random.default_rng(0).standard_normal((BUCKETS, self.dimension))
        self._directions = random_rows.astype(np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._bundled.embed(texts)
        return np.stack([self._vector(*self._words(text)[:2]) for text in texts])

    def embed_with_parts(
        self, items: Sequence[tuple[str, Parts]]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        return [self._parts(text, parts) for text, parts in items]

    def count_tokens(self, text: str) -> int:
        words = text.split()
        if len(words) == 1:
            return self._bundled.count_tokens(text)
        # Counting abstracts exactly would take most of the ingest; searching counts single words.
        return sum(1 + len(word) // 7 for word in words)

    def _words(self, text: str) -> tuple[list[int], list[float], list[int]]:
        """The words of `text` as buckets, their weights, and where they begin."""
        found = [(m.start(), m[0].lower()) for m in _WORD.finditer(text)]
        buckets = [crc32(word.encode("utf-8", "replace")) % BUCKETS for _, word in found]
        return buckets, [min(len(word), 8) ** 2 for _, word in found], [start for start, _ in found]

    def _parts(self, text: str, parts: Parts) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        buckets, weights, starts = self._words(text)
        rows = np.empty((len(parts), self.dimension), dtype=np.float32)
        for row, (start, end) in enumerate(parts):
            inside = slice(bisect_left(starts, start), bisect_left(starts, end))
            rows[row] = self._vector(buckets[inside], weights[inside])
        return self._vector(buckets, weights), rows

    def _vector(self, buckets: Sequence[int], weights: Sequence[float]) -> NDArray[np.float32]:
        vector = np.asarray(weights, dtype=np.float32) @ self._directions[buckets] if buckets else None
        if vector is None:
            vector = self._directions[0]
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


# -- the store -------------------------------------------------------------------------------------


def prepare(papers: Path, data: Path, limit: int | None, model: EmbeddingModel) -> Settings:
    """The settings of a store of the first `limit` lines of `papers`; ingested if it is not there."""
    lines = papers.read_bytes().splitlines(keepends=True)[:limit]
    digest = hashlib.sha256(model.name.encode() + b"".join(lines)).hexdigest()[:12]
    place = data / f"{papers.stem}-{len(lines)}-{digest}"
    settings = Settings(data_dir=place, answerer="extractive", catalogue_url=None, chroma_url=None)
    if not (place / "complete").exists():
        place.mkdir(parents=True, exist_ok=True)
        source = place / f"source{papers.suffix}"
        source.write_bytes(b"".join(lines))
        report = ingest_paths([source], settings, model, dedupe=False)
        (place / "complete").touch()
        stages = "  ".join(f"{name} {seconds:.0f} s" for name, seconds in report.seconds.items())
        print(f"ingested {report.total:,} papers: {stages}", flush=True)
    return settings


# -- what is asked ---------------------------------------------------------------------------------


def make_questions(papers: Sequence[Paper], number: int, seed: int) -> list[str]:
    """Titles and sentences of papers drawn at random, by turns, each made a question or a claim."""
    drawn = random.Random(seed)
    questions = []
    for turn, paper in enumerate(drawn.choices([p for p in papers if p.abstract], k=number)):
        if turn % 2:
            questions.append(f"What is reported on {paper.display_title.rstrip('.')}?")
            continue
        spans = split_sentences(paper.abstract)
        span = drawn.choice(spans)
        words = paper.abstract[span.start : span.end].split()
        questions.append(" ".join(w for i, w in enumerate(words) if i % 3 != 1 or len(words) < 4))
    return questions


def make_filters(papers: Sequence[Paper]) -> dict[str, Filters]:
    """Filters of several kinds and strengths, as far as the corpus's data allow them."""
    filters: dict[str, Filters] = {}
    if authors := [paper.authors[0] for paper in papers if paper.authors]:
        filters["author"] = Filters(author=sorted(authors)[len(authors) // 2])
    if years := sorted(paper.year for paper in papers if paper.year):
        filters["year"] = Filters(year=years[len(years) // 2])
    if any(paper.has_code for paper in papers):
        filters["has_code"] = Filters(has_code=True)
    dates = sorted(paper.published for paper in papers if paper.published and len(paper.published) == 10)
    for share in (0.01, 0.3, 0.9):
        if len(dates) > 0.95 * len(papers):
            name = f"newest {share:.0%}"
            filters[name] = Filters(published_from=dates[int(len(dates) * (1 - share))])
    return filters


# -- measuring -------------------------------------------------------------------------------------


@dataclass
class Stages:
    """Milliseconds spent in named stages, a row a call; safe to share between threads."""

    rows: list[dict[str, float]] = field(default_factory=list)
    _current: threading.local = field(default_factory=threading.local)

    @contextmanager
    def call(self) -> Iterator[None]:
        row: dict[str, float] = {}
        self._current.row = row
        started, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            row["whole"] = 1000 * (time.perf_counter() - started)
            row["cpu"] = 1000 * (time.process_time() - cpu)
            self._current.row = None
            self.rows.append(row)

    def watch(self, owner: object, method: str, stage: str) -> None:
        """Count the time of `owner`'s method under `stage`."""
        inner: Callable[..., Any] = getattr(owner, method)

        def timed(*args: Any, **options: Any) -> Any:
            row = getattr(self._current, "row", None)
            started = time.perf_counter()
            try:
                return inner(*args, **options)
            finally:
                if row is not None:
                    row[stage] = row.get(stage, 0.0) + 1000 * (time.perf_counter() - started)

        setattr(owner, method, timed)


def watch_stores(stages: Stages, stores: Stores, corpus: Corpus) -> None:
    """Count what a question costs in the stores and the model, and in the slow parts of an answer.

    Stages lie in one another: "retrieval" holds all that a search does, and "own sentences" what
    it takes to embed the sentences of the papers an answer quotes.
    """
    stages.watch(corpus.model, "embed", "embed")
    stages.watch(stores.vectors, "search", "dense")
    for method in ("search", "document_frequencies", "nearest_term"):
        stages.watch(stores.lexical, method, "lexical")
    stages.watch(stores.catalogue, "select_ids", "filter")
    # The rows, where the retriever asks the stores for them; the catalogue, where it does not.
    if stores.rows is not None:
        stages.watch(stores.rows, "sentence_vectors", "sentences")
    stages.watch(stores.catalogue, "sentence_vectors", "sentences, catalogue")
    stages.watch(stores.catalogue, "get_papers", "papers")
    stages.watch(corpus.retriever, "search", "retrieval")
    stages.watch(selection, "named_papers", "names")
    stages.watch(corpus, "similarities", "own sentences")


def measure(
    stages: Stages, ask: Callable[[str], object], questions: Sequence[str], threads: int
) -> tuple[list[dict[str, float]], float, int]:
    """Rows of milliseconds, questions a second, and how many failed."""
    stages.rows = []
    failed = 0

    def one(question: str) -> bool:
        with stages.call():
            try:
                ask(question)
            except Exception as error:  # counted, named, and part of the result
                print(f"FAILED {type(error).__name__}: {error}: {question[:80]}", flush=True)
                return False
        return True

    started = time.perf_counter()
    if threads == 1:
        failed = sum(not one(question) for question in questions)
    else:
        with ThreadPoolExecutor(threads) as pool:
            failed = sum(not done for done in pool.map(one, questions))
    return stages.rows, len(questions) / (time.perf_counter() - started), failed


def report(
    name: str, rows: Sequence[Mapping[str, float]], rate: float, failed: int, *, alone: bool = True
) -> float:
    """Print one line: median and 95th percentile, then the medians of the stages; return the median."""
    whole = [row["whole"] for row in rows]
    p50, p95 = percentile(whole, 0.5) or 0.0, percentile(whole, 0.95) or 0.0
    stages = dict.fromkeys(stage for row in rows for stage in row if stage not in ("whole", "cpu"))
    parts = "  ".join(
        f"{stage} {percentile([row.get(stage, 0.0) for row in rows], 0.5):.1f}" for stage in stages
    )
    # Several askers' processor time cannot be told apart.
    cpu = f"  cpu {percentile([row['cpu'] for row in rows], 0.5):6.1f}" if alone else ""
    print(
        f"{name:36} n {len(rows):4}  p50 {p50:7.1f}  p95 {p95:7.1f}{cpu}  {rate:6.1f}/s"
        f"  failed {failed} | {parts}",
        flush=True,
    )
    return p50


def resident() -> str:
    """Memory of this process now and at most, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << 20 if platform.system() == "Darwin" else 1 << 10
    )
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return f"at most {peak:.0f} MB"
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / (1 << 20):.0f} MB, at most {peak:.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--papers", type=Path, help="papers to make a store of")
    parser.add_argument("--data", type=Path, required=True, help="folder of the stores that are made")
    parser.add_argument("--store", action="store_true", help="--data is itself a store, used as it is")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--bundled", action="store_true", help="embed with the bundled model")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    bundled = open_embedding_model()
    model = bundled if arguments.bundled else StandInModel(bundled)
    if arguments.store:
        settings = Settings(data_dir=arguments.data, answerer="extractive")
    elif arguments.papers:
        settings = prepare(arguments.papers, arguments.data, arguments.limit, model)
    else:
        parser.error("--papers or --store is needed")
    stores = open_stores(settings, model)
    corpus = Corpus(stores, model)
    stages = Stages()
    watch_stores(stages, stores, corpus)
    with Assistant(corpus) as assistant:
        papers = assistant.papers()
        build = "  ".join(f"{name}: {value}" for name, value in describe_build().items())
        print(f"{len(papers):,} papers, {stores.catalogue.count_chunks():,} chunks; embedding: {model.name}")
        load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        print(f"{build}  Python {platform.python_version()}, {os.cpu_count()} cores{load}")
        questions = make_questions(papers, WARM_UP + arguments.questions, arguments.seed)
        filters = make_filters(papers)
        shares = {name: len(stores.catalogue.select_ids(f)) / len(papers) for name, f in filters.items()}
        del papers
        run(assistant, stages, list(questions), filters, shares, arguments.threads)
        print(f"memory: {resident()}")


def run(
    assistant: Assistant,
    stages: Stages,
    questions: list[str],
    filters: Mapping[str, Filters],
    shares: Mapping[str, float],
    threads: int,
) -> None:
    """Measure everything, alone and then with several askers at once."""
    warm, asked = questions[:WARM_UP], questions[WARM_UP:]
    for question in warm:
        assistant.ask(question)
    unfiltered = report("search", *measure(stages, assistant.search, asked, 1))
    for name, its in filters.items():
        for question in islice(warm, 3):
            assistant.search(question, filters=its)
        rows = measure(stages, lambda q, its=its: assistant.search(q, filters=its), asked, 1)  # type: ignore[misc]
        median = report(f"search, {name} ({shares[name]:.1%} of papers)", *rows)
        print(f"{'':36} {median / unfiltered:.2f} times the unfiltered search")
    report("answer", *measure(stages, assistant.ask, asked, 1))
    report(f"search, {threads} at once", *measure(stages, assistant.search, asked, threads), alone=False)
    report(f"answer, {threads} at once", *measure(stages, assistant.ask, asked, threads), alone=False)


if __name__ == "__main__":
    main()
