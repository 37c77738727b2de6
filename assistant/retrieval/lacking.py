"""The words of a question that papers do not have, and how to tell them to its reader."""

import re
from collections.abc import Collection, Sequence

from assistant.models import Paper
from assistant.readable import readable
from assistant.retrieval.everyday import specificity
from assistant.retrieval.terms import Statistics, content_terms
from assistant.words import WORD, content_words

_ACRONYM = re.compile(r"[A-Z]{3,}s?")
_MOST_TOLD = 3
_TELLS_NOTHING = 0.006  # specificity below which a word is one of the 2,150 commonest
_PART_OF_TERM = 0.2
# A text with an A100 speaks of a GPU, though it does not say so.
DEVICE_NAMES = r"[AVHTP]\d{2,3}|RTX|GTX|TITAN|NVIDIA"
_DEVICE = re.compile(rf"\b(?:{DEVICE_NAMES})\b")
_DEVICES = "GPU GPUs hardware"
_DATA_SET, _DATA_SETS = re.compile(r"\bdata[ -]?sets?\b", re.I), "dataset data set"  # written either way
# Verbs that only ask what a paper does or says: that it has no "solve" tells its reader nothing.
_ASKS = re.compile(
    r"(?:solv|report|propos|achiev|tackl|introduc|present|address|handl|suggest|claim|argu|demonstrat|conclud"
    r"|mention|describ|discuss|explain|obtain|mak|us|call|employ|perform|cover|involv|investigat|examin|explor|publish)"
    r"(?:e|s|es|ed|ing)?|evidence|made|shown|found",
    re.I,
)
# By themselves, these tell nothing either: "on what data was it tested?", "how big is it, roughly?".
_ONLY_ASKS = re.compile(
    r"(?:test|evaluat|train|run|scor|bring|beat|link|refer|provid|need|tak|try|work)(?:e|s|es|d|ed|ing)?|ran|took|tried|tries"
    r"|accurate|good|bad|best|better|worst|hard|easy|well|big|much|roughly",
    re.I,
)


def record_stems(paper: Paper, statistics: Statistics) -> set[str]:
    """The stems in title, abstract and authors."""
    return set(
        statistics.analyze(readable(f"{paper.display_title}. {paper.abstract} {' '.join(paper.authors)}"))
    )


def held_stems(paper: Paper, question: str, statistics: Statistics) -> set[str]:
    """The stems in a record, and those of acronyms in `question` that its abstract writes out.

    "LLMs" stands in an abstract on large language models, "CNN" in one on convolutional networks only
    if it says "convolutional neural network". "GPU" stands in one that names a GPU, "data set" in one that
    writes "dataset".
    """
    held = record_stems(paper, statistics)
    for word in content_words(question):
        if _ACRONYM.fullmatch(word) and abbreviates(word, paper):
            held.update(content_terms(word, statistics))
    if _DEVICE.search(paper.abstract):
        held.update(content_terms(_DEVICES, statistics))
    if _DATA_SET.search(paper.abstract):
        held.update(content_terms(_DATA_SETS, statistics))
    return held


def lacking_words(text: str, held: Collection[str], statistics: Statistics) -> list[str]:
    """The content words of `text` none of whose stems is among `held`, as written, in order.

    The commonest words of all ("against", "well", "two") are left out: they tell nothing.
    """
    return [
        word
        for word in dict.fromkeys(content_words(text))
        if (stems := content_terms(word, statistics))
        and not any(stem in held for stem in stems)
        and specificity(word) >= _TELLS_NOTHING
    ]


def only_asks(word: str) -> bool:
    """True for a word that says how something is asked, not what: "tested", "good", "report"."""
    return bool(_ASKS.fullmatch(word) or _ONLY_ASKS.fullmatch(word))


def abbreviates(acronym: str, paper: Paper) -> bool:
    """True when `acronym` is made of the first letters of words that follow each other in a sentence."""
    initials = "".join(word[0].lower() for word in re.findall(r"\w+|[.;:](?=\s)", paper.abstract))
    letters = re.sub(r"(?<=[A-Z])s$", "", acronym).lower()
    return len(letters) > 2 and letters in initials


def as_terms(
    text: str, words: Collection[str], names: Sequence[str] = (), at_least: float = 0.0
) -> tuple[str, ...]:
    """What to tell of lacking `words` and `names`: the most specific ones, in the order of `text`.

    Words are told one by one, for each of them is lacking; those that a hyphen or a slash joins, or
    that are capitalised as one name is, together. A term counts from a specificity of `at_least` on.
    Verbs that only ask ("report", "solve") are never told.
    """
    found: list[tuple[int, int, float]] = []  # start, end, the highest specificity
    for match in WORD.finditer(text):
        value = specificity(match[0])
        if match[0] not in words or value < min(at_least, _PART_OF_TERM) or _ASKS.fullmatch(match[0]):
            continue
        if found and _are_joined(text, found[-1], match):
            start, _, before = found.pop()
            found.append((start, match.end(), max(before, value)))
        else:
            found.append((match.start(), match.end(), value))
    worth = {text[start:end]: value for start, end, value in found if value >= at_least}
    worth |= dict.fromkeys(names, 2.0)  # a name tells more than any word
    whole = [t for t in worth if not any(t != other and t in other for other in worth)]
    told = sorted(whole, key=lambda t: -worth[t])[:_MOST_TOLD]
    return tuple(sorted(told, key=text.find))


def _are_joined(text: str, before: tuple[int, int, float], word: re.Match[str]) -> bool:
    start, end, _ = before
    joint = text[end : word.start()]
    return joint in ("-", "/") or (joint == " " and text[start].isupper() and word[0][0].isupper())
