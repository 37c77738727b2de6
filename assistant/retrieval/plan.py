"""What a question wants: its kind, its filters, and the part of it that is searched for."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from assistant.models import Filters
from assistant.retrieval.filters import CorpusNames, read_filters
from assistant.retrieval.terms import content_words

Intent = Literal["answer", "list", "compare", "records", "count", "field", "chat"]
Field = Literal["authors", "published", "code", "link", "category", "venue", "identifier", "metrics"]

MAX_QUESTION = 8_000  # characters: an abstract pasted as a question is 2,000; far more only slows everything


@dataclass(frozen=True, slots=True)
class Plan:
    """A question, read.

    `topic` is what is searched for: the standalone question without filter phrases and
    without orders to the assistant. Intents: "answer" a question, "list" papers on a topic,
    "compare" papers, "records" lists and "count" counts what only filters describe, "field"
    asks for publication data of one paper (`field_name`), "chat" is about the assistant.
    `focus` are the ids of papers that an earlier question was about; `within`, when given, the
    ids of the only papers that count; `exclude` takes papers out. Records come newest first,
    unless `oldest_first`, and `limit` of them.
    """

    question: str
    standalone: str
    topic: str
    intent: Intent
    filters: Filters = field(default_factory=Filters)
    field_name: Field | None = None
    focus: tuple[str, ...] = ()
    exclude: Filters = field(default_factory=Filters)
    within: tuple[str, ...] | None = None
    oldest_first: bool = False
    limit: int | None = None


_PAPERS = r"(?:papers|studies|articles|abstracts|publications|entries|preprints|titles|records)"
# "works" is a noun only where no adverb or preposition makes it a verb.
_WORKS = rf"(?:{_PAPERS}|works(?!\s+(?:best|well|better|on|in|for|with|like|as|by)\b))"
_COUNT = re.compile(
    rf"\b(?:how many|number of|count)\s+(?:of\s+)?(?:the\s+)?(?:\S+\s+){{0,4}}?{_WORKS}\b", re.I
)
_LIST = re.compile(
    rf"^\W*(?:which|what|all|list|name|show|give|find|enumerate|any)\b(?:\s+(?:me|us|all|of|the|other|every|some|\w+))*?\s+{_WORKS}\b"
    rf"|^\W*(?:list|enumerate|name all|show all)\b|\b{_PAPERS}\s+(?:on|about|that|which|using|with|for|dealing|concerning|covering)\b"
    r"|\b(?:what|anything|something|who)\b.{0,12}\b(?:do you have|have you got|is there|do we have|works? on)\b.*\b(?:on|about)\b"
    rf"|^\W*(?:[\w-]+\s+){{0,5}}{_WORKS}\W*$"
    r"|\b(?:turn up|come up|are used|occur)\W*$|^\W*where (?:do|does|is|are)\b.*\b(?:used|appear|turn)\b",
    re.I,
)
# What asks for a comparison by itself, and what does so only beside the names of two papers.
COMPARE = re.compile(
    r"\bvs\b\.?|\bversus\b|^\W*compare\b|\bcompare (?:the|these|both)\b|\bgo(?:es)? beyond\b", re.I
)
_MAY_COMPARE = re.compile(
    r"\bvs\b\.?|\bversus\b|\bcompar(?:e|ed|ing|ison)\b|\bdiffer(?:s|ence|ences|ent|ently)?\b|\bgo(?:es)? beyond\b|\bin contrast\b"
    r"|\b(?:newer|older|more recent|came first)\b|\beach (?:of them|one)\b|\bbetter than\b|\bboth\b.*\band\b|\bin common\b|\bsimilarit",
    re.I,
)
_FIELDS: tuple[tuple[Field, re.Pattern[str]], ...] = (
    ("metrics", re.compile(r"\b(?:how (?:often|many times)\b.{0,60}\bcited|citations?|h-index|impact factor|cited by|funded|funding|sponsor\w*)\b", re.I)),
    ("venue", re.compile(r"\b(?:which|what) (?:journal|conference|venue|publisher)\b|\bwhere (?:was|were|is) .{0,80}\bpublished\b", re.I)),
    ("authors", re.compile(
        r"\bwho (?:wrote|authored|published|are the (?:\w+ )?authors?|is the (?:\w+ )?author|is (?:its|their) (?:\w+ )?author|made|came up with)\b"
        r"|\bauthors? of\b|\b(?:first|last|lead) author\b|\bwritten by whom\b|\bby whom\b", re.I)),
    ("published", re.compile(
        r"\bwhen (?:was|were|did|is)\b.{0,120}\b(?:published|publish|released|appear|appeared|come out|came out|written|posted|submitted)\b"
        r"|\b(?:in )?(?:what|which) (?:year|month)\b.{0,120}\b(?:published|released|appear\w*|come out|came out|written|posted|is .* from|from)\b"
        r"|\b(?:publication|release) (?:date|year)\b|\bhow old is\b", re.I)),
    ("identifier", re.compile(r"\b(?:doi|arxiv (?:number|id|identifier)|pubmed id|pmid)\b", re.I)),
    ("link", re.compile(
        r"\b(?:link|url|web ?site|home ?page|project page|web ?page)\b|\b(?:github|git|code) (?:repo\w*|link|url)\b|\bgithub\b"
        r"|\bwhere (?:can|do|is|are)\b.{0,60}\b(?:code|implementation|weights|checkpoints)\b", re.I)),
    ("code", re.compile(r"\b(?:is|are|was|were|does|do|did|has|have)\b.{0,80}\b(?:code|implementation)\b.{0,40}(?:\?|$)", re.I)),
    ("category", re.compile(r"\b(?:which|what) (?:arxiv )?(?:category|subject class|section)\b", re.I)),
)  # fmt: skip
_CHAT = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?|thank you|many thanks|cheers|bye|goodbye|great|nice|cool|ok(?:ay)?|yes|no|lol|wow|good (?:bot|job|work)|well done)\b[\s,!.]*)+"
    r"(?:there|you|assistant|very much|so much|a lot|for (?:the|your) (?:help|answer))?\W*$"
    r"|^\W*(?:(?:hi|hello|hey)\W+)?(?:who|what) are you\b\W*$|^\W*what(?:'s| is) your name\W*$|^\W*how are you\b.{0,15}$|^\W*help\W*$"
    r"|^\W*(?:what|how) can (?:you|i|this (?:tool|assistant|chat)) (?:do|help|use|ask)\b.{0,30}$|^\W*how do(?:es)? (?:you|this|it) work\W*$"
    r"|^\W*are you (?:an? )?(?:ai|bot|human|robot|language model|chatgpt|llm)\b.{0,20}$|^\W*what (?:can|should) i ask\b.{0,20}$"
    r"|^\W*(?:which|what) (?:language )?(?:model|llm) (?:are you|do you use|is (?:this|at work))\b.{0,20}$",
    re.I,
)
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
_ORDER = re.compile(r"\b(?:newest|latest|most recent)\b|\b(?P<old>oldest|earliest)\b", re.I)
_EVERYTHING = re.compile(
    rf"^\W*(?:please\s+)?(?:list|show|give|name)?\s*(?:me\s+)?(?:all|every|\d+)\s+(?:of\s+)?(?:the\s+|your\s+)?{_WORKS}\W*$",
    re.I,
)
_PLURAL = re.compile(rf"\b{_WORKS}\b", re.I)
_FEW_RECORDS = 5  # of the newest or the oldest, when no number is given
_NEGATION = re.compile(
    r"\b(?:but\s+not|not|except(?:\s+for)?|excluding|other\s+than)\s+(?:those\s+|papers\s+|the\s+ones\s+)?"
    r"(?=(?:published|by|from|in|of|since|before|after|released|written)\b|(?-i:[A-Z]))",
    re.I,
)
_NOISE = frozenset(
    "published released available appeared appear written new recent latest came come out dated submitted posted"
    " publish publishes write writes wrote authored worked working first-authored lead leading newest oldest earliest"
    " most order sorted top category categories section year years month exist exists overall total altogether count number included listed".split()
)


def make_plan(
    question: str, standalone: str, names: CorpusNames, today: date, given: Filters | None = None
) -> Plan:
    """Read `standalone`; `given` filters, set by hand, take the place of those read."""
    asked = without_orders(standalone)
    if _CHAT.match(asked):
        return Plan(question, standalone, asked, "chat")
    wanted, unwanted = _split_negation(asked)
    reading = read_filters(wanted, names, today)
    exclude = read_filters(unwanted, names, today).filters
    filters = given if given is not None else reading.filters
    topic = reading.rest
    plan = Plan(question, standalone, topic, "answer", filters, exclude=exclude, within=reading.within)
    order, everything = _ORDER.search(asked), _EVERYTHING.match(asked)
    restricted = bool(filters or exclude or order or everything or _COUNT.search(asked))
    if restricted and not [w for w in content_words(topic) if w.lower() not in _NOISE and not w.isdigit()]:
        number = re.search(r"\b\d{1,3}\b", topic) if order or everything else None
        return replace(
            plan,
            intent="count" if _COUNT.search(asked) else "records",
            oldest_first=bool(order and order["old"]),
            limit=int(number[0]) if number else _default_limit(asked, filters) if order else None,
        )
    for name, pattern in _FIELDS:
        many = _LIST.search(asked) or (name == "code" and _PLURAL.search(asked))
        if pattern.search(asked) and not many:
            # "Does it have code?" asks for what would otherwise restrict the search.
            return Plan(question, standalone, asked, "field", replace(filters, has_code=None), name)
    if _MAY_COMPARE.search(asked):
        return replace(plan, intent="compare")
    if _LIST.search(asked) or _LIST.search(topic) or _COUNT.search(asked):
        return replace(plan, intent="list")
    return replace(plan, topic=topic or asked)


def _default_limit(question: str, filters: Filters) -> int | None:
    """How many of the newest or oldest, when no number is given: one, a few, or all of a filter's."""
    if not _PLURAL.search(question):
        return 1
    return None if filters else _FEW_RECORDS


def _split_negation(question: str) -> tuple[str, str]:
    """What is asked for, and the publication data that are asked to be left out."""
    match = _NEGATION.search(question)
    if match is None:
        return question, ""
    return f"{question[: match.start()].strip()}?", f"papers {question[match.end() :].strip()}"


def without_orders(question: str) -> str:
    """`question` without sentences that give orders to the assistant, if anything else is left."""
    rest = _SYSTEM_TURN.sub(" ", _IMAGE.sub(" ", _HTML.sub(" ", question)))
    rest = re.sub(r"\s+", " ", _ORDERS.sub(" ", _ROLE.sub(". ", rest))).strip(" .")
    return rest if content_words(rest) else question
