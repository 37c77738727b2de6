"""Grouping the selected papers by what they do, and the sentences that tell of each.

Groups are communities of the similarity graph (Louvain's method: Blondel et al. 2008, by
networkx): it settles how many themes there are from the data, and is repeatable by its seed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import networkx as nx  # type: ignore[import-untyped]  # ships no types
import numpy as np

from assistant.models import Evidence, Paper
from assistant.summaries.selection import Candidate, Embeds, Vectors, unit_vector

ALONE = 3  # up to so many papers are one theme
RESOLUTION = 1.0
_SEED = 7

_CONTRIBUTION = re.compile(
    r"\b(?:we|this (?:paper|work|study|article))\b[^.]{0,40}?\b(?:propos|present|introduc|develop|design"
    r"|build|creat"
    r"|releas|investigat|stud(?:y|ie)|address|tackl|evaluat|explor|formulat|show|demonstrat|consider|examin)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:achiev|outperform|surpass|improv|reduc|result|experiment|demonstrat|reveal|show|yield|find)\w*",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:however|this|these|those|it|they|such|but|also|additionally|furthermore|moreover|besides"
    r"|specifically"
    r"|meanwhile|then|second|third|finally|concretely|in contrast|as a result|consequently|therefore|thus"
    r"|hence)\b",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"^(?:existing|current|previous|prior|traditional|conventional|recent|although|while)\b"
    r"|\b(?:remains?|have (?:shown|demonstrated|become)|has (?:shown|become|emerged|gained)|opportunity"
    r"|challenging)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:called|named|termed(?: as)?|dubbed|propose|introduce|present|develop|construct|model,"
    r"|framework,|benchmark,)"
    r" (?:\w+ ){0,6}?\(?([A-Z][\w-]*[A-Z\d][\w-]*)\b"
)
_ANNOUNCEMENT = re.compile(
    r"https?://|\b(?:code|models?|data) (?:is|are|will be) (?:made )?(?:publicly )?available", re.IGNORECASE
)


def group(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], ...]:
    """Divide the papers into themes, each paper in exactly one, larger themes first.

    Similarities are taken after removing what all the papers share; that leaves unrelated ones
    at -1/(n-1), which is what counts as none. A paper that joins nobody goes to the theme
    nearest to it.
    """
    if len(candidates) <= ALONE:
        return (tuple(candidates),) if candidates else ()
    vectors = _centred(np.array([c.vector for c in candidates]))
    similar = vectors @ vectors.T + 1 / (len(candidates) - 1)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(candidates)))
    for i in range(len(candidates)):
        for j in range(i):
            if similar[i, j] > 0:
                graph.add_edge(i, j, weight=float(similar[i, j]))
    communities = [
        sorted(c) for c in nx.community.louvain_communities(graph, resolution=RESOLUTION, seed=_SEED)
    ]
    kept = [c for c in communities if len(c) > 1] or [sorted(graph)]
    for (single,) in (c for c in communities if len(c) == 1):
        if not any(single in c for c in kept):
            max(kept, key=lambda c: float(np.mean(similar[single, c]))).append(single)
    kept.sort(key=lambda c: (-len(c), min(c)))
    return tuple(tuple(candidates[i] for i in sorted(c)) for c in kept)


def headings(topic: str, groups: Sequence[Sequence[Candidate]], model: Embeds) -> tuple[str, ...]:
    """A heading for each theme: the topic for a single one, else the title phrase that tells it best.

    Best is what lies nearest to the theme and farthest from the others, by embedding, and what
    many of its papers use.
    """
    if len(groups) == 1:
        return (topic[:1].upper() + topic[1:],)
    phrases = [_phrases(group) for group in groups]
    everything = list(dict.fromkeys(p for of_group in phrases for p in of_group))
    embedded = dict(zip(everything, model.embed(everything), strict=True))
    centres = np.array([unit_vector(np.mean([c.vector for c in group], axis=0)) for group in groups])
    chosen: list[str] = []
    for number, of_group in enumerate(phrases):

        def value(phrase: str, number: int = number, of_group: Counter[str] = of_group) -> float:
            fit = centres @ embedded[phrase]
            others = float(np.delete(fit, number).max()) if len(fit) > 1 else 0.0
            share = of_group[phrase] / len(groups[number])
            return float(fit[number]) + 0.5 * (float(fit[number]) - others) + 0.5 * share

        fresh = [p for p in of_group if not _repeats(p, chosen)]
        chosen.append(max(fresh, key=value) if fresh else groups[number][0].paper.display_title)
    return tuple(_capitalised(h) for h in chosen)


def telling_sentences(
    candidate: Candidate, topic: Vectors, told: list[Vectors], most: int
) -> tuple[Evidence, ...]:
    """Up to `most` sentences that say what a paper does and found, in the abstract's order.

    `told` holds the vectors of the sentences the theme already has; it is appended to, and a
    sentence close to one of them is passed over for a fresher one.
    """
    text = candidate.paper.abstract
    name = _coined_name(candidate.paper)
    worth = candidate.sentences @ (0.5 * topic + 0.5 * candidate.vector)
    for i, span in enumerate(candidate.spans):
        sentence = text[span.start : span.end]
        contribution = bool(_CONTRIBUTION.search(sentence))
        worth[i] += 0.35 * contribution
        worth[i] += 0.15 * bool(name and name in sentence)
        worth[i] -= 0.2 * bool(_BACKGROUND.search(sentence))
        worth[i] -= 0.2 * (not contribution and bool(_DANGLING.search(sentence))) + 0.5 * bool(
            _ANNOUNCEMENT.search(sentence)
        )
        worth[i] -= 0.3 * (not 30 <= len(sentence) <= 450)
    chosen: list[int] = []
    for _ in range(min(most, len(candidate.spans))):
        bonus = np.zeros(len(worth))
        if chosen:  # after what it does, what it found
            bonus = np.array([0.2 * bool(_RESULT.search(text[s.start : s.end])) for s in candidate.spans])
        repeated = np.array([max((float(v @ t) for t in told), default=0.0) for v in candidate.sentences])
        value = worth + bonus - 0.5 * np.maximum(repeated - 0.5, 0)
        value[chosen] = -np.inf
        best = int(np.argmax(value))
        chosen.append(best)
        told.append(candidate.sentences[best])
    spans = [candidate.spans[i] for i in sorted(chosen)]
    return tuple(Evidence(text[s.start : s.end], s.start, s.end) for s in spans)


def _coined_name(paper: Paper) -> str | None:
    """The name the abstract gives to what it proposes, when the title does not say it."""
    match = _NAMED.search(paper.abstract)
    return match.group(1) if match and match.group(1) not in paper.display_title else None


_STOP = re.compile(
    r"^(?:an?|the|of|for|and|or|in|on|to|with|by|via|from|using|based|towards?|is|are|be|as|at|its|their"
    r"|our|we|that"
    r"|this|these|into|between|through|without|under|new|novel|better|than|do|can|how|what|when|study"
    r"|approach"
    r"|comprehensive|method|methods|exploring|improving|leveraging|enhancing|rethinking|evaluating|mining"
    r"|not|it)$",
    re.IGNORECASE,
)


def _phrases(group: Sequence[Candidate]) -> Counter[str]:
    """Phrases of two to four words from the titles, with how many of the papers use them.

    A theme without titles falls back on its papers' display titles.
    """
    found: dict[str, str] = {}
    for candidate in group:
        for phrase in _title_phrases(candidate.paper.title or ""):
            found.setdefault(phrase.lower(), phrase)
    texts = [f"{c.paper.display_title} {c.paper.abstract}".lower() for c in group]
    counts = Counter({phrase: sum(key in text for text in texts) for key, phrase in found.items()})
    return counts or Counter({candidate.paper.display_title: 1 for candidate in group})


def _title_phrases(title: str) -> Iterator[str]:
    """The ends, two to four words long, of the title's runs between function words.

    A run's end holds its noun: "low-rank knowledge decomposition" gives "knowledge decomposition".
    """
    for piece in re.split(r"[:;,?!()]|\.(?:\s|$)|\s[-–—]\s", title):
        run: list[str] = []
        for word in [*piece.split(), "of"]:
            if not _STOP.match(word):
                run.append(word)
                continue
            yield from (" ".join(run[-length:]) for length in (2, 3, 4) if length <= len(run))
            run = []


def _repeats(phrase: str, chosen: Sequence[str]) -> bool:
    """Whether one of the phrases holds the other, spelling aside."""
    mine, others = _letters(phrase), [_letters(c) for c in chosen]
    return any(mine in other or other in mine for other in others)


def _letters(phrase: str) -> str:
    return re.sub(r"\W+", "", phrase).lower()


def _capitalised(phrase: str) -> str:
    """Sentence case, leaving alone words that are not merely title-cased (MRI, LoRA, k-space)."""
    words = [w.lower() if re.fullmatch(r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)*", w) else w for w in phrase.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _centred(vectors: Vectors) -> Vectors:
    return np.asarray([unit_vector(v) for v in vectors - vectors.mean(axis=0)], dtype=np.float32)
