"""Which sentences of an abstract answer a question.

The paper's own name and title are taken out of the question first: "number of reports in
RadGenome-Chest CT" is compared as "number of reports in", else every sentence that names the
dataset would win. Measured on the 49 fact questions of tests/questions, given the right paper:
all facts present in 92 % of answers of about 55 words; with the whole question 74-82 %.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answering.answer_type import expected_answer, states_number
from assistant.answering.clauses import joined, quotable_parts, without_link, without_links
from assistant.answering.cues import (
    ASKS_LIMITS,
    BACKGROUND,
    IS_LINK,
    LINK_BONUS,
    OWN_VOICE,
    TACKLE,
    WHAT_WAS_SAID,
    form_bonus,
)
from assistant.answering.poison import is_order, without_orders
from assistant.models import Paper, ScoredSentence, Span
from assistant.readable import readable
from assistant.retrieval.names import paper_names, without_names
from assistant.retrieval.terms import Statistics, content_terms, coverage, inverse_document_frequencies
from assistant.words import content_words

Similarities = Callable[[str, Paper, Sequence[Span]], Sequence[float]]
"""Cosine of a text to each of some stretches of a paper's abstract, in order."""

MAX_SENTENCES = 3
MAX_WORDS = 75  # of one paper's quotations together
WORTH = 0.25  # a sentence that scores this much less than the best adds nothing

OVERVIEW_SENTENCES = 2

_WORDS_WEIGHT, _OWN_VOICE_BONUS = 0.6, 0.3
_DEFINITION_BONUS = 0.5
# A number that belongs to what is asked for all but settles it; a number as such says little.
_STATED_BONUS = 0.6
# A sentence quoted alone should not open by pointing back to one that is not shown.
_POINTS_BACK = 0.1
_BACKGROUND_MALUS = 0.15  # of a sentence that stands alone and tells what others do
_BACKWARDS = re.compile(
    r"(?:however|moreover|furthermore|additionally|in addition|besides|therefore|thus|hence|consequently|nevertheless"
    r"|nonetheless|yet|but|and|so|also|meanwhile|similarly|conversely|instead|otherwise|finally|in contrast|in response"
    r"|as a result|as such|on the (?:one|other) hand|contrary to (?:this|these)|for (?:example|instance)|to (?:this|that) end|accordingly"
    rf"|to (?:{TACKLE})\s+(?:{WHAT_WAS_SAID})"
    r"|(?:on|in) (?:this|these|that)|(?:despite|under|with|by) (?:this|these|such)"
    r"|the (?:former|latter)|(?:this|these|those|such)(?! (?:paper|work|study|article|survey|review|report|manuscript)\b)|it|they|its|their)\b",
    re.I,
)

