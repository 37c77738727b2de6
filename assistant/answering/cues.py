# ruff: noqa: E501  (tables of regular expressions: broken lines would hide what belongs together)
"""What the form of a question says about the form of its answer.

Who asks for a number is answered by a sentence with one, who asks for results by one that reports them,
who asks for limits by one that tells of a failure, who asks how by one that says what is done.
"""

import re

__all__ = [
    "ASKS_LIMITS",
    "BACKGROUND",
    "IS_LIMIT",
    "IS_LINK",
    "LINK_BONUS",
    "OWN_VOICE",
    "TACKLE",
    "WHAT_WAS_SAID",
    "form_bonus",
]

_NUMBER_BONUS, _RESULT_BONUS, _LIMIT_BONUS, LINK_BONUS, _METHOD_BONUS = 0.2, 0.1, 0.3, 0.3, 0.3

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|large|big|long|often)\b|\bnumber of\b|\bamount\b|\bpercent|\baccurac|\bby how\b|\bgains?\b|\bscores?\b"
    r"|\brates?\b|\bratio\b|\bsizes?\b|\brange\b|\bparameters\b|\bwhat fraction\b|\bshare of\b|\bcounts?\b",
    re.I,
)
_HAS_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|single|both|half|twice)\b", re.I
)
_ASKS_RESULT = re.compile(
    r"\b(?:evaluat|test|tri(?:ed|al)|benchmark|data ?sets?|accura|outperform|outdo|beat|gain|improv|results?|perform|win|won|confirm"
    r"|experiment|best|better|worse|compar|scores?|baselines?|how (?:well|much|many)|ran? on|probed|put to|surpass|keep up|validat)",
    re.I,
)
_IS_RESULT = re.compile(
    r"\b(?:experiment|results?|evaluat|outperform|achiev|demonstrat|improv|confirm|surpass|benchmarks?|state-of-the-art|superior"
    r"|compared (?:with|to)|accuracy|tested|validat)|\d\s?%|\bwe (?:evaluate|test|compare|conduct)",
    re.I,
)
# Who asks for limits is not told by a sentence that says there are some: "its potential and limitations".
ASKS_LIMITS = re.compile(
    r"\b(?:limit(?:s|ations?)(?=\s+of\b|\W|$)|weak(?:ness(?:es)?| points?| spots?)|drawbacks?|shortcomings?|downsides?"
    r"|disadvantages?|pitfalls?|flaws?|fail(?:s|ures?)?|struggles?|fall(?:s|ing)? short|go(?:es)? wrong)\b",
    re.I,
)
IS_LIMIT = re.compile(
    r"\b(?:limit(?:s|ations?) (?:of (?:our|this|the) (?:\w+ )?(?:method|approach|work|study|framework)|is|are|includes?)"
    r"|fail(?:s|ed|ures?)?|struggl\w+|degrad\w+|drops?|dropped|var(?:y|ies|ied) (?:a lot|widely|greatly|considerably)"
    r"|sensitive|significantly (?:changes?|affects?|lower|worse)|inconsisten\w+|poor(?:ly)?|worse|underperform\w*"
    r"|(?:falls?|fell) short|lag(?:s|ged)? behind|mistakes|unstable|impractical\w*|significant challenges|instability|cannot|unable|unreliable|vulnerab\w+|hallucinat\w+|risks?|expensive)\b",
    re.I,
)
# "How well", "how many" and the like ask for something else.
_ASKS_METHOD = re.compile(
    r"^\W*(?:and |so |but )?how\b(?! (?:many|much|large|big|long|often|well|good|accurate|far|fast|old|is .{1,40} (?:different|better|worse)))"
    r"|\bhow (?:do|does|did|can|could)\b|\b(?:in what way|by what means)\b",
    re.I,
)
_TAKES = (
    r"(?:propos|introduc|present|design|develop|us|employ|leverag|exploit|adopt|combin|formulat|replac|decoupl|integrat|incorporat"
    r"|appl|construct|buil|optimi[sz]|estimat|select|adapt|generat|enforc|guid|align|transform|encod|embed|compris|consist"
    r"|rectif|add|insert|quer)"
)
_IS_METHOD = re.compile(
    rf"\b(?:we|our (?:\w+ ){{0,2}}(?:method|approach|model|framework|insight|idea)"
    rf"|the (?:proposed |core |key )?(?:method|approach|framework|model|algorithm|idea)|it|which|this (?:paper|work))"
    rf" (?:\w+ ){{0,2}}{_TAKES}\w*|\b(?:is|are) (?:proposed|introduced|used|employed|designed)\b"
    r"|\b(?:to this end|specifically|in particular|the key (?:idea|insight))\b",
    re.I,
)
_REPORTS = re.compile(
    r"\b(?:experiments?|evaluations?|results|outperform\w*|demonstrate\w*|validat\w*|show(?:s|ed|n)?|superior\w*|state-of-the-art)\b",
    re.I,
)
OWN_VOICE = re.compile(
    r"\b(?:we|our|this (?:paper|work|study|article|report)|herein)\b|\bis (?:proposed|presented|introduced)\b",
    re.I,
)
# "To tackle this ...", in patterns of words that link a sentence to the one before it.
TACKLE = (
    "address|tackle|overcome|solve|resolve|mitigate|alleviate|fill|bridge|remedy|cope with|deal with|handle"
)
WHAT_WAS_SAID = "this|these|those|them|it|such|the (?:above|aforementioned)"
BACKGROUND = re.compile(
    r"(?:(?:in )?recent(?:ly| years)?|(?:the |with the )?(?:recent|rapid|growing|increasing|widespread|remarkable)"
    r"|(?:most )?(?:existing|previous|prior|current|traditional|conventional))\b",
    re.I,
)
_ASKS_LINK = re.compile(
    r"\b(?:links?|urls?|github|repo\w*|web ?sites?|(?:project )?pages?|code|download|available|weights)\b",
    re.I,
)
IS_LINK = re.compile(
    r"https?://|\b(?:codes?|checkpoints?|implementation)\b[^.]*\b(?:available|released|accessed|found)\b",
    re.I,
)


def form_bonus(question: str, asked: str, sentence: str) -> float:
    """What is added to the score of `sentence`; `asked` is the question without the paper's name."""
    bonus = 0.0
    if _ASKS_NUMBER.search(asked) and _HAS_NUMBER.search(sentence):
        bonus += _NUMBER_BONUS
    if _ASKS_RESULT.search(asked) and _IS_RESULT.search(sentence):
        bonus += _RESULT_BONUS
    if ASKS_LIMITS.search(question) and IS_LIMIT.search(sentence):
        bonus += _LIMIT_BONUS
    if _ASKS_METHOD.search(question) and _IS_METHOD.search(sentence) and not _REPORTS.search(sentence):
        bonus += _METHOD_BONUS
    if IS_LINK.search(sentence):
        bonus += LINK_BONUS if _ASKS_LINK.search(question) else -LINK_BONUS
    return bonus
