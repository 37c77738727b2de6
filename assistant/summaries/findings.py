"""Where papers agree, where they differ, and what they leave open: verbatim, as far as abstracts say it.

A finding is a sentence that relates two things in a direction: "low X was associated with higher
risk of Y", "X inhibits Y", "X did not reduce Y". Two papers are set side by side when their things
are the same on both sides of the verb; multiplying all words that point up or down tells whether
they agree ("low X raises Y" and "X lowers Y" do). Few sentences are so plain, so little is found; what
is found can be checked by reading the two sentences. Nothing is concluded beyond them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from assistant.answering.features import Word, features
from assistant.models import Evidence
from assistant.readable import readable
from assistant.summaries.model import Findings, Statement
from assistant.summaries.selection import Candidate, Vectors

FINDINGS = 300  # relations that are compared with one another
SAME = 1 / 3  # share of the shorter side's words that two findings must have in common, on each side
TOGETHER = 0.9  # the two shares together
NEAR = 0.5  # cosine of two sentences about the same thing
MOST = 4  # pairs shown of each kind
GAPS = 6
TWICE = 0.75  # cosine from which two sentences say the same
LATE = 0.5  # share of an abstract after which an open question is still open
BESIDE = 6  # words on each side of it whose direction counts: those further off qualify other things
SIDE = 12  # words of a sentence on each side of the verb that may name the thing

_VERB = (
    r"(?:increas|decreas|reduc|improv|inhibit|promot|prevent|impair|suppress|enhanc|attenuat|induc"
    r"|stimulat|rais|abolish|accelerat|delay|protect)(?:e?s|e?d|ed|es)?(?: against| from)?"
)
_RELATION = re.compile(
    r"(?P<null>\b(?:did not|does not|do not|had no|has no|have no|was not|were not|is not|are not)\b"
    rf" (?:\w+ ){{0,2}}?(?:{_VERB}|associated with|effect on|impact on)"
    r"|\bno (?:\w+ )?(?:association (?:between|of|with)|effect (?:of|on)|benefit (?:of|on)))\b"
    r"|\b(?P<link>(?:is|are|was|were|been) (?:\w+ ){0,2}?(?:associated|linked|correlated) with)\b"
    rf"|\b(?P<verb>{_VERB})\b",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"^\W*(?:background|introduction|context|objectives?|aims?|purpose|importance|methods?|design)\b"
    r"|\b(?:we (?:investigate|examine|aim|propose|hypothes)\w*|to (?:investigate|determine|assess|examine)"
    r"|this (?:review|study|paper) (?:\w+s|aim\w*|was)|whether|may|might|could|should|unclear|hypothes\w+)\b",
    re.IGNORECASE,
)
# Things that every abstract speaks of: a sentence about nothing else is no finding to compare.
_COMMON = frozenset(
    """result experi method perform model state art approach accurac effect level studi conclus find data
    signific associ group patient subject risk rate outcom increas decreas reduc improv lower higher year
    incid women men adult conclusion interpretation results findings odds ratio interval confidence""".split()
)
_FUTURE = re.compile(
    r"\b(?:future (?:work|research|studies|trials|investigations?) (?:should|will|is|are|must|may|needs?)"
    r"|(?:in|for) future (?:work|research|studies)"
    r"|(?:further|more|additional|larger) (?:research|stud(?:y|ies)|work|investigations?|trials|evidence"
    r"|evaluation|validation) (?:is|are|will|on|to|into|should|may|must|would|need)"
    r"|(?:needs?|remains?|warrants?|requires?) (?:to be |further |more )(?:\w+ ){0,2}"
    r"(?:stud(?:y|ied)|investigat\w+|explor\w+|determined|established|elucidated|clarified|evaluated|addressed)"
    r"|limitations? (?:of|in) (?:this|our|the (?:present|current)) (?:study|work|paper|method|approach)"
    r"|(?:our|this|the present) (?:study|work|review|analysis) (?:is|was) limited)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:remains? (?:largely |still |poorly |to be )?(?:un\w+|elusive|controversial|debated|open"
    r"|an open|seen)|(?:is|are) (?:still |largely |currently )?(?:unknown|unclear|controversial"
    r"|poorly understood)"
    r"|(?:still|not yet) (?:far from|fall short|fully|sufficient|struggle)|in an early stage|early-stage"
    r"|little is known|insufficient evidence|inconclusive|no consensus|room for improvement)\b",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    r"^\W*(?:to (?:address|tackle|fill|overcome|bridge)|here|in this|we )"
    r"|\b(?:this|our) (?:review|paper) will\b",
    re.IGNORECASE,
)

Numbered = Mapping[int, Candidate]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a sentence relates: stems on the left and right of the verb, and the sign of it all.

    `sign` is 1 or -1, or 0 where the sentence says that there is no such effect; `plain` where
    nothing on the left points up or down by itself ("smoking reduction" does).
    """

    left: frozenset[str]
    right: frozenset[str]
    sign: int
    plain: bool = True


