"""The assistant: question and history in, answer with citations out.

question + history -> standalone question -> plan (kind, filters, topic) -> query engine (retrieve,
select, synthesize) or the catalogue's fields -> refusal or answer, checked -> `Answer`.
"""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from llama_index.core.base.response.schema import StreamingResponse
from llama_index.core.response_synthesizers.base import BaseSynthesizer
from llama_index.core.schema import NodeWithScore

from assistant.answering.coverage import covered
from assistant.answering.draft import Draft
from assistant.answering.extractive import ExtractiveWriter
from assistant.answering.records import write_fields, write_records
from assistant.answering.replies import chat_reply, not_stated, nothing_found
from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.errors import QuestionError
from assistant.models import Answer, Citation, Coverage, Filters, Kind, Paper, ScoredPaper, Why
from assistant.query_engine import ExtractiveSynthesizer, PaperQuery, Rewrite, build_query_engine, papers_of
from assistant.question_reader import QuestionReader
from assistant.retrieval.filters import read_filters
from assistant.retrieval.plan import MAX_QUESTION, Plan
from assistant.retrieval.selection import Selection
from assistant.retrieval.why import explain
from assistant.settings import Settings
from assistant.stores import open_stores

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.answering.generative import Generation
    from assistant.summaries.model import Summary
    from assistant.summaries.summarizer import Summarizer

