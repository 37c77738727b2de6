# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""The kinds of questions, as the words they are asked with."""

import re
from typing import Literal

Field = Literal[
    "authors", "first_author", "author_count", "published", "code", "link", "category", "venue", "identifier",
    "metrics", "popularity",
]  # fmt: skip

PAPERS = r"(?:papers|studies|articles|abstracts|publications|entries|preprints|titles|records)"
# "works" is a noun only where no adverb or preposition makes it a verb.
WORKS = rf"(?:{PAPERS}|works(?!\s+(?:best|well|better|on|in|for|with|like|as|by)\b))"
COUNT = re.compile(
    rf"\b(?:how many|number of|count)\s+(?:of\s+)?(?:the\s+)?(?:\S+\s+){{0,4}}?{WORKS}\b"
    r"|^\W*(?:and\s+)?how many\s+(?:of\s+(?:the|your|these|those|them)\s+)?(?:have|has|had|come|came|were|are|was|is|did)\b",
    re.I,
)
LIST = re.compile(
    rf"^\W*(?:in\s+)?(?:which|what|all|list|name|show|give|find|enumerate|any)\b(?:\s+\w+)*?\s+{WORKS}\b"
    rf"|^\W*(?:list|enumerate|name all|show all)\b|\b{PAPERS}\s+(?:on|about|that|which|using|with|for|dealing|concerning|covering)\b"
    r"|\b(?:what|anything|something|who)\b.{0,12}\b(?:do you have|have you got|is there|do we have|works? on)\b.*\b(?:on|about)\b"
    r"|^\W*(?:(?:is|are)\s+there|do\s+(?:you|we)\s+have|have\s+you(?:\s+got)?|got)\s+(?:any(?:thing|\s+work)|something)\s+(?:here\s+)?(?:on|about)\b"
    rf"|^\W*(?:[\w-]+\s+){{0,5}}{WORKS}\W*$"
    r"|\b(?:turn up|come up|are used|occur)\W*$|^\W*where (?:do|does|is|are)\b.*\b(?:used|appear|turn)\b",
    re.I,
)
# What asks for a comparison by itself, and what does so only beside the names of two papers.
COMPARE = re.compile(
    r"\bvs\b\.?|\bversus\b|^\W*compare\b|\bcompare (?:the|these|both)\b|\bgo(?:es)? beyond\b", re.I
)
MAY_COMPARE = re.compile(
    r"\bvs\b\.?|\bversus\b|\bcompar(?:e|ed|ing|ison)\b|\bdiffer(?:s|ence|ences|ent|ently)?\b|\bgo(?:es)? beyond\b|\bin contrast\b"
    r"|\b(?:newer|older|more recent|(?:came|appeared|published)\s+(?:out\s+)?first)\b|\beach (?:of them|one)\b|\bbetter than\b|\bboth\b.*\band\b|\bin common\b|\bsimilarit",
    re.I,
)
# "Which papers compare X with Y?" wants the papers that do; "how do the papers differ?" wants a comparison.
LIST_OF_COMPARISONS = re.compile(
    rf"^\W*(?:which|what|list|name|show|give|find|are there|is there|do you have)\b(?:\s+(?!of\b)\w+){{0,4}}?\s+{WORKS}\s+"
    r"(?!differ|have\b.*\bin common|(?:is|are|was|were)\s+(?:the\s+)?(?:newer|older|more recent|better|different|similar))\w"
    rf"|^\W*(?:[\w-]+\s+){{0,3}}?{WORKS}\s+(?:(?:that|which)\s+\w+|using|with|on|about)\s+both\b"
    rf"|^\W*(?:[\w-]+\s+){{0,3}}?{WORKS}\s+(?:that\s+|which\s+)?(?:\w+ly\s+)?(?:compar(?:e|ed|ing)|contrast(?:ing)?)\b",
    re.I,
)
FIELDS: tuple[tuple[Field, re.Pattern[str]], ...] = (
    ("metrics", re.compile(
        r"\bhow (?:often|many times)\b.{0,60}\bcited\b|\b(?:how many|number of|which|what)\b.{0,10}\bcitations?\b|\bcitation counts?\b|\bcited by\b|\bimpact factor of\b"
        r"|\b(?:what|which)\b.{0,20}\bh-index\b|\bwho (?:funded|sponsored|financed|paid)\b|\b(?:funded|sponsored) by (?:whom|which|what)\b|\bfunding (?:sources?|agenc\w+|bod\w+)\b"
        r"|\b(?:which|what) (?:agency|grants?|sponsors?|funders?)\b|\bwhat (?:is|was) (?:the|its) funding\b|\bhow (?:is|was|were)\b.{0,60}\b(?:funded|sponsored)\b", re.I)),
    # Numbers of a page on the web, which no abstract holds.
    ("popularity", re.compile(
        r"\b(?:how many|(?:number|count)s? of)\s+(?:github\s+|git\s+|hugging ?face\s+)?(?:stars|forks|downloads|watchers|likes)\b"
        r"|\b(?:star|fork|download|like)s?[\s-]+(?:counts?|numbers?)\b|\bgithub\s+stars\b", re.I)),
    ("venue", re.compile(r"\b(?:which|what) (?:journal|conference|venue|publisher)\b|\bwhere (?:was|were|is) .{0,80}\bpublished\b", re.I)),
    ("author_count", re.compile(
        r"\b(?:how many|number of)\s+(?:co-?)?authors\b|\bhow many\s+(?:people|researchers|persons)\s+(?:co-?)?(?:wrote|authored|worked on)\b", re.I)),
    ("first_author", re.compile(
        r"\bwho(?:['’]s|\s+is|\s+was)\s+(?:the\s+|its\s+|their\s+)?(?:first|lead|main)\s+author\b|\b(?:first|lead|main)\s+author\s+of\b", re.I)),
    ("authors", re.compile(
        r"\bwho (?:wrote|authored|published|are (?:the|its|their) (?:\w+ )?authors?|is the (?:\w+ )?author|is (?:its|their) (?:\w+ )?author|made|came up with)\b"
        r"|\bauthors? of\b|\b(?:first|last|lead) author\b|\bwritten by whom\b|\bby whom\b", re.I)),
    ("published", re.compile(
        r"\bwhen (?:was|were|did|is)\b.{0,120}\b(?:published|publish|released|appear|appeared|come out|came out|written|posted|submitted)\b"
        r"|\bwhen\s+(?:was|is|did)\s+(?:[\w-]+\s+){1,8}?(?<!ed )out\W*$|\b(?:from|since) when (?:is|was)\b|\bhow (?:recent|new) is\b"
        r"|^\W*(?:when|(?:from |in )?(?:what|which) (?:year|month))\W*$"
        r"|\b(?:in )?(?:what|which) (?:year|month)\b.{0,120}\b(?:published|released|appear\w*|come out|came out|written|posted|is .* from|from)\b"
        r"|\b(?:publication|release) (?:date|year)\b|\bhow old is\b", re.I)),
    ("identifier", re.compile(r"\b(?:doi|arxiv (?:number|id|identifier)|pubmed id|pmid)\b", re.I)),
    ("link", re.compile(
        r"\blinks?\b(?=\W*$|\s+(?:to\s+(?:the|its|their|this|that|it)|for|of)\b)|\b(?:url|web ?site|home ?page|project page|web ?page)\b|\b(?:github|git|code) (?:repo\w*|link|url)\b|\bgithub\b"
        r"|\bwhere(?:['’]s| (?:can|do|is|are))\b.{0,60}\b(?:code|implementation|weights|checkpoints)\b", re.I)),
    ("code", re.compile(r"\b(?:is|are|was|were|does|do|did|has|have)\b.{0,80}\b(?:code|implementation)\b.{0,40}(?:\?|$)", re.I)),
    ("category", re.compile(r"\b(?:which|what) (?:arxiv )?(?:category|subject class|section)\b", re.I)),
)  # fmt: skip
CHAT = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?|thank you|many thanks|cheers|bye|goodbye|great|nice|cool|ok(?:ay)?|yes|no|lol|wow|good (?:bot|job|work)|well done)\b[\s,!.]*)+"
    r"(?:there|you|assistant|very much|so much|a lot|for (?:the|your) (?:help|answer))?\W*$"
    r"|^\W*(?:(?:hi|hello|hey)\W+)?(?:who|what) are you\b\W*$|^\W*what(?:'s| is) your name\W*$|^\W*how are you\b.{0,15}$|^\W*help\W*$"
    r"|^\W*(?:what|how) can (?:you|i|this (?:tool|assistant|chat)) (?:do|help|use|ask)\b.{0,30}$|^\W*how do(?:es)? (?:you|this|it) work\W*$"
    r"|^\W*are you (?:an? )?(?:ai|bot|human|robot|language model|chatgpt|llm)\b.{0,20}$|^\W*what (?:can|should) i ask\b.{0,20}$"
    r"|^\W*(?:which|what) (?:language )?(?:model|llm) (?:are you|do you use|is (?:this|at work))\b.{0,20}$",
    re.I,
)
_PLURAL = re.compile(rf"\b{WORKS}\b", re.I)
EVERYTHING = re.compile(
    rf"^\W*(?:please\s+)?(?:list|show|give|name)?\s*(?:me\s+)?(?:all|every|\d+)\s+(?:of\s+)?(?:the\s+|your\s+)?{WORKS}\W*$",
    re.I,
)
NEWEST = re.compile(
    r"\b(?:the\s+)?(?:newest|latest|most\s+recent|(?P<old>oldest|earliest))\b(?!\s+first)", re.I
)
# "The newest paper on pruning", not "the most recent baselines for pruning".
NEWEST_PAPER = re.compile(
    rf"(?:\b(?P<before>\d{{1,2}})\s+)?{NEWEST.pattern}\s+(?:(?P<number>\d{{1,2}})\s+)?(?:[\w-]+\s+){{0,4}}?(?:{WORKS}|paper|study|article|preprint|work|research|literature)\b",
    re.I,
)
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
SO_MANY = re.compile(
    rf"^\W*(?:please\s+)?(?:(?:can|could)\s+you\s+)?(?:list|name|show|give|find|recommend|suggest)\s+(?:me\s+)?(?:the\s+)?(?:(?:top|best)\s+)?"
    rf"(?P<number>[1-9]\d?|{'|'.join(NUMBERS)})\s+(?:(?!of\b)[\w-]+\s+){{0,4}}?{WORKS}\b",
    re.I,
)
SORTED = re.compile(
    r",?\s*\b(?:(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)\s+(?:them\s+)?by\s+(?:publication\s+)?(?:date|year|age|time)"
    r"|(?<=s )by\s+(?:publication\s+)?(?:date|year)(?=\W*$|\s+(?:with|from|on|about))"
    r"|(?:newest|latest|most\s+recent|(?P<oldest>oldest|earliest))\s+(?:ones\s+|papers\s+)?first"
    r"|(?:in\s+)?(?P<chronological>chronological(?:ly)?)(?:\s+order(?:ed)?)?)\b(?:,?\s*(?P<ascending>ascending|from\s+old(?:est)?\s+to\s+new(?:est)?)|,?\s*descending)?",
    re.I,
)
# What is to be left out: publication data ("not from 2024"), or a topic behind words that say so.
_NOT = r"(?:,\s*)?\b(?:but\s+not|and\s+not|(?<!about )(?<!on )(?<!for )(?<!by )(?<!of )(?<!from )(?<!to )not|except(?:\s+for)?|excluding|other\s+than|apart\s+from)\s+"
_THOSE = r"(?:(?:those|papers|the\s+ones|ones|anything)\s+)?"
_ABOUT = r"(?:about|on|for|involving|mentioning|covering|dealing\s+with|related\s+to|concerned\s+with)"
_USE = r"(?:use|using|employ(?:ing)?|rely(?:ing)?\s+on|apply(?:ing)?|with)"
# A paper "without labels" mentions labels; one that does not use LoRA hardly mentions it. So what is
# not used is left out only by its name.
LEFT_OUT = re.compile(
    rf"{_NOT}{_THOSE}(?=(?:published|by|from|in|of|since|before|after|released|written)\b|(?-i:[A-Z]))"
    rf"|{_NOT}{_THOSE}(?:{_ABOUT}\s+|{_USE}\s+(?=(?-i:[A-Z])))"
    rf"|(?:,\s*)?\b(?:but\s+not|excluding|except(?:\s+for)?)\s+(?:those\s+|papers\s+)?(?=[a-z])"
    rf"|\b(?:(?:that|which|but)\s+)?(?:do|does|did|are|is)(?:\s+not|n['’]t)\s+(?:(?:about|mention|cover|involve|concern|address|discuss|study|deal\s+with)\s+|{_USE}\s+(?=(?-i:[A-Z])))"
    rf"|\bwithout\s+(?:mentioning|any\s+mention\s+of)\s+",
    re.I,
)
_PART = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ter|ten)"
NAME = rf"(?-i:[A-Z])[\w.'’-]*,?(?:\s+(?:(?-i:[A-Z])[\w.'’-]*|{_PART})){{0,4}}"
_WROTE = r"(?:co-?)?(?:write|written|author(?:ed)?|publish(?:ed)?)"
AUTHOR_CHECKS = (
    re.compile(
        rf"^\W*(?:is|was)\s+(?P<name>{NAME})\s+(?:also\s+|really\s+)?(?P<sure>(?:listed\s+|named\s+|given\s+)?(?:as\s+)?(?:an?\s+|the\s+|one\s+of\s+the\s+|among\s+the\s+)?(?:co-?)?(?:(?P<first>first|lead|main)\s+)?authors?)\s+"
        r"(?:of|on|for|behind)\s+(?P<title>.+)$", re.I),
    re.compile(rf"^\W*(?:did|has)\s+(?P<name>{NAME})\s+(?:also\s+|really\s+)?(?P<sure>{_WROTE}|(?:work(?:ed)?|contribute(?:d)?)\s+(?:on|to))\s+(?P<title>.+)$", re.I),
    re.compile(rf"^\W*(?:is|was)\s+(?P<title>.+?)\s+(?P<sure>(?:co-?)?(?:written|authored|published)\s+)?by\s+(?P<name>{NAME})\W*$", re.I),
    re.compile(rf"^\W*(?:does|do)\s+(?P<title>.+?)\s+(?P<sure>list|name|have)\s+(?P<name>{NAME})\s+(?:among|as)\s+(?:its\s+|the\s+|an?\s+)?(?:co-?)?(?:(?P<first>first|lead|main)\s+)?authors?\W*$", re.I),
)  # fmt: skip
NOISE = frozenset(
    "published released available appeared appear written new recent latest came come out dated submitted posted"
    " publish publishes write writes wrote authored worked working first-authored lead leading newest oldest earliest"
    " most order sorted top category categories section year years month exist exists overall total altogether count number included listed"
    " currently contain contains indexed want need see filter filtered restrict restricted only contribute contributed filed together jointly".split()
)
# A question of its own, with its verb; "which paper is on X, and who wrote it?" only says of which paper.
_ANOTHER = re.compile(
    rf"^\W*(?:what|how|why|which|who|where|when|does|do|did|can)\b(?!\s+(?:one\b|{WORKS}|paper|study|article|work)\b)"
    r"(?=.*\b(?:do|does|did|is|are|was|were|has|have|had|can|could|will)\b)\W*\w+\W+\w"
    # or without one, in a few words: "and what benchmark size?"
    rf"|^\W*(?:what|which|how\s+(?:many|much|big|large|long))\s+(?!(?:one|for|else|paper|study|article|work)\b|{WORKS}\b)(?:[\w-]+\s*){{1,3}}\W*$",
    re.I,
)
_CLAUSES = re.compile(r"\band\b|[,;?]", re.I)


def fields_asked(question: str, asks_for_list: bool) -> tuple[Field, ...]:
    """The publication data of one paper that `question` asks for, in the order asked.

    Each clause may ask for one: "when was it published and who wrote it?".
    """
    if asks_for_list:
        return ()
    found: dict[Field, None] = {}
    for clause in _CLAUSES.split(question):
        if name := _field(f"{clause.strip()}?"):
            found[name] = None
    whole = _field(question)
    if whole is None:
        return ()
    return tuple(found) if whole in found else (whole, *found)


def also_asked(question: str) -> str:
    """What a question for publication data asks beside: "what does it do" of "who wrote X and what does it do?"."""
    for clause in _CLAUSES.split(question):
        if _ANOTHER.match(clause) and not _field(f"{clause.strip()}?"):
            return f"{clause.strip()}?"
    return ""


def _field(text: str) -> Field | None:
    for name, pattern in FIELDS:
        if pattern.search(text) and not (name == "code" and _PLURAL.search(text)):
            return name
    return None
