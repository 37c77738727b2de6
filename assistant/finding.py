"""What is found for a plan: the papers its answer rests on, or those the catalogue selects."""

from dataclasses import dataclass, replace

from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore

from assistant.corpus import Corpus
from assistant.models import Filters, Paper
from assistant.query_engine import PaperQuery
from assistant.retrieval.plan import Plan
from assistant.retrieval.selection import Selection

__all__ = ["Finder", "Found"]


@dataclass(frozen=True)
class Found:
    """What the query engine found for a question, and what was chosen of it."""

    query: PaperQuery
    nodes: list[NodeWithScore]
    selection: Selection
    notes: tuple[str, ...] = ()


class Finder:
    """Finds the papers for plans; shared by threads."""

    def __init__(self, corpus: Corpus, query_engine: RetrieverQueryEngine) -> None:
        self._corpus, self._query_engine = corpus, query_engine

    def with_undated(self, plan: Plan) -> Plan:
        """The plan of a list or a count by date, with a note on the papers that have none."""
        if plan.intent not in ("records", "count", "list"):
            return plan
        # What is left after leaving papers out holds dated ones only.
        within = None if plan.exclude or plan.unmentioned else plan.within
        if not (undated := self._corpus.undated(plan.filters, within)):
            return plan
        note = f"{undated:,} undated {'paper is' if undated == 1 else 'papers are'} not counted."
        return replace(plan, notes=(*plan.notes, note))

    def select(self, plan: Plan) -> Found:
        """Retrieve and select; without the filters when only these leave nothing."""
        found = self._retrieve(plan)
        # A list without its filter would be another list; only an answer can do without.
        if found.selection.outcome == "off_topic" and plan.filters and plan.intent == "answer":
            unfiltered = self._retrieve(replace(plan, filters=Filters(), within=None))
            if unfiltered.selection.outcome != "off_topic":
                return replace(unfiltered, notes=("Nothing matched with the filter, so it was left out.",))
        return found

    def _retrieve(self, plan: Plan) -> Found:
        query = PaperQuery(plan)
        nodes = self._query_engine.retrieve(query)
        assert query.selection is not None
        return Found(query, nodes, query.selection)

    def records(self, plan: Plan) -> list[Paper]:
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
