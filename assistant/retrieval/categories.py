# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""Categories and affiliations in a question.

"cs.LG" is a category wherever it stands. A bare code or a spoken name is one only beside a word
that says so ("category", "section", "under"): "machine learning papers" are about the topic.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from assistant.retrieval.arxiv_categories import ARCHIVES, CODES_OF, WHOLE
from assistant.retrieval.everyday import specificity
from assistant.retrieval.reading import WORK, Reading

# Codes that are also what everybody calls a topic or a thing: "AI papers" are about AI.
_ALSO_TOPICS = frozenset("AI ML IT IR OS DB PL AR AS NA ME PR SE MM".split())
_NOUN = r"(?:categor(?:y|ies)|sections?|subject(?:\s+(?:class|area)(?:es|s)?)?|archive)"
_FILED = r"(?:listed|filed|classified|categori[sz]ed|tagged|indexed|posted)\s+(?:in|under|as|with)"
# Without any of these there is no category; most questions are done with here.
_SOME_CUE = re.compile(rf"{_NOUN}|{_FILED}|under|\(|\w\.[a-zA-Z]|[a-z]-[a-z]|(?-i:\b[A-Z]{{2}}\b)", re.I)
_LEAD = r"(?:\b(?:in|of|from|under|for)\s+)?(?:\b(?:the|its|their|any)\s+)?(?:\barxiv(?:['’]s)?\s+)?"
_ORGANISATION = r"(?:Universit\w+|Institute|College|Hospital|Polytechnic|Laborator(?:y|ies)|Labs?|Research)"

_TELLING = 0.1  # specificity from which the first word of an affiliation ("Microsoft") is enough
# What may stand behind an affiliation that ends there: "from Microsoft about agents", not "from Microsoft COCO".
_GOES_ON = r"and|or|on|about|in|since|before|after|with|without|that|which|do|does|are|is|have"


def read_categories(question: str, known: Collection[str]) -> Iterator[Reading]:
    """The category `question` asks for, as the corpus writes it; one it does not have as asked."""
    if not known or not _SOME_CUE.search(question):
        return
    bare = sorted(
        {k.rsplit(".", 1)[-1] for k in known if "." in k} | {k for k in known if "." not in k}, key=len
    )
    code = "|".join(sorted(map(re.escape, bare), key=len, reverse=True))
    short = (
        "|".join(c.upper() for c in bare if len(c) == 2 and c.isalpha() and c.upper() not in _ALSO_TOPICS)
        or "(?!)"
    )
    archive = "|".join(map(re.escape, ARCHIVES))
    whole = "|".join(sorted(WHOLE))
    spoken = "|".join(sorted(map(_flexible, CODES_OF), key=len, reverse=True))
    any_code = rf"(?:{archive})\.[a-z]{{2,4}}(?:-[a-z]{{2,4}})?|{whole}|{code}|(?-i:[A-Z]{{2}})"
    patterns = (
        rf"{_LEAD}{_NOUN}\s*[:=]?\s*(?:is\s+|called\s+)?[\"'“]?(?P<code>{any_code})\b[\"'”]?",
        rf"{_LEAD}[\"'“]?\b(?P<code>{any_code})\b[\"'”]?\s+{_NOUN}\b",
        rf"(?:{_FILED}\s+)?(?:\b(?:in|of|from|under)\s+)?(?<![\w.@/-])(?P<code>(?:{archive})\.(?:[a-z]{{2}}|[a-z]{{3,5}}-[a-z]{{2,4}}|optics|soft|other)|{whole})\b(?![.-]\w)",
        rf"{_FILED}\s+(?:the\s+)?(?P<code>{code})\b",
        rf"(?:\b(?:{spoken})\s+)?\(\s*(?P<code>(?:(?:{archive})\.)?(?:{code}))\s*\)(?=\s+{WORK}\b)",
        rf"\b(?P<code>(?-i:{short}))(?=[\s-]+{WORK}\b)",
        rf"(?<=s )(?:in|under)\s+(?P<code>(?-i:{short}))\b(?!\s+[a-z]+s?\s*(?:terms|style|mode))",
        rf"{_LEAD}\b(?P<spoken>{spoken})\s+{_NOUN}\b",
        rf"{_LEAD}{_NOUN}\s*[:=]?\s*(?:called\s+|of\s+|is\s+)?[\"'“]?(?P<spoken>{spoken})\b[\"'”]?",
        rf"{_FILED}\s+(?:the\s+)?[\"'“]?(?P<spoken>{spoken})\b[\"'”]?",
        rf"(?<=s )under\s+(?P<spoken>{spoken})(?=\W*$|\s+(?:from|since|with|by|in|and)\b)",
    )  # fmt: skip
    for pattern in patterns:
        for match in re.finditer(pattern, question, re.I):
            group = match.groupdict()
            if name := group.get("spoken"):
                codes = CODES_OF[re.sub(r"[\s,-]+", " ", name).lower()]
            else:
                codes = (group["code"],)
            category = next((k for c in codes if (k := _as_known(c, known))), codes[0])
            there = _as_known(category, known) is not None
            note = "" if there else f"No paper in this corpus is in the category {category}."
            yield Reading({"category": category}, *match.span(), note=note)


