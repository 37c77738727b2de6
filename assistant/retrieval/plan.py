"""What a question wants: its kind, its filters, and the part of it that is searched for."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from assistant.models import Filters
from assistant.retrieval.corpus_names import CorpusNames
from assistant.retrieval.experts import of_people
from assistant.retrieval.filters import FilterReading, read_filters
from assistant.retrieval.kinds import (
    AUTHOR_CHECKS,
    CHAT,
    COMPARE,
    COUNT,
    EVERYTHING,
    LEFT_OUT,
    LIST,
    LIST_OF_COMPARISONS,
    MAY_COMPARE,
    NAME,
    NEWEST,
    NEWEST_PAPER,
    NOISE,
    NUMBERS,
    PAPERS,
    SO_MANY,
    SORTED,
    WORKS,
    Field,
    also_asked,
    fields_asked,
)
from assistant.retrieval.languages import without_foreign_words
from assistant.retrieval.orders import without_manner, without_orders
from assistant.retrieval.tallies import Tally, read_tally
from assistant.retrieval.wordings import as_papers_on
from assistant.words import content_words

__all__ = ["COMPARE", "MAX_QUESTION", "Field", "Intent", "Plan", "make_plan", "without_orders"]

Intent = Literal["answer", "list", "compare", "records", "count", "field", "chat"]

MAX_QUESTION = 8_000  # characters: an abstract pasted as a question is 2,000; far more only slows everything
_TOPIC_WORDS = 4  # content words a topic to be left out has at most; more are a sentence
_FEW_RECORDS = 5  # of the newest or the oldest, when no number is given


@dataclass(frozen=True, slots=True)
class Plan:
    """A question, read.

    `topic` is what is searched for: the standalone question without filter phrases and
    without orders to the assistant. Intents: "answer" a question, "list" papers on a topic,
    "compare" papers, "records" lists and "count" counts what only filters describe (`tally`
    says what else is counted of them), "field" asks for publication data of one paper
    (`field_names`; whether `asked_author` wrote it, or is its first author if `asked_first`), "chat" is about the assistant.
    `focus` are the ids of papers that an earlier question was about; `within`, when given, the
    ids of the only papers that count; what satisfies one of `exclude` is taken out, and by
    `unmentioned` what holds all its words. Records come newest first, unless `oldest_first`, and `limit` of
    them; a list does so only when it is `by_date`. `absent` are the sides of a comparison that no
    paper knows; a `brief` answer is one sentence. `also` is what a question for
    a field asks beside, and a comparison of matters of each. `people` are the authors in words where they
    are several. `either` are the topics of a list on one or another, and the matters that the papers of a
    comparison stand for, "" for one called by name; a list `of_people` names the authors. `shown` says in words of which
    papers shown before. `notes` tell the reader how the question was taken.
    """

    question: str
    standalone: str
    topic: str
    intent: Intent
    filters: Filters = field(default_factory=Filters)
    field_names: tuple[Field, ...] = ()
    focus: tuple[str, ...] = ()
    exclude: tuple[Filters, ...] = ()
    within: tuple[str, ...] | None = None
    oldest_first: bool = False
    limit: int | None = None
    by_date: bool = False
    unmentioned: str = ""
    tally: Tally | None = None
    asked_author: str | None = None
    asked_first: bool = False
    absent: tuple[str, ...] = ()
    brief: bool = False
    also: str = ""
    people: str = ""
    either: tuple[str, ...] = ()
    of_people: bool = False
    shown: str = ""
    notes: tuple[str, ...] = ()


def make_plan(
    question: str,
    standalone: str,
    names: CorpusNames,
    today: date,
    given: Filters | None = None,
    year_of_month: int | None = None,
) -> Plan:
    """Read `standalone`; `given` filters, set by hand, take the place of those read.

    `year_of_month` is the year of a month named without one, where the conversation gives it.
    """
    asked, brief = without_manner(without_orders(standalone))
    if (rest := without_foreign_words(asked)) and content_words(rest):
        plan = make_plan(question, rest, names, today, given, year_of_month)
        shown = rest.rstrip(" ?.!")
        note = f"Questions have to be asked in English; this one was searched for as “{shown}”."
        return replace(plan, standalone=standalone, brief=brief, notes=(*plan.notes, note))
    if CHAT.match(asked):
        return Plan(question, standalone, asked, "chat")
    people = of_people(asked)
    asked = as_papers_on(people or asked)
    if check := _author_check(question, standalone, asked, names):
        return replace(check, filters=given or Filters())
    if tallied := _tallied(question, standalone, asked, names, today, given):
        return tallied
    wanted, reading, exclude, unmentioned = _read(asked, names, today, year_of_month)
    filters = given if given is not None else reading.filters
    order = NEWEST.search(asked) or SORTED.search(asked)
    topic = _without_order(reading.rest) if order else reading.rest
    plan = Plan(
        question,
        standalone,
        topic,
        "answer",
        filters,
        exclude=exclude,
        within=reading.within,
        unmentioned=unmentioned,
        brief=brief,
        people=reading.people if given is None else "",
        notes=(*reading.notes, *_caveats(filters, names)) if given is None else (),
    )
    counted, everything = COUNT.search(asked), EVERYTHING.match(asked)
    restricted = bool(filters or exclude or order or everything or counted or unmentioned)
    if (restricted or plan.within is not None) and not _content(topic):
        number = re.search(r"\b\d{1,3}\b", topic) if order or everything else None
        return replace(
            plan,
            intent="count" if counted else "records",
            oldest_first=_is_oldest(asked),
            limit=int(number[0])
            if number
            else _default_limit(asked, filters)
            if NEWEST.search(asked)
            else None,
        )
    if found := fields_asked(asked, LIST.search(asked) is not None):
        # "Does it have code?" asks for what would otherwise restrict the search.
        plain = replace(filters, has_code=None)
        return replace(
            plan, topic=asked, intent="field", filters=plain, field_names=found, also=also_asked(asked)
        )
    comparisons = LIST_OF_COMPARISONS.search(asked)
    if MAY_COMPARE.search(asked) and not comparisons:
        return replace(plan, intent="compare")
    if (
        comparisons
        or LIST.search(asked)
        or LIST.search(wanted)
        or LIST.search(topic)
        or counted
        or unmentioned
    ):
        if counted:
            note = "Counted are the papers that the search found for this topic; they are listed so that you can check."
            plan = replace(plan, notes=(*plan.notes, note))
        plan = replace(plan, intent="list", of_people=people is not None)
        return _dated(plan, asked) if order else _limited(plan, asked)
    if order and NEWEST_PAPER.search(asked):
        return _dated(replace(plan, intent="list"), asked)
    return replace(plan, topic=reading.rest or asked)


def _dated(plan: Plan, asked: str) -> Plan:
    """A list on a topic in the order of its dates."""
    first = NEWEST_PAPER.search(asked)
    if not first and not SORTED.search(asked):
        return plan
    number = (first["before"] or first["number"]) if first else None
    several = re.search(
        rf"\b{PAPERS}\b|\b(?:works|research|literature)\b", first[0] if first else asked, re.I
    )
    limit = int(number) if number else None if several else 1
    topic = re.sub(r"\b\d{1,2}\b", " ", plan.topic, count=1) if number else plan.topic
    return replace(
        plan, by_date=True, oldest_first=_is_oldest(asked), limit=limit, topic=" ".join(topic.split())
    )


def _limited(plan: Plan, asked: str) -> Plan:
    """The list with as many papers as are asked for: "name three papers on pruning"."""
    number = SO_MANY.match(plan.standalone)
    if number is None:
        return plan
    written = number["number"]
    limit = NUMBERS.get(written.lower()) or int(written)
    if not SO_MANY.match(asked):  # the number went with the words that "recommend two papers on" stands for
        return replace(plan, limit=limit)
    topic = re.sub(rf"\b{written}\b", " ", plan.topic, count=1)
    return replace(plan, limit=limit, topic=" ".join(topic.split()))


def _is_oldest(asked: str) -> bool:
    newest, order = NEWEST.search(asked), SORTED.search(asked)
    if order:
        return bool(order["oldest"] or order["chronological"] or order["ascending"])
    return bool(newest and newest["old"])


def _without_order(topic: str) -> str:
    return " ".join(NEWEST.sub(" ", SORTED.sub(" ", topic)).split())


def _content(topic: str) -> list[str]:
    """The words of `topic` that say what papers are about."""
    return [w for w in content_words(topic) if w.lower() not in NOISE and not w.isdigit()]


def _default_limit(question: str, filters: Filters) -> int | None:
    """How many of the newest or oldest, when no number is given: one, a few, or all of a filter's."""
    if not re.search(rf"\b{WORKS}\b", question, re.I):
        return 1
    return None if filters else _FEW_RECORDS


