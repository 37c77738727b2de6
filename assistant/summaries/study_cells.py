"""Cells of the evidence table as clinical and biological abstracts word them.

They say what was asked ("to determine whether ..."), name a study design, count their subjects, and
state findings ("X was associated with Y", "we found that ..."), often under labels such as RESULTS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.models import Span

Place = tuple[int, int]

LONGEST = 220  # characters of a finding; a longer one is cut at a comma

_ASKED = re.compile(
    r"\b(?:aim\w*|objectives?|purpose|sought|undertaken|designed|conducted|performed|order|goal)\b[^.;]{0,40}?"
    r"\bto (?:determine|assess|investigate|evaluate|examine|compare|estimate|test|identify|explore|quantify"
    r"|describe|study|characteri[sz]e|establish|understand|analy[sz]e)\s+(?P<asked>(?:[^.;]|\.(?=\w)){12,150}?)"
    r"(?=\.?\s*$|;|, (?:we|and|using|with)\b| (?:using|by means of)\b|$)"
    r"|\b[Ww]e (?:investigated|examined|assessed|evaluated|compared|studied|tested|asked|explored|estimated"
    r"|analy[sz]ed|sought to \w+)\s+(?P<did>(?:whether|the|if|how)\b(?:[^.;]|\.(?=\w)){12,150}?)"
    r"(?=\.?\s*$|;|, (?:we|and|using|with)\b| (?:using|by means of)\b|$)"
    r"|\b(?:OBJECTIVES?|AIMS?|PURPOSE)[: ]+To \w+\s+(?P<labelled>(?:[^.;]|\.(?=\w)){12,150}?)(?=\.?\s*$|;)"
)
_NO_QUESTION = re.compile(r"(?:has|have|is|was|in|on|of|by|for|at|if)\b|\d")
_DESIGN = re.compile(
    r"\b((?:(?:double|single)-blind(?:ed)?|randomi[sz]ed|placebo-controlled|controlled|open-label|multicent(?:er|re)"
    r"|prospective|retrospective|population-based|nation(?:al|wide)|nested|cross-sectional|longitudinal"
    r"|observational|case-control|cohort|crossover|phase [I1-4]+|genome-wide|mendelian|pooled|systematic"
    r"|clinical|factorial|updated|individual participant data|comparative|prospectively)[, ]+(?:and )?)*"
    r"(?:(?:cohort|case-control|association|cross-sectional|crossover|intervention|randomi[sz]ation|twin"
    r"|modelling|birth cohort|follow-up) stud(?:y|ies)|trial"
    r"|meta-?analysis|systematic review(?: and meta-?analysis)?|pooled analysis|genome-wide association study"
    r"|mouse models?|systematic literature review|case series|factorial trial)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<![\d.,-])((?:over |about |approximately |more than |nearly )?\d{1,3}(?:[ ,]\d{3})+|(?<![\d.,-])\d{2,6})"
    r"(?P<what> (?:(?!By|In|The|Of|We)[\w/-]+ ){0,3}?(?:[Pp]atients|participants|subjects|women|men|adults|children|infants|people"
    r"|persons|individuals|volunteers|cases|controls|trials|studies|cohorts|births|mice|rats|adolescents"
    r"|survivors|hospitals|genes|twins|nurses|families|samples))\b"
)
_NO_COUNT = re.compile(r"^(?:1[89]|20)\d\d\b|^\d+ (?:years?|days?|months?|weeks?|hours?|of|to|and|per)\b")
_FOUND = re.compile(
    r"\b(?:[Ww]e|[Rr]esults?|[Dd]ata|[Ff]indings|[Ss]tudy|[Aa]nalys[ie]s|[Ee]vidence)(?: \w+ly| also| further)?"
    r" (?:found|find|finds|show(?:s|ed|n)?|demonstrate[sd]?|observed?|report(?:ed)?|reveal(?:s|ed)?|indicate[sd]?"
    r"|suggest(?:s|ed)?|identif(?:y|ied)|conclude[sd]?) (?:that )(?P<found>[^;]{15,400}?)(?=;|\.?\s*$)"
)
_OWN = re.compile(r"we\b", re.IGNORECASE)
_ASSOCIATED = re.compile(
    r"^(?:[A-Z]{4,}(?: AND [A-Z]+)?:?\s+)?(?:(?:In conclusion|Overall|Further(?:more)?|Moreover), )?"
    r"(?P<found>(?![A-Z]{5})[A-Z\d][^;]{5,160}?\b(?:was|were|is|are) (?:\w+ ){0,2}?(?:associated|linked|correlated) with"
    r" [^;]{5,240}?)(?=;|\.?\s*$)"
)
_LABELLED = re.compile(
    r"^(?:RESULTS|FINDINGS|CONCLUSIONS?|INTERPRETATION|MAIN RESULTS|CONCLUSIONS AND RELEVANCE)[: ]+"
    r"(?P<found>[^;]{20,400}?)(?=;|\.?\s*$)"
)
_DIRECTION = re.compile(
    r"\b(?:increas|decreas|reduc|higher|lower|improv|no (?:significant )?(?:difference|effect|association)"
    r"|associated|risk|greater|fewer|less|more|significant|effective|mortality|prevent|inhibit|induc|requir)",
    re.IGNORECASE,
)
# What is left of a long statement must still state something.
_TELLS = re.compile(
    rf"{_DIRECTION.pattern}|\b(?:is|are|was|were|has|have|had|can|could|may|might|do|does|did)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d(?:[\d.·]*\d)?\s?%|\b\d+[.·]\d+|\bp ?[<=]", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:previous|prior|earlier|recent|existing|other|some|several|many) (?:[\w-]+ ){0,3}?(?:stud|work|trial|report|evidence)|\bpublished in\b",
    re.IGNORECASE,
)


def asked(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """What a study set out to find."""
    for span in sentences:
        match = _ASKED.search(text, span.start, span.end)
        if match and not _NO_QUESTION.match(match[str(match.lastgroup)]):
            yield match.span(str(match.lastgroup))


def design(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """The study's design, from sentences that are not about others' studies."""
    for span in sentences:
        match = _DESIGN.search(text, span.start, span.end)
        # "Trial" alone is no design, and "in clinical trials" is where a drug is, not what was done.
        telling = match and " " in match.group().replace("-", " ") and match.group() != "clinical trial"
        if match and telling and not _OTHERS.search(text, span.start, span.end):
            yield match.span()


def counted(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """How many subjects there were; the largest number comes first."""
    found: list[tuple[int, Place]] = []
    for span in sentences:
        if _OTHERS.search(text, span.start, span.end):
            continue
        for match in _COUNT.finditer(text, span.start, span.end):
            if not _NO_COUNT.match(match.group()):
                number = int(re.sub(r"\D", "", match.group(1)) or 0)
                found.append((number, match.span()))
    yield from (place for _, place in sorted(found, key=lambda f: -f[0]))


def finding(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """A stated finding: those with a figure first, later ones before earlier ones."""
    plain: list[Place] = []
    for span in reversed(sentences):
        if _OTHERS.search(text, span.start, span.end):
            continue
        for pattern in (_ASSOCIATED, _FOUND, _LABELLED):
            match = pattern.search(text[span.start : span.end])
            own = pattern is _FOUND and match is not None and _OWN.match(match.group())
            if match is None or not (own or _DIRECTION.search(match["found"])):
                continue
            place = _cut(text, span.start + match.start("found"), span.start + match.end("found"))
            if place is None:
                continue
            if _FIGURE.search(text, *place):
                yield place
            else:
                plain.append(place)
            break
    yield from plain


def _cut(text: str, start: int, end: int) -> Place | None:
    """A stretch that fits a cell, cut at its last comma or bracket where it is too long."""
    if end - start <= LONGEST:
        return start, end
    while end - start > LONGEST:
        shorter = max(text.rfind(mark, start, end) for mark in (", ", " (", " [", " while ", " but "))
        if shorter <= start + 20:
            return None
        end = shorter
    return (start, end) if _TELLS.search(text, start, end) else None
