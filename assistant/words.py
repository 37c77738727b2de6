"""Words: which of a text say something about its content, where they stand, how they are misspelt."""

import re
import string
from collections.abc import Iterator

# Words that say nothing about a paper's content: function words, and the words with which
# people address a literature search ("which papers ... please").
STOPWORDS = frozenset(
    """a an the of in on for to and or nor is are was were be been being am do does did doing done how what
    which who whom whose when where why with by from as at it its this that these those than then there
    here their theirs they them we us i me you he him she her his my our ours your yours not no can
    could may might must should would will shall if so but into onto about over under out up down off
    per any some all each every either neither both more most much many few such own same too very s t d
    ll re ve m has have had having just also only even ever yet still please tell show give list name
    find explain describe say says said does exactly anything something everything thing things way ways
    ok okay back get gets got there's what's one ones according regarding concerning versus vs paper
    papers work works study studies article articles abstract abstracts publication publications entry
    entries author authors corpus collection hold among et al""".split()
)
CALENDAR = frozenset(
    """january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday""".split()
)  # written with a capital, and names of nothing else
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_COMPOUND = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def content_words(text: str) -> list[str]:
    """The words of `text` that may say something about content, as written, in order."""
    return [word for word in WORD.findall(text) if word.lower() not in STOPWORDS]


def content_places(text: str) -> list[tuple[int, int]]:
    """Where the content words of `text` stand, compounds whole: (start, end), end exclusive."""
    return [m.span() for m in _COMPOUND.finditer(text) if m[0].lower() not in STOPWORDS]


def one_edit_away(word: str) -> Iterator[str]:
    """The strings that one letter left out, swapped with the next, changed or added makes of `word`."""
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        yield from (head + letter + tail for letter in string.ascii_lowercase)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in string.ascii_lowercase)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
