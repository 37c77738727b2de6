"""Question sets from a corpus by rule, with known answers.

Each question is checked to have one right paper: what it calls a paper by stands in the record of no
other paper, and what it asks of a figure has one figure in that abstract. Such questions are easy, as
they use the papers' own words; they tell whether looking things up works, not how well questions in
other words are understood. The kinds:

- `name`: what something is that an abstract names as its own (scored by its citation only)
- `figure`: a figure with its unit or the thing it counts
- `authors`, `date`: who wrote a paper and when it appeared
- `author`, `month`: all papers of a person, or of a month
- `unanswerable`: something whose name no paper has
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from assistant.evaluation.figure_facts import Counted, counted_things
from assistant.evaluation.metrics import facts_present
from assistant.evaluation.questions import Question
from assistant.models import Paper
from assistant.readable import readable
from assistant.retrieval.names import paper_names
from assistant.stores.folding import fold
from assistant.words import WORD

MONTHS = """January February March April May June July August September October November
 December""".split()
_LONGEST_LIST = 8  # papers that one question may expect
_SYLLABLES = "bra kel mon tur vis dro pas zil gor nem fal wex".split()
_FAR = 0.4  # Levenshtein distance, as a share of the letters, from which a name is another one


@dataclass(frozen=True, slots=True)
class _Named:
    """A paper with something that only it is called by; `name` is "" where that is its title."""

    paper: Paper
    name: str
    in_words: str


@dataclass(frozen=True, slots=True)
class _Corpus:
    papers: Sequence[Paper]
    named: Sequence[_Named]


def make_questions(papers: Sequence[Paper], per_kind: int = 25, seed: int = 0) -> tuple[Question, ...]:
    """At most `per_kind` questions of each kind, drawn by `seed`; papers are named by their ids."""
    drawn = random.Random(seed)
    corpus = _Corpus(papers, list(_named(papers)))
    made: list[Question] = []
    for kind, rule in _RULES.items():
        found = list(rule(corpus))
        drawn.shuffle(found)
        chosen = sorted(_spread(found, per_kind), key=lambda q: q.question)
        made += [replace(q, id=f"{kind}-{n:03}", type=kind) for n, q in enumerate(chosen, start=1)]
    return tuple(made)


def to_row(question: Question) -> dict[str, Any]:
    """The JSON object of a question set, without the fields that say nothing."""
    row = asdict(question)
    del row["line"]
    kept = {k: v for k, v in row.items() if v not in ((), "", {}) or k in ("id", "question")}
    if question.answerable:
        del kept["answerable"]
    return kept


def _spread(questions: Sequence[Question], wanted: int) -> list[Question]:
    """The first `wanted`, those of papers that have none yet before those of others."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for place, question in enumerate(questions):
        ranked.append((seen[question.expected_papers], place, question))
        seen[question.expected_papers] += 1
    return [question for _, _, question in sorted(ranked, key=lambda r: r[:2])[:wanted]]


def _named(papers: Sequence[Paper]) -> Iterator[_Named]:
    """Each paper by its own name, else by its title, where no other paper's record has it."""
    holders: dict[str, set[int]] = defaultdict(set)
    records = [f" {fold(record_text(paper))} " for paper in papers]
    for place, record in enumerate(records):
        for word in set(record.split()):
            holders[word].add(place)

    def is_own(name: str) -> bool:
        words = fold(name)
        held = [holders.get(word, set()) for word in words.split()]
        alike = set.intersection(*held) if held else set()
        own = {place for place in alike if f" {words} " in records[place]}
        return len(words) > 2 and len(own | holders.get(f"{words}s", set())) == 1

    for paper in papers:
        name = next((n for n in paper_names(paper) if _is_short(n) and is_own(n)), None)
        if name:
            yield _Named(paper, name, name)
        elif paper.title and is_own(paper.title):
            yield _Named(paper, "", f'the paper "{readable(paper.title).strip(" .")}"')


def _is_short(name: str) -> bool:
    """Whether a name needs no quotation marks: a word, or two of which one is written like a name."""
    words = name.split()
    return len(words) == 1 or (len(words) == 2 and any(re.search(r"\w[A-Z0-9]", word) for word in words))


def record_text(paper: Paper) -> str:
    """Title and abstract, readable."""
    return f"{readable(paper.display_title)} . {readable(paper.title or '')} . {readable(paper.abstract)}"


