"""Expert finding: "who works on X?" asks for the people behind the papers on X.

The question is put as one for those papers; the answer names their authors. The papers that people wrote
are the evidence of what they know: the "document model" of Balog, Azzopardi and de Rijke (SIGIR 2006).
"""

import re

from assistant.retrieval.kinds import PAPERS
from assistant.retrieval.wordings import PLEASE
from assistant.words import content_words

__all__ = ["of_people"]

_PEOPLE = r"(?:researchers?|authors?|scientists?|people|persons?|experts?|groups?|teams?|labs?|specialists?)"
_WORK_ON = (
    r"(?:(?:here\s+)?(?:(?:is|are|has|have|had|been|also|currently|mainly|mostly|already)\s+)*(?:work(?:s|ed|ing)?|publish(?:es|ed|ing)?|research(?:es|ed|ing)?|wrote|writes|written"
    rf"|(?:do|does|did|done|doing)\s+(?:research|work))(?:\s+(?:any|some|the|most))?(?:\s+{PAPERS})?\s+(?:here\s+)?(?:on|about|in)\s+"
    r"|(?:here\s+)?(?:reports?|reported|gives?|presents?)\s+(?:any\s+|their\s+)?(?:results?|experiments?|numbers|scores)\s+(?:on|for|with)\s+"
    rf"|(?:here\s+)?(?:stud(?:y|ies|ied|ying)|investigates?|investigated|uses?|used)\s+)"
)
_WHO = re.compile(
    rf"{PLEASE}(?:who(?:\s+(?:else|all))?\s+{_WORK_ON}|who\s+(?:is|are)\s+(?:the\s+)?(?:(?:main|leading|key|top|most\s+active)\s+)?{_PEOPLE}\s+(?:(?:working|publishing)\s+)?(?:on|in|for|behind)\s+(?!the\s+(?:paper|study|article)\b)"
    rf"|(?:which|what)\s+(?:of\s+the\s+)?{_PEOPLE}\s+(?:here\s+)?{_WORK_ON}"
    rf"|(?:(?:name|list|show(?:\s+me)?|find|give\s+me|are\s+there)\s+(?:the\s+|some\s+|all\s+|any\s+)?{_PEOPLE}|is\s+there\s+any(?:one|body))\s+(?:(?:who|that)\s+)?{_WORK_ON}"
    r"|(?:whom|who)\s+(?:should|can|could)\s+(?:i|we)\s+(?:contact|ask|talk\s+to|write\s+to)\s+(?:about|on)\s+)"
    rf"(?:{PAPERS}\s+(?:on|about)\s+)?(?P<rest>\S.*)$",
    re.I | re.S,
)
_NO_TOPIC = re.compile(
    r"(?:it|this|that|them|these|those|\d+|(?:the|this|that)\s+(?:paper|study|article|work|method|model|dataset))\b",
    re.I,
)


def of_people(question: str) -> str | None:
    """ "Papers about X" where `question` asks who works on X; None where it asks for something else."""
    match = _WHO.match(question)
    if match is None or not content_words(match["rest"]) or _NO_TOPIC.match(match["rest"]):
        return None
    return f"papers about {match['rest']}"
