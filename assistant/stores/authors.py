"""Who wrote what, read from the catalogue only as far as it is asked for.

A corpus of 100,000 papers has half a million entries in its author lists; a question names one of
them at most, and most questions nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from sqlalchemy import select

from assistant.stores import schema
from assistant.stores.catalogue import Catalogue
from assistant.stores.folding import fold_name


class PapersOfAuthors(Mapping[str, frozenset[str]]):
    """An author's name as given -> the ids of the papers that list it; none for a name that is unknown.

    Iterates over the names, those of first authors first.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: dict[str, frozenset[str]] = {}

    @cached_property
    def folded(self) -> frozenset[str]:
        """All names, folded (`fold_name`): a fifth of the time that the names as given take."""
        with self._catalogue.connect() as connection:
            return frozenset(connection.execute(select(schema.authors.c.folded).distinct()).scalars())

    @cached_property
    def _names(self) -> dict[str, None]:
        authors = schema.authors
        with self._catalogue.connect() as connection:
            query = select(authors.c.name).order_by(authors.c.number)
            return dict.fromkeys(connection.execute(query).scalars())

    def __getitem__(self, name: str) -> frozenset[str]:
        found = self._found.get(name)
        if found is None:
            authors = schema.authors
            # By the folded name, which has an index.
            same = (authors.c.folded == fold_name(name), authors.c.name == name)
            with self._catalogue.connect() as connection:
                query = select(authors.c.paper_id).where(*same)
                found = self._found[name] = frozenset(connection.execute(query).scalars())
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class FirstAuthors(Mapping[str, str]):
    """A paper's id -> its first author, for the papers that have one; read when first asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @cached_property
    def _names(self) -> dict[str, str]:
        authors = schema.authors
        with self._catalogue.connect() as connection:
            query = select(authors.c.paper_id, authors.c.name).where(authors.c.number == 0)
            return {row[0]: row[1] for row in connection.execute(query)}

    def __getitem__(self, paper_id: str) -> str:
        return self._names[paper_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
