"""From what was found for a plan to its answer, written or quoted, cited and explained."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from llama_index.core.base.response.schema import StreamingResponse
from llama_index.core.query_engine import RetrieverQueryEngine

from assistant.answering.coverage import covered
from assistant.answering.draft import Draft
from assistant.answering.extractive import ExtractiveWriter
from assistant.answering.records import write_fields, write_records
from assistant.answering.replies import ask_alone, chat_reply, not_stated, nothing_found
from assistant.corpus import Corpus
from assistant.finding import Finder, Found
from assistant.models import Answer, Citation, Coverage, Kind, Why
from assistant.query_engine import papers_of
from assistant.retrieval.names import without_names
from assistant.retrieval.plan import Plan
from assistant.retrieval.selection import Selection
from assistant.retrieval.terms import Statistics
from assistant.retrieval.why import explain
from assistant.words import content_words

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.answering.generative import Generation

__all__ = ["AnswerWriter"]

# What need not be told as missing: a year or a number, and words that only ask.
_TELLS_NOTHING = re.compile(r"\W*\d+s?\W*|recommend|suggest|advise|best|good", re.I)
_LIKENESS = ("passage", "sentence")
_OFFERED = 0.2  # cosine from which a paper, or a sentence of it, is worth naming with a refusal

_STREAM_STEP = re.compile(r"\S+\s*")


class AnswerWriter:
    """Writes the answers of one assistant; shared by threads."""

    def __init__(
        self,
        corpus: Corpus,
        finder: Finder,
        query_engine: RetrieverQueryEngine,
        quoting: ExtractiveWriter,
        llm: "LLM | None",
        describe: Callable[[], str],
    ) -> None:
        """`llm` writes what is otherwise quoted; `describe` tells people who answers from what."""
        self._corpus, self._finder, self._query_engine = corpus, finder, query_engine
        self._writer, self._llm, self._describe = quoting, llm, describe
        self._model = llm.metadata.model_name if llm else None

    def write(self, plan: Plan, started: float) -> Iterator[str | Answer]:
        """Yield the text as it grows, and the answer last; `started` is when the question came in."""
        if plan.intent == "chat":
            papers_here = self._corpus.catalogue.count_papers()
            yield from self._shown(plan, chat_reply(plan.standalone, papers_here, self._describe()))
            return
        if plan.intent in ("records", "count"):
            papers = self._finder.records(plan)
            draft = write_records(papers, plan)
            reason = Why(filters=plan.filters)
            draft = replace(draft, citations=tuple(replace(c, why=reason) for c in draft.citations))
            yield from self._shown(plan, draft, Coverage(len(papers), len(draft.citations), draft.left_out))
            return
        found = self._finder.select(plan)
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

    def _explained(self, citations: Sequence[Citation], found: Found) -> tuple[Citation, ...]:
        """The citations, each with why its paper was found."""
        plan, selection = found.query.plan, found.selection
        retrieved = (*papers_of(found.nodes), *selection.papers, *selection.closest)
        by_id = {s.paper.paper_id: s for s in retrieved}
        cited = [by_id[c.paper.paper_id] for c in citations if c.paper.paper_id in by_id]
        reasons = explain(plan.topic, cited, self._corpus.statistics, plan.filters)
        why = {s.paper.paper_id: reason for s, reason in zip(cited, reasons, strict=True)}
        return tuple(replace(c, why=why.get(c.paper.paper_id)) for c in citations)

    def _synthesized(self, found: Found) -> Iterator[str | Answer]:
        plan, selection = found.query.plan, found.selection
        if selection.outcome == "off_topic":
            yield from self._shown(plan, _nothing_found(plan, selection, self._corpus.statistics))
        elif plan.intent == "field" and plan.field_names and selection.outcome in ("answer", "compare"):
            papers = [s.paper for s in selection.papers[: None if selection.outcome == "compare" else 1]]
            draft = write_fields(papers, plan) or not_stated(papers[0], plan.field_names[0])
            if plan.also and len(papers) == 1:
                draft = self._writer.add(draft, plan.also, selection.papers[0])
            elif content_words(
                without_names(plan.also, papers)
            ):  # not "When were SAFARI (and AQUILA published)?"
                draft = replace(draft, text=f"{draft.text}{ask_alone(plan.also)}", kind="partial")
            yield from self._shown(plan, draft)
        elif plan.of_people:
            yield from self._shown(plan, self._writer.write(plan, selection))
        elif self._llm is None:
            response = self._query_engine.synthesize(found.query, found.nodes)
            yield from self._shown(plan, (response.metadata or {})["draft"])
        else:
            yield from self._written(found)

    def _written(self, found: Found) -> Iterator[str | Answer]:
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
            draft = replace(
                _nothing_found(plan, found.selection, self._corpus.statistics), left_out=written.left_out
            )
        elif written.uncited:
            draft = quoted
            notes = (f"{self._model} gave no answer that the papers support; these are their own sentences.",)
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
            answerer="openai" if self._llm else "extractive",
            model=self._model,
            kind=draft.kind,
            text=draft.text,
            filters=plan.filters,
            citations=draft.citations,
            sentences=draft.sentences,
            coverage=coverage or Coverage(left_out=draft.left_out),
            notes=(*plan.notes, *draft.notes),
        )


def _nothing_found(plan: Plan, selection: Selection, statistics: Statistics) -> Draft:
    """The refusal of a question; what no paper comes near to is not offered in its place."""
    lacking = [thing for thing in selection.lacking if not _TELLS_NOTHING.fullmatch(thing)]
    nowhere = [thing for thing in lacking if _in_no_paper(thing, statistics)]
    likeness = max((max(s.why.get(part, 1.0) for part in _LIKENESS) for s in selection.closest), default=1.0)
    near = selection.near and likeness >= _OFFERED
    closest = [s.paper for s in selection.closest]
    return nothing_found(plan, closest, nowhere or lacking, near=near, nowhere=bool(nowhere))


def _in_no_paper(thing: str, statistics: Statistics) -> bool:
    """True when a word of `thing` stands nowhere in the corpus."""
    stems = (statistics.analyze(word) for word in content_words(thing))
    return any(not any(statistics.document_frequencies(found).values()) for found in stems if found)
