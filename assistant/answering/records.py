"""Answers from the catalogue's fields: lists and counts by filter, who, when, where, links."""

from collections.abc import Sequence

from assistant.answering.draft import Draft, DraftWriter
from assistant.answering.markup import quote
from assistant.answering.restrictions import restriction
from assistant.answering.tallies import write_tally
from assistant.models import Kind, Paper
from assistant.retrieval.corpus_names import CorpusNames
from assistant.retrieval.plan import Field, Plan
from assistant.sentences import split_sentences

MOST_LISTED = 100

_FIELD_OF_FILTER = {
    "author": "authors", "first_author": "authors", "category": "categories", "year": "published",
    "published_from": "published", "published_to": "published", "has_code": "has_code",
    "affiliation_tag": "affiliation_tag",
}  # fmt: skip


def write_records(papers: Sequence[Paper], plan: Plan) -> Draft:
    """List `papers`, all that the plan selects, in their order; only their number for a bare count.

    With no papers the draft is a refusal that says what was asked for.
    """
    writer = DraftWriter()
    shown = papers[:MOST_LISTED]
    restricted = restriction(plan)
    if plan.tally is not None and (papers or plan.tally.order == "share"):
        writer.say(write_tally(papers, plan.tally, restricted))
        return writer.draft("catalogue")
    if not papers:
        where = "among those meant" if plan.within else "here"
        return Draft(f"There is no such paper {where}{restricted}.", kind="refusal")
    noun = "paper" if len(papers) == 1 else "papers"
    if plan.intent == "count" and not restricted and plan.within is None:
        writer.say(f"The corpus holds {len(papers)} {noun}.")
        return writer.draft("catalogue")
    writer.say(_heading(plan, len(papers), noun, restricted))
    filters = plan.filters
    fields = tuple(dict.fromkeys(_FIELD_OF_FILTER[name] for name in filters.to_dict())) or ("published",)
    for paper in shown:
        writer.say("\n- ")
        writer.state(f"{writer.title(paper)}{_byline(paper)}", paper, fields)
    if len(shown) < len(papers):
        writer.say(f"\n\nThe other {len(papers) - len(shown)} are in `python -m assistant papers`.")
    return writer.draft("catalogue", left_out=[p.paper_id for p in papers[MOST_LISTED:]])


def _heading(plan: Plan, count: int, noun: str, restricted: str) -> str:
    if plan.limit is not None:
        number = f"{count} " if count > 1 else ""
        return f"The {number}{'oldest' if plan.oldest_first else 'newest'} {noun}{restricted}:\n"
    return f"{count} {noun}{restricted}:\n"


def _byline(paper: Paper) -> str:
    people = ", ".join(quote(a) for a in paper.authors) + (" et al." if paper.et_al else "")
    parts = [part for part in (people, paper.published or "", ", ".join(paper.categories)) if part]
    return f" — {' · '.join(parts)}{' · code' if paper.has_code else ''}" if parts else ""


_FIELDS_CALLED: dict[Field, str] = {
    "authors": "who wrote {}", "first_author": "who wrote {}", "author_count": "how many authors {} has",
    "published": "when {} was published", "code": "whether there is code for {}",
    "link": "where to find {} on the web", "category": "which category {} is in",
    "venue": "where {} was published", "identifier": "the DOI, arXiv or PubMed number of {}",
    "metrics": "how often {} is cited, or who paid for it",
    "popularity": "how many stars, forks or downloads {} has",
}  # fmt: skip


def field_called(name: Field, of: str = "it") -> str:
    """What a question for a field asks: "who wrote it"."""
    return _FIELDS_CALLED[name].format(of)


def write_fields(papers: Sequence[Paper], plan: Plan) -> Draft | None:
    """Say the publication data that `plan` asks for, of several papers a line each; None where there is none.

    Where the catalogue has some of it, the draft is partial and names what is missing. Of one paper that
    it says nothing of, it has none.
    """
    writer = DraftWriter()
    kinds: list[Kind | None] = []
    for paper in papers:
        writer.say("\n- " if len(papers) > 1 else "")
        if plan.asked_author is not None and (paper.authors or len(papers) == 1):
            kinds.append(_state_whether_author(writer, paper, plan.asked_author, first=plan.asked_first))
        else:
            fields = plan.field_names or ("authors",)
            kinds.append(_state_fields(writer, paper, fields, alone=len(papers) == 1))
    if not any(kinds):
        return None
    alike = len(set(kinds)) == 1
    return writer.draft(kinds[0] if alike and kinds[0] else "partial")


