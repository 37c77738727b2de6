"""Headings of themes: phrases the papers themselves use, that tell one theme from the others.

A phrase counts by how many of the theme's papers use it and how few others do (the idea of
c-TF-IDF, Grootendorst 2022), by how rare its words are in the corpus, and by how near it lies to the
theme by embedding. One paper's own name never heads a theme: a phrase must be used by two. Nor does a
fragment ("red blood", where it is "red blood cells" that the papers say), or a phrase of the topic's words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.features import stem
from assistant.readable import readable
from assistant.retrieval.terms import Statistics
from assistant.summaries.selection import Candidate, Embeds, Vectors, unit_vector
from assistant.words import STOPWORDS

WEIGHED = 12  # phrases of a theme that are embedded
LEAST = (0.4, 0.25, 0.1)  # share of a theme's papers that use its heading: the first that any phrase has
CONTRAST = 0.5  # weight of the distance to the other themes
SHARE = 1.5  # weight of the share of papers that use a phrase, less the share outside
RARITY = 1.0  # weight of how rare its words are in the corpus
TELLING = 0.2  # rarity that one of its words must have
WHOLE = 0.5  # share of the papers with a phrase in which no noun follows it, else it is a fragment
WITHIN = 0.7  # share of them that use a longer one with it, from which that is what they speak of

# What every abstract says of itself, and verbs: they end a phrase.
_IDLE = STOPWORDS | frozenset(
    """proposed propose proposes existing previous novel new extensive experiments experiment experimental
    results result state-of-the-art performance performances method methods approach approaches framework
    effectiveness effective significant significantly superior various multiple several different two three
    first second recent recently achieve achieves achieved demonstrate demonstrates demonstrated improve
    improves improved improving outperform outperforms show shows shown introduce introduces introduced
    present presents presented develop developed develops enable enables enabling address addresses addressed
    addressing leverage leverages leveraging utilize utilizes utilizing use uses used using based via towards
    toward however further additionally furthermore moreover including without within across while whereas
    thus therefore between through given often one many limited high low better best key main important
    potential challenges challenge problem problems issue issues comprehensive evaluate evaluated evaluation
    evaluating exploring enhancing rethinking mining require requires remain remains become provide provides
    providing make makes making increase increased increases increasing decrease decreased reduce reduced
    reduces reducing associated related observed found compared suggest suggests indicate data findings
    conclusion conclusions background objective objectives aim aims methodology respectively among during
    after before n p vs i.e e.g et al well due able great greater less higher lower total mean
    additional particular median age years think truly toward
    combining exploiting investigate investigated examining examine assess assessed determine determined
    identify identified common like whether because since until
    controlled trial trials randomized randomised cohort review meta-analysis interval intervals ratio
    named called termed dubbed
    evaluations human-level generation next open-source source platform statistics characteristics""".split()
)
_NO_END = re.compile(r"(?:ed|ly|able|ible|ous|ive|ical|ional|ic|al|ful|less|est|ary|immune)$", re.IGNORECASE)
_NOUN_END = re.compile(
    r"(?:signal|trial|animal|journal|survival|removal|retrieval|clinic|topic|logic)s?$", re.I
)
# Nouns that need another to say anything: no phrase ends with them.
_VAGUE = frozenset(
    """domain domains field fields area areas task tasks setting settings scenario scenarios application
    applications level levels group groups use uses number numbers work works study studies paper papers
    type types case cases research literature training train manner way ways order part parts role""".split()
)
_BREAK = re.compile(r"[:;,?!()\[\]\"“”]|\.(?:\s|$)|\s[-–—]\s|(?<![\w.-])\d+(?:\.\d+)?%?(?![\w-])")
_COINED = re.compile(r"[A-Za-z]\d|[a-z][A-Z]|[A-Z]{2}")


def headings(
    topic: str, groups: Sequence[Sequence[Candidate]], model: Embeds, statistics: Statistics
) -> tuple[str, ...]:
    """A heading for each theme: the topic for a single one, else the phrase that tells it best."""
    if len(groups) == 1:
        return (topic[:1].upper() + topic[1:],)
    found = [[_read(c) for c in group] for group in groups]
    centres = np.array([unit_vector(np.mean([c.vector for c in group], axis=0)) for group in groups])
    asked = _stems(topic)
    chosen: list[str] = []
    for number, group in enumerate(groups):
        weighed = _phrases(found, number, asked, statistics)
        ranked: list[str] = []
        if weighed:
            fit = model.embed(list(weighed)) @ centres.T
            others = np.delete(fit, number, axis=1).max(axis=1)
            mine = fit[:, number]
            value = mine + CONTRAST * (mine - others) + np.array(list(weighed.values()))
            ranked = [list(weighed)[i] for i in np.argsort(-value, kind="stable")]
        fresh = (phrase for phrase in ranked if not _repeats(phrase, chosen))
        chosen.append(
            next(fresh, None) or _pair(group, chosen, centres[number], model, asked) or _last(chosen)
        )
    return tuple(_capitalised(heading) for heading in chosen)


@dataclass(frozen=True, slots=True)
class _Said:
    """The phrases of a paper by their stems: as spelt, in its title, and where no noun follows."""

    spelt: Mapping[str, str]
    titled: frozenset[str]
    whole: frozenset[str]


def _read(candidate: Candidate) -> _Said:
    title = readable(candidate.paper.title or "")
    spelt: dict[str, str] = {}
    whole = set()
    for phrase, ends in _runs(f"{title}. {readable(candidate.paper.abstract)}"):
        key = _key(phrase)
        spelt.setdefault(key, phrase)
        if ends:
            whole.add(key)
    return _Said(spelt, frozenset(_key(phrase) for phrase, _ in _runs(title)), frozenset(whole))


def _phrases(
    found: Sequence[Sequence[_Said]], number: int, asked: frozenset[str], statistics: Statistics
) -> dict[str, float]:
    """The phrases that two of the theme's papers use, each with what it is worth but for its vector."""
    mine = found[number]
    used = Counter(key for said in mine for key in said.spelt)
    whole = Counter(key for said in mine for key in said.whole)
    shared = [
        key for key, papers in used.most_common(400) if papers >= 2 and not asked.issuperset(key.split())
    ]
    shared = [key for key in shared if whole[key] >= WHOLE * used[key]]
    longer = {part: key for key in shared for part in shared if part != key and f" {part} " in f" {key} "}
    shared = [key for key in shared if key not in longer or used[longer[key]] < WITHIN * used[key]]
    for least in LEAST:
        if many := [key for key in shared if used[key] >= least * len(mine)]:
            shared = many
            break
    outside = [said for i, of_group in enumerate(found) if i != number for said in of_group]
    spelt = {
        key: Counter(s.spelt[key] for s in mine if key in s.spelt).most_common(1)[0][0] for key in shared
    }
    rarity = _rarity(spelt.values(), statistics)
    shared = [key for key in shared if rarity[spelt[key]][1] >= TELLING]
    worth = {
        key: SHARE
        * (
            used[key] / len(mine)
            - sum(key in said.spelt for said in outside) / max(1, len(outside))
            + sum(key in said.titled for said in mine) / len(mine)
            + 0.05 * (len(key.split()) - 2)
        )
        + RARITY * rarity[spelt[key]][0]
        for key in shared
    }
    best = sorted(shared, key=lambda key: (-worth[key], key))[:WEIGHED]
    return {spelt[key]: worth[key] for key in best}


