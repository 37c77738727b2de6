"""Slips of the pen in a question, put right before it is searched for.

The index corrects stems, and an ending that is part of the slip ("radiolgy") leaves no stem near the
right one. Here whole words are corrected, where stems cannot be, and only where all speaks for it:
neither the vocabulary of the bundled model nor any paper has the word, and papers have one with the
same first letter that is one letter wrong, missing, too many or exchanged away.
"""

import re
from collections.abc import Callable

from assistant.retrieval.everyday import vocabulary_place
from assistant.retrieval.terms import Statistics
from assistant.words import STOPWORDS, one_edit_away

__all__ = ["put_right"]

_SHORTEST = 6  # letters; a shorter word is a slip away from too many others
_WORD = re.compile(rf"(?<![\w.@/’'-])[a-z]{{{_SHORTEST},}}(?![\w@/’'-])")
_TRIED = 3  # words that may be meant
_LAST = 10**6  # behind every word of the vocabulary
_BRITISH = re.compile(r"is(?:e[ds]?|er|ing|ations?)$|our")


def put_right(
    text: str, statistics: Statistics, says: Callable[[str], bool]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`text` with its slips corrected, and each slip with what took its place.

    `says` tells of a word that the vocabulary lacks whether a paper has it just so.
    """
    found = {word: _meant(word, statistics, says) for word in dict.fromkeys(_WORD.findall(text))}
    slips = {word: right for word, right in found.items() if right}
    if not slips:
        return text, ()
    return _WORD.sub(lambda m: slips.get(m[0]) or m[0], text), tuple(slips.items())


def _meant(word: str, statistics: Statistics, says: Callable[[str], bool]) -> str | None:
    if word in STOPWORDS or vocabulary_place(word) is not None or _BRITISH.search(word):
        return None
    # Most words that the vocabulary lacks are known: only the others are worth some thousand strings.
    own = statistics.document_frequencies(statistics.analyze(word))
    if any(own.values()) or statistics.nearest_term(word):
        return None
    stems = {near: found[0] for near in _near(word) if (found := statistics.analyze(near))}
    frequencies = statistics.document_frequencies(set(stems.values()))
    known = [near for near, stem in stems.items() if frequencies[stem]]
    # Of the forms of one stem ("generation", "generator"), the commonest word in the model's vocabulary.
    known.sort(key=lambda near: (-frequencies[stems[near]], vocabulary_place(near) or _LAST, near))
    # A stem is known of strings that are no words, too: "helpeds".
    return next((near for near in known[:_TRIED] if vocabulary_place(near) is not None or says(near)), None)


def _near(word: str) -> set[str]:
    return {near for near in one_edit_away(word) if near.startswith(word[0])}
