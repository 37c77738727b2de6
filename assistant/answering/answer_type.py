"""What kind of answer a question asks for, and whether the abstract has one of that kind.

"How many patients ...?" asks for a number, "On which data sets ...?" for names. An abstract that
speaks of "two challenging data sets" is about the right thing and still does not name them. The
idea is that of answer typing in question answering (Li and Roth 2002), cut down to the two types
that show in the letters of a sentence.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.retrieval.lacking import DEVICE_NAMES
from assistant.retrieval.terms import Statistics, content_terms
from assistant.words import STOPWORDS

_DATA = "data ?sets?|benchmarks?|corpus|corpora|cohorts?|collections?|databases?|competitions?|challenges?"
_MODELS = "models?|llms?|vlms?|encoders?|backbones?|networks?|architectures?"
_TOOLS = "tools?|software|programs?|librar(?:y|ies)|toolkits?|packages?|optimi[sz]ers?"
_DEVICES = (
    f"gpus?|hardware|chips?|devices?|scanners?|processors?|cameras?|trackers?|microscopes?|{DEVICE_NAMES}"
)
_PLACES = (
    "hospitals?|clinics?|banks?|institutions?|compan(?:y|ies)|universit(?:y|ies)|countr(?:y|ies)|cit(?:y|ies)"
)
_IS_DATA = re.compile(rf"\b(?:{_DATA})\b", re.I)
_IS_MADE = re.compile(rf"\b(?:{_DATA}|{_MODELS}|{_TOOLS}|{_DEVICES})\b", re.I)
_CLASSES = tuple(re.compile(rf"\b(?:{c})\b", re.I) for c in (_DATA, _MODELS, _TOOLS, _DEVICES, _PLACES))
# Of these no other name passes for one: a method is called something too, but is no hospital.
_OF_A_KIND = re.compile(rf"\b(?:{_DEVICES}|{_PLACES})\b", re.I)
# "Which model families" asks for families.
_NO_COMPOUND = (
    r"(?!\s+(?:[a-z]+ies|sizes|types|kinds|names|versions|classes|components|parameters|layers|weights)\b)"
)
_AUXILIARIES = "do|does|did|is|are|was|were|has|have|had|can|could|will|would"
# What is counted ends before the verb.
_COUNTED = (
    rf"((?:(?!(?:{_AUXILIARIES}|in|of|on|for|and)\b)"
    r"[\w-]+\s*){1,4})"
)
_MEASURES = (
    "accuracy|au(?:ro)?c|f1|dice|dsc|iou|bleu|scores?|rates?|errors?|latency|speed|p-values?|percentages?|sizes?"
    "|costs?|prices?|budgets?|sensitivity|specificity|precision|recall|perplexity|fidelity|resolution|durations?"
    "|savings?|reductions?|ratios?"
)
_MEASURE = re.compile(rf"\b(?:{_MEASURES})\b", re.I)
# Quantities that have their name from both words: a "rate" is no learning rate, a "size" no batch size.
_QUANTITIES = (
    r"learning[- ]rates?|weight[- ]decays?|drop-?out(?:[- ]rates?)?|compression[- ](?:ratios?|rates?)"
    r"|(?:batch|step|patch|window|vocabulary|beam|hidden|embedding|kernel|sample)[- ]sizes?"
    r"|(?:context|sequence|prompt)[- ](?:lengths?|windows?)|temperatures?|ranks?|prices?"
)
_QUANTITY = re.compile(rf"\b(?:{_QUANTITIES})\b", re.I)
# "What is the accuracy of SAFARI?": only what is always a number, for costs and errors are told in words too.
_ALWAYS_NUMBERS = (
    rf"{_QUANTITIES}|accuracy|au(?:ro)?c|f1(?:[- ]scores?)?|dice(?:[- ]scores?)?|dsc|iou|bleu|scores?|rates?"
    "|p-values?|percentages?|sensitivity|specificity|perplexity|latency|sizes?|ratios?"
)
_ASKS_QUANTITY = re.compile(
    rf"\bwhat(?:['’]s|\s+(?:is|was|are|were))\s+(?:the|its|their)\s+((?:[\w-]+\s+){{0,2}}?(?:{_ALWAYS_NUMBERS}))"
    r"(?=\W*$|\s+(?:of|for|in|on|at|by|with|used|reached|reported|achieved|chosen|set|when|that|during)\b)",
    re.I,
)
# "Mean age of the patients?" asks for a number, whatever it is the mean of.
_ASKS_AVERAGE = re.compile(
    r"(?:^|\bwhat(?:['’]s|\s+(?:is|was|are|were)))\W*(?:the\s+)?((?:mean|average|median|maximum|minimum)\s+(?:[\w-]+\s+)?[\w-]+)"
    r"(?=\s+(?:of|for|in|per)\b)",
    re.I,
)
# "F1 score of SAFARI on CIFAR-100?", with nothing before it.
_ASKS_SCORE = re.compile(
    r"^\W*(?:the\s+)?((?:[\w-]+\s+)?(?:accuracy|au(?:ro)?c|f1|dice|dsc|iou|bleu|perplexity|[\w-]+[- ]score"
    rf"|{_QUANTITIES})(?:[- ]scores?)?)\s+(?:of|for|in|on|by)\b",
    re.I,
)
# "How big is the population?", "How long may a prompt be?"
_ASKS_EXTENT = re.compile(
    r"\bhow\s+(?:big|large|long|deep|wide|high|heavy|small)\s+(?:is|are|was|were|may|can|must)\s+(?:the|its|their|an?)\s+"
    r"(?!(?:[\w-]+\s+){0,2}?(?:influences?|impacts?|effects?|risks?|problems?|roles?|paths?|gaps?|needs?|challenges?|parts?)\b)"
    r"((?:(?!(?:be|get|become|of|in|on|for|that|used|to|when|with|at|by|from)\b)[\w-]+\s*){1,3})",
    re.I,
)
_MONEY = re.compile(r"[$€£¥]\s?\d|\d\s?(?:dollars?|euros?|USD|EUR|cents?)\b")
# A saving of energy is stated as a reduction of its use.
_SAVED = re.compile(r"savings?|reductions?", re.I)
_SAVED_IN_WORDS = ["savings", "saves", "reduction", "reduces"]
_PLURAL_ENDING = r"(?<=[^\Wsui])s\b"
# What stands before a measure is a noun or an adjective: "work recovers accuracy", "method improved accuracy"
# and "can cut costs" are what some paper does. "Weighted F1" begins with its adjective.
_NO_VERB = rf"(?!(?:{_AUXILIARIES})\b|[\w-]+{_PLURAL_ENDING})"
_ASKS_MEASURE = re.compile(
    rf"\b(?:what|which)\s+((?:{_NO_VERB}[\w-]+\s+(?:{_NO_VERB}(?![\w-]+ed\b)[\w-]+\s+)?)?(?:{_MEASURES}))\b{_NO_COMPOUND}",
    re.I,
)
_BY_NAME = re.compile(rf"\b(?:which|what|name)\s+{_COUNTED}.*\bby name\b", re.I)
# "Whose data sets", "on whose data sets"; not "hospitals whose data sets differ".
_WHOSE = r"(?:(?<![\w,] )|(?<=\b(?:on|in|of|by|at) ))whose"
# A word before the noun; not so in "what did the models find".
_BEFORE_NAMED = r"(?:\s+(?!(?:do|does|did|has|have|had|can|could|will|would)\b)[\w-]+)"
_ASKS_NAMES = re.compile(
    rf"\b(?:which|what|{_WHOSE}|name(?!\s+of))\b(?!\s+(?:if|kind|type|sort|part|property))(?:\s+(?:of|the|both|all|other))*"
    rf"({_BEFORE_NAMED}{{0,3}}?\s+(?:{_DATA}|{_MODELS}|{_TOOLS}|{_DEVICES}|{_PLACES}))\b{_NO_COMPOUND}",
    re.I,
)
# "What are the names of the two data sets?", "its data sets, what are they called?"
_CALLED = (
    r"\b((?:(?!(?:the|its|their|both|all|of|in)\b)[\w-]+\s+){0,3}?"
    rf"(?:{_DATA}|{_MODELS}|{_TOOLS}|{_PLACES}))\b"
)
_ASKS_WHAT_CALLED = re.compile(
    rf"\bnames\s+of\s+(?:the|its|their|both|all)\s+{_CALLED}"
    rf"|{_CALLED}\W+(?:what|how)\s+(?:are|were)\s+they\s+called\b"
    rf"|\bwhat\s+(?:are|were)\s+(?:the|its|their|both)\s+{_CALLED}[^?.;]{{0,80}}?\s+called\b",
    re.I,
)
_ASKS_NUMBER = re.compile(
    rf"\bhow (?:many|much)\s+(?!better|worse|faster|more|less){_COUNTED}?"
    rf"|\b(?:number|percentage|fraction|share|proportion) of {_COUNTED}",
    re.I,
)
# "How can clients choose the number of bits?" does not ask for that number.
_ASKS_OTHERWISE = re.compile(
    r"^\W*(?!(?:can|could|do|would)\s+you\b)"
    r"(?:how\s+(?!many\b|much\b|large\b|big\b|high\b|small\b|low\b)|why|who|can|could|should|do|does|did|is|are|was|were)\b",
    re.I,
)
_COUNTS = re.compile(r"\bhow many\b|\bnumber of\b", re.I)
_TO_PLURAL = re.compile(rf".*?(?<![\w-])[\w-]+{_PLURAL_ENDING}")  # from a word's start: else n squared
_NEAR_WORDS = 6  # "25,692 non-contrast 3D chest CT volumes"
# "A learning rate that we set to 0.001", "a 0.001 learning rate"
_VALUE = re.compile(r"(?:^|[(=~≈<>])[$€£¥]?\d")
_VALUE_BEFORE, _VALUE_BEHIND = 2, 5
_IN_BRACKETS = re.compile(r"[(\[]|\w=")  # "patients (n=74)", "patients [74]"
# "Both" is none: it mostly joins, "both training and sample efficiency".
_NUMBER = re.compile(
    r"(?<![\w.-])\d[\d,.]*(?:\s?%|\s?[kKM]\b|[xX]\b|\w?\b)|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?"
    r"|millions?|billions?|dozens?|single|half|twice|one|once|third|quarter)\b",
    re.I,
)
_PERCENTAGE = re.compile(r"\d\s?%")
_NO_COUNT = re.compile(r"(?<![\d.,])\d[\d.,]*(?:\s?%|[xX]\b|-?D\b)")  # "48.1 %", "5x", "3D"
_IS_SHARE = re.compile(r"\bper\s?cent|%", re.I)
_NOTHING = re.compile(r"(?!)")
# A name inside a sentence: inner capitals or digits ("MedMNIST", "GPT-4o"), or a capitalised word.
_NAME = re.compile(
    r"\b(?=[\w+-]*(?:[A-Z][\w+-]*[A-Z]|[A-Za-z]-?\d|[a-z][A-Z]))[A-Za-z][\w+-]*|(?<=[a-z,(] )[A-Z][\w-]+"
)
# An abbreviation brought in after its long form, "masked autoencoder (MAE)", stands for a class of things.
_INTRODUCED = re.compile(r"(?<=[a-z] )\(([A-Za-z-]{2,10})\)")
# "A model proficient in English" is not called English; nor are data sets, tools or devices.
_PEOPLES = frozenset(
    """african american amharic arabic asian australian austrian basque belgian bengali brazilian british
    bulgarian canadian cantonese catalan chinese croatian czech danish dutch egyptian english estonian
    ethiopian european filipino finnish french german greek hebrew hindi hungarian icelandic indian
    indonesian iranian irish israeli italian japanese korean latin latvian lithuanian malay mandarin mexican
    nigerian norwegian pakistani persian polish portuguese romanian russian scottish serbian singaporean
    slovak slovenian spanish swahili swedish swiss taiwanese tamil telugu thai turkish ukrainian urdu
    vietnamese welsh""".split()
)
_ACRONYM = re.compile(r"[A-Z]{3,6}(?=s?$)")


@dataclass(frozen=True, slots=True)
class Expected:
    """The kind of answer, and of what: "number" of "pretrained models", "name" of "data sets"."""

    kind: Literal["number", "name"]
    what: str


def expected_answer(question: str) -> Expected | None:
    """The kind of answer that `question` asks for; None when it shows in no letters."""
    match = _ASKS_NUMBER.search(question)
    if match and not (match[2] and _ASKS_OTHERWISE.search(question)):
        counted = (match[1] or match[2] or "").strip()
        # What is counted ends with its plural: "radiologists annotated the scans" asks for radiologists.
        plural = _TO_PLURAL.match(counted)
        return Expected("number", plural[0] if plural else counted)
    measures = (_ASKS_MEASURE, _ASKS_QUANTITY, _ASKS_AVERAGE, _ASKS_SCORE, _ASKS_EXTENT)
    if match := next((m for pattern in measures if (m := pattern.search(question))), None):
        return Expected("number", match[1].strip())
    if match := _ASKS_WHAT_CALLED.search(question):
        return Expected("name", next(filter(None, match.groups())).strip())
    if match := _ASKS_NAMES.search(question) or _BY_NAME.search(question):
        return Expected("name", match[1].strip())
    return None


def is_given(
    expected: Expected,
    question: str,
    sentences: Sequence[str],
    likely: Collection[int],
    own_names: Collection[str],
    statistics: Statistics,
) -> bool:
    """True when a sentence on the matter holds something of the kind that is asked for.

    `sentences` are the abstract's, `likely` the indices of those chosen as the answer. On the matter
    are those that mention `expected.what`. Where none does, the likely ones may say it in other words;
    of a measure, those only with a percentage, for any sentence may hold some other number. A setting such
    as a learning rate is given only by a number beside its name. `own_names` of the paper are no answer,
    nor are languages and peoples, nor, but for data sets, acronyms that the abstract writes out.
    """
    on_it = on_the_matter(expected, sentences, statistics)
    if expected.kind == "number":
        if _QUANTITY.search(expected.what):
            return any(states_number(expected, question, sentences[i], statistics) for i in on_it)
        if _COUNTS.search(question) and on_it:
            return any(states_number(expected, question, sentences[i], statistics) for i in on_it)
        if any(_NUMBER.search(sentences[i]) for i in on_it):
            return True
        if _ASKS_MEASURE.search(question):
            return any(_PERCENTAGE.search(sentences[i]) for i in likely)
        counts = _COUNTS.search(question) and not _IS_SHARE.search(expected.what)
        uncounted = _NO_COUNT if counts else _NOTHING
        return any(_NUMBER.search(uncounted.sub(" ", sentences[i])) for i in likely)
    if not on_it and _OF_A_KIND.search(expected.what):
        return False
    known = {n.lower() for n in own_names} | {w.lower() for w in re.findall(r"[\w+-]+", question)}
    known |= {short.lower() for sentence in sentences for short in _INTRODUCED.findall(sentence)}
    return any(
        name.lower() not in known
        and not _is_class(name, statistics)
        and not _describes(name, expected, sentences)
        for i in on_it or likely
        for name in _NAME.findall(sentences[i])
    )


def on_the_matter(expected: Expected, sentences: Sequence[str], statistics: Statistics) -> set[int]:
    """The indices of the sentences that mention what is asked for: "data sets", whichever they are."""
    what = _stems(expected, statistics)
    if expected.kind == "number" and _QUANTITY.search(expected.what):
        return {i for i, s in enumerate(sentences) if _names_quantity(expected, what, s, statistics)}
    kinds = [c for c in _CLASSES if c.search(expected.what)]
    if kinds and expected.kind == "name":  # not "in the real world" for "real-world data sets"
        what = set(statistics.analyze(expected.what.split()[-1]))
    return {
        i
        for i, sentence in enumerate(sentences)
        if what & set(statistics.analyze(sentence)) or any(kind.search(sentence) for kind in kinds)
    }


def states_number(expected: Expected, question: str, sentence: str, statistics: Statistics) -> bool:
    """True when a number in `sentence` belongs to what is asked for, by where it stands.

    The number is within six words of the thing. A number that counts it stands before it ("two medical
    images") or right after it in brackets ("patients (n=74)"); a measure may have it on either side.
    """
    if _asks_price(expected) and _MONEY.search(sentence):
        return True
    what = _stems(expected, statistics)
    words = re.findall(r"\S+", sentence)
    things = [i for i, word in enumerate(words) if what & set(statistics.analyze(word))]
    if expected.kind == "number" and _QUANTITY.search(expected.what):
        values = [i for i, word in enumerate(words) if _VALUE.search(word)]
        return any(-_VALUE_BEFORE <= v - t <= _VALUE_BEHIND for t in things for v in values)
    numbers = [i for i, word in enumerate(words) if _NUMBER.search(word)]
    counts = _COUNTS.search(question)
    return any(
        0 <= thing - number <= _NEAR_WORDS
        or (number - thing == 1 and _IN_BRACKETS.match(words[number]))
        or (not counts and abs(number - thing) <= _NEAR_WORDS)
        for thing in things
        for number in numbers
    )


def _names_quantity(expected: Expected, what: set[str], sentence: str, statistics: Statistics) -> bool:
    """True when all words of a quantity's name stand together in `sentence`, or an amount of money."""
    stems = statistics.analyze(sentence.replace("-", " "))
    together = any(what <= set(stems[i : i + len(what)]) for i in range(len(stems)))
    return together or (_asks_price(expected) and _MONEY.search(sentence) is not None)


def _asks_price(expected: Expected) -> bool:
    return re.search(r"\bprices?\b", expected.what, re.I) is not None


def _stems(expected: Expected, statistics: Statistics) -> set[str]:
    """What a sentence on the matter mentions: of a measure its noun, "rate" of "learning rate"."""
    if expected.kind == "number" and (quantity := _QUANTITY.search(expected.what)):
        return set(content_terms(quantity[0].replace("-", " "), statistics))
    measures = _MEASURE.findall(expected.what) if expected.kind == "number" else []
    if any(_SAVED.fullmatch(measure) for measure in measures):
        measures = _SAVED_IN_WORDS
    return set(content_terms(" ".join(measures) or expected.what, statistics))


def _is_class(name: str, statistics: Statistics) -> bool:
    """True for what much of the corpus speaks of ("LLMs", "MRI"): a class of things, not a name."""
    stems = statistics.analyze(name)
    frequencies = statistics.document_frequencies(stems)
    return bool(stems) and min(frequencies.values()) > max(3, 0.05 * statistics.count)


def _describes(name: str, expected: Expected, sentences: Sequence[str]) -> bool:
    """True for what looks like a name and is none of a thing made: "Chinese", "NLP" where that is spelt out.

    The acronym of a data set is often written out, and names it all the same.
    """
    if not _IS_MADE.search(expected.what):
        return False
    if all(part in _PEOPLES for part in name.lower().split("-")):
        return True
    return not _IS_DATA.search(expected.what) and any(_writes_out(name, text) for text in sentences)


def _writes_out(name: str, text: str) -> bool:
    """True when `text` has words in small letters that `name` is the acronym of, none a function word.

    What is written in capitals ("Segment Anything Model") is a name itself.
    """
    if not (acronym := _ACRONYM.match(name)):
        return False
    letters = acronym[0].lower()
    first, words = letters[0], "".join(rf"[\s-]{letter}[a-z]+" for letter in letters[1:])
    return any(
        not STOPWORDS.intersection(re.findall(r"[a-z]+", found.lower()))
        for found in re.findall(rf"\b[{first}{first.upper()}][a-z]+{words}\b", text)
    )
