# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""Ways to ask for the papers on a topic that do not say "papers on": put into that plain form.

Who asks "what should I read about X?", "what is known about X?" or "summarize the work on X" wants the
papers on X; "read", "known" and "summarize" are no part of the topic. What names one paper, or points
back to one ("summarize the method"), is left as it is.
"""

import re

from assistant.retrieval.intervals import MONTH
from assistant.retrieval.kinds import PAPERS
from assistant.retrieval.reading import WORK
from assistant.words import content_words

__all__ = ["PLEASE", "as_papers_on"]

# The beginning of any request.
PLEASE = r"^\W*(?:please\s+)?(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?)?"
_ADVISE = r"(?:recommend|suggest|advise)"
_READ = (
    r"(?:read|look\s+at|look\s+into|start\s+with|start\s+from|begin\s+with|consult)(?:\s+(?:first|next|up))?"
)
_ABOUT = r"(?:about|on|in|of|for|around|regarding|concerning)"
# What an account of a whole subject is asked with.
_SUM_UP = (
    r"(?:summari[sz]e|sum\s+up|outline|review|survey"
    r"|(?:give|write|provide)\s+(?:me\s+|us\s+)?(?:an?\s+|the\s+)?(?:[\w-]+\s+)?(?:overview|summary|survey|review|synopsis)\s+(?:of|on|about)"
    r"|(?:an?\s+)?(?:[\w-]+\s+)?(?:overview|survey)\s+(?:of|on))"
)
_KNOWN = (
    rf"(?:what\s+(?:is|has\s+been|have\s+people)\s+(?:(?:already|currently|so\s+far|generally)\s+)?(?:known|done|written|said|published|found|reported|tried)(?:\s+so\s+far)?\s+{_ABOUT}"
    rf"|what\s+(?:do\s+we|we|do\s+you|do\s+researchers)\s+(?:already\s+)?know\s+{_ABOUT}"
    rf"|what\s+(?:do|does)\s+(?:the|these|this|your)\s+(?:papers|literature|corpus|abstracts|studies|research|collection)\s+(?:here\s+)?(?:say|tell(?:\s+us)?|have|report|know|hold)\s+{_ABOUT}"
    rf"|(?:what\s+is\s+)?(?:the\s+)?(?:current\s+)?state[\s-]of[\s-](?:the[\s-]art|research|knowledge)\s+{_ABOUT}"
    rf"|what\s+(?:research|work)\s+(?:exists|is\s+there|has\s+been\s+done|was\s+done)\s+{_ABOUT}"
    rf"|(?:the\s+)?(?:existing\s+|current\s+|recent\s+)?(?:research|literature|work|findings|knowledge|progress)\s+{_ABOUT})"
)
_RECOMMENDED = (
    # which papers should I read about, what would you recommend on
    rf"(?:which|what)(?:\s+(?:other\s+)?{WORK})?\s+(?:should|must|can|could|shall|do|would)\s+(?:i|we|you|one)\s+"
    rf"(?:{_ADVISE}(?:\s+(?:me|us))?(?:\s+(?:to\s+read|reading|that\s+i\s+read))?|{_READ})",
    # recommend me some papers, suggest something to read
    rf"{_ADVISE}\s+(?:me\s+|us\s+)?(?:(?:an?|some|any|the|\d{1,2}|two|three|four|five|ten|few|good|best|relevant|further|introductory|other)\s+)*"
    rf"(?:{WORK}|reading|something)(?:\s+(?:to|that\s+i\s+should|i\s+should|i\s+could)\s+read)?",
    # which paper is a good introduction to, which papers are worth reading on
    rf"(?:which|what)\s+{WORK}\s+(?:is|are|would\s+be)\s+(?:worth\s+reading|(?:an?\s+|the\s+)?(?:good|best)\s+(?:introductions?|start|starting\s+points?|reads?|{WORK}\s+to\s+read))",
    # where should I start reading about
    r"where\s+(?:should|can|do|could)\s+(?:i|we|one)\s+(?:start|begin)(?:\s+(?:reading|learning|with))?",
)  # fmt: skip
_TO_LEARN = r"(?:(?:if\s+i\s+(?:want|need|would\s+like)\s+)?to\s+(?:learn|understand|know|get\s+started|get\s+an\s+idea)(?:\s+more)?(?:\s+(?:about|of|on|in|with))?\s+)"
_RECOMMENDING = re.compile(
    rf"{PLEASE}(?:{'|'.join(_RECOMMENDED)})\s+(?:,\s*)?(?:{_TO_LEARN}|(?:about|on|to|for|in|regarding|concerning|with)\s+)",
    re.I,
)
_SUMMING_UP = re.compile(
    rf"{PLEASE}(?:(?:(?:{_SUM_UP}|(?:tell|show)\s+me)\s+)?{_KNOWN}|(?:{_SUM_UP})\s+(?:(?:all\s+)?(?:the\s+|your\s+)?(?:papers|studies|works|articles)\s+{_ABOUT})"
    rf"|{_SUM_UP}(?!\s+(?:the|its|it|their|this|that|these|those|them|your|my|his|her|what|how|why|whether|each|both|all|paper|one)\b))\s+",
    re.I,
)
# "What was published in 2024", "the literature of the 2010s", "work in cs.LG": filters, and no topic.
_FILTER = re.compile(r"(?:the\s+)?(?:\d|early|mid|late|last|past|this|recent)|[a-z-]+\.[A-Z]{2}\b", re.I)
_MONTH = re.compile(rf"{MONTH}\s+\d", re.I)
_ONE_PAPER = re.compile(
    r"\b(?:paper|study|article|preprint|abstract|author|answer|chat|conversation)\b", re.I
)


# "Does any paper use X?"
_ANY = re.compile(
    rf"{PLEASE}(?:do|does|did|has|have|is|are)\s+(?:there\s+)?(?:any|some)\s+(?:of\s+(?:the|these|your)\s+)?{WORK}\s+(?:here\s+)?"
    rf"(?:that\s+|which\s+)?(?P<rest>(?!by\b|from\b|since\b|before\b|after\b|in\b|published\b|written\b|with(?:out)?\b).+)",
    re.I,
)
# One that does something with what goes by a name: any such paper will do.
_NAMED = r"(?=(?-i:[A-Z])[\w/-]*(?-i:[A-Z0-9])|\w+-?\d)[\w./+-]+(?:\s+(?:and|or)\s+(?-i:[A-Z])[\w./+-]+)?(?:\s+(?:data ?sets?|benchmarks?|models?))?\W*$"
_ONE = re.compile(
    rf"{PLEASE}(?:(?:is|was)\s+there\s+an?\s+{WORK}\s+(?:here\s+)?(?:that\s+|which\s+)?"
    rf"|does\s+an?\s+{WORK}\s+(?:here\s+)?|(?:has|have|did|does|do)\s+(?:any(?:one|body)|some(?:one|body)|people)\s+(?:here\s+)?(?:ever\s+)?)"
    rf"(?P<rest>(?:[\w-]+\s+){{1,4}}?{_NAMED})",
    re.I,
)
# What is reported of a data set: the papers that do so are those that name it.
_RESULTS_ON = re.compile(
    rf"(?P<list>\b{PAPERS}\s+(?:here\s+)?)(?:(?:that|which)\s+)?(?:(?:is|are|was|were|has|have|been)\s+)*(?:also\s+)?(?:"
    r"(?:reports?|reported|presents?|presented|shows?|gives?|gave|states?|includes?|contains?)\s+(?:(?:any|some|their|its|the|experimental|good)\s+)*(?:results?|experiments?|numbers?|scores?|accurac(?:y|ies)|performance|evaluations?|findings)"
    r"|(?:evaluate[sd]?|test(?:s|ed)?|validate[sd]?|benchmark(?:s|ed)?|experiment(?:s|ed)?|trained?|trains|compared?|assess(?:es|ed)?|run|ran)(?:\s+(?:their|its|the|a)\s+(?:[\w-]+\s+){0,2}?(?:methods?|models?|approach(?:es)?|networks?|algorithms?|framework))?)"
    r"\s+(?:on|for|with)\s+(?:the\s+)?(?=\S)",
    re.I,
)
# "Is there evidence that X works on Y?" asks whether it does.
_EVIDENCE = re.compile(
    rf"{PLEASE}(?:(?:is|was)\s+there|do\s+we\s+have|do\s+you\s+have|have\s+you(?:\s+got)?|does\s+(?:the|this|your)\s+(?:corpus|collection|literature)\s+have|what(?:\s+is|['’]s)?(?:\s+the)?)?\s*"
    r"(?:(?:any|some|good|strong|clear|enough|empirical|experimental|scientific)\s+)*(?:evidence|proof|support)\s+"
    r"(?:(?:is\s+there|do\s+we\s+have|do\s+you\s+have|exists)\s+)?(?P<how>that|for|of|on|about)\s+(?P<rest>.+)$",
    re.I | re.S,
)
_CLAIM = re.compile(
    r"(?P<who>[^,.;]{0,79}?[^,.;\s])\s+(?P<verb>work|help|reduce|improve|protect|lower|raise|increase|decrease|prevent|need|outperform|beat"
    r"|generali[sz]e|perform|transfer|make|save|hurt|affect|benefit|scale|lead|allow|enable)s\s+(?P<what>.+)",
    re.I | re.S,
)


def _plainly(question: str) -> str:
    """`question` without the words that ask for evidence, or for results on what it names."""
    if match := _EVIDENCE.match(question):
        if match["how"].lower() != "that":
            return question
        claim = _CLAIM.match(match["rest"])
        return f"Does {claim['who']} {claim['verb']} {claim['what']}" if claim else match["rest"]
    return _RESULTS_ON.sub(r"\g<list>about ", question, count=1)


def as_papers_on(question: str) -> str:
    """`question` as "papers about X" where it asks what to read, or what is known, about X."""
    if match := _ANY.match(question) or _ONE.match(question):
        rest = match["rest"]
        question = f"papers {rest}" if re.match(_ABOUT, rest, re.I) else f"papers that {rest}"
    question = _plainly(question)
    for pattern in (_RECOMMENDING, _SUMMING_UP):
        match = pattern.match(question)
        if match is None:
            continue
        rest = question[match.end() :]
        if _FILTER.match(rest) or _MONTH.match(rest):
            return question
        if content_words(rest) and not _ONE_PAPER.search(rest):
            return f"papers about {rest}"
    return question
