"""How everyday a word is, told by the vocabulary of the bundled model's tokenizer.

That vocabulary (BERT's, uncased) is ordered by how often a word occurs in books and in Wikipedia:
"help" stands at 2,393, "dose" at 13,004, "encryption" at 21,999, and "colonoscopy" is no word of
it. A question that asks for colonoscopy of papers that never mention it asks for something else;
one that says "help" or "picture" may just say the same in other words.
"""

import re
from functools import lru_cache

from assistant.embedding.tokenizer import bundled_tokenizer
from assistant.words import one_edit_away

_COMMONEST, _RAREST = 2_000, 28_000  # places of the first words and of the last ones
_MISSPELT_FROM = 6  # letters; a shorter word is a slip away from too many others
_MEANT_BELOW = 15_000  # a slip is made in a word that people often write
# Endings and what stands without them, tried in turn: "rates", "classes", "training", "tuned", "bodies".
_ENDINGS = tuple(
    (re.compile(pattern), stem)
    for pattern, stem in (
        (r"['’]s$", ""),
        (r"s$", ""),
        (r"es$", ""),
        (r"(?:ed|ing|ly|ers?)$", ""),
        (r"(?:ed|ing|ers?|able)$", "e"),
        (r"(?:ies|ied)$", "y"),
        (r"(.)\1(?:ed|ing|ers?)$", r"\1"),
        (r"is(e|es|ed|ing)$", r"iz\1"),
        (r"is(?:es|ed|ing)$", "ize"),
        (r"ations?$", "e"),
    )
)


@lru_cache(maxsize=4096)
def specificity(word: str) -> float:
    """0 for an everyday word, 1 for one that only a field of its own uses; slips are looked through."""
    place = vocabulary_place(word.lower())
    if place is None and len(word) >= _MISSPELT_FROM and word.isalpha() and word.islower():
        known = map(bundled_tokenizer().token_to_id, one_edit_away(word))
        meant = min((place for place in known if place is not None), default=_RAREST)
        place = meant if meant < _MEANT_BELOW else None
    if place is None:
        return 1.0
    return min(1.0, max(0.0, (place - _COMMONEST) / (_RAREST - _COMMONEST)))


def vocabulary_place(word: str) -> int | None:
    """The place in the vocabulary of the word, or of what it is a form of; None when it is not there."""
    place_of = bundled_tokenizer().token_to_id
    stems = (ending.sub(stem, word) for ending, stem in _ENDINGS)
    places = (place_of(form) for form in (word, *(s for s in stems if len(s) > 1)))
    place: int | None = next((place for place in places if place is not None), None)
    return place