def _rarity(phrases: Iterable[str], statistics: Statistics) -> dict[str, tuple[float, float]]:
    """How rare the words of each phrase are, from 0 (every paper has them) to 1 (one has): mean, highest."""
    terms = {phrase: statistics.analyze(phrase) for phrase in phrases}
    papers = statistics.document_frequencies({term for of in terms.values() for term in of})
    most = math.log(max(2, statistics.count))
    rare = {term: math.log(max(1, statistics.count) / max(1, n)) / most for term, n in papers.items()}
    found = {phrase: [rare[term] for term in of] or [0.0] for phrase, of in terms.items()}
    return {phrase: (sum(its) / len(its), max(its)) for phrase, its in found.items()}


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Stretches of two to four words between idle words that end in a noun, and whether no word follows."""
    for piece in _BREAK.split(text):
        run: list[str] = []
        for word in [*(word.strip(".'’*") for word in piece.split()), "of"]:
            if word.lower().strip("'’") not in _IDLE and (len(word) > 1 or word.isupper()):
                run.append(word)
                continue
            for end in range(2, len(run) + 1):
                if _is_noun(run[end - 1]):
                    last = end == len(run)
                    starts = (end - n for n in (2, 3, 4) if n <= end and not run[end - n].endswith("ly"))
                    yield from ((" ".join(run[start:end]), last) for start in starts)
            run = []


def _is_noun(word: str) -> bool:
    if word.lower() in _VAGUE:
        return False
    return _NO_END.search(word) is None or _NOUN_END.search(word) is not None


def _pair(
    group: Sequence[Candidate],
    chosen: Sequence[str],
    centre: Vectors,
    model: Embeds,
    asked: frozenset[str],
) -> str | None:
    """The phrases of two papers' titles nearest to the theme, for papers that share none; no coined names.

    A paper without a title lends those of its abstract.
    """
    source: dict[str, int] = {}
    for number, candidate in enumerate(group[:WEIGHED]):
        for phrase, whole in _runs(readable(candidate.paper.title or candidate.paper.abstract)):
            short = len(phrase.split()) <= 3
            said = _COINED.search(phrase) or _repeats(phrase, chosen) or _stems(phrase) <= asked
            if whole and short and not said:
                source.setdefault(phrase, number)
    if not source:
        return None
    near = model.embed(list(source)) @ centre
    ranked = [list(source)[i] for i in np.argsort(-near, kind="stable")]
    first = _stems(ranked[0])
    other = (p for p in ranked if source[p] != source[ranked[0]] and not first & _stems(p))
    second = next(other, None)
    return f"{ranked[0]}; {second}" if second else ranked[0]


def _last(chosen: Sequence[str]) -> str:
    """For papers of which nothing can be said in a phrase."""
    return "Further papers" if "Further papers" not in chosen else f"Further papers ({len(chosen) + 1})"


def _repeats(phrase: str, chosen: Sequence[str]) -> bool:
    """Whether the phrase holds one of those chosen, or is held by one, spelling aside."""
    mine, others = _letters(phrase), [_letters(c) for c in chosen]
    return any(mine in other or other in mine for other in others)


def _key(phrase: str) -> str:
    """A phrase by the stems of its words: "image" and "images" are one."""
    return " ".join(stem(word) for word in re.findall(r"\w+", phrase.lower()))


def _stems(phrase: str) -> frozenset[str]:
    return frozenset(_key(phrase).split())


def _letters(phrase: str) -> str:
    return re.sub(r"\W+", "", phrase).lower()


def _capitalised(phrase: str) -> str:
    """Sentence case, leaving alone words that are not merely title-cased (MRI, LoRA, k-space)."""
    plain = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)*;?")
    text = " ".join(w.lower() if plain.fullmatch(w) else w for w in phrase.split())
    return text[:1].upper() + text[1:]
