"""Filters as conditions of SQL."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, or_, select

from assistant.models import Filters
from assistant.stores import schema
from assistant.stores.folding import day_range, fold, fold_category, fold_name


def filter_conditions(filters: Filters, tags: Callable[[], list[str]]) -> list[ColumnElement[bool]]:
    """Conditions on the papers' table that hold for just the papers that satisfy every filter.

    `tags` gives all affiliation tags of the catalogue; it is called only where one is asked for.
    """
    papers, authors, categories = schema.papers, schema.authors, schema.categories
    conditions: list[ColumnElement[bool]] = []
    if filters.author is not None:
        named = select(authors.c.paper_id).where(authors.c.folded == fold_name(filters.author))
        conditions.append(papers.c.paper_id.in_(named))
    if filters.first_author is not None:
        named = select(authors.c.paper_id).where(
            and_(authors.c.folded == fold_name(filters.first_author), authors.c.number == 0)
        )
        conditions.append(papers.c.paper_id.in_(named))
    if filters.category is not None:
        folded, bare = fold_category(filters.category)
        same = categories.c.bare == bare
        if folded != bare:
            same = or_(categories.c.folded == folded, categories.c.folded == bare)
        conditions.append(papers.c.paper_id.in_(select(categories.c.paper_id).where(same)))
    if filters.year is not None:
        conditions.append(papers.c.year == filters.year)
    if filters.published_from is not None:
        conditions.append(papers.c.earliest >= day_range(filters.published_from)[0])
    if filters.published_to is not None:
        conditions.append(papers.c.latest <= day_range(filters.published_to)[1])
    if filters.has_code is not None:
        conditions.append(papers.c.has_code.is_(filters.has_code))
    if filters.affiliation_tag is not None:
        wanted = fold(filters.affiliation_tag)
        alike = [tag for tag in tags() if fold(tag) == wanted]
        conditions.append(papers.c.affiliation_tag.in_(alike))
    return conditions