def _as_known(code: str, known: Collection[str]) -> str | None:
    """`code` as the corpus writes it: itself, or without its archive where papers have none."""
    by_fold = {k.lower(): k for k in known}
    archive, dot, bare = code.lower().rpartition(".")
    if found := by_fold.get(code.lower()) or (by_fold.get(bare) if dot else None):
        return found
    inside = sorted(k for k in known if not archive and k.lower().rpartition(".")[2] == bare)
    if len(inside) > 1:
        return code  # a bare code means the category in every archive
    return inside[0] if inside else None


def _flexible(name: str) -> str:
    return r"[\s,-]+".join(map(re.escape, name.split()))


def _first_words(words_of: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The first words of longer tags that can mean no other tag, and are no everyday words.

    `words_of` are the words of each tag, as it is written.
    """
    firsts = Counter(words[0].lower() for words in words_of.values())
    return {
        first: tag
        for tag, words in words_of.items()
        if len(words) > 1 and firsts[first := words[0].lower()] == 1 and specificity(first) >= _TELLING
    }


def read_affiliations(question: str, tags: Sequence[str]) -> Iterator[Reading]:
    """The affiliation `question` asks for; an organisation that no paper names, too."""
    if not tags:
        return
    lead = r"\b(?:from|by|at|of|affiliated\s+with|with\s+affiliation|(?:with\s+)?authors?\s+(?:from|at)|people\s+(?:from|at)|researchers?\s+(?:from|at))\s+(?:the\s+)?"
    asked = question.casefold()
    words_of = {tag: re.split(r"[\s_-]+", tag) for tag in sorted(tags, key=len, reverse=True)}
    for tag, words in words_of.items():
        # Patterns of a thousand affiliations take seconds to compile: only for those whose words are there.
        if not all(word.casefold() in asked for word in words):
            continue
        name = r"[\s_-]+".join(map(re.escape, words))
        for pattern in (
            rf"{lead}{name}(?:\s+universit\w+|\s+college)?\b(?!\s+(?:data\w*|cohort))",
            rf"{lead}universit\w+\s+of\s+{name}\b",
            rf"\b{name}(?:\s+universit\w+)?(?=(?:['’]s)?\s+(?:{WORK}|affiliation)\b)",
            rf"\baffiliation\s*[:=]?\s*(?:is\s+)?{name}\b",
        ):
            for match in re.finditer(pattern, question, re.I):
                yield Reading({"affiliation_tag": tag}, *match.span())
    for word, tag in _first_words(words_of).items():
        if word.casefold() not in asked:
            continue
        name = rf"(?:from|by|at)\s+{re.escape(word)}(?=(?:['’]s)?(?:\W*$|,|\s+(?:{_GOES_ON})\b))"
        for match in re.finditer(rf"\b{name}", question, re.I):
            note = f"“{match[0].split()[-1]}” was taken as the affiliation {tag}."
            yield Reading({"affiliation_tag": tag}, *match.span(), note=note)
    unknown = re.compile(
        rf"\b{WORK}\s+(?:from|by|at)\s+(?:the\s+)?(?P<name>(?-i:(?:[A-Z]\w+\s+){{1,3}}{_ORGANISATION}|(?:University|Institute)\s+of(?:\s+[A-Z]\w+){{1,3}}))\b", re.I
    )  # fmt: skip
    for match in unknown.finditer(question):
        note = f"No paper in this corpus is tagged with the affiliation {match['name']}."
        yield Reading({"affiliation_tag": match["name"]}, *match.span(), note=note)
