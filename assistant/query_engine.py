"""The parts of the engine as LlamaIndex sees them: retriever, postprocessor, synthesizer, engine.

LlamaIndex's nodes stand for papers here. `PaperQuery` is its QueryBundle with what the question
was read as; the postprocessor leaves its decision there for the synthesizer and the caller.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers.base import BaseSynthesizer
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answering.draft import Draft
from assistant.answering.extractive import ExtractiveWriter
from assistant.answering.outright import held_by_each, unmentioned
from assistant.models import ScoredPaper
from assistant.retrieval.either import either_of, joined
from assistant.retrieval.members import DEFINING, called_also, topic_phrases
from assistant.retrieval.orders import without_orders
from assistant.retrieval.plan import COMPARE, Plan
from assistant.retrieval.retriever import PaperRetriever
from assistant.retrieval.selection import Selection, select_papers
from assistant.retrieval.sides import Matters, compared_matters, opposed, read_sides
from assistant.retrieval.subjects import Elsewhere
from assistant.retrieval.terms import Statistics

RETRIEVED = 50  # papers ranked for a question
_OF_A_SIDE = 20  # for one side of a comparison, of which the best are shown
OTHER_WORDING = 0.95  # what a score by a rewritten question is worth

Rewrite = Callable[[str], Sequence[str]]
"""Other wordings of a question."""


class PaperQuery(QueryBundle):
    """A question on its way through the query engine; `selection` is made by the postprocessor.

    `apart` are the papers found for each topic of a list on one or another, or for each side of a
    comparison of `matters`; `called` are other forms of phrases of the topic that only papers outside its
    filters define.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(query_str=plan.topic)
        self.plan = plan
        self.selection: Selection | None = None
        self.apart: tuple[tuple[ScoredPaper, ...], ...] = ()
        self.matters: Matters | None = None
        self.called: dict[str, tuple[str, ...]] = {}


class PaperNode(TextNode):
    """A retrieved paper as a node; `scored` is the paper itself with its sentences."""

    scored: Any


def papers_of(nodes: Sequence[NodeWithScore]) -> list[ScoredPaper]:
    """The papers behind nodes of this module's retriever, in their order."""
    return [n.node.scored for n in nodes if isinstance(n.node, PaperNode)]


def _as_nodes(papers: Sequence[ScoredPaper]) -> list[NodeWithScore]:
    return [
        NodeWithScore(
            node=PaperNode(
                id_=s.paper.paper_id, text=f"{s.paper.display_title}. {s.paper.abstract}", scored=s
            ),
            score=s.score,
        )
        for s in papers
    ]


class CorpusRetriever(BaseRetriever):
    """`PaperRetriever` as a LlamaIndex retriever; `rewrite` words a question in other ways too."""

    def __init__(self, retriever: PaperRetriever, rewrite: Rewrite | None = None) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._retriever, self._rewrite = retriever, rewrite

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if not isinstance(query_bundle, PaperQuery):
            return _as_nodes(self._retriever.search(query_bundle.query_str, RETRIEVED))
        plan = query_bundle.plan
        found = self._retriever.search(plan.topic, RETRIEVED, plan.filters, plan.within)
        if self._rewrite is not None and plan.intent in ("answer", "list") and not plan.focus:
            others = [
                self._retriever.search(wording, RETRIEVED, plan.filters, plan.within)
                for wording in self._rewrite(plan.topic)
            ]
            found = best_of_wordings(found, others)
        if plan.intent == "list" and (topics := either_of(plan.topic, found)):
            apart = [self._retriever.search(t, RETRIEVED, plan.filters, plan.within) for t in topics]
            query_bundle.plan, query_bundle.apart = replace(plan, either=topics), tuple(map(tuple, apart))
            for of_topic in apart:
                found = _with_more(found, of_topic)
        if plan.intent == "compare" and (matters := _matters(plan, found)):
            apart = [
                [side.paper]
                if side.paper
                else self._retriever.search(side.name, _OF_A_SIDE, plan.filters, plan.within)
                for side in matters.sides
            ]
            query_bundle.matters, query_bundle.apart = matters, tuple(map(tuple, apart))
            for of_side in apart:
                found = _with_more(found, of_side)
        for phrase in topic_phrases(plan.topic) if plan.intent == "list" else ():
            forms = called_also(phrase, found[:DEFINING])
            if not forms and (plan.filters or plan.within is not None):
                # The paper that defines a short form may be one that the filters leave out.
                forms = called_also(phrase, self._retriever.search(phrase, DEFINING))
                query_bundle.called[phrase] = forms
            for form in forms[:1]:
                wording = plan.topic.replace(phrase, form)
                found = _with_more(
                    found, self._retriever.search(wording, RETRIEVED, plan.filters, plan.within)
                )
        return _as_nodes(found)


