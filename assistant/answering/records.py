"""Answers from the catalogue's fields: lists and counts by filter, who, when, where, links."""

from collections.abc import Sequence

from assistant.answering.draft import Draft, DraftWriter
from assistant.answering.markup import quote
from assistant.models import Filters, Paper
from assistant.retrieval.plan import Field, Plan
from assistant.sentences import split_sentences

MOST_LISTED = 100

_FIELD_OF_FILTER = {
    "author": "authors", "first_author": "authors", "category": "categories", "year": "published",
    "published_from": "published", "published_to": "published", "has_code": "has_code",
    "affiliation_tag": "affiliation_tag",
}  # fmt: skip


def write_records(papers: Sequence[Paper], plan: Plan) -> Draft:
    """List `papers`, all that the plan selects, in their order; only their number for a bare count."""
    writer = DraftWriter()
    shown = papers[:MOST_LISTED]
    noun = "paper" if len(papers) == 1 else "papers"
    if plan.intent == "count" and not plan.filters and plan.within is None:
        writer.say(f"The corpus holds {len(papers)} {noun}.")
        return writer.draft("catalogue")
    writer.say(_heading(plan, len(papers), noun))
    filters = plan.filters
    fields = tuple(dict.fromkeys(_FIELD_OF_FILTER[name] for name in filters.to_dict())) or ("published",)
    for paper in shown:
        writer.say("\n- ")
        writer.state(f"{writer.title(paper)}{_byline(paper)}", paper, fields)
    if len(shown) < len(papers):
        writer.say(f"\n\nThe other {len(papers) - len(shown)} are in `python -m assistant papers`.")
    return writer.draft("catalogue", left_out=[p.paper_id for p in papers[MOST_LISTED:]])


def _heading(plan: Plan, count: int, noun: str) -> str:
    said = [describe(plan.filters)] if plan.filters else []
    said += [f"not {describe(plan.exclude)}"] if plan.exclude else []
    restricted = f" ({', '.join(said)})" if said else ""
    if plan.limit is not None:
        number = f"{count} " if count > 1 else ""
        return f"The {number}{'oldest' if plan.oldest_first else 'newest'} {noun}{restricted}:\n"
    return f"{count} {noun}{restricted}:\n"


def describe(filters: Filters) -> str:
    """The filters in words: "author Qicheng Lao, year 2019"."""
    named = filters.to_dict()
    words = []
    for name, value in named.items():
        if name == "has_code":
            words.append("with code" if value else "without code")
        elif name in ("published_from", "published_to"):
            words.append(f"published {'from' if name.endswith('from') else 'until'} {value}")
        else:
            words.append(f"{name.replace('_', ' ').replace(' tag', '')} {quote(str(value))}")
    return ", ".join(words) or "the whole corpus"


def _byline(paper: Paper) -> str:
    people = ", ".join(quote(a) for a in paper.authors) + (" et al." if paper.et_al else "")
    parts = [part for part in (people, paper.published or "", ", ".join(paper.categories)) if part]
    return f" — {' · '.join(parts)}{' · code' if paper.has_code else ''}" if parts else ""


def write_field(paper: Paper, field: Field) -> Draft | None:
    """Say a publication field of `paper`; None when the catalogue does not have it."""
    writer = DraftWriter()
    title = writer.title(paper)
    if field == "authors" and paper.authors:
        names = ", ".join(quote(a) for a in paper.authors)
        cut = " and others; the source lists only the first names" if paper.et_al else ""
        writer.state(f"{title} is by {names}{cut}.", paper, ("authors",))
    elif field == "published" and paper.published:
        writer.state(f"{title} is dated {paper.published}.", paper, ("published",))
    elif field == "category" and paper.categories:
        writer.state(f"{title} is listed in {', '.join(paper.categories)}.", paper, ("categories",))
    elif field in ("link", "code") and paper.urls:
        links = ", ".join(paper.urls)
        _support_links(writer, paper)
        writer.state(f"{title}: {links}", paper, ("urls",))
    elif field == "code":
        says = (
            "has code, but its source gives no link to it"
            if paper.has_code
            else "has no code that its source names"
        )
        writer.state(f"{title} {says}.", paper, ("has_code",))
    elif field == "identifier" and (found := _identifiers(paper)):
        writer.state(f"{title}: {found}.", paper, ("identifiers",))
    else:
        return None
    return writer.draft("catalogue")


def _support_links(writer: DraftWriter, paper: Paper) -> None:
    for span in split_sentences(paper.abstract):
        if "http" in paper.abstract[span.start : span.end]:
            writer.support(paper, span.start, span.end)


def _identifiers(paper: Paper) -> str:
    known = (
        ("DOI", paper.identifiers.doi),
        ("arXiv", paper.identifiers.arxiv),
        ("PubMed", paper.identifiers.pmid),
    )
    return ", ".join(f"{name} {value}" for name, value in known if value)
