"""The names a filter can point at, and which of them a name in a question fits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.stores.folding import fold, fold_name
from assistant.words import one_edit_away

_INITIALS = re.compile(r"(?<![\w.])([A-Z]{2,3})(?![\w.])")  # MEDLINE writes "Li HY"
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_SHORTEST_CORRECTED = 5  # letters of a surname in which a mistake can be told from another name


@dataclass(frozen=True, slots=True)
class _Index:
    """Authors by their folded whole name, in either order, and by their surname and first given name."""

    by_full_name: Mapping[str, str]
    by_surname: Mapping[str, set[str]]
    by_given: Mapping[str, set[str]]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Index:
        full: dict[str, str] = {}
        surnames: dict[str, set[str]] = defaultdict(set)
        given_names: dict[str, set[str]] = defaultdict(set)
        for name in names:
            surname, given = _parts(name)
            if not given:
                continue
            full.setdefault(" ".join([*given, surname]), name)
            full.setdefault(" ".join([surname, *given]), name)
            surnames[surname].add(name)
            given_names[given[0]].add(name)
        return cls(full, dict(surnames), dict(given_names))


@dataclass(frozen=True)
class CorpusNames:
    """The authors, categories and affiliations of a corpus, taken from its catalogue.

    `papers_of` maps an author's name to the ids of the papers that list it, `first_authors` a
    paper to its first author. `folded` are the authors' names, folded, where they are known already.
    `months` are the months (YYYY-MM) papers are dated in. Of `paper_count` papers, `cut_lists` have
    author lists that were cut short by their source.
    """

    papers_of: Mapping[str, frozenset[str]]
    first_authors: Mapping[str, str]
    categories: tuple[str, ...] = ()
    affiliation_tags: tuple[str, ...] = ()
    months: frozenset[str] = frozenset()
    paper_count: int = 0
    cut_lists: int = 0
    folded: frozenset[str] | None = None

    # Few questions name anybody, and at 100,000 papers the indexes of names take a second to make.
    # So the folded names say first whether a name may be one, and an index is made when one may.

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(fold_name, self.papers_of)) if self.folded is None else self.folded

    @cached_property
    def _outer_words(self) -> frozenset[str]:
        """The first and the last word of every name: each surname, and each first name, is among them."""
        firsts = (name.partition(" ")[0] for name in self._folded)
        return frozenset(firsts).union(name.rpartition(" ")[2] for name in self._folded)

    @cached_property
    def _index(self) -> _Index:
        return _Index.of(self.papers_of)

    @cached_property
    def leads(self) -> frozenset[str]:
        """Everybody who is the first author of a paper."""
        return frozenset(self.first_authors.values())

    def full_name(self, words: str) -> str | None:
        """The author whose whole name `words` are, in either order."""
        folded = fold(words)
        if self._folded.isdisjoint(_as_folded(folded.split())):
            return None
        return self._index.by_full_name.get(folded)

    def with_surname(self, word: str) -> frozenset[str]:
        folded = fold(word)
        return frozenset(self._index.by_surname.get(folded, ()) if folded in self._outer_words else ())

    def people(self, words: str) -> frozenset[str]:
        """Every author whom `words` may name: "Lao", "Q. Lao", "Lao, Q.", "van der Maaten".

        One of the words is the surname; each of the others is one of the given names or the
        initial of one. A first name alone names whoever bears it.
        """
        if exact := self.full_name(words):
            return frozenset({exact})
        spelt = [letter for match in _INITIALS.finditer(words) for letter in fold(match[1])]
        if self._outer_words.isdisjoint([*fold(words).split(), *spelt]):
            return frozenset()
        tokens = fold(_INITIALS.sub(self._spelt_out, words)).split()
        found: set[str] = set()
        for i, token in enumerate(tokens):
            others = tokens[:i] + tokens[i + 1 :]
            found |= {n for n in self._index.by_surname.get(token, ()) if _fits(others, _parts(n)[1])}
        if not found and len(tokens) == 1 and len(tokens[0]) > 1:
            found = self._index.by_given.get(tokens[0], set())
        return frozenset(found)

    def _spelt_out(self, match: re.Match[str]) -> str:
        known = fold(match[1]) in self._index.by_surname or fold(match[1]) in self._index.by_given
        return match[1] if known else " ".join(match[1])

    def misspelt(self, words: str) -> frozenset[str]:
        """The authors whose name or surname differs from `words` by one mistake.

        One letter is wrong, missing, too many, or exchanged with its neighbour.
        """
        folded = fold(words)
        single = " " not in folded
        if single and len(folded) < _SHORTEST_CORRECTED:
            return frozenset()
        found: set[str] = set()
        if single:
            for surname in self._outer_words.intersection(one_edit_away(folded)):
                found |= self._index.by_surname.get(surname, set())
        else:
            spellings = one_edit_away(folded)
            found.update(name for s in spellings if (name := self._index.by_full_name.get(s)))
        return frozenset(found)


def _as_folded(words: Sequence[str]) -> Iterator[str]:
    """How an author whose whole name `words` are, in either order, may be folded in the catalogue."""
    if len(words) < 2:
        return
    yield " ".join(words)
    yield " ".join([*words[1:], words[0]])
    if all(len(word) == 1 for word in words[:-1]):  # "H. Y. Li" for MEDLINE's "Li HY"
        yield f"{words[-1]} {''.join(words[:-1])}"
    if all(len(word) == 1 for word in words[1:]):
        yield f"{words[0]} {''.join(words[1:])}"


def _parts(name: str) -> tuple[str, list[str]]:
    """The folded surname and given names: "Lao, Qicheng", "Qicheng Lao" and "Lao Q" alike."""
    if name.isascii() and "," not in name:
        words = _ASCII_WORD.findall(name.lower())  # what fold_name gives, at a fifth of the time
    else:
        words = fold_name(name).split()
    if not words:
        return "", []
    last = name.split()[-1].rstrip(".")
    if len(last) <= 3 and last.isupper() and "," not in name and len(words) == 2 and len(words[0]) > 1:
        return words[0], list(words[1])
    return words[-1], words[:-1]


def _fits(asked: Sequence[str], given: Sequence[str]) -> bool:
    """True when each word of `asked` is one of the given names, or one of the two an initial."""
    left = list(given)
    for word in sorted(asked, key=len, reverse=True):
        match = next((g for g in left if g == word), None) or next(
            (g for g in left if g[0] == word[0] and 1 in (len(g), len(word))), None
        )
        if match is None:
            return False
        left.remove(match)
    return True
