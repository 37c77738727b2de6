"""Questions to begin with and to go on with, made from the corpus and from the evidence at hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.answering.markup import quote
from assistant.models import Answer, Citation, Paper
from assistant.readable import readable
from assistant.retrieval.names import paper_names
from assistant.sentences import split_sentences

_MOST_FOLLOW_UPS = 3
_LONGEST_NAME = 90
# What a sentence of the abstract that the answer did not quote promises an answer to.
_CUES = (
    (
        re.compile(r"\d\s?\\?%|\b(?:outperform|surpass|achiev|improv\w+ (?:over|by)|state-of-the-art)", re.I),
        "What results does {} report?",
    ),
    (
        re.compile(r"\b(?:data ?sets?|benchmarks?|corpus|corpora|cohorts?)\b", re.I),
        "On which data was {} evaluated?",
    ),
    (re.compile(r"\bwe (?:propose|introduce|present|develop)\b", re.I), "How does {} work?"),
)


def example_questions(papers: Sequence[Paper]) -> list[str]:
    """Return up to four questions that this corpus can answer, made from its titles and fields."""
    named = [(name, p) for p in papers if (name := method_name(p))]
    questions = [f"What does {name} do, and how well does it work?" for name, _ in named[:1]]
    if len(named) > 2:
        questions.append(f"Compare {named[1][0]} and {named[2][0]}.")
    years = sorted({p.year for p in papers if p.year and p.has_code})
    if years:
        questions.append(f"Which papers since {years[-1]} come with code?")
    counted = Counter(author for paper in papers for author in paper.authors)
    if counted:
        questions.append(f"Which papers are by {readable(counted.most_common(1)[0][0])}?")
    return questions


def follow_ups(answer: Answer) -> list[str]:
    """Return up to three questions that lead on from `answer`, each with its answer in the papers shown."""
    asked = {_folded(answer.question), _folded(answer.standalone_question)}
    found = (q for q in dict.fromkeys(_candidates(answer)) if _folded(q) not in asked)
    return list(islice(found, _MOST_FOLLOW_UPS))


def _candidates(answer: Answer) -> Iterator[str]:
    if answer.refused:  # papers that are no more than nearest are no way on
        near = [paper for paper in answer.closest if quote(readable(paper.display_title)) in answer.text]
        yield from (f"What is {_name(paper)} about?" for paper in near[:2])
        return
    papers = [citation.paper for citation in answer.citations]
    if answer.kind == "catalogue" or len(papers) > 3:
        if 0 < sum(p.has_code for p in papers) < len(papers):
            yield "Which of these come with code?"
        yield from (f"What is {_name(paper)} about?" for paper in papers[:2])
        return
    yield from _about(answer.citations[:1], answer.question)
    if len(papers) > 1 and not re.search(r"\bcompare\b", answer.question, re.I):
        yield f"Compare {_name(papers[0])} and {_name(papers[1])}."
    yield from _about(answer.citations[1:2], answer.question)


def _about(citations: Sequence[Citation], question: str) -> Iterator[str]:
    """Questions that the sentences of the abstract which were not quoted answer."""
    for citation in citations:
        paper = citation.paper
        quoted = [(e.start, e.end) for e in citation.evidence]
        rest = [
            paper.abstract[span.start : span.end]
            for span in split_sentences(paper.abstract)
            if not any(start < span.end and span.start < end for start, end in quoted)
        ]
        for cue, wording in _CUES:
            if any(cue.search(sentence) for sentence in rest) and not cue.search(question):
                yield wording.format(_name(paper))


def method_name(paper: Paper) -> str:
    """The name a title of the form "NAME: what it is" starts with, else ""."""
    name, colon, _ = (paper.title or "").partition(": ")
    return name if colon and " " not in name and 2 < len(name) < 20 and name.isascii() else ""


def _name(paper: Paper) -> str:
    """What to call the paper: its method's name where it has one, else its title."""
    if name := method_name(paper):
        return name
    title = readable(paper.display_title)
    # As answers do: of several names in an abstract, its own is the one it keeps using.
    names = [name for name in paper_names(paper) if name == title or paper.abstract.count(name) > 1]
    if names:
        return max(names, key=paper.abstract.count)
    return f"“{title if len(title) <= _LONGEST_NAME else _cut(title)}”"


def _cut(title: str) -> str:
    return f"{title[:_LONGEST_NAME].rsplit(' ', 1)[0]}…"


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
