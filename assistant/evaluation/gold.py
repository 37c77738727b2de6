"""Resolving the papers a question set names to the papers of the catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from assistant.errors import ConfigurationError
from assistant.evaluation.files import raise_faults, read_json_lines
from assistant.evaluation.questions import Question, read_questions
from assistant.models import Paper

_NEAR = 75.0  # likeness, of 100, from which a title may be the one that was meant
_SHORTEST_PART = 4  # letters of a title that say which is meant
_MIN_ABSTRACT_WORDS = 45  # letters of `abstract_first_words` that must agree


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its papers as paper ids.

    When several papers of the catalogue are one gold paper, the ids here are the first of
    them; `PaperNames.canonical` maps the others to it.
    """

    question: Question
    expected: frozenset[str]
    also_ok: frozenset[str]


@dataclass(frozen=True, slots=True)
class PaperNames:
    """`names` maps everything a paper can be called to its id, `canonical` any paper id to one id."""

    names: Mapping[str, str]
    canonical: Mapping[str, str]
    titles: Sequence[str] = ()

    def resolve(self, name: str) -> str | None:
        """The paper id for a key, identifier or exact title; None when nothing is called so."""
        for key in (name, _identifier(name), _letters(name)):
            found = self.names.get(key) if key else None
            if found:
                return self.canonical.get(found, found)
        return None

    def suggest(self, name: str) -> str | None:
        """The title that has a name of no paper among its words, else the one that is spelt much like it."""
        words = _words(name)
        if len(words) >= _SHORTEST_PART:
            having = [title for title in self.titles if f" {words} " in f" {_words(title)} "]
            if len(having) == 1:
                return having[0]
        near = process.extractOne(
            name, self.titles, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR
        )
        return near[0] if near else None


def name_papers(papers: Sequence[Paper], keys_path: Path | None = None) -> PaperNames:
    """Collect the names of `papers`, with the keys of a ``--papers`` file if one is given.

    Each line of that file is {"key", "title" (or null), "abstract_first_words"}: a key
    means the paper of that title, or, without a title, the one whose abstract begins so.

    Raises:
        ConfigurationError: the file is unreadable or a line has no key.
    """
    names: dict[str, str] = {}
    canonical: dict[str, str] = {}
    for paper in papers:
        found = paper.identifiers
        for name in (
            paper.paper_id,
            *paper.aliases,
            *(_identifier(i) for i in (found.doi, found.arxiv, found.pmid) if i),
            *paper.source_ids,
            *(_letters(t) for t in (paper.title, paper.display_title) if t),
        ):
            names.setdefault(name, paper.paper_id)
        canonical.update(dict.fromkeys((paper.paper_id, *paper.aliases), paper.paper_id))
    if keys_path is not None:
        for key, ids in _read_keys(keys_path, papers).items():
            names[key] = ids[0]
            canonical.update(dict.fromkeys(ids, ids[0]))
    return PaperNames(names, canonical, tuple(paper.display_title for paper in papers))


def read_gold(path: Path, names: PaperNames) -> tuple[GoldQuestion, ...]:
    """Read, check and resolve a question set.

    Raises:
        ConfigurationError: rows are faulty or name papers that are not there; all of them in one
            message, with line numbers.
    """
    return resolve_questions(path, read_questions(path, names), names)


def resolve_questions(
    path: Path, questions: Iterable[Question], names: PaperNames
) -> tuple[GoldQuestion, ...]:
    """Replace the papers' names by ids.

    Raises:
        ConfigurationError: a name resolves to no paper; names are given with line numbers.
    """
    faults: list[str] = []
    resolved = []
    for question in questions:
        sets = []
        for wanted in (question.expected_papers, question.also_ok):
            ids = {name: names.resolve(name) for name in wanted}
            missing = [name for name, found in ids.items() if found is None]
            if missing:
                listed = ", ".join(map(repr, missing))
                faults.append(f"line {question.line}: no paper in the catalogue is called {listed}")
            sets.append(frozenset(found for found in ids.values() if found))
        resolved.append(GoldQuestion(question, *sets))
    raise_faults(path, faults)
    return tuple(resolved)


def _read_keys(path: Path, papers: Sequence[Paper]) -> dict[str, list[str]]:
    titles: dict[str, list[str]] = {}
    for paper in papers:
        if paper.title:
            titles.setdefault(_letters(paper.title), []).append(paper.paper_id)
    starts = [(_letters(p.abstract[: 8 * _MIN_ABSTRACT_WORDS]), p.paper_id) for p in papers]
    faults: list[str] = []
    keys: dict[str, list[str]] = {}
    rows = 0
    for number, row in read_json_lines(path, faults):
        rows += 1
        key, title, words = (row.get(name) or "" for name in ("key", "title", "abstract_first_words"))
        if not all(isinstance(v, str) for v in (key, title, words)) or not key or not (title or words):
            faults.append(f"line {number}: needs 'key' and 'title' or 'abstract_first_words', as strings")
            continue
        begin = _letters(words)[:_MIN_ABSTRACT_WORDS]
        ids = (
            titles.get(_letters(title), []) if title else [i for text, i in starts if text.startswith(begin)]
        )
        if ids:
            keys[key] = ids
    raise_faults(path, faults)
    if not rows:
        raise ConfigurationError(f"{path} holds no paper; give the file that explains the set's keys")
    return keys


def _letters(text: str) -> str:
    """Letters and digits only, folded: what two spellings of one title share."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _words(text: str) -> str:
    """The words, folded, with one space between them."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _identifier(text: str) -> str:
    """A DOI, arXiv id or PubMed id without its resolver, prefix or version, lower-case."""
    text = text.strip().casefold()
    text = re.sub(r"^https?://(dx\.)?(doi\.org|arxiv\.org/(abs|pdf)|pubmed\.ncbi\.nlm\.nih\.gov)/", "", text)
    text = re.sub(r"^(doi|arxiv|pmid):\s*", "", text).rstrip("/")
    return re.sub(r"^(\d{4}\.\d{4,5}|[a-z-]+/\d{7})v\d+$", r"\1", text)
