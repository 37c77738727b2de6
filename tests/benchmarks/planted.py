"""True sentences about abstracts and faults planted into them, without a model.

A language model that answers from an abstract rewords it: leaves things out, says "the authors"
for "we", prefers other words. `paraphrase` does so by rule. A fault is planted into such a
paraphrase, never into the original, so that a check cannot win by comparing strings. Everything
is drawn from the generator that the caller seeds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from assistant.models import Paper
from assistant.readable import readable
from assistant.sentences import split_sentences

__all__ = ["Case", "Truth", "paraphrase", "plant", "plant_all", "reworded"]

LENGTHS = (9, 45)  # words of the sentences that are paraphrased

# What models write instead; no pair changes what is claimed.
_REWORDED = (
    (r"^(?:however|moreover|furthermore|in addition|additionally|notably|specifically|finally)\W+", ""),
    (r"^(?:in this (?:paper|work|study|article)|here|to this end)\W+", ""),
    (r"\bwe\b", "the authors"),
    (r"\bour\b", "their"),
    (r"\bdemonstrat(e|es|ed)\b", r"show\1"),
    (r"\bproposes?\b", "introduce"),
    (r"\butili[sz](e|es|ed|ing)\b", r"us\1"),
    (r"\bin order to\b", "to"),
    (r"\bsignificantly\b", "markedly"),
    (r"\bsubstantial(?:ly)?\b", "considerable"),
    (r"\bhowever\b", "but"),
    (r"\bsuch as\b", "like"),
    (r"\bnovel\b", "new"),
    (r"\bpatients\b", "people"),
    (r"\bmoreover\b", "also"),
    (r"\bvarious\b", "several"),
    (r"\bextensive experiments\b", "experiments"),
    (r"\bcrucial\b", "important"),
    (r"\bapproach\b", "method"),
    (r"\bincorporates?\b", "includes"),
    (r"\bobtained?\b", "reached"),
    (r"\bassociated with\b", "linked to"),
    (r"\bindividuals\b", "people"),
    (r"\bprior to\b", "before"),
    (r"\bsuggest(s?) that\b", r"indicate\1 that"),
)
_LEFT_OUT = (r"\s*\([^()]*\)", r"\s*\\?cite\w*\{[^}]*\}", r"(?<=\w),?\s+respectively\b")
_OPENINGS = ("The authors report that", "According to the study,", "It is reported that", "The paper states:")
_PASSIVE = re.compile(
    r"""^(?:we|the\ authors)\s
    (present|introduce|develop|evaluate|describe|use|investigate|examine|analy[sz]e|study|compare|studied
    |examined|investigated|evaluated|compared|developed|measured|used|analy[sz]ed)d?\s+
    (?P<object>(?!that\b|how\b|whether\b|to\b)[^,;:]+?)
    (?P<rest>,.*|\s+(?:to|on|by|in|with|using|for|that|which)\s.*)?$""",
    re.IGNORECASE | re.VERBOSE,
)
_SHIFTED = {  # what is said the other way round; whole words
    "increase": "decrease", "increases": "decreases", "increased": "decreased", "improve": "worsen",
    "improves": "worsens", "improved": "worsened", "higher": "lower", "more": "less", "greater": "smaller",
    "reduces": "raises", "reduced": "raised", "reduce": "raise", "reducing": "raising", "lower": "higher",
    "less": "more", "decrease": "increase", "decreased": "increased", "decreases": "increases",
    "outperforms": "underperforms", "outperform": "underperform", "enhance": "impair", "enhances": "impairs",
    "enhanced": "impaired", "positive": "negative", "inhibits": "activates", "promotes": "prevents",
    "activation": "inhibition", "inhibition": "activation", "early": "late", "better": "worse",
    "superior": "inferior", "high": "low", "low": "high", "effective": "ineffective", "before": "after",
}  # fmt: skip
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|can|could|may|has|have|had|does|did|will|should)\b(?!\s+(?:not|no)\b)",
    re.IGNORECASE,
)
_TURNED = (
    re.compile(
        r"""^(?P<a>[^,;]{4,80}?)\s+
        (?P<verb>(?:significantly\ |markedly\ )?(?:outperform|surpass|exceed)(?:s|ed)?)\s+
        (?P<b>[^,;]{4,80}?)
        (?P<rest>(?:\s+(?:in|on|by|with|for|across)\s|[,;.]|$).*)$""",
        re.IGNORECASE | re.VERBOSE,
    ),
    re.compile(
        r"""^(?P<a>.{4,120}?)\s(?P<verb>than)\s
        (?P<b>(?:in\ |for\ |with\ |those\ |that\ )?[^,;]{4,60}?)
        (?P<rest>[,;.].*|$)$""",
        re.IGNORECASE | re.VERBOSE,
    ),
)
_FIGURE = re.compile(r"(?<![\w.,\-])\d+(?:[.,]\d+)*(?![\w-])")
_NAME = re.compile(r"(?<!^)\b(?:[A-Z][\w]*[A-Z0-9][\w-]*|[A-Z][a-z]{3,}[\w-]*)\b")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, the papers it cites, and whether they say so; `kind` names how it was made."""

    kind: str
    sentence: str
    cited: tuple[Paper, ...]
    true: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """A sentence in other words than its paper's, what the paper says, and another such sentence."""

    text: str
    original: str
    paper: Paper
    second: str = ""


