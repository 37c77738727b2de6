"""The names a filter can point at, and which of them a name in a question fits."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.stores.folding import fold, fold_name
from assistant.words import one_edit_away

_INITIALS = re.compile(r"(?<![\w.])([A-Z]{2,3})(?![\w.])")  # MEDLINE writes "Li HY"
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_SHORTEST_CORRECTED = 5  # letters of a surname in which a mistake can be told from another name


@dataclass(frozen=True)
class CorpusNames:
    """The authors, categories and affiliations of a corpus, taken from its catalogue.

    `papers_of` maps an author's name to the ids of the papers that list it, `first_authors` a
    paper to its first author. `months` are the months (YYYY-MM) papers are dated in. Of
    `paper_count` papers, `cut_lists` have author lists that were cut short by their source.
    """

    papers_of: Mapping[str, frozenset[str]]
    first_authors: Mapping[str, str]
    categories: tuple[str, ...] = ()
    affiliation_tags: tuple[str, ...] = ()
    months: frozenset[str] = frozenset()
    paper_count: int = 0
    cut_lists: int = 0
    _by_full_name: dict[str, str] = field(init=False, repr=False, compare=False)
    _by_surname: dict[str, set[str]] = field(init=False, repr=False, compare=False)
    _by_given: dict[str, set[str]] = field(init=False, repr=False, compare=False)
    _leads: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        full: dict[str, str] = {}
        surnames: dict[str, set[str]] = defaultdict(set)
        given_names: dict[str, set[str]] = defaultdict(set)
        for name in self.papers_of:
            surname, given = _parts(name)
            if not given:
                continue
            full.setdefault(" ".join([*given, surname]), name)
            full.setdefault(" ".join([surname, *given]), name)
            surnames[surname].add(name)
            given_names[given[0]].add(name)
        object.__setattr__(self, "_by_full_name", full)
        object.__setattr__(self, "_by_surname", dict(surnames))
        object.__setattr__(self, "_by_given", dict(given_names))
        object.__setattr__(self, "_leads", frozenset(self.first_authors.values()))

    def full_name(self, words: str) -> str | None:
        """The author whose whole name `words` are, in either order."""
        return self._by_full_name.get(fold(words))

    @property
    def leads(self) -> frozenset[str]:
        """Everybody who is the first author of a paper."""
        return self._leads

    def with_surname(self, word: str) -> frozenset[str]:
        return frozenset(self._by_surname.get(fold(word), ()))

    def people(self, words: str) -> frozenset[str]:
        """Every author whom `words` may name: "Lao", "Q. Lao", "Lao, Q.", "van der Maaten".

        One of the words is the surname; each of the others is one of the given names or the
        initial of one. A first name alone names whoever bears it.
        """
        if exact := self.full_name(words):
            return frozenset({exact})
        tokens = fold(_INITIALS.sub(self._spelt_out, words)).split()
        found: set[str] = set()
        for i, token in enumerate(tokens):
            others = tokens[:i] + tokens[i + 1 :]
            found |= {n for n in self._by_surname.get(token, ()) if _fits(others, _parts(n)[1])}
        if not found and len(tokens) == 1 and len(tokens[0]) > 1:
            found = self._by_given.get(tokens[0], set())
        return frozenset(found)

    def _spelt_out(self, match: re.Match[str]) -> str:
        known = fold(match[1]) in self._by_surname or fold(match[1]) in self._by_given
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
        for spelling in one_edit_away(folded):
            if single:
                found |= self._by_surname.get(spelling, set())
            elif name := self._by_full_name.get(spelling):
                found.add(name)
        return frozenset(found)


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