def _matters(plan: Plan, found: Sequence[ScoredPaper]) -> Matters | None:
    """The sides that `plan` sets against each other, where papers are to be found for them."""
    matters = compared_matters(plan.topic, found)
    if matters is None or not any(side.called for side in matters.sides):
        return None if plan.focus else matters
    # "How does MeLo compare with fine-tuning?" asks of the one paper; "MeLo vs fine-tuning" of both.
    return matters if COMPARE.search(plan.standalone) else None


def _with_more(found: Sequence[ScoredPaper], others: Sequence[ScoredPaper]) -> list[ScoredPaper]:
    """The papers found, and behind them those that only another form of the topic finds."""
    known = {scored.paper.paper_id for scored in found}
    return [*found, *(scored for scored in others if scored.paper.paper_id not in known)]


def best_of_wordings(
    found: Sequence[ScoredPaper], others: Sequence[Sequence[ScoredPaper]]
) -> list[ScoredPaper]:
    """The papers found by the question itself, in the order of their best score by any wording.

    Another wording only reorders, and counts a little less: whether anything answers is judged by
    the words that were asked.
    """
    best = {scored.paper.paper_id: scored.score for scored in found}
    for wording in others:
        for scored in wording:
            paper_id = scored.paper.paper_id
            best[paper_id] = max(best.get(paper_id, 0.0), OTHER_WORDING * scored.score)
    reordered = [replace(scored, score=best[scored.paper.paper_id]) for scored in found]
    return sorted(reordered, key=lambda scored: -scored.score)


class PaperSelector(BaseNodePostprocessor):
    """Keeps the papers the answer rests on; none where the corpus holds no answer.

    A language model judges for itself: up to `context` papers are kept for it, those selected first.
    """

    statistics: Any
    elsewhere: Any
    context: int = 0

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if not isinstance(query_bundle, PaperQuery):
            return nodes
        ranked = papers_of(nodes)
        found = select_papers(query_bundle.plan, ranked, self.statistics, self.elsewhere, query_bundle.called)
        if found.outcome in ("list", "off_topic") and query_bundle.plan.either:
            found = self._either(query_bundle, found)
        query_bundle.selection = self._compared(query_bundle, found, ranked)
        chosen = query_bundle.selection.papers
        if self.context and chosen:
            # Where one paper is certainly meant, half the context spares half the waiting.
            context = self.context // 2 if query_bundle.selection.sure else self.context
            ids = {s.paper.paper_id for s in chosen}
            more = [s for s in papers_of(nodes) if s.paper.paper_id not in ids]
            return _as_nodes([*chosen, *more[: max(0, context - len(chosen))]])
        return _as_nodes(chosen)

    def _compared(self, query: PaperQuery, found: Selection, ranked: Sequence[ScoredPaper]) -> Selection:
        """The papers of a comparison, one for each side that has one; what was `found` for anything else."""
        named, matters = _named(query.plan, found, ranked), query.matters
        if matters is None or (named and any(side.called for side in matters.sides)):
            selection, absent = named or (found, ())
            query.plan = replace(query.plan, absent=absent)
            return selection
        selections = [
            Selection("list", ranked) if side.called else self._on(side.name, query.plan, ranked)
            for side, ranked in zip(matters.sides, query.apart, strict=True)
        ]
        selection, shown = opposed(matters, selections)
        absent = tuple(side.name for side in matters.sides if side not in shown)
        either = tuple("" if side.called else side.name for side in shown)
        notes = query.plan.notes
        if selection.outcome == "answer" and not absent:
            notes = (*notes, "One paper is all there is here on both sides.")
        query.plan = replace(query.plan, absent=absent, either=either, also=matters.asked, notes=notes)
        return selection

    def _on(self, matter: str, plan: Plan, ranked: Sequence[ScoredPaper]) -> Selection:
        """The papers on one matter of a comparison, first those with its telling words; near with any."""
        of_matter = replace(plan, intent="list", topic=matter, standalone=matter, focus=())
        found = select_papers(of_matter, ranked, self.statistics, self.elsewhere)
        if found.certain or not found.papers:
            return found
        papers = [s.paper for s in found.papers]
        held = held_by_each(matter, papers, self.statistics)
        lacking = unmentioned(matter, papers, self.statistics, held)
        whole = [
            not unmentioned(matter, [paper], self.statistics, [its])
            for paper, its in zip(papers, held, strict=True)
        ]
        ordered = sorted(zip(whole, found.papers, strict=True), key=lambda pair: not pair[0])
        return replace(found, papers=tuple(s for _, s in ordered), near=found.near and not lacking)

    def _either(self, query: PaperQuery, found: Selection) -> Selection:
        """The list of papers on any of the query's topics; where there is none, what was `found`."""
        selections = [
            select_papers(
                replace(query.plan, topic=topic), ranked, self.statistics, self.elsewhere, query.called
            )
            for topic, ranked in zip(query.plan.either, query.apart, strict=True)
        ]
        together = joined(query.plan, selections)
        if together is None:
            return found
        query.plan, selection = together
        return selection


