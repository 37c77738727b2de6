"""The assistant: question and history in, answer with citations out.

question + history -> standalone question -> plan (kind, filters, topic): `QuestionReader`
-> papers, by the query engine (retrieve, select) or the catalogue's fields: `Finder`
-> refusal or answer, quoted or written (synthesize), checked -> `Answer`: `AnswerWriter`.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from llama_index.core.response_synthesizers.base import BaseSynthesizer

from assistant.answer_writer import AnswerWriter
from assistant.answering.extractive import ExtractiveWriter
from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.errors import QuestionError
from assistant.finding import Finder
from assistant.models import Answer, Filters, Paper, ScoredPaper, Why
from assistant.query_engine import ExtractiveSynthesizer, Rewrite, build_query_engine, papers_of
from assistant.question_reader import QuestionReader
from assistant.retrieval.filters import read_filters
from assistant.retrieval.plan import MAX_QUESTION, Plan
from assistant.retrieval.why import explain
from assistant.settings import Settings
from assistant.stores import open_stores

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.summaries.model import Summary
    from assistant.summaries.summarizer import Summarizer

CONTEXT_PAPERS = 6  # papers a language model is given, the selected ones first


class Assistant:
    """Answers from one store; shared by threads. Close it, or use it as a context manager."""

    def __init__(
        self,
        corpus: Corpus,
        llm: "LLM | None" = None,
        today: date | None = None,
        *,
        rewriting: bool = False,
        drafts: Path | None = None,
    ) -> None:
        """`llm` writes the answers; without one they are extractive. `today` is for relative dates.

        With `rewriting` the `llm` also words each question in other ways to search with. What it wrote
        of an unfinished summary is kept in the folder `drafts`, in memory without one.
        """
        rewrite: Rewrite | None = None
        self._corpus = corpus
        self._llm = llm
        self._draft_folder = drafts
        quoting = ExtractiveWriter(corpus.statistics, corpus.similarities, corpus.rough_similarities)
        if llm is None:
            synthesizer: BaseSynthesizer = ExtractiveSynthesizer(quoting)
        else:
            from assistant.answering.generative import GenerativeSynthesizer

            synthesizer = GenerativeSynthesizer(llm, papers_of)
            if rewriting:
                from assistant.answering import rewriting as rewritings

                rewrite = partial(rewritings.rewrite, llm)
        query_engine = build_query_engine(
            corpus.retriever,
            corpus.statistics,
            corpus.elsewhere,
            synthesizer,
            context=CONTEXT_PAPERS if llm else 0,
            rewrite=rewrite,
        )
        self._finder = Finder(corpus, query_engine)
        self._reader = QuestionReader(
            corpus, lambda plan: self._finder.select(plan).selection, self._finder.records, llm, today
        )
        self._writer = AnswerWriter(
            corpus, self._finder, query_engine, quoting, llm, lambda: self.description
        )

    @property
    def answerer(self) -> str:
        return "openai" if self._llm else "extractive"

    @property
    def model(self) -> str | None:
        return self._llm.metadata.model_name if self._llm else None

    @property
    def paper_count(self) -> int:
        return self._corpus.catalogue.count_papers()

    @property
    def description(self) -> str:
        """One line for people: who answers, from how many papers."""
        who = (
            f"Answers written by {self.model}" if self._llm else "Answers quote the papers, no language model"
        )
        return f"{who} · {self.paper_count:,} papers"

    def papers(self) -> list[Paper]:
        return self._corpus.catalogue.papers()

    def paper(self, paper_id: str) -> Paper | None:
        """The paper with this id or earlier id, or with this DOI, arXiv id or PMID; None if there is none."""
        known = [paper_id, *(f"{kind}:{paper_id}" for kind in ("doi", "arxiv", "pmid"))]
        return next(iter(self._corpus.catalogue.get_papers(known).values()), None)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[ScoredPaper]:
        """The best `top` papers, best first.

        Raises:
            QuestionError: the query is empty or far too long.
        """
        self._corpus.refresh()
        return self._corpus.retriever.search(_usable(query), top, filters)

    def why(self, query: str, found: Sequence[ScoredPaper], filters: Filters | None = None) -> list[Why]:
        """Why `search` found each paper: the query's words it holds, scores and ranks, filters."""
        return explain(query, found, self._corpus.statistics, filters or Filters())

    def filters_in(self, question: str) -> Filters:
        """The filters that the words of `question` alone set."""
        return read_filters(question, self._corpus.names, date.today()).filters

    def ask(self, question: str, history: Sequence[str] = (), filters: Filters | None = None) -> Answer:
        """Answer `question`; `history` holds the earlier questions of the conversation, oldest first.

        `filters`, when given, take the place of those read from the question.

        Raises:
            QuestionError: the question is empty or far too long.
            ProviderError: the language model failed.
        """
        *_, answer = self.stream(question, history, filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, history: Sequence[str] = (), filters: Filters | None = None
    ) -> Iterator[str | Answer]:
        """As `ask`, but yields the text so far while it is written, and the answer at the end."""
        question = _usable(question)
        self._corpus.refresh()
        turns = self._reader.turns(history)
        started = time.perf_counter()
        plan = self._finder.with_undated(self._reader.read(question, history, turns, filters))
        for part in self._writer.write(plan, started):
            if isinstance(part, Answer):
                total = 1000 * (time.perf_counter() - started)
                part = replace(part, timings_ms={**part.timings_ms, "total": total})
            yield part

    def summarize(self, topic: str, filters: Filters | None = None) -> "Summary":
        """What the corpus holds on `topic`, as a literature summary.

        `filters`, when given, take the place of those read from the topic.

        Raises:
            QuestionError: the topic is empty or far too long.
            ProviderError: the language model failed; the themes it has written are kept for the next call.
        """
        *_, summary = self.stream_summary(topic, filters)
        return summary

    def stream_summary(self, topic: str, filters: Filters | None = None) -> "Iterator[Summary]":
        """As `summarize`, but yields the summary as it grows, and the whole of it last."""
        from assistant.summaries.topics import read_topic

        def read(text: str, given: Filters | None) -> Plan:
            return self._reader.read(text, (), (), given)

        self._corpus.refresh()
        request = read_topic(topic, read, self._corpus.catalogue.select_ids, filters)
        yield from self._summarizer.stream(request)

    @cached_property
    def _summarizer(self) -> "Summarizer":
        from assistant.summaries import Summarizer
        from assistant.summaries.drafts import Drafts

        corpus, drafts = self._corpus, Drafts(self._draft_folder)
        search = corpus.retriever.search
        return Summarizer(search, corpus.catalogue, corpus.statistics, corpus.model, self._llm, drafts)

    def close(self) -> None:
        self._corpus.close()

    def __enter__(self) -> "Assistant":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _usable(question: str) -> str:
    text = question.strip()
    if not text:
        raise QuestionError(
            'the question is empty; ask one, such as: python -m assistant ask "What is SAFARI?"'
        )
    if len(text) > MAX_QUESTION:
        raise QuestionError(
            f"the question has {len(text):,} characters, the limit is {MAX_QUESTION:,}; shorten it"
        )
    # Lone surrogates come from broken terminals and JSON; no store can hold them.
    return text.encode("utf-8", "replace").decode("utf-8")


def open_assistant(settings: Settings, llm: "LLM | None" = None, today: date | None = None) -> Assistant:
    """Open the store and the answerer that `settings` name.

    `llm` takes the place of the model they name; `today` is for relative dates.

    Raises:
        EmptyStoreError: nothing has been ingested yet.
        StoreError: the store cannot be read, or was made with another embedding model.
        ConfigurationError: a setting cannot be used.
    """
    if llm is None and settings.resolved_answerer == "openai":
        # The OpenAI client takes 0.7 s to import; extractive answers do without.
        from assistant.answering.provider import make_llm

        llm = make_llm(settings)
    # The model's file is read while chromadb is imported: 0.3 s of 4 that a command takes to start.
    with ThreadPoolExecutor(1) as aside:
        loading = aside.submit(open_embedding_model, settings.embedding)
        import_module("assistant.stores.vectors")
        model = loading.result()
    corpus = Corpus(open_stores(settings, model), model)
    drafts = settings.data_dir / "drafts"
    return Assistant(corpus, llm, today, rewriting=settings.rewrite, drafts=drafts)
