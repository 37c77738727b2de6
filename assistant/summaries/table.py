"""The evidence table: what an abstract says about its task, data, method, result and code.

Rules over cue phrases, tuned for precision: a cell is a verbatim phrase with its place, or
None when no rule is sure. A rule only looks into sentences of the kind it was made for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from assistant.models import Evidence, Paper, Span
from assistant.summaries import laboratory_cells, study_cells
from assistant.summaries.model import TableRow

Rule = Callable[[str, Sequence[Span]], Iterator[tuple[int, int]]]

MAX_CELL = 160  # characters; a longer phrase is a sentence, not a cell

_PROPOSE = re.compile(
    r"\b(?:we|this (?:paper|work|study|article)|authors)(?: \w+ly| also| further| then| thus| therefore)?"
    r" (?:propos|present|introduc|develop|design|build|describ|creat|construct|releas|devis)(?:es?|s|ed|t)?\b"
    r"(?: (?:and|then) \w+)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:we|this (?:paper|work|study|article))(?: \w+ly)? (?:stud(?:y|ies)|address(?:es)?|tackles?"
    r"|investigates?"
    r"|considers?|examines?|explores?|focus(?:es)? on|aims? to|thoroughly studies)\b",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"^(?:however|while|although|existing|current|previous|prior|traditional|conventional|recent)\b"
    r"|\b(?:existing|previous|prior) (?:methods|works?|approaches|studies)\b",
    re.IGNORECASE,
)
_TASK_NOUN = (
    r"(?:segmentation|classification|detection|recognition|generation|synthesis|reconstruction|retrieval"
    r"|answering|diagnosis|prognosis|adaptation|compression|estimation|tracking|grounding|translation"
    r"|summari[sz]ation|localization|registration|reasoning|prediction|screening|captioning|fine-tuning"
    r"|forecasting|imputation|clustering|ranking|matching|anonymi[sz]ation)"
)
_TASKS = (
    re.compile(
        r"\b(?:problem|task)s? of ((?!this|that|these)[\w/-]+(?: [\w/'()-]+){0,6}?)"
        r"(?=[,.;:]| that| which| is | are | by | in which|$)"
    ),
    re.compile(
        r"\b(?:for|in) ((?!the |a |an |this |our |each |all |various |different )"
        rf"(?:[\w/'()+-]+ ){{1,5}}?{_TASK_NOUN}(?: tasks?)?)\b(?! \w+(?:s|ing)? (?:and|tasks?))"
    ),
    re.compile(
        rf"\b((?!the |a |an |this |our |and |of |for |in |novel |new )(?:[\w/-]+ ){{1,3}}?{_TASK_NOUN})\b"
    ),
)
_THINGS = (
    r"(?:image[- ](?:caption|text)[- ]pairs?|question[- ]answer(?:ing)?(?: \(\w+\))?[- ]pairs?|VQA pairs"
    r"|images?|slides|patients|subjects|samples|cases"
    r"|participants|scans|volumes|reports|studies|videos|pairs|dialogues|documents|questions|abstracts|papers"
    r"|sentences|annotations|records|tokens|clips|women|men|children|adults|mice|individuals|trials)"
)
_DATA = (
    re.compile(
        r"(?<![\d.,-])((?:over |about |approximately |more than )?(?!(?:19|20)\d\d,? )"
        r"(?:\d{1,3}(?: \d{3})+|\d[\d.,]*)"
        rf"(?:\s?[KMB]\b|k\b| (?:million|billion|thousand))?\+? (?:(?!\d)[\w/-]+ ){{0,3}}?{_THINGS})\b"
    ),
    re.compile(
        r"\b(?:on|with|using|in|from|named|called|release|introduce|present|build) "
        r"((?:the |a )?(?:[A-Z][\w/-]*[A-Z\d][\w/-]*)(?:(?:, and |, "
        r"| and )(?:the )?[A-Z][\w/-]*[A-Z\d][\w/-]*){0,5}"
        r"(?: (?:data ?sets?|benchmarks?|corpus|cohorts?|database)))"
    ),
    re.compile(
        r"\b(?:on|across|using|over|with) ((?:(?:an?|the(?= \w+ \w)|two|three|four|five|six|seven|eight|nine|ten"
        r"|eleven|twelve"
        r"|thirteen|multiple|several|\d+) )(?:[\w/-]+ ){0,5}?(?:data ?sets?|benchmarks?|corpora|cohorts?"
        r"|databases?))\b"
    ),
)
_DATA_CUE = re.compile(
    r"\b(?:data ?sets?|benchmarks?|corpus|corpora|cohorts?|database|experiment|evaluat|validat|collect"
    r"|release|build"
    r"|pre-?train|train|compris|consist|contain|includ|pairs|patients|subjects|samples|participants|enrolled"
    r"|analy[sz]ed)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"(?<!were )(?<!was )(?<!are )(?<!is )(?<!been )(?<!be )\b((?:significantly |substantially |consistently |greatly |effectively )?"
    r"(?:achiev|outperform|surpass|improv|reduc|increas|attain|yield|reach|exceed|accelerat|prun"
    r"|gain|decreas"
    r"|lower(?=s|ed|ing))"
    r"(?:e[sd]?|s|ed|ing|ds?|es)?\b[^.;]*?(?:(?<=\d)\.(?=\d)[^.;]*?)*)(?=[;]|\.(?:\s|$)|$)",
    re.IGNORECASE,
)
_RESULT_CUE = re.compile(
    r"\b(?:experiments?|results?|evaluations?|extensive|achiev\w+|outperform\w*|surpass\w*|demonstrat\w+"
    r"|show(?:s|n)?"
    r"|improv\w+|reduc\w+)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d(?:[\d.,]*\d)?\s?(?:%|×|x\b|times\b|\\%|points?\b|fold\b)|\b0?\.\d+|\b\d+\.\d+")
_STRONG = re.compile(r"state[- ]of[- ]the[- ]art|outperform|surpass|superior|best", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.|(?<![\w/])github\.com/|(?<![\w/])gitlab\.com/)[^\s{}<>\"')\]]+")
_CODE_CUE = re.compile(
    r"\b(?:code|implementation|source|repository|software|models?|available|release)", re.IGNORECASE
)
_CODE_HOST = re.compile(r"git(?:hub|lab)|bitbucket|huggingface|zenodo|sourceforge|codeocean", re.IGNORECASE)


def table_row(number: int, paper: Paper, sentences: Sequence[Span]) -> TableRow:
    """Fill one row from a paper's abstract; `sentences` are the abstract's, in order."""
    text = paper.abstract
    return TableRow(
        number=number,
        year=paper.year,
        task=_first(
            _task(text, sentences), *_cells(text, sentences, study_cells.asked, laboratory_cells.about)
        ),
        data=_first(
            _data(text, sentences), *_cells(text, sentences, study_cells.counted, laboratory_cells.material)
        ),
        method=_first(
            _method(text, sentences), *_cells(text, sentences, study_cells.design, laboratory_cells.technique)
        ),
        result=_first(
            _result(text, sentences),
            *_cells(text, sentences, study_cells.finding, laboratory_cells.concluded),
        ),
        code=_first(_code(text, sentences)),
    )


_NO_TASK = re.compile(
    r"(?:^|[\s-])(?:to|the|both|this|most|comprehensive|large-scale|traditional|unified|our|over|combat"
    r"|tackle|improve"
    r"|enhance|s|resource|challenges?|models|automatic|(?:re-?)?formulate|provid(?:e|ing)|we|perform|achieve|support|training|deploying|control|and|first"
    r"|novel)\s|^\d|\b(?:has|have|is|was|were) ",
    re.IGNORECASE,
)
_NO_METHOD = re.compile(
    r"^(?:that|here|theoretical|identification|prevalences?|evidence|utili[sz]e|leverag\w+|method here|variants?|test set|(?:general|unified) framework|first"
    r"|use|using"
    r"|follow|build|design|incorporate|combine|train|learn|apply|extend|integrate|principle|evidence"
    r"|results?|experiments?|comprehensive|extensive)\b|\b(?:named|called|termed|titled|\w{3,}ed)$|\bprevalences?\b",
    re.IGNORECASE,
)


def _first(*found: Iterator[Evidence | None]) -> Evidence | None:
    return next((cell for cell in chain.from_iterable(found) if cell is not None), None)


def _cell(text: str, start: int, end: int, longest: int = MAX_CELL) -> Evidence | None:
    """The phrase without surrounding punctuation; None when it is too long or says nothing."""
    while end > start and text[end - 1] in " ,.;:\n":
        end -= 1
    while start < end and text[start] in " ,\n":
        start += 1
    phrase = text[start:end]
    if not 3 <= len(phrase) <= longest or phrase.count("(") != phrase.count(")"):
        return None
    return Evidence(phrase, start, end)


def _cells(text: str, sentences: Sequence[Span], *rules: Rule) -> Iterator[Iterator[Evidence | None]]:
    longest = study_cells.LONGEST
    return ((_cell(text, start, end, longest) for start, end in rule(text, sentences)) for rule in rules)


def _task(text: str, sentences: Sequence[Span]) -> Iterator[Evidence | None]:
    """From a sentence that says what the paper addresses or proposes, else the opening one."""
    about = [
        s for s in sentences if _ADDRESS.search(text, s.start, s.end) or _PROPOSE.search(text, s.start, s.end)
    ]
    for pattern in _TASKS:
        for span in about:
            for match in pattern.finditer(text, span.start, span.end):
                if not _NO_TASK.search(match.group(1)):
                    yield _cell(text, match.start(1), match.end(1))
    for span in sentences[:1]:
        opening = _TASKS[-1].search(text, span.start, span.end)
        if opening and not _NO_TASK.search(opening.group(1)):
            yield _cell(text, opening.start(1), opening.end(1))


def _data(text: str, sentences: Sequence[Span]) -> Iterator[Evidence | None]:
    """How much of what was used, else the data sets' names, else what kind of data sets."""
    for pattern in _DATA:
        for span in sentences:
            if not _DATA_CUE.search(text, span.start, span.end) or _is_background(text, span):
                continue
            match = pattern.search(text, span.start, span.end)
            if match:
                yield _cell(text, match.start(1), match.end(1))