def _read(
    asked: str, names: CorpusNames, today: date, year_of_month: int | None
) -> tuple[str, FilterReading, tuple[Filters, ...], str]:
    """What is wanted, its filters, and what is to be left out: by filters, and by words."""
    for match in LEFT_OUT.finditer(asked):
        wanted = re.sub(r"\s+(?:but|and|or)$", "", asked[: match.start()].strip(" ,")) + "?"
        unwanted = read_filters(f"papers {asked[match.end() :].strip()}", names, today, year_of_month)
        words = " ".join(w for w in _content(unwanted.rest) if w.lower() not in NOISE)
        by_words = (
            words
            and len(words.split()) <= _TOPIC_WORDS
            and re.search(rf"\b{WORKS}\b", asked, re.I)
            and not MAY_COMPARE.search(asked)
        )
        if not unwanted.filters and not by_words:
            continue
        reading = read_filters(wanted, names, today, year_of_month)
        exclude = (unwanted.filters,) if unwanted.filters else ()
        return wanted, reading, (*reading.exclude, *exclude), words if by_words else ""
    reading = read_filters(asked, names, today, year_of_month)
    return asked, reading, reading.exclude, ""


def _caveats(filters: Filters, names: CorpusNames) -> tuple[str, ...]:
    """What the reader of a list by author must know about this corpus."""
    if not filters.author or not names.cut_lists:
        return ()
    return (
        f"The author lists of {names.cut_lists} of the {names.paper_count} papers here are cut after the"
        " first names, so papers may be missing.",
    )


