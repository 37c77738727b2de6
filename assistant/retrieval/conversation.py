"""Follow-up questions: which papers they are about, and the question in full.

Rules, no model: a question that names no paper and leans on what was said ("it", "the second
one", "and its results?") is about papers of earlier turns. The papers a conversation speaks of
are kept in order of first mention, so that "the former" and "the third one" can be resolved.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.models import Paper
from assistant.retrieval.kinds import NEWEST
from assistant.retrieval.names import named_papers, paper_names
from assistant.retrieval.plan import Plan
from assistant.words import content_words

_PRONOUN = re.compile(
    r"\b(?:it|they|them|theirs|this|that|these|those|he|she)\b(?!\s+(?:is|are) (?:a|the)\b)"
    r"|\bthe (?:paper|study|work|article|abstract|(?:(?:first|last|lead|main|senior) )?authors?|method|model|approach|framework|dataset|data ?set|results?|code|system"
    r"|gain|improvement|speed-?up|accuracy|limitation|drawback|conclusion|finding|contribution)s?\b"
    r"(?!\s+(?:on|of|for|that|about|by|which|with|in|from|behind|called|named)\b)"
    r"|\bthere\b(?=\W*$)|\bsame\b|\bthe (?:files|images|experiments|evaluation)\b",
    re.I,
)
_SUBJECT = re.compile(r"\b(?P<possessive>its|their|his|her)\b|\b(?P<plain>it|they|them)\b", re.I)
_ORDINALS = {
    "first": 0,
    "1st": 0,
    "former": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "sixth": 5,
    "seventh": 6,
    "eighth": 7,
    "ninth": 8,
    "tenth": 9,
}
_ORDINAL = re.compile(
    r"(?:\bthe |(?<=\band )|(?<=, ))(?P<word>first|1st|second|2nd|third|3rd|fourth|4th|fifth|sixth|seventh|eighth|ninth|tenth|former|latter|last)"
    r"(?:\s+(?:one|paper|study|work|method|article|of (?:them|these|those)))?(?=\W|$)"
    r"|\b(?P<both>both(?: of them| papers)?|each of them|the two)\b"
    r"|\b(?:the |its )?(?P<age>earlier|older|newer|later|more recent|earliest|latest|previous)\s+(?:one|paper|version|study|work)\b",
    re.I,
)
_NOT_ORDINAL = re.compile(
    r"\bthe (?:first|last|second) (?!one|paper|study|work|method|article|of\b|and\b|or\b|with\b|to\b|vs\b|versus\b)\w+",
    re.I,
)
# "Which one is newer?" asks of two; "which is faster than SGD?" names what it compares with.
_WHICH_OF_TWO = re.compile(
    r"^\W*(?:(?:and|so|then|ok(?:ay)?)\W+)*which\s+(?:(?:one|paper|study|work|method|model|of\s+(?:them|these|those|(?:the\s+)?two|both))\s+)?"
    r"(?:is|was|are|has|had|does|did|came|comes|performs?|performed|works?|uses?|needs?|gives?|gets?|reports?|scores?)\b"
    r"(?=.*\b(?:better|worse|more|less|fewer|first|later|earlier|(?!other|number|paper|either|computer|transformer|whether|after|under|over|per|parameter)\w{3,}er)\b)(?!.*\bthan\b)",
    re.I,
)
# "Compare them", "how do they differ?": of the two spoken of last.
_BETWEEN_THEM = re.compile(
    r"^\W*(?:(?:and|so|then|now|please|ok(?:ay)?|can you|could you)\W+)*(?:compare|contrast)\s+(?:them|these|those)\b"
    r"|\bhow (?:do|are|did) (?:they|these|those) (?:compare[ds]?|differ(?:ent)?)\b|\bdifferences? between (?:them|these|those)\b",
    re.I,
)
# What is asked of both papers just compared: "which data do they use?", "and their accuracy?".
_OF_BOTH = re.compile(
    r"\b(?:do|did|are|were|can|could|have|had|will|would|should)\s+(?:they|these|those)\b|(?P<object>\b(?:their|them)\b)"
    r"|^\W*(?:and\W+)?(?:who|what)\s+are\s+the\s+authors\W*$",
    re.I,
)
_OF_PAPERS = re.compile(r"\b(?:papers?|studies|articles|works)\b", re.I)
# What sets the thing before it against what is named behind: "does it beat SAFARI?", "how does it compare to SAFARI?".
_SET_AGAINST = re.compile(
    r"\bbeats?\b|\boutperform|\bsurpass|\bexceed|\bthan\b|\bcompar|\bdiffer|\bsimilar|\brelate|\bversus\b|\bvs\b|\bas \w+ as\b|\bon par\b|\bimprove[sd]? (?:on|upon|over)\b",
    re.I,
)
_OPENING = re.compile(
    r"^\W*(?:and|or|but|also|so|ok(?:ay)?|then|what about|how about|same for|why|how so|of which|in which)\b",
    re.I,
)
_MORE = re.compile(
    r"^\W*(?:tell me more|more(?: details)?|go on|continue|explain (?:that|more|further)|elaborate|tl;?dr|eli5)\b",
    re.I,
)
_WHAT_ABOUT = re.compile(
    r"^\W*(?:and|or|but|what about|how about|same for|and for|ok(?:ay)?,?)\W+(?:what about |how about |for |the one of )?",
    re.I,
)
_NAME = re.compile(r"\b[A-Z][\w-]*[A-Z0-9]\w*|\b[A-Z][a-z]+(?:[ -][A-Z][a-z]+)+")
_DESCRIBED = re.compile(
    r"\bthe (?:paper|study|work|article|method|model|approach)s?\s+(?:on|of|for|that|about|which|with)\b",
    re.I,
)
_POSSESSIVE = re.compile(r"\b(?:its|their|his|her)\b", re.I)
# A few words lean only when they ask something: "which datasets?", not "neural style transfer".
_ASKS = re.compile(
    r"^\W*(?:(?:on|in|by|for|with|at|to|over|of|under|from)\s+)?(?:what|which|who|whose|where|when|why|how|is|are|was|were|does|do|did|can"
    r"|has|have|any|number|amount|size|link|year|date|authors?|results?|code)\b",
    re.I,
)
_COMPLETE = re.compile(
    r"^\W*(?:what|who|where|when|why|how)\b.{0,30}\b(?:is|are|was|were|does|do|did|can)\b", re.I
)
_FEW_WORDS, _SOME_WORDS = 3, 5
_MOST_TOGETHER = 5  # papers that "they" can be
# "Why do patients fear doctors, and do they recover?": they are the patients.
_OF_ITSELF = re.compile(
    r"^(?!\W*(?:which|whose|how\s+many|what)\s+(?!(?:do|does|did|is|are|was|were|can|could|will|would|should)\b))"
    r".{0,200}?\b(?!(?:does|is|was|has|this|its|papers?|studies|results?)\b)[a-z]{3,}s\b"
    r"(?:\s+[\w-]+){1,6},?\s+(?:and|or|but)\s+(?:[\w-]+\s+){0,3}(?:they|them)\b"
)
_CLAUSE_BEFORE = re.compile(r"\w\W*(?:,|\b(?:and|or|but)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question in full, the papers it was about, and those its answer listed.

    `plan` is how it was read.
    """

    standalone: str
    focus: tuple[Paper, ...]
    listed: tuple[Paper, ...]
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The question in full; `focus` are the papers it is about, empty for a fresh question."""

    standalone: str
    focus: tuple[Paper, ...] = ()


_OF_THEM = re.compile(
    r"\b(?:of|among|from)\s+(?:them|these|those)\b|\bonly\s+(?:those|the ones|ones)?\b|\b(?:these|those|them|they)\b",
    re.I,
)
_NARROWS = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|now|please|show(?:\s+me)?|list|give\s+me)\W+)*(?:only|just)\b|\bonly\s+(?:those|the\s+ones|ones)\b",
    re.I,
)
_HOW_MANY = re.compile(r"^\W*(?:and\s+)?how many\s+(?=(?:have|has|had|come|came|were|are|was|is)\b)", re.I)
# "Which are from 2023?", "which ones have code?": of the papers just listed.
_WHICH_ARE = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|so)\W+)?which\s+(?:ones?\s+|of\s+(?:them|these|those)\s+)?(?=(?:are|is|were|was|have|has|had|come|came|do|does|did|use|uses|used|mention|mentions|deal|deals)\b)",
    re.I,
)
_THE_NEWEST = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|so)\W+)?(?:(?:what|which)(?:['’]s|\s+is|\s+was)\s+)?(?P<which>the\s+(?:newest|latest|most\s+recent|oldest|earliest))(?:\s+(?:one|paper))?(?:\s+of\s+(?:them|these|those))?\W*$",
    re.I,
)
_BARE_COUNT = re.compile(r"^\W*how many(?:\s+(?:are|were)\s+(?:there|these|those|they))?\W*$", re.I)
_BARE_YEAR = re.compile(r"^(?:in|from|of)?\s*((?:19|20)\d\d)\W*$", re.I)
_BARE_FILTER = re.compile(r"^(?:by|from|in|since|before|after|until|with|without|of|led)\b", re.I)
_ANAPHORA = re.compile(
    r"\b(?:it|its|they|them|their|these|those|this|that|ones?|former|latter|first|second|third|fourth|fifth|last|both|each)\b",
    re.I,
)


def points_back(question: str) -> bool:
    """True when `question` holds a word that may stand for something said before."""
    return bool(_ANAPHORA.search(question) or _OPENING.search(question))


def about_the_list(question: str) -> str | None:
    """A question on the papers just listed, as one on papers: "which of them have code?"."""
    if _BARE_COUNT.match(question):
        return "how many papers?"
    if _HOW_MANY.match(question):
        return _HOW_MANY.sub("how many papers ", question)
    if superlative := _THE_NEWEST.match(question):
        return f"which paper is {superlative['which']}?"
    if (which := _WHICH_ARE.match(question)) and not _WHICH_OF_TWO.search(question):
        newest = NEWEST.search(question) and not re.match(r"(?:are|were)\b", question[which.end() :], re.I)
        return f"which {'paper' if newest else 'papers'} {question[which.end() :]}"
    if not _OF_THEM.search(question) or len(content_words(question)) > _SOME_WORDS:
        return None  # a long question has what "they" stands for in itself
    return re.sub(r"\s+", " ", _OF_THEM.sub(" papers ", question, count=1)).strip()


def narrows(question: str) -> bool:
    """True when `question` only keeps some of what was shown: "only those with code"."""
    return bool(_NARROWS.search(question))


def other_filter(question: str) -> str | None:
    """ "and 2022?", "what about those by Ann Long?": the last question with another filter."""
    if not _WHAT_ABOUT.match(question):
        return None
    rest = re.sub(r"^(?:those|the ones|papers)\s+", "", _WHAT_ABOUT.sub("", question))
    if year := _BARE_YEAR.match(rest):
        return f"papers from {year[1]}"
    return f"papers {rest}" if _BARE_FILTER.match(rest) else None


def resolve_follow_up(
    question: str, turns: Sequence[Turn], named_elsewhere: Sequence[Paper] = ()
) -> Resolution:
    """Complete `question` from the `turns` before it, oldest first.

    `named_elsewhere` are papers of the whole corpus that the question calls by name: one that
    was not spoken of makes it a question of its own.
    """
    if not turns:
        return Resolution(question)
    spoken_of = _spoken_of(turns)
    if not spoken_of:
        return Resolution(question)
    named = named_papers(question, spoken_of)
    if not named and not named_elsewhere and (pair := _spoken_of_together(question, turns)):
        return Resolution(_completed(question, pair), pair)
    if against := _against(question, turns, (*named, *named_elsewhere)):
        return against
    if pointed := _pointed_at(question, turns, spoken_of):
        if _WHAT_ABOUT.match(question) and not content_words(_ORDINAL.sub("", _WHAT_ABOUT.sub("", question))):
            last = turns[-1].plan
            if last is not None and last.intent == "compare":
                return Resolution(f"What is {short_name(pointed[0])}?", pointed[:1])
            if last is not None and len(turns[-1].focus) > 1:  # it was asked of several
                return Resolution(_completed(last.question, pointed[:1]), pointed[:1])
            return Resolution(_again(turns[-1], short_name(pointed[0])), pointed[:1])
        return Resolution(_completed(question, pointed), pointed)
    rest = _WHAT_ABOUT.sub("", question).rstrip(" ?.!")
    if _WHAT_ABOUT.match(question) and _NAME.search(rest) and len(content_words(rest)) <= _FEW_WORDS:
        # "and RAGFormer?": the last question again, about another paper.
        return Resolution(_again(turns[-1], rest), named)
    if named or named_elsewhere:
        return Resolution(question, named)
    focus = turns[-1].focus[:1] or spoken_of[-1:]
    if not _leans(question, focus[0]):
        return Resolution(question)
    return Resolution(_completed(question, focus), focus)


def _spoken_of_together(question: str, turns: Sequence[Turn]) -> tuple[Paper, ...]:
    """The two papers that "which one is newer?" is about: the two just shown, or spoken of last.

    "Which data do they use?" asks of several only where these were what the last question was about.
    """
    last = turns[-1]
    of_two = _WHICH_OF_TWO.search(question) or _BETWEEN_THEM.search(question)
    together = (last.plan is not None and last.plan.intent == "compare") or len(last.focus) > 1
    compared = together and _asks_of_both(question)
    if not of_two and not compared:
        return ()
    if len(last.listed) > 1:
        return last.listed if len(last.listed) <= (_MOST_TOGETHER if compared else 2) else ()
    if not of_two:
        return ()
    spoken_of_last = _distinct(paper for turn in reversed(turns) for paper in turn.focus[:1])[:2]
    return spoken_of_last[::-1] if len(spoken_of_last) == 2 else ()


def _asks_of_both(question: str) -> bool:
    """True when "they" can only be what was compared: nothing in `question` before it could be meant."""
    found = _OF_BOTH.search(question)
    if found is None or _OF_PAPERS.search(question):
        return False
    if _CLAUSE_BEFORE.search(_OPENING.sub("", question[: found.start()])):
        return False  # "why do patients fear doctors, and do they recover?"
    return not found["object"] or len(content_words(question[: found.start()])) < 2


def _against(question: str, turns: Sequence[Turn], named: Sequence[Paper]) -> Resolution | None:
    """ "Does it beat SAFARI?": "it" is the paper spoken of, which is set against the named one."""
    subject = _SUBJECT.search(question)
    focus = turns[-1].focus[:1]
    if not (named and focus and subject) or focus[0].paper_id in {p.paper_id for p in named}:
        return None
    if named_papers(question[: subject.start()], named) or not _SET_AGAINST.search(question, subject.end()):
        return None  # "what is SAFARI and does it ...": it stands for what the question names
    name = short_name(focus[0])
    written = f"{name}'s" if subject["possessive"] else name
    standalone = question[: subject.start()] + written + question[subject.end() :]
    return Resolution(standalone, (*focus, *_distinct(named)[:1]))


def _spoken_of(turns: Sequence[Turn]) -> tuple[Paper, ...]:
    papers: dict[str, Paper] = {}
    for turn in turns:
        for paper in (*turn.focus, *turn.listed):
            papers.setdefault(paper.paper_id, paper)
    return tuple(papers.values())


def _leans(question: str, focus: Paper) -> bool:
    """True when `question` cannot be understood without what came before, and fits it."""
    words = content_words(question)
    if _OF_ITSELF.search(question):
        return False
    if _OPENING.search(question) or _MORE.search(question) or _PRONOUN.search(question):
        return True
    possessive = _POSSESSIVE.search(question)
    if possessive and len(content_words(question[: possessive.start()])) < _FEW_WORDS:
        return True  # further on, "its" speaks of something in the question itself
    if len(words) > _FEW_WORDS or _NAME.search(question) or not _ASKS.search(question):
        return False
    if _DESCRIBED.search(question):
        return False
    if re.search(r"^\W*what (?:is|are) (?!the\b|there\b)", question, re.I):
        return False
    # "What is the boiling point of copper?" is short and yet complete: it leans only on a paper
    # that speaks of such things.
    text = f"{focus.display_title} {focus.abstract}".lower()
    return not _COMPLETE.search(question) or any(word.lower()[:5] in text for word in words)


def _pointed_at(question: str, turns: Sequence[Turn], spoken_of: Sequence[Paper]) -> tuple[Paper, ...]:
    """The papers that ordinals, "both" or "the earlier one" point at."""
    matches = list(_ORDINAL.finditer(question))
    if not matches or _NOT_ORDINAL.search(question):
        return ()
    if matches[0]["word"] and not matches[0][0].lower().startswith("the "):
        return ()  # "a first and second order method"
    found = [_pointed_at_by(match, question, turns, spoken_of) for match in matches]
    return _distinct(paper for papers in found for paper in papers) if all(found) else ()


def _pointed_at_by(
    match: re.Match[str], question: str, turns: Sequence[Turn], spoken_of: Sequence[Paper]
) -> tuple[Paper, ...]:
    listed = turns[-1].listed if len(turns[-1].listed) > 1 else ()
    in_focus = _distinct(paper for turn in turns for paper in turn.focus[:1])
    choice = listed or (in_focus if len(in_focus) > 1 else tuple(spoken_of))
    if match["both"]:
        return () if len(choice) < 2 or ("each of them" in question.lower() and not listed) else choice[-2:]
    if match["age"]:
        return _by_age(match["age"].lower(), choice, spoken_of)
    word = match["word"].lower()
    if word in ("former", "latter"):
        pair = choice[-2:]
        return () if len(pair) < 2 else (pair[0] if word == "former" else pair[1],)
    if word == "last":
        return choice[-1:]
    index = _ORDINALS[word]
    return (choice[index],) if index < len(choice) else ()


def _by_age(age: str, choice: Sequence[Paper], spoken_of: Sequence[Paper]) -> tuple[Paper, ...]:
    dated = sorted(
        (p for p in (choice if len(choice) > 1 else spoken_of) if p.published),
        key=lambda p: p.published or "",
    )
    if len(dated) < 2:
        return ()
    return (dated[0],) if age in ("earlier", "older", "earliest", "previous") else (dated[-1],)


def _distinct(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    unique: dict[str, Paper] = {}
    for paper in papers:
        unique.setdefault(paper.paper_id, paper)
    return tuple(unique.values())


def short_name(paper: Paper) -> str:
    """What a completed question calls the paper."""
    names = paper_names(paper)
    return names[0] if names else paper.display_title


def _completed(question: str, papers: Sequence[Paper]) -> str:
    """`question` with its pronoun or ordinal replaced by the papers' names, else with them appended."""
    *others, last = map(short_name, papers)
    names = f"{', '.join(others)} and {last}" if others else last
    matches = [] if _NOT_ORDINAL.search(question) else list(_ORDINAL.finditer(question))
    if len(matches) == len(papers) > 1:  # "compare the first and the third"
        for match, paper in reversed(list(zip(matches, papers, strict=True))):
            question = question[: match.start()] + short_name(paper) + question[match.end() :]
        return question
    if matches and not matches[0]["both"]:
        return question[: matches[0].start()] + names + question[matches[0].end() :]
    subject = _SUBJECT.search(question)
    if subject:
        replacement = f"{names}'s" if subject["possessive"] else names
        return question[: subject.start()] + replacement + question[subject.end() :]
    return f"{question.rstrip(' ?.!')} ({names})?"


def _again(turn: Turn, name: str) -> str:
    """The turn's question, asked about `name` instead."""
    for old in (n for paper in turn.focus[:1] for n in (*paper_names(paper), paper.display_title)):
        replaced, count = re.subn(re.escape(old), lambda _: name, turn.standalone, flags=re.I)
        if count:
            return replaced
    return f"{turn.standalone.rstrip(' ?.!')} ({name})?"