def _state_fields(writer: DraftWriter, paper: Paper, fields: Sequence[Field], *, alone: bool) -> Kind | None:
    missing = [field_called(name) for name in fields if not _can_say(paper, name)]
    said = [name for name in fields if _can_say(paper, name)]
    if "code" in said and "link" in said and paper.urls:
        said.remove("link")  # the link to the code says both
    if alone and not said and len(missing) == 1:
        return None
    for i, name in enumerate(said):
        writer.say(" " if i else "")
        _state_field(writer, paper, name, "It" if i else writer.title(paper))
    lacking = f"The corpus does not say {' or '.join(missing)}"
    if not said:
        writer.state(f"{lacking}: {writer.title(paper)}.", paper, ("display_title",))
        return "refusal"
    writer.say(f" {lacking}." if missing else "")
    return "partial" if missing else "catalogue"


def _can_say(paper: Paper, field: Field) -> bool:
    known: dict[Field, object] = {
        "authors": paper.authors,
        "first_author": paper.authors,
        "author_count": paper.authors,
        "published": paper.published,
        "category": paper.categories,
        "link": paper.urls,
        "code": True,
        "identifier": _identifiers(paper),
    }
    return bool(known.get(field))


def _state_field(writer: DraftWriter, paper: Paper, field: Field, subject: str) -> None:
    if field == "authors":
        writer.state(f"{subject} is by {_people(paper)}.", paper, ("authors",))
    elif field == "first_author":
        writer.state(f"The first author of {subject} is {quote(paper.authors[0])}.", paper, ("authors",))
    elif field == "author_count":
        writer.state(f"{subject} {_number_of_authors(paper)}.", paper, ("authors",))
    elif field == "published":
        writer.state(f"{subject} is dated {paper.published}.", paper, ("published",))
    elif field == "category":
        writer.state(f"{subject} is listed in {', '.join(paper.categories)}.", paper, ("categories",))
    elif field == "identifier":
        writer.state(f"{subject}: {_identifiers(paper)}.", paper, ("identifiers",))
    elif paper.urls:
        _support_links(writer, paper)
        where = f"{subject} is on the web at"
        if field == "code" and paper.has_code:
            where = f"{'Its code' if subject == 'It' else f'The code of {subject}'} is at"
        # No full stop behind a link: it would be taken for part of it.
        writer.state(f"{where} {', '.join(paper.urls)}", paper, ("urls",))
    else:
        says = (
            "has code, but its source gives no link to it"
            if paper.has_code
            else "has no code that its source names"
        )
        writer.state(f"{subject} {says}.", paper, ("has_code",))


def _number_of_authors(paper: Paper) -> str:
    names = ", ".join(quote(a) for a in paper.authors)
    count = f"{len(paper.authors)} author{'s' * (len(paper.authors) > 1)}"
    if paper.et_al:
        return f"has more than {count}; the source lists only the first names, {names}"
    return f"has {count}: {names}"


def _people(paper: Paper) -> str:
    names = ", ".join(quote(a) for a in paper.authors)
    return f"{names} and others; the source lists only the first names" if paper.et_al else names


def _state_whether_author(writer: DraftWriter, paper: Paper, asked: str, *, first: bool) -> Kind | None:
    """Whether `asked` is an author of `paper`; where the list was cut, only what it can say."""
    if not paper.authors:
        return None
    title = writer.title(paper)
    listed = paper.authors[:1] if first else paper.authors
    names = CorpusNames({name: frozenset({paper.paper_id}) for name in listed}, {})
    role = "its first author" if first else "among its authors"
    if found := names.people(asked) or names.misspelt(asked):
        people = " and ".join(sorted(quote(name) for name in found))
        text = f"Yes, {people} is {role}: {title} is by {_people(paper)}."
    elif paper.et_al and not first:
        text = (
            f"{quote(asked)} is not among the authors that the source of {title} names,"
            f" but it names only the first ones: {', '.join(quote(a) for a in paper.authors)}."
        )
    else:
        text = f"No, {quote(asked)} is not {role}: {title} is by {_people(paper)}."
    writer.state(text, paper, ("authors",))
    return "partial" if paper.et_al and not first and not found else "catalogue"


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