@dataclass(frozen=True, slots=True)
class _Finding:
    told: Statement
    relation: Relation
    vector: Vectors


def find(papers: Numbered) -> Findings:
    """What the abstracts of the papers, by citation number, agree on, differ on and leave open."""
    found = [f for number, candidate in papers.items() for f in _findings(number, candidate)][:FINDINGS]
    agreements: list[tuple[Statement, Statement]] = []
    differences: list[tuple[Statement, Statement]] = []
    for one, other in _alike(found):
        a, b = one.relation, other.relation
        # Whether two words that point make one direction is often a matter of sense.
        if a.sign * b.sign < 0 and not (a.plain and b.plain):
            continue
        into = agreements if a.sign == b.sign else differences
        ids = {one.told.number, other.told.number}
        paired = any(ids & {a.number, b.number} for a, b in into)
        if len(into) < MOST and not paired:
            into.append((one.told, other.told))
    return Findings(tuple(agreements), tuple(differences), _gaps(papers))


def read_relation(sentence: str) -> Relation | None:
    """The relation that a sentence states; None when it states none plainly."""
    text = readable(sentence)
    if _BACKGROUND.search(text):
        return None
    for match in _RELATION.finditer(text):
        left = _words(text[: match.start()])[-SIDE:]
        right = _words(text[match.end() :])[:SIDE]
        if match["null"] and not _things(left):  # "No association between X and Y", "no effect of X on Y"
            sides = re.split(r"\b(?:and|with|on|in)\b", text[match.end() :], maxsplit=1)
            left, right = _words(sides[0])[:SIDE], _words(sides[-1])[:SIDE] if len(sides) > 1 else []
        things = _things(left), _things(right)
        if not all(things):
            continue
        if match["null"]:
            return Relation(*things, 0)
        pointing = [w.points for w in (*left[-BESIDE:], *_words(match[0]), *right[:BESIDE]) if w.points]
        denied = any(w.denies for w in (*left, *right))
        if denied or not pointing or (match["link"] and not any(w.points for w in right)):
            continue
        return Relation(*things, prod(pointing), not any(w.points for w in left))
    return None


def _words(text: str) -> list[Word]:
    return list(features(text).words)


def _things(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(w.stem for w in words if w.stem and not w.points and w.stem not in _COMMON)


def _findings(number: int, candidate: Candidate) -> list[_Finding]:
    text = candidate.paper.abstract
    found = []
    for span, vector in zip(candidate.spans, candidate.sentences, strict=True):
        sentence = text[span.start : span.end]
        if 40 <= len(sentence) <= 350 and (relation := read_relation(sentence)):
            evidence = Evidence(sentence, span.start, span.end)
            found.append(_Finding(Statement(number, evidence), relation, vector))
    return found


def _alike(found: Sequence[_Finding]) -> list[tuple[_Finding, _Finding]]:
    """The pairs of two papers' findings that are about the same things, the most alike first."""
    pairs = []
    for i, one in enumerate(found):
        for other in found[:i]:
            if one.told.number == other.told.number:
                continue
            a, b = one.relation, other.relation
            left, right = _overlap(a.left, b.left), _overlap(a.right, b.right)
            nearness = float(one.vector @ other.vector)
            if min(left, right) >= SAME and left + right >= TOGETHER and nearness >= NEAR:
                pairs.append((left + right + nearness, other, one))
    return [(one, other) for _, one, other in sorted(pairs, key=lambda p: -p[0])]


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / min(len(one), len(other))


def _gaps(papers: Numbered) -> tuple[Statement, ...]:
    """Sentences on future work and limits, and open questions that stand late in their abstract.

    Early ones are what the paper itself sets out to answer.
    """
    gaps: list[Statement] = []
    told: list[Vectors] = []
    for pattern, from_share in ((_FUTURE, 0.0), (_OPEN, LATE)):
        for number, c in papers.items():
            text = c.paper.abstract
            for i, span in enumerate(c.spans):
                sentence = text[span.start : span.end]
                late = i >= from_share * len(c.spans)
                if not late or not pattern.search(sentence) or _ANSWERED.search(sentence):
                    continue
                if any(g.number == number for g in gaps):
                    continue
                if any(float(c.sentences[i] @ t) > TWICE for t in told):
                    continue
                told.append(c.sentences[i])
                gaps.append(Statement(number, Evidence(sentence, span.start, span.end)))
                if len(gaps) == GAPS:
                    return tuple(gaps)
    return tuple(gaps)