def paraphrase(sentence: str, draw: Random) -> str:
    """The sentence as another would write it: shorter, in other words, sometimes in the passive."""
    text = " ".join(readable(sentence).split()).rstrip(".")
    for pattern in _LEFT_OUT:
        text = re.sub(pattern, "", text)
    for pattern, instead in _REWORDED:
        text = re.sub(pattern, instead, text, flags=re.IGNORECASE)
    first, _, rest = text.partition(", ")
    if len(rest.split()) > 14 and len(first.split()) < 9 and draw.random() < 0.5:
        text = rest  # without its opening phrase
    head, _, tail = text.rpartition(", ")
    if len(head.split()) >= 9 and not re.match(r"(?:and|or)\b", tail) and draw.random() < 0.5:
        text = head  # without its closing phrase
    if found := _PASSIVE.match(text):
        verb = found[1].lower().removesuffix("d").removesuffix("e") + "ed"
        verb = verb.replace("studyed", "studied")
        plural = "are" if found["object"].split()[-1].endswith("s") else "is"
        text = f"{found['object']} {plural} {verb}{found['rest'] or ''}"
    if draw.random() < 0.3:
        text = f"{draw.choice(_OPENINGS)} {_lower(text)}"
    return text[:1].upper() + text[1:] + "."


def plant(
    truth: Truth, near: Truth, far: Truth, draw: Random, kind: str = "paraphrase"
) -> list[tuple[Case, Case]]:
    """Pairs (true, faulty) made of one true sentence, a like one of another paper, and a third paper."""
    text, paper = truth.text, truth.paper
    fine = Case(kind, text, (paper,), True)
    pairs = [
        (fine, Case(name, changed, (paper,), False))
        for name, change in _CHANGES.items()
        if (changed := change(truth, near, draw)) and changed != text
    ]
    pairs.append((fine, Case("citation of a near paper", text, (near.paper,), False)))
    pairs.append((fine, Case("citation of a far paper", text, (far.paper,), False)))
    blend = _blend(text, near.text)
    pairs.append((fine, Case("blend, one cited", blend, (paper,), False)))
    joined = f"{text.rstrip('.')}, while {_lower(near.text)}"
    if truth.second:
        merged = f"{text.rstrip('.')}, and {_lower(truth.second)}"
        pairs.append(
            (
                Case("two sentences of a paper", merged, (paper,), True),
                Case("citation of a near paper, two sentences", merged, (near.paper,), False),
            )
        )
    both = Case("two papers, both cited", joined, (paper, near.paper), True)
    pairs.append((both, Case("blend, both cited", blend, (paper, near.paper), False)))
    pairs.append((both, Case("two papers, one cited", joined, (paper,), False)))
    pairs.append((fine, Case("second citation adds nothing", text, (paper, far.paper), False)))
    return pairs


def reworded(papers: Sequence[Paper], draw: Random) -> list[Truth]:
    """For each paper that has fit sentences, a paraphrase of one, and of a second."""
    truths = []
    for paper in papers:
        one, two = _sentence(paper, draw), _sentence(paper, draw)
        if one and two:
            second = "" if one == two else paraphrase(two, draw)
            truths.append(Truth(paraphrase(one, draw), one, paper, second))
    return truths


def _sentence(paper: Paper, draw: Random) -> str | None:
    spans = [paper.abstract[s.start : s.end] for s in split_sentences(paper.abstract)]
    fit = [s for s in spans if LENGTHS[0] <= len(s.split()) <= LENGTHS[1] and not s.endswith(":")]
    with_figures = [s for s in fit if _FIGURE.search(s)]
    fit = with_figures if with_figures and draw.random() < 0.5 else fit
    return draw.choice(fit) if fit else None


