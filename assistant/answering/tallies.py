"""Answers that count over the catalogue: papers a year, who has most papers, which share has code."""

from collections import Counter
from collections.abc import Collection, Sequence

from assistant.answering.markup import quote
from assistant.models import Paper
from assistant.retrieval.tallies import By, Tally

_MOST_VALUES = 25  # values of a tally that an answer shows
_RUNNERS_UP = 5
_CALLED: dict[By, tuple[str, str]] = {
    "year": ("year", "years"),
    "month": ("month", "months"),
    "author": ("author", "authors"),
    "first_author": ("first author", "first authors"),
    "category": ("category", "categories"),
    "affiliation_tag": ("affiliation", "affiliations"),
    "code": ("code", "code"),
}


def write_tally(papers: Sequence[Paper], tally: Tally, restriction: str) -> str:
    """The tally over `papers` in Markdown; `restriction`, such as " (year 2024)", says which they are."""
    if tally.order == "share" and tally.by == "code":
        number = sum(paper.has_code is tally.code for paper in papers)
        has = f"{'has' if number == 1 else 'have'} {'code' if tally.code else 'no code'}"
        share = 100 * number / len(papers) if papers else 0.0
        return f"{number} of {_papers(len(papers))}{restriction} {has}, {share:.0f} %."
    if tally.order == "share":
        share = 100 * len(papers) / tally.total if tally.total else 0.0
        return f"{len(papers)} of {tally.total} papers{restriction}, {share:.0f} %."
    counts = Counter(value for paper in papers for value in _values(paper, tally.by))
    one, many = _CALLED[tally.by]
    without = sum(not _values(paper, tally.by) for paper in papers)
    unknown = f" {_papers(without)} {'has' if without == 1 else 'have'} no {one}." if without else ""
    if not counts:
        return f"No paper{restriction} has a known {one}."
    if tally.order == "number":
        called = one if len(counts) == 1 else many
        return f"{_papers(len(papers))}{restriction} with {len(counts)} {called}.{unknown}"
    if tally.order in ("most", "fewest"):
        return _extremes(counts, tally, restriction, len(papers)) + unknown
    chronological = tally.by in ("year", "month")
    ranked = sorted(counts.items(), reverse=True) if chronological else _ranked(counts)
    lines = [f"{_papers(len(papers))}{restriction} by {one}:\n"]
    lines += [f"- {quote(value)}: {count}" for value, count in ranked[:_MOST_VALUES]]
    if len(ranked) > _MOST_VALUES:
        lines.append(f"- and {len(ranked) - _MOST_VALUES} more {many}")
    return "\n".join(lines) + (f"\n\n{unknown.strip()}" if unknown else "")


def _extremes(counts: Counter[str], tally: Tally, restriction: str, total: int) -> str:
    ranked = _ranked(counts)
    if tally.order == "fewest":
        ranked = sorted(counts.items(), key=lambda item: (item[1], item[0]))
    if tally.limit is None:
        first = ranked[0][1]
        best = [value for value, count in ranked if count == first]
        shown = ", ".join(quote(value) for value in best[:_MOST_VALUES])
        more = f" and {len(best) - _MOST_VALUES} more" if len(best) > _MOST_VALUES else ""
        each = " each" if len(best) > 1 else ""
        text = f"{shown}{more}: {_papers(first)}{each}, the {tally.order} of {_papers(total)}{restriction}."
        rest = ranked[len(best) : len(best) + _RUNNERS_UP]
        after = ", ".join(f"{quote(value)} ({count})" for value, count in rest)
        return text + (f" Next: {after}." if after and len(best) <= _RUNNERS_UP else "")
    lines = [f"- {quote(value)}: {_papers(count)}" for value, count in ranked[: tally.limit]]
    return "\n".join([f"The {tally.order} of {_papers(total)}{restriction}:\n", *lines]) + "\n\n"


def _values(paper: Paper, by: By) -> Collection[str]:
    published = paper.published or ""
    if by == "year":
        return [published[:4]] if published else []
    if by == "month":
        return [published[:7]] if len(published) >= len("YYYY-MM") else []
    if by == "author":
        return dict.fromkeys(paper.authors)
    if by == "first_author":
        return paper.authors[:1]
    if by == "category":
        return dict.fromkeys(paper.categories)
    return [paper.affiliation_tag] if paper.affiliation_tag else []


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _papers(count: int) -> str:
    return f"{count} paper" if count == 1 else f"{count} papers"
