"""Who wrote what, as the catalogue tells it without reading all of it."""

import pytest

from assistant.stores import Catalogue
from assistant.stores.authors import FirstAuthors, PapersOfAuthors


@pytest.fixture
def catalogue(ingest, source, settings):
    ingest(source)
    catalogue = Catalogue(settings.resolved_catalogue_url)
    yield catalogue
    catalogue.close()


def test_each_author_has_the_papers_that_list_the_name(catalogue):
    papers = catalogue.papers()
    listed = {name: {p.paper_id for p in papers if name in p.authors} for p in papers for name in p.authors}
    assert len(listed) == 5
    assert dict(PapersOfAuthors(catalogue)) == listed


def test_first_authors_come_first_and_are_told_by_paper(catalogue):
    names = list(PapersOfAuthors(catalogue))
    assert set(names[:3]) == {"Qicheng Lao", "Ann Long", "Lao, Qicheng"}
    assert dict(FirstAuthors(catalogue)) == {p.paper_id: p.authors[0] for p in catalogue.papers()}


def test_folded_names_are_without_accents_and_order(catalogue):
    assert PapersOfAuthors(catalogue).folded == {"qicheng lao", "jose muller", "ann long", "bo gray"}


def test_an_unknown_author_has_no_papers(catalogue):
    authors = PapersOfAuthors(catalogue)
    assert authors["Nobody"] == frozenset()
    assert "Nobody" not in authors
    assert "Ann Long" in authors