def _method(text: str, sentences: Sequence[Span]) -> Iterator[Evidence | None]:
    """The object of "we propose ...", up to where its purpose or a further clause begins."""
    for span in sentences:
        match = _PROPOSE.search(text, span.start, span.end)
        if not match:
            continue
        rest = re.compile(
            r"\s+(?:(?:an?|the|our|two|three|to|novel|new)\s+)*"
            r"(?:(?:[\w-]+ ){0,5}?[\w-]+,? (?:called|named|termed|dubbed|namely),? (?:as )?(?:an? |the )?)?"
            r"((?:\([^()]*\)|.)+?)(?=,? (?:that|which|to|for|by|in order|where|whose|based on|aim\w*|allow\w*|enabl\w*"
            r"|with|without|in|as|from|on)\b"
            r"|[,;:](?! termed| named| called)|\.(?:\s|$)| --|$)"
        ).match(text, match.end(), span.end)
        if not rest or _NO_METHOD.search(rest.group(1)):
            continue
        if len(rest.group(1).split()) >= 2 or rest.group(1)[0].isupper():
            yield _cell(text, rest.start(1), rest.end(1))


def _result(text: str, sentences: Sequence[Span]) -> Iterator[Evidence | None]:
    """A clause with a figure, the last first as results close an abstract; else a clear win."""
    spans = [s for s in reversed(sentences) if _RESULT_CUE.search(text, s.start, s.end)]
    spans = [s for s in spans if not _is_background(text, s)]
    for wanted in (_FIGURE, _STRONG):
        for span in spans:
            for match in _RESULT.finditer(text, span.start, span.end):
                if wanted.search(match.group(1)):
                    yield _shortened(text, match.start(1), match.end(1), wanted)


def _shortened(text: str, start: int, end: int, wanted: re.Pattern[str]) -> Evidence | None:
    """Cut a long clause at the last comma that keeps what makes it a result."""
    cell = _cell(text, start, end)
    while cell is None and end - start > MAX_CELL:
        comma = max(text.rfind(mark, start, end) for mark in (", ", " while ", " with ", " and "))
        if comma <= start or not wanted.search(text[start:comma]):
            return None
        end = comma
        cell = _cell(text, start, end)
    return cell


def _code(text: str, sentences: Sequence[Span]) -> Iterator[Evidence | None]:
    """A link to a code host, else any link in a sentence that speaks of code."""
    for match in _URL.finditer(text):
        if _CODE_HOST.search(match.group()):
            yield _cell(text, match.start(), match.end())
    for span in sentences:
        if _CODE_CUE.search(text, span.start, span.end):
            found = _URL.search(text, span.start, span.end)
            yield _cell(text, found.start(), found.end()) if found else None


def _is_background(text: str, span: Span) -> bool:
    return _BACKGROUND.search(text[span.start : span.end]) is not None
