"""What is wrong with a question set that has the right form: findings a person should look at.

- `leak`: a question that claims to be a `concept`, one in other words than its paper's, has the paper's
  title or name in it, or a sentence of its abstract; any other question has a whole sentence of it
- `giveaway`: a fact that is asked for stands in the question, so that repeating it is an answer
- `duplicate`: a question says the same as an earlier one, or nearly so in the same words or for the
  same answer
- `fact`: no string of a group stands in the record of any expected paper
- `contradiction`: what must and must not be said, or what is expected and also fine, is the same
- `unscored`: nothing tells a right answer from a wrong one
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from assistant.evaluation.gold import GoldQuestion
from assistant.evaluation.making import record_text, written_dates
from assistant.evaluation.metrics import facts_present, normalise
from assistant.models import Paper
from assistant.readable import readable
from assistant.retrieval.names import mention, paper_names
from assistant.sentences import split_sentences
from assistant.stores.folding import fold
from assistant.words import content_words

#: The type of questions that claim to use other words than their paper.
CONCEPT = "concept"
#: Likeness, of 100, from which two questions may be near-duplicates; their words in any order.
ALIKE = 80.0
SPELLING = 80.0  # likeness of two words that are one word, spelt or inflected differently
_SHORTEST_TITLE = 3  # words; a shorter title is a phrase that anybody may use
_SHORTEST_SENTENCE = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` and `id` say which question, `rule` which of the module's rules it breaks."""

    line: int
    id: str
    rule: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.id}: {self.rule}: {self.detail}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def lint(gold: Sequence[GoldQuestion], papers: Iterable[Paper]) -> tuple[Finding, ...]:
    """All findings about a set, by line; `papers` are those of the catalogue."""
    by_id = {paper.paper_id: paper for paper in papers}
    found = [Finding(g.question.line, g.question.id, *what) for g in gold for what in _of_one(g, by_id)]
    found += _duplicates(gold)
    return tuple(sorted(found, key=lambda finding: finding.line))


def _of_one(gold: GoldQuestion, by_id: Mapping[str, Paper]) -> Iterator[tuple[str, str]]:
    question = gold.question
    expected = [by_id[i] for i in sorted(gold.expected) if i in by_id]
    for paper in expected:
        if leaked := _leak(question.question, paper, concept=question.type == CONCEPT):
            yield "leak", leaked
    if question.answerable:
        asked = " ".join((question.question, *question.history))
        yield from _of_facts(question.must_include, expected, asked)
        if not gold.expected and not question.must_include:
            yield "unscored", "neither expected_papers nor must_include"
    elif question.must_include:
        yield "contradiction", "must_include, but a refusal is the right answer"
    said = {normalise(text) for group in question.must_include for text in group}
    if both := [text for text in question.must_not_include if any(normalise(text) in s for s in said)]:
        yield "contradiction", f"{_listed(both)} both required and forbidden"
    if twice := sorted(set(question.expected_papers) & set(question.also_ok)):
        yield "contradiction", f"{_listed(twice)} both expected and also_ok"


def _leak(question: str, paper: Paper, *, concept: bool) -> str | None:
    asked = f" {fold(question)} "
    if concept:
        for name in (paper.title or "", *paper_names(paper)):
            is_title = name == paper.title
            if name and (len(fold(name).split()) >= _SHORTEST_TITLE if is_title else True):
                there = f" {fold(name)} " in asked if is_title else mention(question, name) is not None
                if there:
                    return f"a concept question has its paper's {'title' if is_title else 'name'}: {name!r}"
    abstract = paper.abstract
    for span in split_sentences(abstract):
        sentence = fold(readable(abstract[span.start : span.end]))
        if len(sentence.split()) >= _SHORTEST_SENTENCE and sentence in asked:
            return f"the question has a whole sentence of its paper: {sentence[:80]!r}"
    return None


def _of_facts(
    groups: Sequence[Sequence[str]], expected: Sequence[Paper], asked: str
) -> Iterator[tuple[str, str]]:
    records = [_all_fields(paper) for paper in expected]
    for group in groups:
        if facts_present(asked, [group])[0]:
            yield "giveaway", f"the question itself has {_listed(group)}"
        if records and not any(facts_present(record, [group])[0] for record in records):
            yield "fact", f"no expected paper has {_listed(group)}"


def _all_fields(paper: Paper) -> str:
    """All that an answer may say of a paper, as text."""
    dates = written_dates(paper.published) if paper.published else []
    parts = [record_text(paper), paper.abstract, *paper.authors, *dates, *paper.categories, *paper.urls]
    if paper.published and len(paper.published) >= 7:
        parts += written_dates(paper.published[:7])
    return " . ".join([*parts, *paper_names(paper), paper.affiliation_tag or ""])


def _duplicates(gold: Sequence[GoldQuestion]) -> Iterator[Finding]:
    texts = [fold(" ".join((*g.question.history, g.question.question))) for g in gold]
    likeness = process.cdist(
        texts, texts, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, dtype=np.float32, workers=1
    )
    for later, earlier in zip(*np.nonzero(np.tril(likeness, -1)), strict=True):
        one, other = gold[later], gold[earlier]
        same_text, same_gold = texts[later] == texts[earlier], _wanted(one) == _wanted(other)
        same_words = same_text or _same_words(texts[later], texts[earlier])
        if not same_words and not (same_gold and one.expected):
            continue  # the month, the name or the figure that is asked for differs
        detail = f"{'the same as' if same_text else 'nearly the same as'} {other.question.id}"
        detail += f" on line {other.question.line}, {other.question.question!r}"
        detail += "" if same_gold else ", but another answer is expected"
        yield Finding(one.question.line, one.question.id, "duplicate", detail)


def _wanted(gold: GoldQuestion) -> tuple[object, ...]:
    question = gold.question
    facts = frozenset(frozenset(map(normalise, group)) for group in question.must_include)
    return gold.expected, facts, question.answerable


def _same_words(one: str, other: str) -> bool:
    """Whether each content word of the one is in the other, but for its spelling."""
    words, others = ({w.lower() for w in content_words(text)} for text in (one, other))
    here, there = words - others, others - words
    return all(
        any(fuzz.ratio(word, candidate) >= SPELLING for candidate in right)
        for left, right in ((here, there), (there, here))
        for word in left
    ) and not any(word.isdigit() for word in here | there)


def _listed(texts: Iterable[str]) -> str:
    return " / ".join(map(repr, texts))
