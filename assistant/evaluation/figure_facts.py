"""The figures of an abstract that a question can ask for: each with its unit or what it counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.sentences import split_sentences
from assistant.words import STOPWORDS

_NUMBER = r"(?<![\w.,/$^+-])(\d+(?:[.,]\d+)*)"
_LARGE = r"(?:\s?(?:[KkMB]|thousand|million|billion)(?![\w-]))?"
_WORDS = r"((?:[A-Za-z]+(?:-[A-Za-z]+)*\s){0,3}[A-Za-z]+(?:-[A-Za-z]+)*)"
_UNITS = r"(?:ms|milliseconds|seconds|minutes|hours|days|weeks|months|KB|MB|GB|TB|MHz|GHz|nm|mm|cm|km|mg|kg)"
_SHARE = re.compile(rf"{_NUMBER}\s?\\?%\s(of\s(?:the\s|all\s)?)?{_WORDS}")
_MEASURE = re.compile(rf"{_NUMBER}\s?({_UNITS})\b(?:\s+(of\s(?:[a-z-]+\s)?[a-z-]+))?")
_COUNT = re.compile(rf"{_NUMBER}({_LARGE})\s{_WORDS}")
_SPELT = "one two three four five six seven eight nine ten eleven twelve".split()
_ANY_NUMBER = rf"(?:\d[\d.,]*{_LARGE}\s?\\?%?|{'|'.join(_SPELT)})"
_SINGULAR = ("ss", "ous", "us", "is", "as")  # endings in s of words that count nothing
_NO_HEAD = STOPWORDS | set("times points pairs others cases years ci interval intervals confidence".split())


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure: `thing` is what it is of, `written` the ways an answer may write it."""

    thing: str
    written: tuple[str, ...]
    sentence: str
    is_share: bool = False


# The end of a word that is a noun, where no "of" says that it is one: "60% identical" has none.
_NOUN = re.compile(r"(?:[a-z]s|acy|ion|ment|rate|gain|crease|ance|ence|ity|ness|score)$")
# What shows, standing before a figure, that it ends a range or a list, or is part of a name or a label.
_OPEN_BEFORE = re.compile(
    r"(?:\d\s|\d\S*\s?(?:to|and|or|of|out of|-|–|/|,)\s?|(?:(?<!^)\b[A-Z]\w*|\b\w+[A-Z]\w*)[\s-]"
    r"|\b(?:type|grade|stage|phase|group|class|level|day|week|chromosome|version|aged?)\s)$"
)


def counted_things(abstract: str) -> tuple[Counted, ...]:
    """The figures that an abstract gives just one of for what they are of, in order."""
    found: list[tuple[str, Counted]] = []
    for span in split_sentences(abstract):
        sentence = abstract[span.start : span.end]
        found += [*_shares(sentence), *_measures(sentence), *_counts(sentence)]
    heads = Counter(head for head, _ in found)
    return tuple(c for head, c in found if heads[head] == 1 and _figures_of(head, abstract) == 1)


def _figures_of(head: str, abstract: str) -> int:
    """How often a figure, in digits or spelt, stands at most three words before the word."""
    pattern = rf"{_ANY_NUMBER}(?:\s+(?:of\s+)?[\w-]+){{0,3}}?\s*\b{re.escape(head)}\b"
    return len(re.findall(pattern, abstract, re.IGNORECASE))


def _shares(sentence: str) -> Iterator[tuple[str, Counted]]:
    if sentence.count("%") != 1:
        return  # of several shares in one sentence nobody can say which is meant
    for match in _SHARE.finditer(sentence):
        if _OPEN_BEFORE.search(sentence[: match.start()]):
            continue
        words = _noun_phrase(match[3].split(), plural=False)
        if words and (match[2] or _NOUN.search(words[-1])):
            figure = match[1]
            written = (f"{figure}%", f"{figure} %", f"{figure}\\%", f"{figure} percent")
            yield words[-1], Counted(" ".join(words), written, sentence, is_share=True)


def _measures(sentence: str) -> Iterator[tuple[str, Counted]]:
    for match in _MEASURE.finditer(sentence):
        if _OPEN_BEFORE.search(sentence[: match.start()]):
            continue
        more = match[3] if match[3] and STOPWORDS.isdisjoint(match[3].split()[1:]) else ""
        thing = f"{match[2]} {more}".strip()
        yield match[2], Counted(thing, (f"{match[1]} {match[2]}", f"{match[1]}{match[2]}"), sentence)


def _counts(sentence: str) -> Iterator[tuple[str, Counted]]:
    for match in _COUNT.finditer(sentence):
        words = _noun_phrase(match[3].split(), plural=True)
        before = _OPEN_BEFORE.search(sentence[: match.start()])
        if before or not words or re.fullmatch(_UNITS, words[-1]):
            continue
        figure = match[1] + match[2]
        written = [figure, figure.replace(" ", ""), figure.replace(",", "")]
        if len(re.sub(r"\D", "", match[1])) < 3 and not match[2].strip():
            # "13" stands in "2013" too: a small number is known by what follows it.
            spelt = _SPELT[int(match[1]) - 1 : int(match[1])] if match[1].isdigit() else []
            written = [f"{number} {word}" for number in (figure, *spelt) for word in words]
        yield words[-1], Counted(" ".join(words), tuple(dict.fromkeys(written)), sentence)


def _noun_phrase(words: list[str], *, plural: bool) -> list[str]:
    """The words up to the first plural noun; of a share, up to four that are no function words."""
    kept: list[str] = []
    for word in words:
        if word.lower() in STOPWORDS or (word.endswith(("ing", "ed")) and not kept):
            break
        kept.append(word)
        if re.search(r"[a-z]s$", word) and not word.endswith(_SINGULAR):
            return kept if word.lower() not in _NO_HEAD else []
    return [] if plural or _NO_HEAD & {w.lower() for w in kept[:2]} else kept[:2]
