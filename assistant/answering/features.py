"""What two sentences have in common: word stems, figures, names, and the direction they claim.

Deliberately small and deterministic: no model, no dictionary beyond the lists below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.readable import readable
from assistant.words import CALENDAR

__all__ = [
    "Features",
    "Word",
    "contains",
    "features",
    "normalise",
    "stem",
    "strange_names",
    "turned",
]

_FUNCTION_WORDS = """
    a an the of in on for to and or nor is are was were be been being am do does did doing done how
    what which who whom whose when where why with by from as at it its this that these those than
    then there here their they them we us i me you he him she her his my our your can could may
    might will would shall should if so but into onto about over per via such own same too very also
    just only both each either has have had having using used use uses paper papers authors author
    study studies work works abstract passage passages propose proposed proposes present presents
    presented introduce introduces introduced describe describes described according shows show
    shown called named approach method methods between among while which thus therefore however
    moreover furthermore
"""
_STOPWORDS = frozenset(_FUNCTION_WORDS.split())
_COUNTING = "two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTING.split(), start=2)}
_DENYING = """
    no not never none neither nor without cannot fail fails failed unable lack lacks lacked lacking
    absence absent dispensable independent unaffected unchanged unrelated
"""
_NEGATIONS = frozenset(_DENYING.split())
# Starts of words that say up, or down. "Less A raises B" and "more A lowers B" both point down.
_UP = tuple(
    """increas rais elevat enhanc improv promot boost higher high greater more gain activat upregulat
    up-regulat accelerat stimulat strengthen exceed outperform better best superior gener induc rise rising
    rose grow larg longer faster amplif augment facilitat enabl expand positive trigger maximi surpass
    overexpress succe benef restor abundan excess favor favour encourag""".split()
)
_DOWN = tuple(
    """decreas reduc lower low diminish worsen inhibit less fewer loss suppress downregulat down-regulat
    slow block weaken prevent underperform worse worst inferior drop declin degrad impair attenuat abolish
    minimi short small deplet delet knockdown knockout deficien silenc inactivat deactivat halt hinder
    hamper fall fell negative mitigat alleviat restrict disrupt repress eliminat remov poor antagoni
    inverse""".split()
)
_COMPARING = ("outperform", "underperform", "surpass", "exceed")
_OPPOSITES = ({"befor", "after"}, {"early", "late"})  # stems; neither up nor down
_REVERSING = ("un", "in", "im", "ir", "dis", "de", "non", "mis")  # "accurate", "inaccurate"
_NO_NAMES = _STOPWORDS | CALENDAR | frozenset(_NUMBER_WORDS)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE_JOINT = re.compile(r"[;:]|,\s*and\b|\b(?:while|whereas|but)\b", re.IGNORECASE)
_QUANTITY = re.compile(r"(\d+)([a-z]+)")  # "40mg", where others write "40 mg"
_JOINT = re.compile(r"[,()]|\b(?:and|or)\b(?!-)", re.IGNORECASE)
MARGIN = 2  # words beside the stretch that two texts share, up to the next comma or conjunction
CLAUSE = 5  # content words of a clause that only a comma sets apart
# A decimal keeps being one with its unit ("1.6M"); a whole number with a letter is a name ("3D").
_FIGURE = re.compile(
    r"(?<![\w.,])(?<![A-Za-z]-)[-+]?\d+(?:(?:[.,]\d+)+(?=[A-Za-z]{1,3}\b)|(?:[.,]\d+)*(?!\w))"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text; `part` counts the commas and conjunctions before it.

    `stem` is empty for a function word; `points` is 1 for a word that says up, -1 for one that
    says down; `compares` is true where what stands before is set against what follows.
    """

    stem: str
    points: int = 0
    denies: bool = False
    compares: bool = False
    part: int = 0


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text that may be true by itself, with the figures written in digits in it."""

    words: tuple[Word, ...]
    figures: frozenset[str]

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words if word.stem)


@dataclass(frozen=True, slots=True)
class Features:
    """A text taken apart. `stems` are of content words; `figures` as plain decimal numbers."""

    stems: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]
    clauses: tuple[Clause, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for clause in self.clauses for word in clause.words)

    def has(self, word: str) -> bool:
        """True when the text has this stem, or all parts of a compound."""
        return word in self.stems or ("-" in word and all(p in self.stems for p in word.split("-") if p))


def normalise(text: str) -> str:
    """Readable text with compatibility characters, dashes, quotes and white space made equal."""
    text = unicodedata.normalize("NFKC", readable(text))
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = re.sub(r"[“”„]", '"', re.sub(r"[‘’]", "'", text))
    return re.sub(r"\s+", " ", text).strip()


def contains(abstract: str, sentence: str) -> bool:
    """True when the sentence stands in the abstract, but for case, spacing and the final stop."""
    wanted = normalise(re.sub(r"\\([\[\]*_])", r"\1", sentence)).strip(" .\"'").casefold()
    return len(wanted) > 15 and wanted in normalise(abstract).casefold()


@lru_cache(maxsize=4096)
def features(text: str) -> Features:
    text = normalise(text)
    written = _WORD.findall(text)
    lower = [w.lower() for w in written]
    stems = frozenset(s for w in lower for part in {w, *w.split("-")} if (s := _content(part)))
    figures = {_plain(f) for f in _FIGURE.findall(text)} | {
        _NUMBER_WORDS[w] for w in lower if w in _NUMBER_WORDS
    }
    return Features(
        stems=stems,
        figures=frozenset(figures),
        names=frozenset(_names(written)),
        clauses=tuple(_clauses(text)),
    )


def _clauses(text: str) -> Iterable[Clause]:
    """The clauses of a text; between commas only where enough words stand on both sides."""
    part = 0
    for stretch in _CLAUSE_JOINT.split(text):
        found: list[tuple[tuple[Word, ...], frozenset[str]]] = []
        for piece in _JOINT.split(stretch):
            words = tuple(_word(w.lower(), part) for w in _WORD.findall(piece))
            figures = frozenset(_plain(f) for f in _FIGURE.findall(piece))
            part += 1
            if found and min(sum(bool(w.stem) for w in side) for side in (words, found[-1][0])) < CLAUSE:
                found[-1] = (found[-1][0] + words, found[-1][1] | figures)
            else:
                found.append((words, figures))
        yield from (Clause(words, figures) for words, figures in found if words)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without its inflection; cruder than Porter, but it never joins short words."""
    word = re.sub(r"['’]s?$", "", word.lower())
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + instead
            break
    for ending in ("ations", "ation", "ingly", "edly", "ing", "ed", "ly", "ion", "er", "or"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def strange_names(claim: Features, *known: Features) -> frozenset[str]:
    """The claim's names that stand in none of the other texts, whole or in parts."""
    words = frozenset[str]().union(*(k.names | k.stems | k.figures for k in known))

    def stands(name: str) -> bool:
        return name in words or stem(name) in words

    return frozenset(
        n
        for n in claim.names
        if not stands(n)
        and not ("-" in n and all(stands(p) for p in n.split("-") if p))
        and not ((quantity := _QUANTITY.fullmatch(n)) and all(stands(p) for p in quantity.groups()))
    )


def turned(claim: Sequence[Word], evidence: Sequence[Word]) -> bool:
    """True when the claim says the reverse of what the evidence says about the same things.

    Of the evidence only the shortest stretch with all words that the two share counts. A comparison
    is turned when its sides are exchanged; otherwise all words that point up or down, and all
    denials, are multiplied: "less A raises B" and "A lowers B" agree. Where the stretch has no
    direction, that of the whole evidence counts if it has but one; where the claim has none, only
    denials do.
    """
    mine, theirs = ({w.stem for w in words if w.stem} for words in (claim, evidence))
    here = _stretch(evidence, mine)
    if not here:
        return False
    nearby = {w.stem for w in here if w.stem}
    if any(_reverse(a, b) for a in mine - theirs for b in nearby - mine):
        return True
    if order := _order(claim, evidence):
        return order * _sign(claim) * _sign(here) < 0
    said, found = _directions(claim), _directions(here)
    if said and not found:
        everywhere = _directions(evidence)
        if len(said) == len(everywhere) == 1 and said != everywhere:
            return True
    pointed = bool(said and found)
    return _sign(claim, pointed) != _sign(here, pointed)


def _directions(words: Iterable[Word]) -> set[int]:
    return {w.points for w in words if w.points}


def _content(word: str) -> str:
    """The stem of a content word; empty for others."""
    if word in _STOPWORDS or word.isdigit() or not (len(word) > 1 or word.isalpha()):
        return ""
    found = stem(word)
    return "" if found.isdigit() else found


def _word(word: str, part: int) -> Word:
    denies = word in _NEGATIONS or word.endswith("n't")
    points = 0 if denies else -1 if word.startswith(_DOWN) else 1 if word.startswith(_UP) else 0
    return Word(_content(word), points, denies, word == "than" or word.startswith(_COMPARING), part)


def _stretch(evidence: Sequence[Word], stems: Collection[str]) -> Sequence[Word]:
    """The shortest run of words with all the stems that it can have, and what stands beside it."""
    last: dict[str, int] = {}  # where each stem stood last
    best: tuple[int, int] | None = None
    wanted = {w.stem for w in evidence if w.stem in stems and not w.points}
    for i, word in enumerate(evidence):
        if word.stem not in wanted:
            continue
        last[word.stem] = i
        first = min(last.values())
        if len(last) == len(wanted) and (best is None or i - first < best[1] - best[0]):
            best = first, i
    if best is None:
        return ()
    first, end = best
    before, after = evidence[max(0, first - MARGIN) : first], evidence[end + 1 : end + 1 + MARGIN]
    return (
        *(w for w in before if w.part == evidence[first].part),
        *evidence[first : end + 1],
        *(w for w in after if w.part == evidence[end].part),
    )


def _sign(words: Iterable[Word], pointed: bool = True) -> int:
    """-1 when an odd number of words denies or, where `pointed`, points down; else 1."""
    return -1 if sum(w.denies or (pointed and w.points < 0) for w in words) % 2 else 1


def _order(claim: Sequence[Word], evidence: Sequence[Word]) -> int:
    """1 when both compare the same two things in the same order, -1 in the opposite one, else 0."""
    (a, b), (c, d) = _sides(claim), _sides(evidence)
    if a & d and b & c:
        return -1
    return 1 if a & c and b & d else 0


def _sides(words: Sequence[Word]) -> tuple[set[str], set[str]]:
    """The content words that stand only before, and only after, the first word that compares."""
    at = next((i for i, w in enumerate(words) if w.compares), None)
    if at is None:
        return set(), set()
    before, after = ({w.stem for w in side if w.stem} for side in (words[:at], words[at + 1 :]))
    return before - after, after - before


def _reverse(one: str, other: str) -> bool:
    """True for "accurat" and "inaccurat", "before" and "after"."""
    if {one, other} in _OPPOSITES:
        return True
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 4 and any(longer == prefix + shorter for prefix in _REVERSING)


def _names(words: Iterable[str]) -> Iterable[str]:
    """Words that look like names: a capital that opens no sentence, or letters with digits."""
    for position, word in enumerate(words):
        if position and word.istitle() and len(word) > 2 and word.lower() not in _NO_NAMES:
            yield word.lower()
        for part in {word, *word.split("-")}:
            inner = part[1:]
            mixed = any(c.isdigit() for c in part) and any(c.isalpha() for c in part)
            if len(part) > 1 and (any(c.isupper() for c in inner) or mixed):
                yield part.lower().rstrip("s") if part.endswith("s") and part[:-1].isupper() else part.lower()


def _plain(figure: str) -> str:
    figure = re.sub(r",(?=\d{3}\b)", "", figure.lstrip("+")).replace(",", ".").lstrip("-")
    return figure.rstrip("0").rstrip(".") if "." in figure else str(int(figure))
