# ruff: noqa: E501  (a table of questions and their meanings)
"""Filter questions of every wording, over random corpora: the answer is exactly the whole set.

What a question means is said here by plain Python over the papers, apart from the readers and the
catalogue's SQL; a question and its meaning are drawn together.
"""

import calendar
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from store_fixtures import HashingModel, write_source

from assistant.corpus import Corpus
from assistant.engine import Assistant
from assistant.models import Paper
from assistant.settings import Settings
from assistant.stores import open_stores
from ingest.pipeline import ingest_paths

TODAY = date(2024, 8, 20)
SEEDS = (1, 2, 3)
QUESTIONS = 400  # in each corpus
PAPERS = 60  # fewer than an answer lists, so that the citations are the whole set
GIVEN = "Ana Boris Chen Dunja Emil Farid Grace Hugo Ines Jonas Katya Liwei".split()
SURNAMES = "Abbot Baranov Costa Dvorak Eriksen Fischer Garcia Hansen Ivanova Jensen".split()
CATEGORIES = {
    1: ("cs.LG", "cs.CL", "stat.ML", "eess.IV"),
    2: ("LG", "CV", "GT"),
    3: ("q-bio.NC", "hep-th", "cs.CV"),
}
SPOKEN = {
    "LG": "machine learning", "cs.LG": "machine learning", "CL": "computation and language", "cs.CL": "computation and language",
    "CV": "computer vision", "cs.CV": "computer vision", "GT": "game theory", "eess.IV": "image and video processing",
    "q-bio.NC": "neurons and cognition", "hep-th": "high energy physics theory",
}  # fmt: skip

Meaning = Callable[[Paper], bool]


@dataclass(frozen=True)
class World:
    """One random corpus with its open assistant."""

    assistant: Assistant
    papers: tuple[Paper, ...]
    authors: tuple[str, ...]
    categories: tuple[str, ...]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, World]]:
    opened = {}
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp(f"world{seed}")
        chance = random.Random(seed)
        source = write_source(folder / "papers.jsonl", [_made_up(chance, seed, i) for i in range(PAPERS)])
        where = Settings(_env_file=None, data_dir=folder / "data", answerer="extractive")  # type: ignore[call-arg]
        model = HashingModel()
        ingest_paths([source], where, model)
        assistant = Assistant(Corpus(open_stores(where, model), model), today=TODAY)
        papers = tuple(assistant.papers())
        assert len(papers) == PAPERS
        authors = tuple(sorted({name for paper in papers for name in paper.authors}))
        opened[seed] = World(assistant, papers, authors, CATEGORIES[seed])
    yield opened
    for world in opened.values():
        world.assistant.close()


def _made_up(chance: random.Random, seed: int, number: int) -> dict[str, object]:
    authors = {f"{chance.choice(GIVEN)} {chance.choice(SURNAMES)}" for _ in range(chance.randint(1, 4))}
    day = date.fromordinal(chance.randint(date(2016, 1, 1).toordinal(), TODAY.toordinal())).isoformat()
    published = chance.choice([day, day, day, day[:7], day[:4], None])
    return {
        "_id": f"w{seed}-{number}",
        "title": f"Sorting pebble heap number {seed}{number:03}",
        "abstract": f"Heap {seed}{number:03} holds {chance.randint(3, 10**9)} pebbles, sorted by weight.",
        "authors": chance.sample(sorted(authors), len(authors)),
        "categories": chance.sample(CATEGORIES[seed], chance.randint(0, 2)),
        "has_code": chance.random() < 0.4,
        **({"published": published} if published else {}),
    }


def _days(paper: Paper) -> tuple[str, str] | None:
    """The first and last day a paper can be of."""
    if paper.published is None:
        return None
    given = paper.published
    return given + "-01-01"[len(given) - 4 :], given + "-12-31"[len(given) - 4 :]


def _between(first: str | None, last: str | None) -> Meaning:
    def holds(paper: Paper) -> bool:
        days = _days(paper)
        return days is not None and (first is None or first <= days[0]) and (last is None or days[1] <= last)

    return holds


def _month_end(year: int, month: int) -> str:
    return f"{year}-{month:02}-{calendar.monthrange(year, month)[1]:02}"


def _months(year: int, first: int, last: int, until: int | None = None) -> Meaning:
    return _between(f"{year}-{first:02}-01", _month_end(until or year, last))


