"""Does what an answer says stand in the papers it cites? Decided in code, with no judge model.

A sentence that stands verbatim in a cited abstract is supported. Any other is scored by

    cosine to the best cited sentence + share of its content words that the cited papers have
    - 0.1 for each name (at most two) that stands in none of them

and a figure that stands in none of them, or three such names, make it unsupported whatever the
score. It is weak at best where

- it names what none of them names;
- somewhere in it they lack nearly all words, or one part of it needs the words of two papers;
- one of several cited papers would, cited alone, support no clause of it;
- a clause says the reverse of the sentence that shares most words with it (`features.turned`), or
  has a figure that stands elsewhere in the abstract, beside other things.

The thresholds were chosen on half of SciFact's training claims (even abstract ids), on the seeds
and on faults planted in both. `tests/benchmarks/verdicts.py` prints all figures. These are of the
other half; it was looked at once before the last change to `turned`, so it is no quite untouched
test. Supported / weak / unsupported, per cent, claims against whole abstracts: SUPPORT, n = 191,
49 / 41 / 9; a topical abstract that does not settle the claim, n = 168, 4 / 44 / 52; CONTRADICT,
n = 86, 38 / 51 / 10. Weak or unsupported, in mechanical paraphrases of 120 abstracts: of the true
ones 2 %, of two true ones joined 3-4 %; of those with a new figure 100 % (n = 34), with one from
elsewhere in the abstract 86 % (n = 21), with another paper's citation 100 %, of halves of two
papers 95 % with one cited and 52 % with both, with a denial 94 % (n = 71), a direction turned 97 %
(n = 35), another name 93 % (n = 61). HealthVer's lay claims (n = 1,917, never used for a choice)
share few words with their evidence: 4 % of the supported ones are found "supported", and only 47 %
of what is found so (n = 43) is labelled so.

So it tells what a paper talks about from what it does not, and catches mixed-up citations; it
cannot in general tell a claim from its contradiction in other words, nor see that two sentences
without a common word say the same. "Weak" means: read it yourself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from assistant.answering.amounts import amounts, same_amount
from assistant.answering.citations import strip_markers
from assistant.answering.features import (
    Features,
    contains,
    features,
    normalise,
    strange_names,
    turned,
)
from assistant.models import Evidence, Paper, Verdict
from assistant.retrieval.lacking import abbreviates
from assistant.sentences import split_sentences

__all__ = ["Check", "Embed", "check_sentence", "claims_nothing", "declines", "find_support"]

SUPPORTED_FROM = 1.20
WEAK_FROM = 0.80
CITE_FROM = 1.30  # a citation that the model did not give must be surer than one it gave
MISSING_NAME = 0.1
STRANGE_NAMES = 3  # a sentence with so many names of its own is about something else
VERBATIM = 2.0  # the highest score there is
COMPARED = 4  # sentences of each cited abstract that are embedded; the others share fewer words
GAP, GAP_KNOWN = 5, 1  # of so many content words in a row so few in the cited papers are a gap
BORROWED = 2  # words that another cited paper must lend to a part of a sentence
FIGURE_SHARE = 0.5  # of the words that the nearest sentence shares, those a figure's own sentence shares
QUOTED_LENGTH = 30  # characters from which an abstract's sentence inside the answer is a quotation

Embed = Callable[[Sequence[str]], NDArray[np.float32]]  # unit-length vectors (n, d)

_PASSAGES = (
    r"(?:the\s+|these\s+|those\s+|any\s+of\s+the\s+)?(?:\w+\s+)?"
    r"(?:passages?|papers?|abstracts?|sources?|texts?|corpus|documents?|context)(?:\s*\[?\d+\]?)?"
)
_SAID = (
    r"(?:say|said|give|given|provide|provided|mention|mentioned|state|stated|specify|specified|report|reported"
    r"|name|named|describe|described|discuss|discussed|address|addressed|answer|answered|contain|contained"
    r"|include|included|indicate|indicated|disclose|disclosed|detail|detailed|explain|explained|cover|covered)"
)
_ABSENCE = re.compile(
    rf"""^\W*(?:(?:however|unfortunately|but)[,\s]+)?(?:
      {_PASSAGES}\s+(?:do(?:es)?\s+not|don['’]t|doesn['’]t|cannot)\s+(?:\w+\s+)?{_SAID}\b
    | (?:none|no\s+one)\s+of\s+{_PASSAGES}
    | (?:there\s+is\s+)?no\s+(?:paper|passage|abstract|source|information|mention|detail)s?\b
    | (?:i\s+am\s+|i['’]m\s+)?sorry\b
    | (?:i|we)\s+(?:cannot|can['’]?t|could\s+not|do\s+not|don['’]t|am\s+unable\s+to|did\s+not)
        \s+(?:answer|find|know|have)
    | .*\b(?:is|are|was|were)\s+not\s+(?:\w+\s+)?{_SAID}(?:\s+(?:in|by)\s+{_PASSAGES})?\W*$)""",
    re.IGNORECASE | re.VERBOSE,
)
_ANNOUNCEMENT = re.compile(
    r"^\W*(?:(?:here|the\s+following|these)\s+(?:is|are|papers\b)|(?:in\s+)?(?:summary|conclusion|short)\W*$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict of one sentence; None when it claims nothing.

    `evidence` and `fields` are by id of the cited papers: the sentences of the abstract that
    come nearest, and the catalogue fields that carry something the abstract does not say.
    `missing` names the figures and names that stand in no cited paper;
    `idle` the cited papers that say nothing of the sentence.
    """

    verdict: Verdict | None
    score: float = 0.0
    evidence: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def check_sentence(sentence: str, cited: Sequence[Paper], embed: Embed) -> Check:
    """Check a sentence of an answer against the papers it cites."""
    sentence = strip_markers(sentence)
    if claims_nothing(sentence):
        return Check(None)
    if not cited:
        return Check("unsupported")
    claim = features(sentence)
    if verbatim := _verbatim(sentence, cited):
        others = [p for p in cited if p.paper_id not in verbatim.evidence]
        idle = _idle(claim, others, [_nearest(claim, sentence, p, embed)[1] for p in others])
        return replace(verbatim, verdict="weak", idle=idle) if idle else verbatim
    whole = [features(_everything(paper)) for paper in cited]
    stated = frozenset[str]().union(*(f.figures for f in whole))
    known = amounts(" ; ".join(map(_everything, cited)))
    missing_figures = {
        figure
        for figure in claim.figures
        if not (figure in stated if (same := same_amount(figure, sentence, known)) is None else same)
    }
    missing_names = {
        name
        for name in strange_names(claim, *whole)
        if not same_amount(name, sentence, known) and not any(abbreviates(name, p) for p in cited)
    }
    evidence: dict[str, tuple[Evidence, ...]] = {}
    cosines = [0.0] * len(cited)
    for i, paper in enumerate(cited):
        nearest, cosines[i] = _nearest(claim, sentence, paper, embed)
        if nearest is not None:
            evidence[paper.paper_id] = (nearest,)
    coverage = _coverage(claim.stems, whole)
    score = max(cosines) + coverage - MISSING_NAME * min(len(missing_names), 2)
    idle = _idle(claim, cited, cosines) if len(cited) > 1 else ()
    fields = {p.paper_id: names for p in cited if (names := _fields(claim, p))}
    if missing_figures or len(missing_names) >= STRANGE_NAMES:
        verdict: Verdict = "unsupported"
    elif fields and coverage >= 0.5:  # a statement about authors or dates
        verdict = "supported" if coverage >= 0.8 else "weak"
    elif score < WEAK_FROM:
        verdict = "unsupported"
    elif (
        score < SUPPORTED_FROM
        or missing_names
        or idle
        or _has_gap(claim, whole)
        or _blends(claim, whole)
        or _contradicts(claim, cited)
    ):
        verdict = "weak"
    else:
        verdict = "supported"
    return Check(
        verdict=verdict,
        score=score,
        evidence={k: v for k, v in evidence.items() if coverage >= 0.2 or k not in fields},
        fields=fields,
        missing=tuple(sorted(missing_figures | missing_names)),
        idle=idle,
    )


def find_support(sentence: str, offered: Sequence[Paper], embed: Embed) -> Paper | None:
    """The offered paper that supports a sentence without a citation; None when none surely does."""
    sentence = strip_markers(sentence)
    if claims_nothing(sentence):
        return None
    claim = features(sentence)
    shares = [(len(claim.stems & features(_everything(p)).stems), i) for i, p in enumerate(offered)]
    likely = [
        i for share, i in sorted(shares, key=lambda s: (-s[0], s[1]))[:2] if 2 * share >= len(claim.stems)
    ]
    checks = [(check_sentence(sentence, (offered[i],), embed), i) for i in likely]
    sure = [(c.score, -i) for c, i in checks if c.verdict == "supported" and c.score >= CITE_FROM]
    return offered[-max(sure)[1]] if sure else None


def declines(sentence: str) -> bool:
    """True for "The passages do not say when" and other ways of saying that something is missing."""
    return _ABSENCE.search(normalise(strip_markers(sentence))) is not None


def claims_nothing(sentence: str) -> bool:
    """True for questions, announcements, "the passages do not say" and bare words."""
    text = normalise(strip_markers(sentence))
    if text.endswith(("?", ":")) or _ANNOUNCEMENT.search(text) or declines(text):
        return True
    found = features(text)
    return len(found.stems | found.figures | found.names) < 2


def _verbatim(sentence: str, cited: Sequence[Paper]) -> Check | None:
    """Supported when the sentence is a cited abstract's own, or quotes it and adds only names."""
    evidence: dict[str, tuple[Evidence, ...]] = {}
    rest = normalise(re.sub(r"\\([\[\]*_])", r"\1", sentence)).casefold()
    for paper in cited:
        spans = split_sentences(paper.abstract)
        pieces = [Evidence(paper.abstract[s.start : s.end], s.start, s.end) for s in spans]
        if contains(paper.abstract, sentence):
            own = [e for e in pieces if contains(e.text, sentence) or contains(sentence, e.text)]
            evidence[paper.paper_id] = tuple(own) or (_covering(paper, sentence, pieces),)
            rest = ""
            continue
        quoted = [e for e in pieces if len(e.text) >= QUOTED_LENGTH and contains(sentence, e.text)]
        if quoted:
            evidence[paper.paper_id] = tuple(quoted)
            for e in quoted:
                rest = rest.replace(normalise(e.text).strip(" .").casefold(), " ")
    if not evidence:
        return None
    added = features(rest)
    known = [features(_everything(paper)) for paper in cited]
    strange = added.stems.difference(*(k.stems for k in known)) | added.figures.difference(
        *(k.figures for k in known)
    )
    if any(word.denies for word in added.words):
        return None
    if strange and len(strange) > 0.2 * len(features(sentence).stems):
        return None
    return Check("supported", VERBATIM, evidence)


def _covering(paper: Paper, sentence: str, pieces: Sequence[Evidence]) -> Evidence:
    """The stretch of whole sentences that shares most words with a longer quotation."""
    wanted = features(sentence).stems
    shared = [e for e in pieces if len(features(e.text).stems & wanted) >= 0.5 * len(features(e.text).stems)]
    first, last = (shared or pieces)[0], (shared or pieces)[-1]
    return Evidence(paper.abstract[first.start : last.end], first.start, last.end)


def _coverage(stems: Collection[str], whole: Sequence[Features]) -> float:
    return sum(any(known.has(s) for known in whole) for s in stems) / max(1, len(stems))


def _idle(claim: Features, cited: Sequence[Paper], cosines: Sequence[float]) -> tuple[str, ...]:
    """The papers that, cited alone, would leave every clause of the claim unsupported."""
    idle = []
    for paper, cosine in zip(cited, cosines, strict=True):
        known = features(_everything(paper))
        if cosine + max(_coverage(c.stems, [known]) for c in claim.clauses) < WEAK_FROM:
            idle.append(paper.paper_id)
    return tuple(idle)


def _has_gap(claim: Features, whole: Sequence[Features]) -> bool:
    """True when somewhere in the claim the cited papers lack nearly all words: added by somebody else."""
    known = [any(k.has(w.stem) for k in whole) for w in claim.words if w.stem]
    return any(sum(known[i : i + GAP]) <= GAP_KNOWN for i in range(len(known) - GAP + 1))


def _blends(claim: Features, whole: Sequence[Features]) -> bool:
    """True when one part of the claim, without a joint in it, needs the words of two papers."""
    for _, part in groupby(claim.words, key=lambda word: word.part):
        stems = {word.stem for word in part if word.stem}
        had = [{s for s in stems if known.has(s)} for known in whole]
        if len(set().union(*had)) - max(map(len, had)) >= BORROWED:
            return True
    return False


def _contradicts(claim: Features, cited: Sequence[Paper]) -> bool:
    """True when a clause says the reverse of the cited sentence, or holds a figure of another one."""
    sentences = [features(p.abstract[s.start : s.end]) for p in cited for s in split_sentences(p.abstract)]
    if not sentences:
        return False
    for clause in claim.clauses:
        shares = [len(clause.stems & s.stems) for s in sentences]
        if turned(clause.words, sentences[shares.index(max(shares))].words):
            return True
        for figure in clause.figures:
            holding = [share for share, s in zip(shares, sentences, strict=True) if figure in s.figures]
            if holding and max(holding) < FIGURE_SHARE * max(shares):
                return True
    return False


def _nearest(claim: Features, sentence: str, paper: Paper, embed: Embed) -> tuple[Evidence | None, float]:
    """The abstract's sentence that comes nearest to the claim, and its cosine."""
    spans = split_sentences(paper.abstract)
    if not spans:
        return None, 0.0
    texts = [paper.abstract[s.start : s.end] for s in spans]
    found = [features(text) for text in texts]
    shared = [
        (len(claim.stems & f.stems) + 2 * len(claim.figures & f.figures)) / max(1, len(claim.stems))
        for f in found
    ]
    order = sorted(range(len(spans)), key=lambda i: (-shared[i], i))[:COMPARED]
    vectors = embed([sentence, *(normalise(texts[i]) for i in order)])
    cosines = vectors[1:] @ vectors[0]
    best = max(range(len(order)), key=lambda k: shared[order[k]] + float(cosines[k]))
    span = spans[order[best]]
    return Evidence(texts[order[best]], span.start, span.end), float(cosines.max())


def _fields(claim: Features, paper: Paper) -> tuple[str, ...]:
    """Catalogue fields that say something of the claim which the abstract does not."""
    abstract = features(f"{paper.display_title}. {paper.abstract}")
    names = features(" ".join(paper.authors)).stems & claim.stems - abstract.stems
    fields = ["authors"] if names else []
    if paper.published and paper.published[:4] in claim.figures - abstract.figures:
        fields.append("published")
    if paper.affiliation_tag and features(paper.affiliation_tag).stems & claim.stems - abstract.stems:
        fields.append("affiliation_tag")
    return tuple(fields)


def _everything(paper: Paper) -> str:
    """What the catalogue says about a paper, in one text."""
    about = (*paper.authors, paper.published or "", (paper.published or "")[:4], paper.affiliation_tag or "")
    return f"{paper.display_title}. {' '.join(about)}. {' '.join(paper.categories)}. {paper.abstract}"