def _lower(text: str) -> str:
    return text if text[1:2].isupper() or not text[1:2].isalpha() else text[:1].lower() + text[1:]


def _blend(one: str, other: str) -> str:
    """The first half of one, the second half of the other, as a model that mixes them up writes."""
    first, second = one.split(), other.split()
    return " ".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])


def _new_figure(truth: Truth, near: Truth, draw: Random) -> str | None:
    """A figure that stands nowhere in the abstract."""
    text = truth.text
    found = list(_FIGURE.finditer(text))
    if not found:
        return None
    figure = draw.choice(found)
    known = set(_FIGURE.findall(f"{truth.paper.abstract} {truth.paper.display_title}"))
    digits = [i for i, c in enumerate(figure[0]) if c.isdigit()]
    for _ in range(20):
        at = draw.choice(digits)
        new = figure[0][:at] + draw.choice("123456789") + figure[0][at + 1 :]
        if new not in known:
            return text[: figure.start()] + new + text[figure.end() :]
    return None


def _other_figure(truth: Truth, near: Truth, draw: Random) -> str | None:
    """A figure that stands elsewhere in the abstract, for something else."""
    text = truth.text
    found = list(_FIGURE.finditer(text))
    own = set(_FIGURE.findall(f"{readable(truth.original)} {text}"))
    others: list[str] = sorted(set(_FIGURE.findall(readable(truth.paper.abstract))) - own)
    if not found or not others:
        return None
    figure = draw.choice(found)
    return text[: figure.start()] + draw.choice(others) + text[figure.end() :]


def _negated(truth: Truth, near: Truth, draw: Random) -> str | None:
    text = truth.text
    found = _AUXILIARY.search(text)
    return f"{text[: found.end()]} not{text[found.end() :]}" if found else None


def _turned_direction(truth: Truth, near: Truth, draw: Random) -> str | None:
    text = truth.text
    pattern = rf"\b(?:{'|'.join(_SHIFTED)})\b"
    found = list(re.finditer(pattern, text, re.IGNORECASE))
    if not found:
        return None
    word = draw.choice(found)
    return text[: word.start()] + _SHIFTED[word[0].lower()] + text[word.end() :]


def _turned_comparison(truth: Truth, near: Truth, draw: Random) -> str | None:
    text = truth.text
    for pattern in _TURNED:
        if not (found := pattern.match(text)):
            continue
        a, b = found["a"], found["b"]
        if found["verb"].lower() != "than":
            return f"{b[:1].upper()}{b[1:]} {found['verb']} {_lower(a)}{found['rest']}"
        inner = re.search(r"\b(in|for|with|on)\s+(?P<x>[\w\s-]{4,60}?)\s*$", a)
        b = re.sub(r"^(?:those|that)\s+(?:in|of|for|with)\s+|^(?:in|for|with)\s+", "", b)
        if inner:
            return f"{a[: inner.start('x')]}{b} than {inner[1]} {inner['x']}{found['rest']}"
    return None


def _other_name(truth: Truth, near: Truth, draw: Random) -> str | None:
    """Another paper's name in the place of this one's."""
    text = truth.text
    found = list(_NAME.finditer(text))
    known = f"{truth.paper.display_title} {truth.paper.abstract}".lower()
    marked = {n for n in _NAME.findall(near.paper.abstract) if not n.istitle()}  # no "However"
    others: list[str] = sorted(n for n in marked if n.lower() not in known and len(n) > 2)
    if not found or not others:
        return None
    name = draw.choice(found)
    return text[: name.start()] + draw.choice(others) + text[name.end() :]


_CHANGES: dict[str, Callable[[Truth, Truth, Random], str | None]] = {
    "new figure": _new_figure,
    "figure from elsewhere in the abstract": _other_figure,
    "negation": _negated,
    "direction turned": _turned_direction,
    "comparison turned": _turned_comparison,
    "other name": _other_name,
}


def plant_all(
    truths: Sequence[Truth], nearest: Callable[[int], int], draw: Random, kind: str = "paraphrase"
) -> list[tuple[Case, Case]]:
    """`plant` for every sentence; `nearest(i)` is the position of one of the paper most like the i-th's."""
    pairs = []
    for i, truth in enumerate(truths):
        far = draw.choice([t for t in truths if t.paper.paper_id != truth.paper.paper_id])
        pairs += plant(truth, truths[nearest(i)], far, draw, kind)
    return pairs