def _of_names(corpus: _Corpus) -> Iterator[Question]:
    for known in corpus.named:
        if known.name and fold(known.name) in fold(known.paper.abstract):
            yield _question(f"What is {known.name}?", [known.paper], [], "a name that one paper has")


def _of_figures(corpus: _Corpus) -> Iterator[Question]:
    for known in corpus.named:
        for counted in counted_things(readable(known.paper.abstract)):
            asked = f"{_asking(counted)} in {known.in_words}?"
            if not any(facts_present(asked, [counted.written])):  # a title may tell the figure
                yield _question(asked, [known.paper], [counted.written], f"from: {counted.sentence}")


def _asking(counted: Counted) -> str:
    if counted.is_share:
        return f"What percentage is given for the {counted.thing}"
    return f"How many {counted.thing} are mentioned"


def _of_authors(corpus: _Corpus) -> Iterator[Question]:
    for known in corpus.named:
        if known.paper.authors:
            yield _question(
                f"Who wrote {known.in_words}?",
                [known.paper],
                [[author] for author in known.paper.authors[:3]],
                "publication data",
            )


def _of_dates(corpus: _Corpus) -> Iterator[Question]:
    for known in corpus.named:
        if known.paper.published:
            forms = written_dates(known.paper.published)
            yield _question(
                f"When was {known.in_words} published?", [known.paper], [forms], "publication data"
            )


def _of_author(corpus: _Corpus) -> Iterator[Question]:
    by_author: dict[str, list[Paper]] = defaultdict(list)
    for paper in corpus.papers:
        for author in dict.fromkeys(paper.authors):
            by_author[author].append(paper)
    people = Counter(fold(author) for author in by_author)
    for author, theirs in by_author.items():
        whole = len(author.split()) > 1 and people[fold(author)] == 1
        if whole and 2 <= len(theirs) <= _LONGEST_LIST:
            question = _question(f"Which papers are by {author}?", theirs, [], "publication data")
            yield replace(question, filters={"author": author})


def _of_months(corpus: _Corpus) -> Iterator[Question]:
    by_month: dict[str, list[Paper]] = defaultdict(list)
    for paper in corpus.papers:
        if paper.published and len(paper.published) >= 7:
            by_month[paper.published[:7]].append(paper)
    for month, theirs in by_month.items():
        if len(theirs) <= _LONGEST_LIST:
            year, number = month.split("-")
            asked = f"Which papers were published in {MONTHS[int(number) - 1]} {year}?"
            yield _question(asked, theirs, [], "publication data")


def _of_nothing(corpus: _Corpus) -> Iterator[Question]:
    """Names made of syllables, far from every word of the corpus."""
    words = {w for paper in corpus.papers for w in WORD.findall(fold(record_text(paper)))}
    known = sorted(word for word in words if 4 <= len(word) <= 12)
    for first in _SYLLABLES:
        for second, third in pairwise(_SYLLABLES):
            name = first + second + third
            near = process.extractOne(name, known, scorer=Levenshtein.normalized_distance)
            if first not in (second, third) and (near is None or near[1] >= _FAR):
                asked = f"What is {name.capitalize()}?"
                yield replace(_question(asked, [], [], "a name no paper has"), answerable=False)


_RULES: dict[str, Callable[[_Corpus], Iterable[Question]]] = {
    "name": _of_names,
    "figure": _of_figures,
    "authors": _of_authors,
    "date": _of_dates,
    "author": _of_author,
    "month": _of_months,
    "unanswerable": _of_nothing,
}


def _question(text: str, papers: Sequence[Paper], facts: Sequence[Sequence[str]], notes: str) -> Question:
    return Question(
        id="",
        question=re.sub(r"\s+", " ", text),
        expected_papers=tuple(paper.paper_id for paper in papers),
        must_include=tuple(tuple(group) for group in facts),
        notes=notes,
    )


def written_dates(published: str) -> list[str]:
    """The ways people write a date that is YYYY, YYYY-MM or YYYY-MM-DD."""
    year, *rest = published.split("-")
    if not rest:
        return [year]
    month = MONTHS[int(rest[0]) - 1]
    names = [month] if month == "May" else [month, month[:3]]
    if len(rest) == 1:
        return [published, *(f"{name} {year}" for name in names)]
    day = int(rest[1])
    return [published, *(form for n in names for form in (f"{day} {n} {year}", f"{n} {day}, {year}"))]
