# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""Authors in a question: who is named, in which role, and which of several is meant.

A full name of the corpus is an author wherever it stands. A surname, initials, a misspelt or an
unknown name are taken for an author only behind or before words that say so ("by", "'s papers",
"as first author"), and only where the name ends there: "works by Gibbs sampling" names nobody.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.retrieval.corpus_names import CorpusNames
from assistant.retrieval.intervals import BARE_MONTH
from assistant.retrieval.reading import WORK, Reading
from assistant.stores.folding import fold
from assistant.words import content_words

_MOST_NAMED = 6  # namesakes that a note lists
_LONGEST = 4  # words of a name
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_PARTICLES = frozenset("van von der den de del della di da dos du la le el al bin ibn ter ten zu".split())
_FIRST_BEFORE = re.compile(
    r"(?:\bled\s+by|\bheaded\s+by|\bfirst[- ]authored\s+by|\b(?:lead|first|main)\s+author(?:ed)?(?:\s+(?:is|by|was))?)\s*:?\s*$",
    re.I,
)
_FIRST_AFTER = re.compile(
    r"^\s*(?:et\s+al\b\.?|and\s+(?:colleagues|co-?workers|co-?authors|others)\b"
    r"|(?:(?:as|is|being|was)\s+)?(?:the\s+)?(?:lead|first|main)\s+author\b|\(first author\))",
    re.I,
)
_BY_BEFORE = re.compile(
    r"(?:\b(?:written|published|co-?authored|authored|done)\s+)?"
    r"(?:\b(?:by|from|of|involving|with|list|lists|listing|name|names|naming|mention|mentions|include|includes)\s+)"
    r"(?:the\s+)?(?:authors?\s+)?(?:either\s+|both\s+)?$",
    re.I,
)
_AUTHOR_AFTER = re.compile(
    r"^(?:['’]s?(?!\w))?\s*(?:among\s+(?:the\s+|its\s+|their\s+)?authors|as\s+(?:an?\s+)?(?:co-?)?author)?",
    re.I,
)
# What makes the next words a person, whoever it is, and what does so only for one of the corpus.
_CERTAIN = re.compile(
    rf"\b(?:{WORK}|anything|something|everything|those|ones?|all|written|authored|first-authored|led|headed|submitted|posted)\s+by\s+"
    r"(?:(?:the\s+)?(?:authors?|researchers?)\s+(?:called\s+|named\s+)?|(?:prof(?:essor)?|dr)\b\.?\s+)?(?:either\s+|both\s+)?"
    r"|\bco-?authored\s+(?:by|with)\s+|\b(?:lead|first|main)\s+author\s+(?:(?:is|was)\s+|(?=(?-i:[A-Z])))|\bauthors?\s+(?:is|named|called|name)\s+|\bauthors?\s*[:=]\s*",
    re.I,
)
_LIKELY = re.compile(
    rf"\bby\s+|\b{WORK}\s+(?:of|involving|listing|naming)\s+|\bthat\s+(?:list|name)\s+", re.I
)
_WROTE = re.compile(
    r"\b(?:did|does|has|have)\s+(?P<name>(?-i:[A-Z])[\w'’.-]*(?:\s+(?:(?-i:[A-Z])[\w'’.-]*|van|von|der|de|den|la|di)){0,4})"
    r"\s+(?:ever\s+|also\s+)?(?:co-?)?(?:write|written|publish(?:ed)?|author(?:ed)?)\b", re.I)  # fmt: skip
_IN_ROLE = re.compile(
    r"(?P<name>(?-i:[A-Z])[\w'’-]{1,60})(?=\s+(?:among\s+(?:the\s+)?authors|as\s+(?:an?\s+|the\s+)?(?:co-?|lead\s+|first\s+|main\s+)?author"
    r"|is\s+(?:the\s+)?(?:first|lead|main)\s+author))", re.I)  # fmt: skip
