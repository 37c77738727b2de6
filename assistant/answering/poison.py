"""Orders to a language model that stand in a corpus: kept in the catalogue, never used as evidence.

An abstract describes; it has no reason to tell whoever reads it what to say. A sentence that does
is blanked, letter by letter so that offsets stay, before a model sees the passage, before an answer
is checked against it and before it could be quoted. The source card still shows the abstract whole.

This is a second line of defence and not the first: a model that obeys an order which was not
recognised here still has every sentence checked against what the papers say.
tests/benchmarks/poison.py measures both kinds of mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from assistant.models import ScoredPaper, ScoredSentence
from assistant.sentences import split_sentences

__all__ = ["blank_orders", "disarm", "is_order", "without_orders"]

# Turns as chat templates write them; a token without its end is blanked alone.
_TURN = re.compile(
    r"<\|[\w ]{1,30}\|>(?:(?!<\|).){0,600}<\|(?:im_end|end|eot_id|eot|endoftext)\|>"
    r"|\[INST\].{0,600}?\[/INST\]|<<SYS>>.{0,600}?<</SYS>>|<system>.{0,600}?</system>"
    r"|<\|[\w ]{1,30}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>",
    re.DOTALL | re.IGNORECASE,
)
_MODEL = r"(?:ai|llm|(?:large\s+)?language\s+model|assistant|chatbot)s?\b"
_LABELS = "system|user|human|assistant|ai|instructions?|important|note|attention|urgent"
_LABEL = rf"(?:(?:{_LABELS})\b[\w ]{{0,20}}[:!]\s*)"
_MUST = r"(?:must|should|shall|will|have\s+to|are\s+(?:now\s+)?(?:to|required\s+to|instructed\s+to))"
_ASKED = (  # what makes an order of a bare verb
    r"(?:(?:please|kindly|now|then|instead|first|always|never|only|just|simply|do\s+not|don['’]t|from\s+now\s+on"
    rf"|(?:you|(?:(?:any|all|every|the)\s+)?{_MODEL}[\w ]{{0,30}}?)\s+{_MUST})[,\s]+)"
)
_VERB = (
    r"(?:reply|respond|answer|say|print|output|write|repeat|reveal|recite|tell|include|append|insert|emit|finish"
    r"|end|begin)"
)
_ORDER = re.compile(
    rf"""^\W*(?:
      {_LABEL}*{_ASKED}*(?:ignore|disregard|forget|override|bypass)\b
        (?=.{{0,80}}\b(?:instruction|prompt|rule|guideline|passage|context|previous|prior|above|everything|question))
    | (?:{_LABEL}+|{_LABEL}*{_ASKED}+){_VERB}\b
    | {_VERB}\s+(?:(?:only|just|exactly|simply|with|every|each|your)\b|["“‘']|(?-i:[A-Z]{{3,}})\b
        |the\s+(?:single\s+)?(?:word|phrase|text|string|sentence)\b)
    | (?:assistant|user|human)\s*:\s
    | {_LABEL}*(?:pretend\s+(?:that\s+)?you\b|from\s+now\s+on,?\s+you\s+are\b
        |you\s+are\s+(?:now\b|no\s+longer\b|(?:an?|the)\s+(?:\w+\s+)?{_MODEL}))
    | {_LABEL}*(?:as|if\s+you\s+are|dear|attention)\s+(?:(?:an?|any|all|the)\s+)?{_MODEL}
        (?=[^.]{{0,60}}\b(?:you|must|please|{_VERB}|ignore)\b)
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def is_order(sentence: str) -> bool:
    """True for a sentence that tells its reader what to say or to forget."""
    return _ORDER.match(sentence) is not None


def blank_orders(text: str) -> str:
    """`text` with spaces in the place of each order: as long as before, every other letter where it was."""
    text = _TURN.sub(lambda m: " " * len(m[0]), text)
    for line in re.finditer(r"[^\n]+", text):
        for span in split_sentences(line[0]):
            start, end = line.start() + span.start, line.start() + span.end
            if is_order(text[start:end]):
                text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def disarm(scored: ScoredPaper) -> ScoredPaper:
    """A paper for a model to read: orders blanked in abstract and title, and their sentences gone.

    The very same object when there is nothing to blank. `paper_id` stays, so that the catalogue's
    own record can be shown.
    """
    paper = scored.paper
    abstract, title = blank_orders(paper.abstract), blank_orders(paper.display_title)
    authors = tuple(name for name in paper.authors if not is_order(name))
    if (abstract, title, authors) == (paper.abstract, paper.display_title, paper.authors):
        return scored
    title = title.strip() if any(c.isalpha() for c in title) else "(untitled)"
    harmless = replace(paper, abstract=abstract, display_title=title, title=title, authors=authors)
    return replace(scored, paper=harmless, sentences=without_orders(scored.sentences))


def without_orders(sentences: Iterable[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The sentences that can be quoted, cut to what stands before or after an order inside them."""
    kept = []
    for sentence in sentences:
        blanked = blank_orders(sentence.text)
        inner = blanked.strip()
        if not any(c.isalnum() for c in inner) or (blanked != sentence.text and inner not in sentence.text):
            continue
        start = sentence.start + len(blanked) - len(blanked.lstrip())
        kept.append(replace(sentence, text=inner, start=start, end=start + len(inner)))
    return tuple(kept)
