"""Slips of the pen in a question, put right before it is searched for.

The index corrects stems, and an ending that is part of the slip ("radiolgy") leaves no stem near the
right one; a word's vector is off as well. Here whole words are corrected, and only where all speaks for
it: neither the vocabulary of the bundled model nor any paper has the word, and papers have a form of
one with the same first letter that is one letter wrong, missing, too many or exchanged away.
"""

import re

from assistant.retrieval.everyday import vocabulary_place
from assistant.retrieval.terms import Statistics
from assistant.words import STOPWORDS, one_edit_away

__all__ = ["put_right"]

_SHORTEST = 6  # letters; a shorter word is a slip away from too many others
_WORD = re.compile(rf"(?<![\w.@/’'-])[a-z]{{{_SHORTEST},}}(?![\w@/’'-])")
_LAST = 10**6  # behind every word of the vocabulary
_BRITISH = re.compile(r"is(?:e[ds]?|er|ing|ations?)$|our")


def put_right(text: str, statistics: Statistics) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`text` with its slips corrected, and each slip with what took its place."""
    found = {word: _meant(word, statistics) for word in dict.fromkeys(_WORD.findall(text))}
    slips = {word: right for word, right in found.items() if right}
    if not slips:
        return text, ()
    return _WORD.sub(lambda m: slips.get(m[0]) or m[0], text), tuple(slips.items())


def _meant(word: str, statistics: Statistics) -> str | None:
    if word in STOPWORDS or vocabulary_place(word) is not None or _BRITISH.search(word):
        return None
    stems = {near: found[0] for near in _near(word) if (found := statistics.analyze(near))}
    frequencies = statistics.document_frequencies({*stems.values(), *statistics.analyze(word)})
    if any(frequencies[stem] for stem in statistics.analyze(word)):
        return None
    known = [near for near, stem in stems.items() if frequencies[stem]]
    # Of the forms of one stem ("generation", "generator"), the commonest word in the model's vocabulary.
    return min(
        known,
        key=lambda near: (-frequencies[stems[near]], vocabulary_place(near) or _LAST, near),
        default=None,
    )


def _near(word: str) -> set[str]:
    return {near for near in one_edit_away(word) if near.startswith(word[0])}