_POSSESSIVE = re.compile(
    rf"(?P<name>[^\W\d_a-z][\w-]{1, 60}(?:\s+[^\W\d_a-z][\w.-]*){{0,3}})['’]s?\s+(?=(?:\w+\s+){{0,2}}{WORK}\b)"
)
_ET_AL = re.compile(r"\b(?P<name>[A-Z][\w-]+)(?=\s+(?:et\s+al\b\.?|and\s+(?:colleagues|co-?workers)))")
_INITIALS = re.compile(
    r"(?<![\w.])(?P<name>(?:[A-Z]\.[\s-]?){1,3}[A-Z][\w'’-]+|[A-Z][\w'’-]+,\s+(?:[A-Z]\.[\s-]?){1,3}(?!\w))"
)
# What papers are sorted and grouped by; in lower case these look like names to a rule.
_GROUPED_BY = frozenset(
    """year years month months date dates day time topic topics subject category categories author authors number count citation
    citations relevance publication popularity venue journal group groups area areas field fields title titles length size order
    name names country affiliation affiliations method methods type types researchers students women men people default
    default importance novelty recency age code dataset datasets""".split()
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name as written at [start, end), and whom of the corpus it fits."""

    text: str
    start: int
    end: int
    people: frozenset[str]


def read_people(question: str, names: CorpusNames) -> Iterator[Reading]:
    """The authors that `question` restricts to, in one reading; the others take only words away."""
    mentions = sorted(_mentions(question, names), key=lambda m: m.start)
    if not any(m.people and " " in m.text for m in mentions):
        for reading in _surname_lists(question, names):
            yield reading
            return
    if not mentions:
        return
    roles = [_with_role(question, m) for m in mentions]
    yield _combined(question, mentions, roles, names)
    for other, (_, start, end) in zip(mentions[1:], roles[1:], strict=True):
        lead = re.search(r"(?:\b(?:and|or|nor)\s+|[&,]\s*)+(?:by\s+)?$", question[: other.start], re.I)
        yield Reading({}, min(start, lead.start()) if lead else start, end)


def _combined(
    question: str,
    mentions: Sequence[_Mention],
    roles: Sequence[tuple[str, int, int]],
    names: CorpusNames,
) -> Reading:
    mention, (role, start, end) = mentions[0], roles[0]
    notes = [note for m in mentions if (note := _note(m, names))]
    nobody = next((m for m in mentions if not m.people), None)
    papers = [_papers(m, role, names) for m, (role, _, _) in zip(mentions, roles, strict=True)]
    if len(mentions) > 1 and re.search(r"\bor\b", question[mentions[0].end : mentions[-1].start], re.I):
        who = " or ".join(_called(m) for m in mentions)
        note = " ".join([f"Papers by {who}.", *notes])
        return Reading({}, start, end, within=frozenset().union(*papers), note=note, people=who)
    if nobody is not None:
        return Reading({"author": nobody.text}, start, end, note=" ".join(notes))
    within = frozenset.intersection(*papers) if len(mentions) > 1 or len(mention.people) > 1 else None
    who = " and ".join(_called(m) for m in mentions) if len(mentions) > 1 else ""
    if who:
        notes.insert(0, f"Papers that list {who}.")
    values = {role: next(iter(mention.people))} if len(mention.people) == 1 else {}
    return Reading(values, start, end, within=within, note=" ".join(notes), people=who)


def _called(mention: _Mention) -> str:
    return next(iter(mention.people)) if len(mention.people) == 1 else mention.text


def _papers(mention: _Mention, role: str, names: CorpusNames) -> frozenset[str]:
    found: frozenset[str] = frozenset().union(*(names.papers_of[name] for name in mention.people))
    if role == "first_author":
        return frozenset(p for p in found if names.first_authors.get(p) in mention.people)
    return found


def _note(mention: _Mention, names: CorpusNames) -> str:
    if not mention.people:
        return f"No author in this corpus is called “{mention.text}”."
    if len(mention.people) > 1:
        ranked = sorted(mention.people, key=lambda name: (-len(names.papers_of[name]), name))
        listed = ", ".join(f"{name} ({len(names.papers_of[name])})" for name in ranked[:_MOST_NAMED])
        more = ", ..." if len(ranked) > _MOST_NAMED else ""
        return (
            f"{len(ranked)} authors here may be meant by “{mention.text}”: {listed}{more}."
            " Give a first name to choose one."
        )
    (name,) = mention.people
    if any(len(word) > 1 and word not in fold(name).split() for word in fold(mention.text).split()):
        return f"“{mention.text}” was taken as {name}."
    return ""


def _with_role(question: str, mention: _Mention) -> tuple[str, int, int]:
    """The filter the name belongs to, and the stretch of the question that says so."""
    before, after = question[: mention.start], question[mention.end :]
    by = _BY_BEFORE.search(before)
    start = by.start() if by else mention.start
    if match := _FIRST_AFTER.match(after):
        return "first_author", start, mention.end + match.end()
    if match := _FIRST_BEFORE.search(before):
        return "first_author", match.start(), mention.end
    if by is None and (cue := re.search(r"\bauthors?\s*(?:is|named|called|name|[:=])?\s*$", before, re.I)):
        start = cue.start()
    tail = _AUTHOR_AFTER.match(after)
    return "author", start, mention.end + (tail.end() if tail else 0)


def _mentions(question: str, names: CorpusNames) -> list[_Mention]:
    found = _full_names(question, names)
    for mention in _cued(question, names, [(m.start, m.end) for m in found]):
        if all(mention.end <= m.start or m.end <= mention.start for m in found):
            found.append(mention)
    return found


def _full_names(question: str, names: CorpusNames) -> list[_Mention]:
    words = [(m.start(), m.end()) for m in _WORD.finditer(question)]
    found: list[_Mention] = []
    for size in range(_LONGEST, 1, -1):
        for i in range(len(words) - size + 1):
            start, end = words[i][0], words[i + size - 1][1]
            text = re.sub(r"['’]s?$|\.$", "", question[start:end])
            name = names.full_name(text)
            if name and re.search(r"[^\w\s'’.,-]", text) is None and text.count(",") <= 1:
                end = start + len(text)
                if all(end <= m.start or m.end <= start for m in found):
                    found.append(_Mention(text, start, end, frozenset({name})))
    return found


def _cued(question: str, names: CorpusNames, full: Sequence[tuple[int, int]]) -> Iterator[_Mention]:
    """Names that only a cue makes names. Behind a full name, "and" and "or" are cues too."""
    certain = {m.end() for m in _CERTAIN.finditer(question)}
    after_name = {
        end + m.end() for _, end in full if (m := re.match(r",?\s+(?:and|or|&)\s+(?:by\s+)?", question[end:]))
    }
    likely = ({m.end() for m in _LIKELY.finditer(question)} | after_name) - certain
    for start in sorted(certain | likely):
        yield from _listed(question, start, names, sure=start in certain)
    for pattern in (_WROTE, _POSSESSIVE, _IN_ROLE, _ET_AL, _INITIALS):
        for match in pattern.finditer(question):
            start, end = match.span("name")
            text = match["name"]
            if pattern is _POSSESSIVE:  # "Which Lao's papers": the name is behind other capitals
                while content_words(text) != re.findall(r"[^\W_]+", text) and " " in text:
                    text = text.split(" ", 1)[1]
                start = end - len(text)
            people = names.people(text)
            if pattern is _ET_AL:  # the cited work of somebody else, unless one first author fits
                people &= names.leads
                people = people if len(people) == 1 else frozenset()
            unknown = pattern is _WROTE or (pattern is _POSSESSIVE and " " in text and text[:1].isupper())
            if people or (unknown and not _is_common(text)):
                yield _Mention(text, start, end, people)


def _is_common(text: str) -> bool:
    return (
        not content_words(text)
        or bool(BARE_MONTH.fullmatch(text))
        or any(w in _GROUPED_BY for w in fold(text).split())
    )


def _listed(question: str, start: int, names: CorpusNames, *, sure: bool) -> Iterator[_Mention]:
    """The names from `start` on, joined by commas, "and" or "or"."""
    while (mention := _name_at(question, start, names, sure=sure)) is not None:
        yield mention
        joined = re.match(
            r"(?:,\s*)?(?:(?:\band\b|\bor\b|&|,)\s*)(?:by\s+)?", question[mention.end :].lstrip()
        )
        if joined is None:
            return
        gap = len(question) - mention.end - len(question[mention.end :].lstrip())
        start = mention.end + gap + joined.end()


def _name_at(question: str, start: int, names: CorpusNames, *, sure: bool) -> _Mention | None:
    words = _name_words(question, start)
    for size in range(len(words), 0, -1):
        end = words[size - 1].end()
        text = re.sub(r"['’]s?$|(?<=\w\w)\.$", "", question[start:end])
        if BARE_MONTH.fullmatch(text):
            return None
        people = names.people(text)
        several = sure or re.search(rf"\b{WORK}\b", question[:start], re.I)
        if people and (len(people) == 1 or several) and _ends(question, start + len(text)):
            return _Mention(text, start, start + len(text), people)
    if not sure or not words or _GROUP.match(question, words[-1].end()):
        return None
    while words and not _ends(question, words[-1].end()):
        words = words[:-1] if words[-1][0].islower() else []
    if not words:
        return None
    text = re.sub(r"(?<=\w\w)[.,]$", "", question[start : words[-1].end()])
    if _is_common(text) or re.search(r"\d|(?<!Mc)(?<!Mac)(?<!['’-])(?<=[a-z])[A-Z]|[A-Z]{4}", text):
        return None
    close = names.misspelt(text)
    if len(close) == 1:
        return _Mention(text, start, start + len(text), close)
    if text[0].islower() and " " not in text:
        return None  # "papers by hand"
    return _Mention(text, start, start + len(text), frozenset())


def _name_words(question: str, start: int) -> list[re.Match[str]]:
    """The words at `start` that may be one name: capitalised and particles, or all in lower case."""
    found: list[re.Match[str]] = []
    for match in _WORD.finditer(question, start):
        between = question[found[-1].end() if found else start : match.start()]
        if between.strip(" ") not in ("", ",") or len(found) == _LONGEST:
            break
        word = match[0].rstrip(".")
        initial = len(word) <= 2 and word.isupper()
        if "," in between and not initial:
            break
        lower = word[0].islower() and word not in _PARTICLES
        if found and lower != (found[0][0][0].islower() and found[0][0] not in _PARTICLES):
            break
        if lower and not content_words(word):
            break
        found.append(match)
        if len(word) > 2 and match[0].endswith("."):
            break
    while found and found[-1][0] in _PARTICLES:
        found.pop()
    return found


def _ends(question: str, end: int) -> bool:
    """True when no further word of content stands right behind: the phrase is over."""
    following = re.match(r"(?:['’]s)?\s+([^\W\d_][\w-]*)", question[end:])
    return following is None or not content_words(following[1]) or bool(_OVER.match(following[1]))


# "Chinese authors", "Stanford researchers": the words before these are no name.
_GROUP = re.compile(
    r"\s+(?:authors?|researchers?|scientists?|groups?|teams?|labs?|labor\w+|universit\w+|people)\b", re.I
)
_OVER = re.compile(
    rf"(?:{WORK}|between|published|released|written|since|before|after|until|during|within|without|dealing|dated|prior|newer|older|later|earlier|listed|filed|classified|tagged|posted|submitted|sorted|ordered)$",
    re.I,
)


def _surname_lists(question: str, names: CorpusNames) -> Iterator[Reading]:
    """ "Zhao, Liu and Ding": people who have a paper together; the first is its first author."""
    pattern = re.compile(r"\b([A-Z][\w'’-]+(?:,\s+[A-Z][\w'’-]+)*),?\s+(?:and|&)\s+([A-Z][\w'’-]+)")
    for match in pattern.finditer(question):
        surnames = [*re.split(r",\s+", match[1]), match[2]]
        papers = frozenset.intersection(
            *(frozenset().union(*(names.papers_of[n] for n in names.with_surname(s))) for s in surnames)
        )
        leads = {names.first_authors[p] for p in papers if p in names.first_authors}
        if papers and len(leads) == 1:
            (lead,) = leads
            if lead in names.with_surname(surnames[0]):
                mention = _Mention(match[0], match.start(), match.end(), frozenset({lead}))
                _, start, end = _with_role(question, mention)
                yield Reading({"first_author": lead}, start, end, within=papers)