def _tallied(
    question: str, standalone: str, asked: str, names: CorpusNames, today: date, given: Filters | None
) -> Plan | None:
    """The plan of a count over the whole catalogue or what filters select of it."""
    found = read_tally(asked)
    if found is None:
        return None
    tally, rest = found
    reading = read_filters(f"papers {rest}", names, today)
    filters = given if given is not None else reading.filters
    if _content(reading.rest) or (tally.order == "share" and not (filters or reading.within)):
        return None
    if tally.order == "share" and filters.has_code is not None:
        # "What share of the papers from 2024 has code?": of the papers that the rest selects.
        tally, filters = replace(tally, by="code", code=filters.has_code), replace(filters, has_code=None)
    notes = reading.notes
    if tally.by == "author" and tally.order != "share" and names.cut_lists:
        notes = (*notes, *_caveats(Filters(author="any"), names))
    tally = replace(tally, total=names.paper_count)
    plan = Plan(question, standalone, "", "count", filters, within=reading.within, tally=tally, notes=notes)
    return replace(plan, people=reading.people if given is None else "")


def _author_check(question: str, standalone: str, asked: str, names: CorpusNames) -> Plan | None:
    """The plan of "Is Ann Long an author of SAFARI?"."""
    for pattern in AUTHOR_CHECKS:
        match = pattern.match(asked)
        if match is None or re.match(
            rf"(?:an?y?|some|the|other|more|\d+)?\s*(?:\w+\s+){{0,2}}{WORKS}\b", match["title"], re.I
        ):
            continue
        name = re.sub(r"['’]s$", "", match["name"])
        if not (match.groupdict().get("sure") or names.people(name)) or not re.fullmatch(NAME, name):
            continue
        first = bool(match.groupdict().get("first"))
        return Plan(
            question,
            standalone,
            match["title"],
            "field",
            field_names=("authors",),
            asked_author=name,
            asked_first=first,
        )
    return None
