"""The sentences of an abstract that tell what a paper does and what it found."""

from __future__ import annotations

import re

import numpy as np

from assistant.models import Evidence, Paper
from assistant.summaries.selection import Candidate, Vectors

_CONTRIBUTION = re.compile(
    r"\b(?:we|this (?:paper|work|study|article))\b[^.]{0,40}?\b(?:propos|present|introduc|develop|design"
    r"|build|creat"
    r"|releas|investigat|stud(?:y|ie)|address|tackl|evaluat|explor|formulat|show|demonstrat|consider|examin)",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"\b(?:we|this (?:paper|work|study|article))\b[^.]{0,30}?"
    r"\b(?:propos|present|introduc|develop|releas|build)",
    re.IGNORECASE,
)
_FINDING = re.compile(
    r"\b(?:we (?:\w+ly )?(?:found|find|show|showed|demonstrated?|observed|conclude|identif(?:y|ied)|confirm)"
    r"|(?:results|findings|data|study|analysis) (?:\w+ly )?(?:show|suggest|indicate|demonstrate|reveal)"
    r"\w*"
    r"|(?:is|are|was|were) (?:\w+ ){0,2}?associated with|in conclusion|risk (?:of|for))\b|^CONCLUSIONS?\b",
    re.IGNORECASE,
)
_PROCEDURE = re.compile(
    r"^(?:MATERIALS? AND )?METHODS?\b|^(?:DESIGN|SETTING|PATIENTS|PARTICIPANTS)\b"
    r"|\b(?:we|were|was) (?:\w+ly )?(?:performed|conducted|searched|used|collected|combined|designed|invited"
    r"|measured|enrolled|randomi[sz]ed|assigned|recruited|studied|calculated)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\bfund(?:ed|ing)\b|\bgrants? from\b|\bsupported by\b.{0,40}\bgrant|\bregistered\b", re.I
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


def telling_sentences(
    candidate: Candidate, topic: Vectors, told: list[Vectors], most: int
) -> tuple[Evidence, ...]:
    """Up to `most` sentences that say what a paper does and found, in the abstract's order.

    `told` holds the vectors of the sentences the theme already has; it is appended to, and a
    sentence close to one of them is passed over for a fresher one.
    """
    text = candidate.paper.abstract
    name = _coined_name(candidate.paper)
    proposes = any(_PROPOSAL.search(text, span.start, span.end) for span in candidate.spans)
    worth = candidate.sentences @ (0.5 * topic + 0.5 * candidate.vector)
    for i, span in enumerate(candidate.spans):
        sentence = text[span.start : span.end]
        contribution = bool(_CONTRIBUTION.search(sentence))
        if proposes:
            worth[i] += 0.35 * contribution
        else:  # a study is told by what it found
            worth[i] += 0.1 * contribution + 0.3 * bool(_FINDING.search(sentence))
            worth[i] -= 0.2 * bool(_PROCEDURE.search(sentence))
        worth[i] -= 0.6 * bool(_THANKS.search(sentence))
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
