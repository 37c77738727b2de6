# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""Orders to the assistant inside a question, and markup: neither is part of what is asked."""

import re

from assistant.words import content_words

# Orders to the assistant that are no part of what is asked; a question beside them is answered.
_ORDERS = re.compile(
    r"(?:^|(?<=[.!?:;])\s|\n)[^.!?\n]*\b(?:"
    r"(?:ignore|forget|disregard|override)\b[^.!?\n]{0,60}\b(?:rules?|instructions?|prompts?|guidelines|above|previous|everything)"
    r"|from now on|you are (?:now )?(?:in|a|an)\b|(?:your|the) (?:system )?(?:prompt|rules)\b|debug mode|developer mode"
    r"|(?:end|begin|start|close|finish) (?:your|the|every|each) (?:reply|answer|response)|answer everything with"
    r"|(?:answer|reply|respond)\s+(?:only\s+|just\s+)?(?:with|in)\s+(?:the\s+|a\s+|one\s+|only\s+)*(?:words?|letters?|phrase|emoji|json|capitals?)\b|(?:put|insert|append|include|add) !?\[|pretend (?:to be|you)"
    r")[^.!?\n]*(?:\([^)]*\)[^.!?\n]*)*[.!?\n]?",
    re.I,
)
_HTML = re.compile(r"<(script|style)\b.*?</\1\s*>|</?[a-z][^<>]{0,200}>", re.I | re.S)
_IMAGE = re.compile(r"[^.!?]*!\[[^\]]*\]\([^)]*\)[^.!?]*[.!?]?")
_ROLE = re.compile(r"(?:#+|<\|?)\s*(?:user|assistant|human)\s*(?:\|?>|:)", re.I)
_SYSTEM_TURN = re.compile(
    r"(?:#+|<\|?)\s*system\s*(?:\|?>|:).*?(?=(?:#+|<\|?)\s*(?:user|assistant|human)\s*(?:\|?>|:)|$)",
    re.I | re.S,
)
# How an answer is to be put, beside what is asked: "tl;dr of SAFARI", "eli5 SAFARI", "SAFARI in one sentence".
_SHORT = r"tl\s?[;:,]?\s?dr\b;?|tldr"
_FEW = r"(?:just\s+|only\s+)?(?:(?P<one>one|1|a\s+single)|two|three|2|3|a\s+couple\s+of|a\s+few)"
_MANNER = (
    re.compile(rf"^\W*(?:(?:give\s+me\s+)?(?:a|the|your)\s+)?(?:{_SHORT}|eli\s?5|explain\s+like\s+i['’]?m\s+(?:5|five))(?!\w)\W*(?:(?:of|for|on|about)\s+)?", re.I),
    re.compile(rf"[\s,;:(–—-]+(?:{_SHORT}|eli\s?5)\W*$", re.I),
    re.compile(rf"[\s,;:(–—-]+in\s+(?:{_FEW}\s+(?:short\s+|simple\s+|plain\s+)?(?:sentences?|lines?|words|paragraphs?)|a\s+nutshell)\W*$", re.I),
    re.compile(r"[\s,;:(–—-]+in\s+(?:very\s+)?(?:simple|plain|easy|everyday|lay(?:m[ae]n['’]?s|person['’]?s)?)\s+(?:terms|words|english|language)\W*$", re.I),
    re.compile(r"[\s,;:(–—-]+(?:like|as\s+if|to\s+me\s+like)\s+i(?:['’]?m|\s+am|\s+was|\s+were)\s+(?:five|5|(?:a|an)\s+(?:five|5|ten|10)[\s-]year[\s-]old|a\s+(?:child|kid|beginner))\W*$", re.I),
)  # fmt: skip


def without_manner(question: str) -> tuple[str, bool]:
    """`question` without the words on how to put the answer, and whether one sentence is wanted."""
    rest, one = question, False
    for manner in _MANNER:
        if match := manner.search(rest):
            one = one or bool(match.groupdict().get("one"))
            rest = f"{rest[: match.start()]} {rest[match.end() :]}".strip()
    return (rest, one) if content_words(rest) else (question, False)


def without_orders(question: str) -> str:
    """`question` without sentences that give orders to the assistant, if anything else is left."""
    rest = _SYSTEM_TURN.sub(" ", _IMAGE.sub(" ", _HTML.sub(" ", question)))
    rest = re.sub(r"\s+", " ", _ORDERS.sub(" ", _ROLE.sub(". ", rest))).strip(" .")
    return rest if content_words(rest) else question