def _named(
    plan: Plan, found: Selection, ranked: Sequence[ScoredPaper]
) -> tuple[Selection, tuple[str, ...]] | None:
    """The papers that a comparison really names, and the names of it that no paper has; None for no names."""
    asked = plan.intent == "compare" and found.outcome != "off_topic"
    sides = read_sides(without_orders(plan.standalone), ranked) if asked else ()
    absent = tuple(side.name for side in sides if side.paper is None)
    known = tuple({s.paper.paper.paper_id: s.paper for s in sides if s.paper}.values())
    if not sides or not (absent or any(side.called for side in sides)):
        return None
    if not known:
        return replace(found, outcome="off_topic", papers=(), closest=tuple(ranked[:3]), lacking=absent), ()
    if len(known) == 1:
        return replace(found, outcome="answer", papers=known, sure=True, near=True, lacking=()), absent
    return replace(found, outcome="compare", papers=known, sure=True, near=True, lacking=()), absent


class ExtractiveSynthesizer(BaseSynthesizer):
    """`ExtractiveWriter` as a LlamaIndex synthesizer; the draft stands in the response's metadata."""

    def __init__(self, writer: ExtractiveWriter) -> None:
        # Without a model of its own LlamaIndex would fall back to a global one and ask for a key.
        super().__init__(llm=MockLLM())
        self._writer = writer

    def synthesize(self, query: Any, nodes: list[NodeWithScore], *_: Any, **__: Any) -> Response:
        if not isinstance(query, PaperQuery) or query.selection is None:
            raise TypeError(
                "the extractive synthesizer answers PaperQuery objects that the selector has seen"
            )
        draft = self._writer.write(query.plan, query.selection) if nodes else Draft("", kind="refusal")
        return Response(draft.text, source_nodes=nodes, metadata={"draft": draft})

    def get_response(self, query_str: str, text_chunks: Sequence[str], **_: Any) -> str:
        raise NotImplementedError("papers, not text chunks, are synthesized: call synthesize")

    async def aget_response(self, query_str: str, text_chunks: Sequence[str], **_: Any) -> str:
        raise NotImplementedError("this project is synchronous: call synthesize")

    def _get_prompts(self) -> dict[str, Any]:
        return {}

    def _update_prompts(self, prompts: Any) -> None:
        raise NotImplementedError("the extractive synthesizer has no prompts")


def build_query_engine(
    retriever: PaperRetriever,
    statistics: Statistics,
    elsewhere: Callable[[str], Elsewhere],
    synthesizer: BaseSynthesizer,
    *,
    context: int = 0,
    rewrite: Rewrite | None = None,
) -> RetrieverQueryEngine:
    """Put retriever, selector and synthesizer together; for `elsewhere` see `select_papers`."""
    return RetrieverQueryEngine(
        retriever=CorpusRetriever(retriever, rewrite),
        response_synthesizer=synthesizer,
        node_postprocessors=[PaperSelector(statistics=statistics, elsewhere=elsewhere, context=context)],
        callback_manager=CallbackManager([]),
    )