def dates(chance: random.Random) -> tuple[str, Meaning]:
    year = chance.randint(2016, 2023)
    month = chance.randint(1, 12)
    name = chance.choice([calendar.month_name[month], calendar.month_abbr[month]])
    point, first, last = chance.choice(
        [
            (f"{year}", f"{year}-01-01", f"{year}-12-31"),
            (f"{name} {year}", f"{year}-{month:02}-01", _month_end(year, month)),
            (f"{year}-{month:02}", f"{year}-{month:02}-01", _month_end(year, month)),
            (f"{month:02}/{year}", f"{year}-{month:02}-01", _month_end(year, month)),
            (f"{month}/{year}", f"{year}-{month:02}-01", _month_end(year, month)),
            (f"mid-{year}", f"{year}-05-01", f"{year}-08-31"),
            (f"late {year}", f"{year}-09-01", f"{year}-12-31"),
            (f"the second half of {year}", f"{year}-07-01", f"{year}-12-31"),
            (f"Q2 {year}", f"{year}-04-01", f"{year}-06-30"),
            (f"the third quarter of {year}", f"{year}-07-01", f"{year}-09-30"),
            (f"14 {name} {year}", f"{year}-{month:02}-14", f"{year}-{month:02}-14"),
        ]
    )
    after = date.fromordinal(date.fromisoformat(last).toordinal() + 1).isoformat()
    before = date.fromordinal(date.fromisoformat(first).toordinal() - 1).isoformat()
    later, last_month = chance.randint(1, 3), chance.randint(month, 12)
    until = calendar.month_name[last_month]
    count = chance.randint(1, 9)
    return chance.choice(
            [
                (f"{chance.choice(['from', 'of', 'in', 'published in', 'that appeared in', 'dated'])} {point}", _between(first, last)),
                (f"since {point}", _between(first, None)),
                (f"from {point} onwards", _between(first, None)),
                (f"published after {point}", _between(after, None)),
                (f"newer than {point}", _between(after, None)),
                (f"before {point}", _between(None, before)),
                (f"prior to {point}", _between(None, before)),
                (f"until {point}", _between(None, last)),
                (f"no later than {point}", _between(None, last)),
                (f"from {point} or earlier", _between(None, last)),
                (f"from {year} to {year + later}", _months(year, 1, 12, year + later)),
                (f"between {year} and {year + later}", _months(year, 1, 12, year + later)),
                (f"from {year}-{year + later}", _months(year, 1, 12, year + later)),
                (f"from {name} {year} to {until} {year + later}", _months(year, month, last_month, year + later)),
                (f"from {name} to {until} {year}", _months(year, month, last_month)),
                (f"from {year} and {year + later}", lambda p: p.year in (year, year + later)),
                ("of the 2010s", _between("2010-01-01", "2019-12-31")),
                (f"of the last {count} years", _between(f"{TODAY.year - count + 1}-01-01", None)),
                ("of the last 6 months", _between("2024-02-20", None)),
                ("from this year", lambda p: p.year == TODAY.year),
                ("from last year", lambda p: p.year == TODAY.year - 1),
                ("from this month", _between("2024-08-01", "2024-08-31")),
                ("published last month", _between("2024-07-01", "2024-07-31")),
            ]
        
    )  # fmt: skip


def _by(names: set[str]) -> Meaning:
    return lambda paper: any(name in names for name in paper.authors)


def _led_by(name: str) -> Meaning:
    return lambda paper: paper.authors[:1] == (name,)


def people(chance: random.Random, world: World) -> tuple[str, Meaning]:
    name = chance.choice(world.authors)
    other = chance.choice([a for a in world.authors if a != name])
    given_name, surname = name.split()
    namesakes = {a for a in world.authors if a.endswith(f" {surname}")}
    alike = {a for a in namesakes if a[0] == given_name[0]}
    both = _by({name}), _by({other})
    return chance.choice(
        [
            (f"by {name}", _by({name})),
            (f"by {name.lower()}", _by({name})),
            (f"by {surname}, {given_name}", _by({name})),
            (f"by {given_name[0]}. {surname}", _by(alike)),
            (f"by {surname}, {given_name[0]}.", _by(alike)),
            (f"by {surname}", _by(namesakes)),
            (f"in which papers is {name} the first author?", _led_by(name)),
            (f"with {name} as first author", _led_by(name)),
            (f"led by {name}", _led_by(name)),
            (f"by {name} and {other}", lambda p: both[0](p) and both[1](p)),
            (f"by {name} or {other}", lambda p: both[0](p) or both[1](p)),
            ("by Zebulon Quist", lambda p: False),
        ]
    )


