"""The names papers go by: the head of a title, and what an abstract calls its own method."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from assistant.models import Paper
from assistant.readable import readable
from assistant.sentences import split_sentences
from assistant.stores.folding import fold

_LONGEST_TITLE_HEAD = 5  # words; a longer head of a title is a description, not a name
# A method's name: an acronym, or a word with inner capitals or digits ("ViP", "iDPA", "M^3Builder").
_WORDLIKE = r"[a-z]{0,2}[A-Z][A-Za-z0-9^+]*[A-Z0-9][A-Za-z0-9^+]*"
_NAME = rf"(?:[A-Z]\w*[-‐‑])?{_WORDLIKE}(?:[-‐‑][A-Za-z0-9^+]+)*"
_PREPOSITION = re.compile(
    r"\s(?:for|via|with|using|of|in|on|is|from|by|through|towards?|under)\s", re.IGNORECASE
)
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s")  # "LLMs": a class of things, not a name
_OWN_VOICE = re.compile(
    r"\b(?:we|this (?:paper|work|study|article)|our|the proposed \w+)\b.{0,120}?\b(?:propos\w*|introduc\w*|present\w*|develop\w*|design\w*"
    r"|build\w*|built|releas\w*|nam\w*|call\w*|term\w*|dub\w*|contribut\w*|formulat\w*|construct\w*|explor\w*|adopt\w*)",
    re.IGNORECASE | re.DOTALL,
)
_CALLED = re.compile(
    rf"\b(?:named|called|termed|dubbed|coined|denoted|known|referred to)\s+(?:as\s+)?[\"'“]?({_NAME})"
    rf"|\b(?:propos\w+|introduc\w+|present\w*|develop\w*|build|releas\w+|our)\s+({_NAME})\b"
    rf"|\(\s*(?:named\s+|i\.e\.,?\s+)?({_NAME})\s*\)|[-–—]+\s+({_NAME})\s+[-–—]"
)


def paper_names(paper: Paper) -> tuple[str, ...]:
    """The names a question may call `paper` by, without duplicates.

    The head of a title such as "SAFARI: ..."; a short display title; names that a sentence of
    the abstract gives in the authors' own voice ("we propose a method named X", "(X)").
    """
    return _names(paper.title, paper.display_title, paper.abstract)


@lru_cache(maxsize=2048)
def _names(paper_title: str | None, display_title: str, abstract: str) -> tuple[str, ...]:
    names: list[str] = []
    title = readable(paper_title or "")
    head, colon, _ = title.partition(":")
    if colon and len(head.split()) <= _LONGEST_TITLE_HEAD:
        names.append(head.strip())
    if not paper_title and len(display_title.split()) <= _LONGEST_TITLE_HEAD:
        names.append(display_title)
    names += re.findall(rf"\(({_NAME})\)", title)
    subject = _PREPOSITION.split(title, maxsplit=1)[0]
    if (
        not colon
        and 2 <= len(subject.split()) < _LONGEST_TITLE_HEAD
        and re.search(r"\w-\w|\w[A-Z0-9]", subject)
    ):
        names.append(subject)
    for span in split_sentences(abstract):
        sentence = readable(abstract[span.start : span.end])
        if _OWN_VOICE.search(sentence):
            names += [next(filter(None, groups)) for groups in _CALLED.findall(sentence)]
    return tuple(dict.fromkeys(n for n in names if n and not _PLURAL_ACRONYM.fullmatch(n)))


def mention(question: str, name: str) -> int | None:
    """Where `question` calls something `name`, whatever its hyphens, accents and spaces.

    Case is ignored for names of four characters and more; "SAT" and "RAD" must be written so.
    "MeLo-2" is another name than "MeLo", "SAT-Pro" a variant of "SAT".
    """
    parts = re.findall(r"[a-z]+|\d+", fold(name))
    joined = "".join(parts)
    # Compiling a pattern for each of a hundred names takes 0.1 s; most stand nowhere.
    if not joined or joined not in _letters_and_digits(question):
        return None
    pattern = r"(?<!\w)" + r"[\s^_‐‑-]*".join(parts) + r"(?![^\W_])(?!-\d)"
    match = re.search(pattern, _without_accents(question).lower())
    if match and len(joined) < 4 and name.lower() in question.lower() and name not in question:
        return None
    return match.start() if match else None


@lru_cache(maxsize=64)
def _letters_and_digits(question: str) -> str:
    return fold(question).replace(" ", "")


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def named_papers(question: str, candidates: Sequence[Paper]) -> tuple[Paper, ...]:
    """The candidates that `question` calls by name, in the order of their first mention.

    A name that fits more than two candidates names none of them. Of two names at one place
    the longer decides: "Deep Reprogramming Distillation" is not "Reprogramming Distillation".
    """
    return tuple(paper for _, paper in _named(question, candidates))


def named_apart(question: str, candidates: Sequence[Paper]) -> tuple[Paper, ...]:
    """As `named_papers`, of the papers that share a name only the first: things that differ."""
    by_place: dict[int, Paper] = {}
    for start, paper in _named(question, candidates):
        by_place.setdefault(start, paper)
    return tuple(by_place.values())


def _named(question: str, candidates: Sequence[Paper]) -> list[tuple[int, Paper]]:
    """Where the papers that `question` names are first named, in that order."""
    places: dict[tuple[int, int], list[Paper]] = {}
    for paper in candidates:
        for name in {*paper_names(paper), *([paper.title] if paper.title else [])}:
            at = mention(question, name)
            if at is not None:
                places.setdefault((at, at + len(name)), []).append(paper)
    found: dict[str, tuple[int, Paper]] = {}
    for (start, end), papers in sorted(places.items()):
        inside_longer = any(s <= start and end <= e and e - s > end - start for s, e in places)
        if len(papers) <= 2 and not inside_longer:
            for paper in papers:
                found.setdefault(paper.paper_id, (start, paper))
    return sorted(found.values(), key=lambda place: place[0])


def without_names(question: str, papers: Iterable[Paper]) -> str:
    """`question` without the words that only say which paper is meant.

    What remains is what is asked about the paper; sentences are compared with that.
    """
    words = {
        w
        for p in papers
        for text in (p.display_title, *p.authors, *paper_names(p))
        for w in fold(text).split()
    }
    joined = {"".join(fold(n).split()) for p in papers for n in paper_names(p)}
    stems = {_stem(w) for w in words}
    kept = []
    for token in re.findall(r"\S+", question):
        parts = fold(re.sub(r"['’]s\b", "", token)).split()
        if parts and ("".join(parts) in joined or all(_stem(p) in stems for p in parts)):
            continue
        kept.append(token)
    return " ".join(kept)


def _stem(word: str) -> str:
    """A light stem: plural s and the hyphenless form, enough to match a title's words."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
