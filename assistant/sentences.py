"""Splitting an abstract into sentences, with offsets into the text as the source has it.

Rule-based and dependency-free: abstracts are short, edited prose, and the offsets must be
exact. The rules below were read off errors on scientific abstracts: abbreviations, initials,
decimals, versions and enumerations do not end a sentence.
"""

import re
from itertools import pairwise

from assistant.models import Span
from assistant.words import STOPWORDS

_ABBREVIATIONS = frozenset(
    "e.g i.e etc et al vs cf fig figs eq eqs sec ref refs dr mr mrs ms prof no nos vol approx resp st dept"
    " ca viz incl ed eds ver al".split()
)
# Latin abbreviations that may close a sentence as well: the next word's capital decides.
_MAY_END = frozenset(("etc", "al"))
_BOUNDARY = re.compile(r"""[.!?]+["'”’)\]]*\s+(?=["'“‘(\[\\$]*[A-Z0-9]|\([a-z]{1,4}\)\s)""")
_WORD = re.compile(r"\w+")
_NEWLINES = re.compile(r"\n\s*\n")


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of `text`, in order, without surrounding white space."""
    cuts = [0]
    boundaries = [m for m in _BOUNDARY.finditer(text) if _ends_sentence(text, m)]
    cuts += sorted({m.end() for m in boundaries} | {m.end() for m in _NEWLINES.finditer(text)})
    cuts.append(len(text))
    spans = []
    for start, end in pairwise(cuts):
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = end - (len(piece) - len(piece.rstrip()))
        if left < right:
            spans.append(Span(left, right))
    return tuple(spans)


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    if text[match.start()] != ".":
        return True
    # 40 characters hold any abbreviation; looking further back would cost quadratic time.
    word_match = re.search(r"([\w.]+)$", text[max(0, match.start() - 40) : match.start()])
    word = word_match.group(1).lower() if word_match else ""
    if word in _ABBREVIATIONS:
        return word in _MAY_END and text[match.end() : match.end() + 1].isupper()
    if re.fullmatch(r"[a-z]", word) and word_match and word_match.group(1).isupper():
        # An initial, "J. Smith"; but "the matrices A and B. In each round".
        following = _WORD.match(text, match.end())
        return following is not None and following[0].lower() in STOPWORDS and len(following[0]) > 1
    return not (re.fullmatch(r"\(?\d", word) and _opens_enumeration(text, match))


def _opens_enumeration(text: str, match: re.Match[str]) -> bool:
    """True for "1. First ..." at the start of a sentence, and not for "a ratio of 2:1. First ..."."""
    before = text[: match.start()].rstrip("0123456789(")
    return not before.strip() or (before[-1].isspace() and before.rstrip().endswith((":", ";")))
