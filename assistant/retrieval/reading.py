"""What the readers of filters share: a reading, and the words that mean a paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What a paper is called. Some of these words mean other things too; as a cue beside a date or a
# name they do not.
WORK = (
    r"(?:papers?|works?|articles?|publications?|preprints?|entr(?:y|ies)|stud(?:y|ies)|abstracts?|reports?"
    r"|manuscripts?|contributions?|follow-?ups?|records?|titles?|literature|research)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One phrase of a question read as a restriction: [start, end) is the phrase.

    `values` are fields of `Filters` that papers must satisfy; each of `exclude` holds fields that they
    must not satisfy together. `within`, where a filter cannot say it, are the ids of the papers meant.
    `people` names several authors that restrict together: "Ann Long and Bo Gray".
    `note` tells the reader how an unclear phrase was taken.
    """

    values: Mapping[str, Any]
    start: int
    end: int
    exclude: Sequence[Mapping[str, Any]] = ()
    within: frozenset[str] | None = None
    note: str = ""
    people: str = ""
