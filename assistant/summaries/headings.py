"""Headings of themes: phrases the papers themselves use, that tell one theme from the others.

A phrase counts by how many of the theme's papers use it and how few others do (the idea of
c-TF-IDF, Grootendorst 2022), and by how near it lies to the theme by embedding. One paper's own
name never heads a theme: a phrase must be used by two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.models import Paper
from assistant.readable import readable
from assistant.summaries.selection import Candidate, Embeds, Vectors, unit_vector
from assistant.words import STOPWORDS

WEIGHED = 12  # phrases of a theme that are embedded
LEAST = (0.4, 0.25, 0.1)  # share of a theme's papers that use its heading: the first that any phrase has
CONTRAST = 0.5  # weight of the distance to the other themes
SHARE = 1.5  # weight of the share of papers that use a phrase, less the share outside

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
    evaluations human-level generation next open-source source platform statistics characteristics""".split()
)
_NO_END = re.compile(r"(?:ed|ly|able|ible|ous|ive|ical|ional|ic|al|ful|less|est|ary|immune)$", re.IGNORECASE)
_NOUN_END = re.compile(
    r"(?:signal|trial|animal|journal|survival|removal|retrieval|clinic|topic|logic)s?$", re.I
)
_COINED = re.compile(r"[A-Za-z]\d|[a-z][A-Z]|[A-Z]{2}")


def headings(topic: str, groups: Sequence[Sequence[Candidate]], model: Embeds) -> tuple[str, ...]:
    """A heading for each theme: the topic for a single one, else the phrase that tells it best."""
    if len(groups) == 1:
        return (topic[:1].upper() + topic[1:],)
    texts = [[_text(c.paper) for c in group] for group in groups]
    centres = np.array([unit_vector(np.mean([c.vector for c in group], axis=0)) for group in groups])
    chosen: list[str] = []
    for number, group in enumerate(groups):
        weighed = _phrases(group, texts, number)
        if weighed:
            vectors = model.embed(list(weighed))
            fit = vectors @ centres.T
            others = np.delete(fit, number, axis=1).max(axis=1)
            mine = fit[:, number]
            value = mine + CONTRAST * (mine - others) + SHARE * np.array(list(weighed.values()))
            ranked = [list(weighed)[i] for i in np.argsort(-value, kind="stable")]
        else:
            ranked = []
        fresh = (p for p in ranked if not _repeats(p, chosen) and _letters(p) not in _letters(topic))
        chosen.append(next(fresh, None) or _pair(group, chosen, centres[number], model) or f"Also on {topic}")
    return tuple(_capitalised(h) for h in chosen)


def _text(paper: Paper) -> str:
    return f" {readable(paper.display_title)}. {readable(paper.abstract)} ".lower()


def _phrases(group: Sequence[Candidate], texts: Sequence[Sequence[str]], number: int) -> dict[str, float]:
    """The phrases that two of the theme's papers use, each with its share in excess of the others'."""
    spelt: dict[str, str] = {}
    used: Counter[str] = Counter()
    titled: Counter[str] = Counter()
    for candidate in group:
        title = candidate.paper.title or ""
        titled.update({p.lower() for p in _runs(readable(title))})
        found = dict.fromkeys(_runs(f"{readable(title)}. {readable(candidate.paper.abstract)}"))
        for phrase in found:
            spelt.setdefault(phrase.lower(), phrase)
        used.update({p.lower() for p in found})
    shared = [key for key, papers in used.most_common(400) if papers >= 2]
    for least in LEAST:
        if many := [key for key in shared if used[key] >= least * len(group)]:
            shared = many
            break
    outside = [text for i, of_group in enumerate(texts) if i != number for text in of_group]
    excess = {
        key: used[key] / len(group)
        - sum(key in text for text in outside) / max(1, len(outside))
        + titled[key] / len(group)
        + 0.05 * (len(key.split()) - 2)
        for key in shared
    }
    best = sorted(shared, key=lambda key: (-excess[key], key))[:WEIGHED]
    return {spelt[key]: excess[key] for key in best}


def _runs(text: str, *, whole: bool = False) -> Iterator[str]:
    """Stretches of two to four words between idle words that end in a noun; `whole` ones end there too."""
    for piece in re.split(r"[:;,?!()\[\]\"“”]|\.(?:\s|$)|\s[-–—]\s|\d+(?:\.\d+)?%?", text):
        run: list[str] = []
        for word in [*piece.split(), "of"]:
            if word.lower().strip("'’") not in _IDLE and (len(word) > 1 or word.isupper()):
                run.append(word)
                continue
            for end in range(2, len(run) + 1):
                if _is_noun(run[end - 1]) and (end == len(run) or not whole):
                    yield from (" ".join(run[end - n : end]) for n in (2, 3, 4) if n <= end)
            run = []


def _is_noun(word: str) -> bool:
    return _NO_END.search(word) is None or _NOUN_END.search(word) is not None


def _pair(group: Sequence[Candidate], chosen: Sequence[str], centre: Vectors, model: Embeds) -> str | None:
    """The phrases of two papers' titles nearest to the theme, for papers that share none; no coined names.

    A paper without a title lends those of its abstract.
    """
    source: dict[str, int] = {}
    for number, candidate in enumerate(group[:WEIGHED]):
        for phrase in _runs(readable(candidate.paper.title or candidate.paper.abstract), whole=True):
            short = len(phrase.split()) <= 3
            if short and not _COINED.search(phrase) and not _repeats(phrase, chosen):
                source.setdefault(phrase, number)
    if not source:
        return None
    near = model.embed(list(source)) @ centre
    ranked = [list(source)[i] for i in np.argsort(-near, kind="stable")]
    first = _words(ranked[0])
    other = (p for p in ranked if source[p] != source[ranked[0]] and not first & _words(p))
    second = next(other, None)
    return f"{ranked[0]}; {second}" if second else None


def _repeats(phrase: str, chosen: Sequence[str]) -> bool:
    """Whether the phrase holds one of those chosen, or is held by one, spelling aside."""
    mine, others = _letters(phrase), [_letters(c) for c in chosen]
    return any(mine in other or other in mine for other in others)


def _words(phrase: str) -> set[str]:
    """The words of a phrase, compounds apart, without a plural's s."""
    return {word.rstrip("s") for word in re.findall(r"\w+", phrase.lower())}


def _letters(phrase: str) -> str:
    return re.sub(r"\W+", "", phrase).lower()


def _capitalised(phrase: str) -> str:
    """Sentence case, leaving alone words that are not merely title-cased (MRI, LoRA, k-space)."""
    plain = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)*;?")
    text = " ".join(w.lower() if plain.fullmatch(w) else w for w in phrase.split())
    return text[:1].upper() + text[1:]
