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


def without_orders(question: str) -> str:
    """`question` without sentences that give orders to the assistant, if anything else is left."""
    rest = _SYSTEM_TURN.sub(" ", _IMAGE.sub(" ", _HTML.sub(" ", question)))
    rest = re.sub(r"\s+", " ", _ORDERS.sub(" ", _ROLE.sub(". ", rest))).strip(" .")
    return rest if content_words(rest) else question