# Words that ask for a paper as a whole rather than for something in it.
_WHOLE = frozenset(
    "approach method idea goal aim purpose differ difference compare comparison contrast overview summary summarise"
    " summarize summarised summarized synopsis recap takeaway takeaways essence"
    " brief briefly short about main key contribution gist explain describe introduce mean stand know learn do".split()
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen sentences, or parts of long ones, in the order of the abstract.

    `whole` says that they answer by what they are: the paper was asked about as a whole, or for
    the meaning of a term that one of them introduces.
    """

    sentences: tuple[ScoredSentence, ...]
    whole: bool = False


def choose_sentences(
    question: str,
    paper: Paper,
    sentences: Sequence[ScoredSentence],
    statistics: Statistics,
    similarities: Similarities,
    max_sentences: int = MAX_SENTENCES,
    max_words: int = MAX_WORDS,
    own_voice: float = 0.0,
    worth: float = WORTH,
    *,
    named: bool = True,
    alone: bool = False,
) -> Choice:
    """Choose the sentences of `paper` that answer `question`.

    `sentences` are all sentences of the abstract, scored by their cosine to the question. With
    `own_voice` above 0, sentences on what the authors do are preferred to background. A sentence
    that scores `worth` less than the best is left out. A topic that is not `named` after the paper
    is looked for whole: words of its title are what it is about, not what it is called. Sentences that
    have to stand `alone`, as a single one has, are quoted without the words that link them to one that is
    not shown; of those beside another paper's, what a method does is preferred by its name, too.
    """
    if not sentences:
        return Choice(())
    parts = quotable_parts(sentences)
    homes = [next(i for i, s in enumerate(sentences) if part.end <= s.end) for part in parts]
    spans = [Span(part.start, part.end) for part in parts]
    texts = [readable(part.text) for part in parts]
    terms_asked = _asked_definitions(question)
    single = alone or max_sentences == 1
    defined = [t for t in terms_asked if any(_defines(text, t) for text in texts)]
    asked = question if defined or not named else without_names(question, [paper])
    terms = content_terms(ASKS_LIMITS.sub(" ", asked), statistics)
    weights = inverse_document_frequencies(terms, statistics)
    stems = [statistics.analyze(text) for text in texts]
    voice = _voice_of(paper) if alone else OWN_VOICE
    # What links a sentence to one that is not shown is not quoted of it.
    opens = [without_link(text) for text in texts] if alone else texts
    if (terms_asked and not defined) or all(word.lower() in _WHOLE for word in content_words(asked)):
        to_title = similarities(paper.display_title, paper, spans)
        bonus = _OWN_VOICE_BONUS + own_voice * alone
        own = [
            cosine
            + bonus * bool(voice.search(text))
            - (1 + alone) * LINK_BONUS * bool(IS_LINK.search(text))
            - alone
            * (
                _BACKGROUND_MALUS * bool(BACKGROUND.match(opening))
                + _POINTS_BACK * bool(_BACKWARDS.match(opening))
            )
            for cosine, text, opening in zip(to_title, texts, opens, strict=True)
        ]
        least = max(own) - (worth if alone else WORTH)
        chosen = _within_budget(own, texts, homes, min(max_sentences, OVERVIEW_SENTENCES), max_words, least)
        return Choice(_as_quoted(chosen, parts, sentences, alone=single), whole=True)
    expected = expected_answer(question)
    number = expected if expected and expected.kind == "number" else None
    to_question, to_asked = similarities(question, paper, spans), similarities(asked, paper, spans)
    plain = [
        0.5 * to_whole
        + 0.5 * cosine
        + _WORDS_WEIGHT * coverage(terms, found, weights)
        + form_bonus(question, asked, text)
        + own_voice * bool(voice.search(text))
        + _DEFINITION_BONUS * any(_defines(text, term) for term in defined)
        - _POINTS_BACK * bool(single and _BACKWARDS.match(opening))
        - _BACKGROUND_MALUS * bool(alone and BACKGROUND.match(opening))
        for to_whole, cosine, text, opening, found in zip(
            to_question, to_asked, texts, opens, stems, strict=True
        )
    ]
    scores = [
        score + _STATED_BONUS * bool(number and states_number(number, question, text, statistics))
        for score, text in zip(plain, texts, strict=True)
    ]
    # The bonus does not raise the bar: the rest of a question of two parts is answered elsewhere.
    chosen = _within_budget(scores, texts, homes, max_sentences, max_words, max(plain) - worth)
    return Choice(_as_quoted(chosen, parts, sentences, alone=single), whole=bool(defined))


def _voice_of(paper: Paper) -> re.Pattern[str]:
    """The authors' voice, in which a method does something, too: "SAFARI prunes", not "superior to SAFARI"."""
    if not (names := "|".join(map(re.escape, paper_names(paper)))):
        return OWN_VOICE
    does = rf"(?-i:(?<!\w)(?:{names}))\s+(?:\w+ly\s+)?(?!(?:is|was|has|does)\b)\w+s\b"
    return re.compile(rf"{OWN_VOICE.pattern}|{does}", re.I)


def _as_quoted(
    chosen: Sequence[int],
    parts: Sequence[ScoredSentence],
    sentences: Sequence[ScoredSentence],
    *,
    alone: bool,
) -> tuple[ScoredSentence, ...]:
    found = without_orders(joined([parts[i] for i in chosen], parts, sentences))
    return without_links(found, sentences) if alone else found


# The part that answers is often a rival of the best: "(iii) we train SAT-Pro (447M parameters)" of 90 words.
# On 90 questions written by somebody who had not seen this, facts 59 -> 61 of 70; on the others no change.
_RIVAL = 0.15
_DEFINITION = re.compile(
    r"\bwhat (?:do|does|did)(?: the)?(?: letters| acronyms?| abbreviations?| names?| terms?)?\s+(.{2,60}?)\s+(?:mean|stand)\b"
    r"|\b(?:meaning|definition|expansion) of (?:the \w+ )?(\S{2,40})|\bwhat(?: is|'s| are)\s+(?:an? |the )?([A-Z][\w-]*[A-Z]\w*)\W*$",
    re.I,
)


def _asked_definitions(question: str) -> list[str]:
    """The acronyms whose meaning is asked for."""
    match = _DEFINITION.search(question)
    found = next(filter(None, match.groups()), "") if match else ""
    return re.findall(r"(?<!\w)[A-Za-z]{0,3}[A-Z][\w-]*(?!\w)", found)


def _defines(sentence: str, term: str) -> bool:
    """True when `sentence` introduces `term`: "Long Form (TERM)", "TERM (long form)", "named TERM"."""
    word = re.escape(term)
    introduced = (
        rf"\(\s*{word}s?\s*\)|(?<!\w){word}\s+\([A-Za-z-]+\s"
        rf"|\b(?:termed|named|called|dubbed|coined|denoted|known|introduc(?:e|es|ing)|propos(?:e|es|ing)|present(?:s|ing)?)"
        rf"\s+(?:as\s+)?{word}(?!\w)"
    )
    return re.search(introduced, sentence) is not None


def _within_budget(
    scores: Sequence[float],
    texts: Sequence[str],
    homes: Sequence[int],
    most: int,
    words: int,
    worth: float,
) -> list[int]:
    """The best and, within the budget of words, the next that score `worth` or more.

    `homes` are the sentences that the texts are parts of, at `most` so many of which are quoted. A
    sentence costs its whole length, so that what is cut of it makes the answer shorter and not room
    for another one, unless its part comes as near as the best; its further parts cost nothing, as long
    as what is shown stays within the budget.
    """
    # What tells its reader what to say is no answer, however near the question comes to it.
    quotable = [i for i, text in enumerate(texts) if not is_order(text)]
    lengths = [len(text.split()) for text in texts]
    whole = Counter[int]()
    for home, length in zip(homes, lengths, strict=True):
        whole[home] += length
    chosen: list[int] = []
    paid: dict[int, int] = {}
    for i in sorted(quotable, key=lambda i: (-scores[i], i)):
        rival = bool(chosen) and scores[i] >= scores[chosen[0]] - _RIVAL
        cost = lengths[i] if rival else whole[homes[i]]
        if homes[i] in paid:
            fits = sum(lengths[c] for c in chosen) + lengths[i] <= words
        else:
            fits = len(paid) < most and sum(paid.values()) + cost <= words
        if not chosen or (fits and scores[i] >= worth):
            chosen.append(i)
            paid.setdefault(homes[i], cost)
    return chosen
