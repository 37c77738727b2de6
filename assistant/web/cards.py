"""Source cards: the papers behind an answer, as HTML that holds no live text of theirs.

Every string from the catalogue goes through `html.escape`; links are http(s) only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from assistant.answering.filter_words import describe_filters
from assistant.models import Answer, AnswerSentence, Citation, Coverage, Evidence, Paper, Why
from assistant.web.citing import citing
from assistant.web.highlight import emphasised, highlighted, plain
from assistant.web.markup import card_id

# Cards whose abstract is open from the start; the others show their evidence alone, so that the
# panel is no wall of text.
_OPEN_ABSTRACTS = 1
_VERDICTS = {
    "supported": ("✓", "supported by its sources"),
    "weak": ("≈", "only partly supported by its sources"),
    "unsupported": ("!", "not supported by its sources"),
}
# The signals of `Why.scores` as a reader knows them, in the order of their telling.
_SIGNALS = {
    "passage": "Meaning of the abstract",
    "sentence": "Meaning of its nearest sentence",
    "words": "Words",
    "late": "Meaning, word by word",
    "close": "Meaning, word by word in each sentence",
}
# The papers among which a signal ranks one, where these are not all that were looked at.
_RANKED_AMONG = {"close": "few read that closely"}
# The fields of `Citation.fields` whose own names say less to a reader.
_FIELDS = {
    "display_title": "title",
    "published": "date",
    "has_code": "whether there is code",
    "et_al": "authors",
    "urls": "links",
    "url": "link",
    "affiliation_tag": "affiliation",
}
_CODE_HOSTS = ("github.com", "gitlab.com", "huggingface.co", "bitbucket.org", "codeberg.org", "github.io")

EMPTY_PANEL = (
    '<div class="pa-empty"><p><strong>Sources</strong></p>'
    "<p>The papers behind each answer appear here, with the sentences it rests on "
    "<mark>highlighted</mark>.</p></div>"
)


def sources_panel(answer: Answer, turn: int) -> str:
    """Return the panel of the answer number `turn`: its checks, then a card for each cited paper."""
    parts = [f'<section class="pa-sources" data-turn="{turn}" aria-label="Sources of answer {turn}">']
    if answer.citations:
        parts += [_heading("Sources", len(answer.citations)), _checks(answer.sentences)]
        parts += [
            source_card(
                c,
                turn,
                opened=place < _OPEN_ABSTRACTS and bool(c.evidence),
                question=answer.standalone_question,
                sentences=answer.sentences,
            )
            for place, c in enumerate(answer.citations)
        ]
    cited = {c.paper.paper_id for c in answer.citations}
    closest = [paper for paper in answer.closest if paper.paper_id not in cited]
    if answer.refused and closest:
        parts += [_heading("Closest papers", len(closest)), *map(paper_card, closest)]
    if len(parts) == 1:
        parts.append('<div class="pa-empty"><p>This answer rests on no paper.</p></div>')
    if answer.coverage.left_out and answer.citations:
        parts.append(_coverage(answer.coverage))
    return "".join([*parts, "</section>"])


def sources_list(citations: Sequence[Citation], turn: int) -> str:
    """Return closed cards for `citations`, each showing its evidence, under a heading."""
    cards = "".join(source_card(c, turn, opened=False) for c in citations)
    return f'<section class="pa-sources">{_heading("Sources", len(citations))}{cards}</section>'


def papers_panel(heading: str, papers: Sequence[Paper]) -> str:
    """Return cards for papers that nothing cites, under a heading; "" without papers."""
    if not papers:
        return ""
    cards = "".join(map(paper_card, papers))
    return f'<section class="pa-sources">{_heading(escape(heading), len(papers))}{cards}</section>'


def source_card(
    citation: Citation,
    turn: int,
    *,
    opened: bool = True,
    question: str = "",
    sentences: Sequence[AnswerSentence] = (),
) -> str:
    """Return the card that a marker leads to: the paper and its abstract with the evidence marked.

    In the evidence, what is of the kind that `question` asks for is emphasised; `sentences` are the
    answer's, of which the card names those that rest on this paper, with their verdicts.
    """
    paper = citation.paper
    quotes = "".join(
        f'<blockquote class="pa-quote">{emphasised(e.text, question)}</blockquote>' for e in citation.evidence
    )
    fields = ""
    if citation.fields and not citation.evidence:
        names = ", ".join(_FIELDS.get(name, name.replace("_", " ")) for name in citation.fields)
        fields = f'<p class="pa-hint">Taken from its record: {escape(names)}.</p>'
    return (
        f'<article class="pa-card" id="{card_id(turn, citation.number)}" tabindex="-1">'
        f"{_title(paper, str(citation.number))}{_meta(paper)}{fields}"
        f"{_abstract(paper, citation.evidence, opened=opened, question=question)}{quotes}"
        f"{_resting(sentences, citation.number)}{_why(citation.why) if citation.why else ''}"
        f"{citing(paper)}{_links(paper)}</article>"
    )


def paper_card(paper: Paper, *, opened: bool = False) -> str:
    """Return a card of a paper that no marker leads to."""
    return (
        f'<article class="pa-card">{_title(paper)}{_meta(paper)}'
        f"{_abstract(paper, (), opened=opened)}{citing(paper)}{_links(paper)}</article>"
    )


def safe_url(url: str | None) -> str | None:
    """Return `url` when it is an http(s) address with a host, else None."""
    try:
        parts = urlsplit(url.strip()) if url else None
    except ValueError:
        return None
    if url is None or parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    return url.strip()


def authors_line(paper: Paper, limit: int = 6) -> str:
    """Return the authors as plain text, cut after `limit` or where the source cut them."""
    names = ", ".join(paper.authors[:limit])
    return f"{names} et al." if names and (paper.et_al or len(paper.authors) > limit) else names


def _heading(text: str, count: int) -> str:
    return f'<h2 class="pa-heading">{text} <span class="pa-count">{count}</span></h2>'


def _title(paper: Paper, number: str = "") -> str:
    title = plain(paper.display_title)
    if url := safe_url(paper.url):
        title = f"{_link_open(url)}{title}</a>"
    badge = f'<span class="pa-number">{number}</span>' if number else ""
    return f'<h3 class="pa-title">{badge}<span>{title}</span></h3>'


def _meta(paper: Paper) -> str:
    parts = [escape(part) for part in (authors_line(paper), paper.published and paper.published[:4]) if part]
    chips = [*paper.categories, *([paper.affiliation_tag] if paper.affiliation_tag else [])]
    parts += [f'<span class="pa-chip">{escape(chip)}</span>' for chip in chips]
    return f'<p class="pa-meta">{" · ".join(parts)}</p>' if parts else ""


def _abstract(paper: Paper, evidence: Sequence[Evidence], *, opened: bool, question: str = "") -> str:
    if not paper.abstract.strip():
        return '<p class="pa-hint">The source gives no abstract.</p>'
    return (
        f'<details class="pa-abstract"{" open" if opened else ""}><summary>Abstract</summary>'
        f"<p>{highlighted(paper.abstract, evidence, question)}</p></details>"
    )


def _resting(sentences: Sequence[AnswerSentence], number: int) -> str:
    """Return what the answer takes from this paper, sentence by sentence, with the verdicts."""
    judged = [s for s in sentences if s.verdict and number in s.citations]
    if not judged:
        return ""
    signs = " ".join(sorted({_VERDICTS[s.verdict or "unsupported"][0] for s in judged}))
    rows = "".join(_resting_row(s) for s in judged)
    count = "One sentence rests" if len(judged) == 1 else f"{len(judged)} sentences rest"
    return (
        f'<details class="pa-checks"><summary>{signs} {count} on this paper</summary>'
        f"<ul>{rows}</ul></details>"
    )


def _resting_row(sentence: AnswerSentence) -> str:
    sign, words = _VERDICTS[sentence.verdict or "unsupported"]
    return f'<li class="pa-{sentence.verdict}">{sign} “{plain(_bare(sentence.text))}” <em>{words}</em></li>'


def _bare(text: str) -> str:
    """A sentence of an answer without its markers and Markdown, cut where it becomes long."""
    text = re.sub(r"\s*(?<!\\)\[\d{1,4}\]|\*\*|^[>\s#-]+", "", text).strip()
    return text if len(text) <= 240 else f"{text[:240].rsplit(' ', 1)[0]}…"


def _why(why: Why) -> str:
    """Return what led to the paper, in words; "" for a paper that nothing was asked of but to be there."""
    rows = []
    if why.scores:
        words = ", ".join(f"“{plain(term)}”" for term in why.terms)
        rows.append(
            f"Holds these words of the question: {words}." if words else "Shares no word with the question."
        )
        rows += [_signal_row(why, signal, name) for signal, name in _SIGNALS.items() if signal in why.scores]
    if filters := describe_filters(why.filters):
        rows.append(f"Passes the filter: {escape(filters)}.")
    if not rows:
        return ""
    items = "".join(f"<li>{row}</li>" for row in rows)
    return f'<details class="pa-checks"><summary>Why this paper?</summary><ul>{items}</ul></details>'


def _signal_row(why: Why, signal: str, name: str) -> str:
    rank = why.ranks.get(signal)
    if rank is None:
        return f"{name}: no match."
    place = "the best" if rank == 1 else f"number {rank:,}"
    among = _RANKED_AMONG.get(signal, "papers looked at")
    return f"{name}: {place} of the {among} ({why.scores[signal]:.2f} of 1)."


def _coverage(coverage: Coverage) -> str:
    """Return how many papers match and which of them the answer leaves out."""
    named = "".join(f"<li>{plain(p.display_title)}{_in_year(p)}</li>" for p in coverage.strongest)
    more = len(coverage.left_out) - len(coverage.strongest)
    if more:
        named += f"<li>{'and ' if coverage.strongest else ''}{more:,} more</li>"
    return (
        f'<details class="pa-checks"><summary>{_papers(coverage.matched)} match, {coverage.used:,} of them '
        f"used here</summary><p>Left out, the nearest first:</p><ul>{named}</ul></details>"
    )


def _papers(count: int) -> str:
    return f"{count:,} {'paper' if count == 1 else 'papers'}"


def _in_year(paper: Paper) -> str:
    return f" ({paper.year})" if paper.year else ""


def _links(paper: Paper) -> str:
    links = []
    shown = safe_url(paper.url)
    if shown and not _is_code(shown):
        links.append(f"{_link_open(shown)}Paper ↗</a>")
    for url in dict.fromkeys(filter(None, map(safe_url, paper.urls))):
        if _is_code(url):
            links.append(f"{_link_open(url)}Code ↗</a>")
        elif url != shown:
            links.append(f"{_link_open(url)}{escape(urlsplit(url).hostname or 'Link')} ↗</a>")
    if paper.has_code and not any("Code ↗" in link for link in links):
        links.append("<span>code available</span>")
    if paper.sources:
        links.append(f'<span class="pa-source">from {escape(", ".join(paper.source_names))}</span>')
    return f'<p class="pa-links">{"".join(links)}</p>' if links else ""


def _is_code(url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return any(host == known or host.endswith(f".{known}") for known in _CODE_HOSTS)


def link_html(url: str, shown: str) -> str:
    """Return a link to a `safe_url` that opens beside the page and tells nothing of it."""
    return f"{_link_open(url)}{escape(shown)}</a>"


def _link_open(url: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer nofollow">'


def _checks(sentences: Sequence[AnswerSentence]) -> str:
    """Return one line on how well the sources carry the answer; details when some sentence is shaky."""
    judged = [s for s in sentences if s.verdict]
    if not judged:
        return ""
    shaky = [s for s in judged if s.verdict != "supported"]
    if not shaky:
        count = {1: "The sentence is", 2: "Both sentences are"}.get(
            len(judged), f"All {len(judged)} sentences are"
        )
        return f'<p class="pa-hint pa-supported">✓ {count} supported by the sources.</p>'
    rows = "".join(_verdict_row(s) for s in shaky)
    return (
        f'<details class="pa-checks"><summary>{len(judged) - len(shaky)} of {len(judged)} sentences '
        f"are supported by their sources</summary><ul>{rows}</ul></details>"
    )


def _verdict_row(sentence: AnswerSentence) -> str:
    sign, words = _VERDICTS[sentence.verdict or "unsupported"]
    return f'<li class="pa-{sentence.verdict}">{sign} “{plain(_bare(sentence.text))}” is {words}.</li>'
