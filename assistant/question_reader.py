"""A question in its conversation: what is asked in full, of which papers, with which filters.

Earlier questions are replayed without writing their answers, so that "the second one" and "and
in 2022?" can be resolved; what they were about is remembered for the next time.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.corpus import Corpus
from assistant.models import Filters, Paper
from assistant.retrieval.conversation import (
    Resolution,
    Turn,
    about_the_list,
    narrows,
    other_filter,
    points_back,
    resolve_follow_up,
)
from assistant.retrieval.members import DEFINING, called_also, topic_phrase
from assistant.retrieval.names import named_papers
from assistant.retrieval.plan import Plan, make_plan
from assistant.retrieval.relative import dated_by_paper
from assistant.retrieval.selection import NAME_CANDIDATES, Selection
from assistant.retrieval.spelling import put_right

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_LISTED = 200  # papers of a list that a follow-up can be about
_LONGEST_HISTORY = 20  # earlier questions that are looked at
_DATES = frozenset({"year", "published_from", "published_to"})
_WITHOUT = re.compile(
    r"\bwithout\s+(?:any\s+|the\s+|using\s+)?(?P<what>[\w-]+(?:\s+[\w-]+){0,2})\b(?=\W*$)", re.I
)
_YEAR_BEHIND = re.compile(r"\s*\(((?:19|20)\d\d)\)")
_BEGINNING = 5  # letters that tell a word in any of its forms
_REMEMBERED = 256  # earlier questions whose reading is kept, over all conversations


class QuestionReader:
    """Reads questions against one corpus; shared by threads."""

    def __init__(
        self,
        corpus: Corpus,
        select: Callable[[Plan], Selection],
        list_papers: Callable[[Plan], Sequence[Paper]],
        llm: "LLM | None" = None,
        today: date | None = None,
    ) -> None:
        """`select` retrieves and selects for a plan with a topic, `list_papers` for one without.

        `llm`, if any, rewrites follow-ups; `today` is for relative dates.
        """
        self._corpus, self._select, self._selected = corpus, select, list_papers
        self._llm, self._today = llm, today
        self._turns: dict[tuple[str, ...], Turn] = {}
        self._lock = threading.Lock()

    def turns(self, history: Sequence[str]) -> list[Turn]:
        """What the earlier questions, oldest first, were about."""
        asked = tuple(h for h in history if h.strip())[-_LONGEST_HISTORY:]
        return [self._turn(asked[: i + 1]) for i in range(len(asked))]

    def read(
        self, question: str, history: Sequence[str], turns: Sequence[Turn], filters: Filters | None = None
    ) -> Plan:
        """The plan of `question` after `turns`; `filters` take the place of those read."""
        return self._read(question, history, turns, filters)[1]

    def _read(
        self,
        question: str,
        history: Sequence[str],
        turns: Sequence[Turn],
        filters: Filters | None = None,
        *,
        llm: bool = True,
    ) -> tuple[Resolution, Plan]:
        """The question in full, and its plan; `filters` take the place of those read."""
        if turns and filters is None and (plan := self._on_the_list(question, turns[-1])):
            return Resolution(plan.standalone), plan
        resolution = self._resolve(question, turns)
        if llm and self._llm and resolution.standalone != question:
            from assistant.answering.rewriting import condense

            condensed = condense(question, history, self._llm)
            if condensed != question:
                resolution = replace(resolution, standalone=condensed)
        plan = self._planned(question, resolution.standalone, filters)
        return resolution, replace(plan, focus=tuple(p.paper_id for p in resolution.focus))

    def _planned(
        self, question: str, standalone: str, filters: Filters | None = None, year: int | None = None
    ) -> Plan:
        today = self._today or date.today()
        if (
            len(set(_YEAR_BEHIND.findall(standalone))) > 1
        ):  # "SAFARI (2022) vs AQUILA (2023)" restricts nothing
            standalone = _YEAR_BEHIND.sub("", standalone)
        dated = dated_by_paper(standalone, self._called) if filters is None else None
        asked, notes = (dated[0], dated[1:]) if dated else (standalone, ())
        plan = make_plan(question, asked, self._corpus.names, today, filters, year)
        plan = self._narrowed(self._spelt(replace(plan, notes=(*notes, *plan.notes))))
        return replace(plan, notes=(*plan.notes, *self._unchecked(plan)))

    def _unchecked(self, plan: Plan) -> tuple[str, ...]:
        """A note on what the papers of a list are to do without, where none says that it does.

        What a paper does without it may well mention ("without labels"), so that cannot be left out.
        """
        match = _WITHOUT.search(plan.topic) if plan.intent == "list" and not plan.unmentioned else None
        if match is None:
            return ()
        word = re.escape(match["what"].split()[0][:_BEGINNING])
        says = re.compile(rf"\b(?:without|no)\s+(?:[\w-]+\s+){{0,3}}{word}|\b{word}\w*-free\b", re.I)
        if any(says.search(f"{paper.display_title} {paper.abstract}") for paper in self._called(match[0])):
            return ()
        return (
            f"No paper found says “{match[0].strip()}”; ask for papers “that do not mention {match['what']}”"
            " to leave out those that do.",
        )

    def _says(self, word: str) -> bool:
        papers = self._called(word)
        return any(word in f"{paper.display_title} {paper.abstract}".lower() for paper in papers)

    def _called(self, name: str) -> list[Paper]:
        """The papers that may be called by `name`."""
        return [s.paper for s in self._corpus.retriever.search(name, NAME_CANDIDATES)]

    def _spelt(self, plan: Plan) -> Plan:
        """The plan with the slips in what is searched for put right."""
        topic, slips = put_right(plan.topic, self._corpus.statistics, self._says)
        notes = tuple(f"“{wrong}” was read as “{right}”." for wrong, right in slips)
        return replace(plan, topic=topic, notes=(*plan.notes, *notes)) if slips else plan

    def _narrowed(self, plan: Plan) -> Plan:
        """The plan with what it excludes turned into the papers that are left."""
        if not plan.exclude and not plan.unmentioned:
            return plan
        select = self._corpus.catalogue.select_ids
        out = {paper_id for filters in plan.exclude for paper_id in select(filters)}
        notes = plan.notes
        if plan.unmentioned:
            # Who wants nothing on LoRA wants nothing on low-rank adaptation.
            defining = self._corpus.retriever.search(plan.unmentioned, DEFINING)
            also = called_also(plan.unmentioned, defining)[:1]
            out = out.union(*map(self._corpus.mentioning, (plan.unmentioned, *also)))
            told = (f"“{form}” counts as “{plan.unmentioned}”." for form in also)
            notes += tuple(note for note in told if note not in notes)
        ids = plan.within if plan.within is not None else select(plan.filters)
        return replace(plan, within=tuple(i for i in ids if i not in out), notes=notes)

    def _resolve(self, question: str, turns: Sequence[Turn]) -> Resolution:
        if not turns:
            return Resolution(question)
        fresh = self._planned(question, question).intent in ("records", "count", "list", "chat")
        if fresh and not points_back(question):
            return Resolution(question)
        return resolve_follow_up(question, turns, named_papers(question, self._called(question)))

    def _on_the_list(self, question: str, turn: Turn) -> Plan | None:
        """The plan of a question that leans on the papers just shown: another filter, or some of them."""
        shown = turn.listed or turn.focus
        if turn.plan is None or turn.plan.intent == "chat" or not shown:
            return None
        within = tuple(p.paper_id for p in shown)
        a_list = turn.plan.intent in ("records", "count", "list") and turn.plan.tally is None
        if a_list and (other := other_filter(question)) is not None:
            read = self._planned(question, other, year=_year_of(turn.plan.filters))
            if read.intent == "records" and (read.filters or read.within is not None):
                both = replace(_with(turn.plan, read), question=question, standalone=_joined(turn, other))
                return self._narrowed(both)
        if (rest := about_the_list(question)) is not None and (a_list or narrows(question)):
            if self._planned(question, question).intent == "field":
                return Plan(question, rest, "", "records", within=within, shown=_shown(turn, len(within)))
            plan = self._planned(question, rest, year=_year_of(turn.plan.filters))
            if plan.intent in ("records", "count", "list"):
                known = within if plan.within is None else plan.within
                within, of = tuple(i for i in within if i in known), _shown(turn, len(within))
                return replace(plan, within=within, shown=of)
        return None

    def _turn(self, questions: tuple[str, ...]) -> Turn:
        """What the last of `questions` was about; replayed without writing its answer."""
        generation_and_questions = (str(self._corpus.generation), *questions)
        with self._lock:
            known = self._turns.get(generation_and_questions)
        if known:
            return known
        *earlier, question = questions
        turns = [self._turn(questions[: i + 1]) for i in range(len(earlier))]
        resolution, plan = self._read(question.strip(), (), turns, llm=False)
        turn = self._read_turn(plan, resolution)
        with self._lock:
            if len(self._turns) >= _REMEMBERED:
                self._turns.pop(next(iter(self._turns)))
            self._turns[generation_and_questions] = turn
        return turn

    def _read_turn(self, plan: Plan, resolution: Resolution) -> Turn:
        if plan.intent == "chat":
            return Turn(plan.standalone, (), ())
        if plan.intent in ("records", "count"):
            return Turn(plan.standalone, (), tuple(self._selected(plan)[:_LISTED]), plan)
        selection = self._select(plan)
        papers = tuple(s.paper for s in selection.papers)
        if selection.outcome == "list":
            return Turn(plan.standalone, resolution.focus, papers, plan)
        return Turn(plan.standalone, papers, papers if selection.outcome == "compare" else (), plan)


def _joined(turn: Turn, other: str) -> str:
    return f"{turn.standalone.rstrip(' ?.!')}, {other}"


def _shown(turn: Turn, papers: int) -> str:
    """Which papers a question on those of `turn` is restricted to, in words."""
    topic = topic_phrase(turn.plan.topic) if turn.plan and turn.plan.intent == "list" else None
    if papers == 1:
        return "of the one shown before"
    return f"of the {papers} on “{topic}”" if topic else f"of the {papers} shown before"


def _year_of(filters: Filters) -> int | None:
    """The year that filters restrict to, in which "and from March?" is understood."""
    if filters.year or not (filters.published_from and filters.published_to):
        return filters.year
    first, last = int(filters.published_from[:4]), int(filters.published_to[:4])
    return first if first == last else None


def _with(plan: Plan, other: Plan) -> Plan:
    """`plan` with the filters of `other` in place of its own; one date takes the place of another."""
    filters, changes = plan.filters, other.filters.to_dict()
    within, exclude, people = plan.within, plan.exclude, plan.people
    if _DATES & changes.keys():
        filters = replace(filters, year=None, published_from=None, published_to=None)
        # What other dates had between them counts now.
        exclude = (*(f for f in exclude if not _DATES & f.to_dict().keys()), *other.exclude)
        within = within if exclude == plan.exclude else other.within
    if {"author", "first_author"} & changes.keys() or other.within is not None:
        filters, within = replace(filters, author=None, first_author=None), other.within
        people = other.people
    filters = replace(filters, **changes)
    return replace(plan, filters=filters, within=within, exclude=exclude, people=people, notes=other.notes)