CONTEXT_PAPERS = 6  # papers a language model is given, the selected ones first
_STREAM_STEP = re.compile(r"\S+\s*")


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
        self._writer = ExtractiveWriter(corpus.statistics, corpus.similarities, corpus.rough_similarities)
        if llm is None:
            synthesizer: BaseSynthesizer = ExtractiveSynthesizer(self._writer)
        else:
            from assistant.answering.generative import GenerativeSynthesizer

            synthesizer = GenerativeSynthesizer(llm, papers_of)
            if rewriting:
                from assistant.answering import rewriting as rewritings

                rewrite = partial(rewritings.rewrite, llm)
        self._query_engine = build_query_engine(
            corpus.retriever,
            corpus.statistics,
            synthesizer,
            context=CONTEXT_PAPERS if llm else 0,
            rewrite=rewrite,
        )
        self._reader = QuestionReader(
            corpus, lambda plan: self._select(plan).selection, self._selected, llm, today
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
        who = f"Answers written by {self.model}" if self._llm else "Extractive answers, no language model"
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
        plan = self._with_undated(self._reader.read(question, history, turns, filters))
        for part in self._answer(plan, started):
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

    def _with_undated(self, plan: Plan) -> Plan:
        """The plan of a list or a count by date, with a note on the papers that have none."""
        if plan.intent not in ("records", "count", "list"):
            return plan
        # What is left after leaving papers out holds dated ones only.
        within = None if plan.exclude or plan.unmentioned else plan.within
        if not (undated := self._corpus.undated(plan.filters, within)):
            return plan
        note = f"{undated:,} undated {'paper is' if undated == 1 else 'papers are'} not counted."
        return replace(plan, notes=(*plan.notes, note))

    def _select(self, plan: Plan) -> "Retrieved":
        """Retrieve and select; without the filters when only these leave nothing."""
        found = self._retrieve(plan)
        # A list without its filter would be another list; only an answer can do without.
        if found.selection.outcome == "off_topic" and plan.filters and plan.intent == "answer":
            unfiltered = self._retrieve(replace(plan, filters=Filters(), within=None))
            if unfiltered.selection.outcome != "off_topic":
                return replace(unfiltered, notes=("Nothing matched with the filter, so it was left out.",))
        return found

    def _retrieve(self, plan: Plan) -> "Retrieved":
        query = PaperQuery(plan)
        nodes = self._query_engine.retrieve(query)
        assert query.selection is not None
        return Retrieved(query, nodes, query.selection)

    def _selected(self, plan: Plan) -> list[Paper]:
        """What the catalogue selects for a plan without a topic, in the order asked for."""
        ids = self._corpus.catalogue.select_ids(plan.filters)
        if plan.within is not None:
            within = set(plan.within)
            ids = [i for i in ids if i in within]
        by_id = self._corpus.catalogue.get_papers(ids)
        papers = [by_id[i] for i in ids]
        if plan.oldest_first:
            papers = sorted((p for p in papers if p.published), key=lambda p: p.published or "")
        return papers[: plan.limit]

    def _answer(self, plan: Plan, started: float) -> Iterator[str | Answer]:
        """Yield the text as it grows, and the answer last."""
        if plan.intent == "chat":
            yield from self._shown(plan, chat_reply(plan.standalone, self.paper_count, self.description))
            return
        if plan.intent in ("records", "count"):
            papers = self._selected(plan)
            draft = write_records(papers, plan)
            reason = Why(filters=plan.filters)
            draft = replace(draft, citations=tuple(replace(c, why=reason) for c in draft.citations))
            yield from self._shown(plan, draft, Coverage(len(papers), len(draft.citations), draft.left_out))
            return
        found = self._select(plan)
        timings = {"retrieval": 1000 * (time.perf_counter() - started)}
        for part in self._synthesized(found):
            if isinstance(part, Answer):
                citations = self._explained(part.citations, found)
                coverage = covered(found.selection, citations, self._corpus.catalogue.get_papers)
                closest = tuple(s.paper for s in found.selection.closest) if part.refused else ()
                part = replace(
                    part,
                    timings_ms=timings,
                    notes=(*found.notes, *part.notes),
                    citations=citations,
                    coverage=coverage,
                    closest=closest,
                )
            yield part

    def _explained(self, citations: Sequence[Citation], found: "Retrieved") -> tuple[Citation, ...]:
        """The citations, each with why its paper was found."""
        plan, selection = found.query.plan, found.selection
        retrieved = (*papers_of(found.nodes), *selection.papers, *selection.closest)
        by_id = {s.paper.paper_id: s for s in retrieved}
        cited = [by_id[c.paper.paper_id] for c in citations if c.paper.paper_id in by_id]
        reasons = self.why(plan.topic, cited, plan.filters)
        why = {s.paper.paper_id: reason for s, reason in zip(cited, reasons, strict=True)}
        return tuple(replace(c, why=why.get(c.paper.paper_id)) for c in citations)

    def _synthesized(self, found: "Retrieved") -> Iterator[str | Answer]:
        plan, selection = found.query.plan, found.selection
        if selection.outcome == "off_topic":
            yield from self._shown(plan, _nothing_found(plan, selection))
        elif plan.intent == "field" and plan.field_names and selection.outcome == "answer":
            paper = selection.papers[0].paper
            draft = write_fields(paper, plan) or not_stated(paper, plan.field_names[0])
            if plan.also:
                draft = self._writer.add(draft, plan.also, selection.papers[0])
            yield from self._shown(plan, draft)
        elif self._llm is None:
            response = self._query_engine.synthesize(found.query, found.nodes)
            yield from self._shown(plan, (response.metadata or {})["draft"])
        else:
            yield from self._written(found)

    def _written(self, found: "Retrieved") -> Iterator[str | Answer]:
        """A language model's answer; the extractive one where the model's cannot be shown."""
        from assistant.answering.generative import finish, preview

        plan = found.query.plan
        quoted = self._writer.write(plan, found.selection)
        if quoted.kind == "refusal":  # the abstract does not say it: no model needs to be asked
            yield from self._shown(plan, quoted)
            return
        response = self._query_engine.synthesize(found.query, found.nodes)
        assert isinstance(response, StreamingResponse)
        generation = cast("Generation", response.response_gen)
        try:
            for _ in generation:
                yield preview(generation.text, generation.fitted)
        finally:
            generation.close()
        written = finish(
            generation.text, generation.fitted, self._corpus.model.embed, truncated=generation.truncated
        )
        notes: tuple[str, ...] = ()
        if written.refused:
            draft = replace(_nothing_found(plan, found.selection), left_out=written.left_out)
        elif written.uncited:
            draft = quoted
            notes = (f"{self.model} gave no answer that the papers support; these are their own sentences.",)
        else:
            kind: Kind = "partial" if written.partial else "answer"
            draft = Draft(written.text, written.citations, written.sentences, kind, left_out=written.left_out)
        answer = replace(self._finished(plan, draft), usage=generation.usage)
        if notes:
            answer = replace(answer, answerer="extractive", model=None)
        yield replace(answer, notes=(*answer.notes, *notes, *written.notes))

    def _shown(self, plan: Plan, draft: Draft, coverage: Coverage | None = None) -> Iterator[str | Answer]:
        """An extractive draft, word by word, then as an answer."""
        text = ""
        for step in _STREAM_STEP.findall(draft.text):
            text += step
            yield text
        yield self._finished(plan, draft, coverage)

    def _finished(self, plan: Plan, draft: Draft, coverage: Coverage | None = None) -> Answer:
        return Answer(
            question=plan.question,
            standalone_question=plan.standalone,
            answerer=self.answerer,
            model=self.model,
            kind=draft.kind,
            text=draft.text,
            filters=plan.filters,
            citations=draft.citations,
            sentences=draft.sentences,
            coverage=coverage or Coverage(left_out=draft.left_out),
            notes=(*plan.notes, *draft.notes),
        )


@dataclass(frozen=True)
class Retrieved:
    """What the query engine found for a question, and what was chosen of it."""

    query: PaperQuery
    nodes: list[NodeWithScore]
    selection: Selection
    notes: tuple[str, ...] = ()


def _nothing_found(plan: Plan, selection: Selection) -> Draft:
    closest = [s.paper for s in selection.closest]
    return nothing_found(plan, closest, selection.lacking, near=selection.near)


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