def categories(chance: random.Random, world: World) -> tuple[str, Meaning]:
    code = chance.choice(world.categories)
    spoken = SPOKEN.get(code)
    wordings = [f"in the category {code}", f"in the {code} category", f"listed under {code}"]
    if "." in code or "-" in code:
        wordings.append(f"in {code}")
    if spoken:
        wordings += [f"in the {spoken} category", f"in the category {spoken}"]
    return chance.choice(wordings), lambda paper: code in paper.categories


CODE: list[tuple[str, Meaning]] = [
    ("with code", lambda p: p.has_code),
    ("whose code is public", lambda p: p.has_code),
    ("that have code", lambda p: p.has_code),
    ("without code", lambda p: not p.has_code),
    ("that do not have code", lambda p: not p.has_code),
]


def filter_questions(chance: random.Random, world: World) -> tuple[str, Meaning]:
    """A question made of one to three filters, perhaps one to leave out, and what it means."""
    kinds = chance.sample(["date", "person", "category", "code"], chance.randint(1, 3))
    made: dict[str, Callable[[], tuple[str, Meaning]]] = {
        "date": lambda: dates(chance),
        "person": lambda: people(chance, world),
        "category": lambda: categories(chance, world),
        "code": lambda: chance.choice(CODE),
    }
    parts = [made[kind]() for kind in kinds]
    lead = chance.choice(
        [
            "papers",
            "Papers",
            "All papers",
            "list the papers",
            "Show me the papers",
            "How many papers are there",
            "Which papers are",
        ]
    )
    if lead == "Which papers are" and parts[0][0].startswith(("that ", "whose ", "published ", "newer ")):
        lead = "All papers"
    text = " ".join([lead, *(phrase for phrase, _ in parts)])
    meanings = [meaning for _, meaning in parts]
    if "date" not in kinds and chance.random() < 0.5:
        year = chance.randint(2016, 2024)
        text += f" but not from {year}"
        meanings.append(lambda p: p.year != year)
    return text + chance.choice(["", "?", "."]), lambda p: all(meaning(p) for meaning in meanings)


def _wrong(world: World, question: str, history: list[str], meaning: Meaning) -> str | None:
    """What is wrong with the answer, if anything."""
    expected = {paper.paper_id for paper in world.papers if meaning(paper)}
    answer = world.assistant.ask(question, history)
    found = {c.paper.paper_id for c in answer.citations}
    if (found, answer.coverage.matched) == (expected, len(expected)):
        return None
    return (
        f"{question!r} after {history}: {len(found)} papers for {len(expected)}, {answer.filters.to_dict()}"
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_of_filters_gets_the_whole_set_and_nothing_else(
    seed: int, worlds: dict[int, World]
) -> None:
    world, chance = worlds[seed], random.Random(seed)
    questions = [filter_questions(chance, world) for _ in range(QUESTIONS)]
    wrong = [w for question, meaning in questions if (w := _wrong(world, question, [], meaning))]
    assert wrong == []


@pytest.mark.parametrize("seed", SEEDS)
def test_another_filter_after_a_list_takes_the_place_of_the_first_or_narrows_it(
    seed: int, worlds: dict[int, World]
) -> None:
    world = worlds[seed]
    wrong = []
    for year in sorted({paper.year for paper in world.papers if paper.year}):
        follow_ups: list[tuple[str, Meaning]] = [
            (f"and from {year + 1}?", lambda p, y=year: p.year == y + 1),
            ("and from March?", _months(year, 3, 3)),
            ("which of them have code?", lambda p, y=year: p.year == y and p.has_code),
            ("only those with code", lambda p, y=year: p.year == y and p.has_code),
            ("how many of these have code?", lambda p, y=year: p.year == y and p.has_code),
        ]
        for follow_up, meaning in follow_ups:
            wrong.append(_wrong(world, follow_up, [f"papers from {year}"], meaning))
    assert [w for w in wrong if w] == []
