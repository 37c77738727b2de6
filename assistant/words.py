"""Which words of a text may say something about its content, and where they stand."""

import re

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
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def content_places(text: str) -> list[tuple[int, int]]:
    """Where the content words of `text` stand, compounds whole: (start, end), end exclusive."""
    return [m.span() for m in _WORD.finditer(text) if m[0].lower() not in STOPWORDS]
