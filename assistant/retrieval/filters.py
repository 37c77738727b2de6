"""Reading publication filters from a question, by rule.

A phrase becomes a filter only when it can mean nothing else than publication data: "papers
since 2024", "by Qicheng Lao", "with code", "in cs.LG" are filters; "ImageNet 2012" is not.
What is read is taken out of the question, so that the rest can be searched for. Each kind of
filter has its reader: `people`, `dates`, `categories`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from assistant.models import Filters
from assistant.retrieval.categories import read_affiliations, read_categories
from assistant.retrieval.corpus_names import CorpusNames
from assistant.retrieval.dates import read_dates
from assistant.retrieval.people import read_people
from assistant.retrieval.reading import WORK, Reading

__all__ = ["CorpusNames", "FilterReading", "read_filters"]

_NOT_A_LINK = r"(?!\s+(?:generation|models?|llms?|completion|search|review|written|snippets?|switching|understanding|intelligence|bases?|repair|summari[sz]ation|translation|tasks?|data|tokens?|clones?|quality|smells?|editing|reasoning|agents?))"
_HAS_CODE = re.compile(
    r"\b(?:with|whose|having|have|has|had|that have|which have|provid\w+|shar\w+|releas\w+|publish\w+|includ\w+|offer\w*)\s+(?:their\s+|its\s+|the\s+|a\s+)?"
    r"(?:public(?:ly available)?\s+|open(?:[- ]source)?\s+|available\s+|released\s+|source\s+|associated\s+)*"
    rf"(?:code|implementation|source code|code links?)\b{_NOT_A_LINK}(?:\s+(?:is|are|was|were))?"
    r"(?:\s+(?:out|public(?:ly)?|available|online|open(?:[- ]source[d]?)?|attached|on github"
    r"|(?:listed|released)(?!\s+(?:under|in|since|before|after|between)\b)))*",
    re.I,
)
_CODE_PUBLIC = re.compile(
    r"\b(?:code|implementation)\s+(?:is|are|was)\s+(?:publicly\s+)?(?:public|available|released|out|open)\b",
    re.I,
)
_NO_CODE = re.compile(
    r"\b(?:without|lacking|(?:has|have|with)\s+no|(?:do|does|did)(?:\s+not|n['’]t)\s+(?:have|share|provide|release|include))\s+(?:any\s+|their\s+|the\s+|its\s+)?"
    rf"(?:public\s+|released\s+)?(?:source\s+)?code\b{_NOT_A_LINK}",
    re.I,
)


@dataclass(frozen=True, slots=True)
class FilterReading:
    """The filters of a question and the question without the phrases they were read from.

    Papers must satisfy none of `exclude`. `within` are the ids of the papers meant
    where a filter cannot say it: several authors have them in common, or one of several authors
    may be meant. `people` are several authors in words. `notes` tell the reader how unclear phrases were taken.
    """

    filters: Filters
    rest: str
    within: tuple[str, ...] | None = None
    exclude: tuple[Filters, ...] = ()
    notes: tuple[str, ...] = ()
    people: str = ""


def read_filters(
    question: str, names: CorpusNames, today: date, year_of_month: int | None = None
) -> FilterReading:
    """Read every filter the question holds; see the module's docstring for what counts.

    `year_of_month` is the year of a month that is named without one, from what was said before.
    """
    used: list[Reading] = []
    rest = _without(question, _apply(_readings(question, names, today, year_of_month), used))
    if not any(_names_people(reading) for reading in used):
        # Without the other filters, "papers with code by Ann Long" are "papers by Ann Long".
        rest = _without(rest, _apply(read_people(rest, names), used))
    rest = re.sub(r"\s+(?:that|which|who|from|of)(?=\W*$)", "", rest)
    found = {name: value for reading in used for name, value in reading.values.items()}
    exclude = tuple(Filters(**values) for reading in used for values in reading.exclude)
    known = [reading.within for reading in used if reading.within is not None]
    return FilterReading(
        replace(Filters(), **found),
        rest.strip(),
        tuple(sorted(frozenset.intersection(*known))) if known else None,
        exclude,
        tuple(reading.note for reading in used if reading.note),
        next((reading.people for reading in used if reading.people), ""),
    )


def _apply(readings: Iterable[Reading], used: list[Reading]) -> list[Reading]:
    """The readings that hold beside each other and those `used` before, which they join."""
    taken: list[Reading] = []
    for reading in readings:
        if any(reading.start < other.end and other.start < reading.end for other in taken):
            continue
        keys = {name for other in used for name in other.values}
        if keys & reading.values.keys() or (reading.exclude and any(other.exclude for other in used)):
            continue
        taken.append(reading)
        used.append(reading)
    return taken


def _without(text: str, readings: Iterable[Reading]) -> str:
    for reading in sorted(readings, key=lambda r: r.start, reverse=True):
        text = f"{text[: reading.start]} {text[reading.end :]}"
    return " ".join(text.split())


def _names_people(reading: Reading) -> bool:
    return reading.within is not None or bool({"author", "first_author"} & reading.values.keys())


def _readings(question: str, names: CorpusNames, today: date, year_of_month: int | None) -> Iterator[Reading]:
    people = list(read_people(question, names))
    yield from people
    # A name must not look like the owner of the date behind it: "ImageNet 2012", "Kang Li 2024".
    masked = question
    for person in people:
        masked = f"{masked[: person.start]}{_masked(masked[person.start : person.end])}{masked[person.end :]}"
    yield from read_dates(masked, today, names.months, year_of_month)
    for match in _NO_CODE.finditer(question):
        yield Reading({"has_code": False}, *match.span())
    for pattern in (_HAS_CODE, _CODE_PUBLIC):
        for match in pattern.finditer(question):
            yield Reading({"has_code": True}, *match.span())
    yield from read_categories(question, names.categories)
    yield from read_affiliations(question, names.affiliation_tags)


def _masked(phrase: str) -> str:
    """`phrase` with "~" for the letters of all words but those for a paper."""
    return re.sub(r"\w+", lambda m: m[0] if re.fullmatch(WORK, m[0], re.I) else "~" * len(m[0]), phrase)
