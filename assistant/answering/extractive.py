"""Answers without a language model: verbatim sentences, each with its citation.

Nothing is invented: an answer consists of titles, catalogue data, fixed connecting words, and
sentences of the abstracts as they stand.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answering.answer_type import Expected, expected_answer, on_the_matter
from assistant.answering.draft import Draft, DraftWriter
from assistant.answering.markup import quote
from assistant.answering.outright import comparisons, held_by_each, never_together, unmentioned
from assistant.answering.people import write_people
from assistant.answering.replies import (
    UNSAID,
    beside,
    compares_nothing,
    no_such_paper,
    not_stated,
    only_near,
    reservation,
)
from assistant.answering.restrictions import restriction
from assistant.answering.sentence_choice import (
    MAX_SENTENCES,
    MAX_WORDS,
    WORTH,
    Choice,
    Similarities,
    choose_sentences,
)
from assistant.answering.stated import REFUSED, Support, support
from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.retrieval.kinds import COMPARE
from assistant.retrieval.members import topic_phrase
from assistant.retrieval.names import named_papers, without_names
from assistant.retrieval.plan import Plan
from assistant.retrieval.selection import Selection
from assistant.retrieval.terms import Statistics, content_terms, coverage, inverse_document_frequencies

# A first paper that does not stand out leaves room for the alternatives.
UNSURE_SENTENCES, UNSURE_WORDS = 2, 50
UNSURE_WORTH = 0.05  # a second sentence must come as near as that to the first
ALSO_CLOSE = 0.55  # in score behind the first, down to which another paper is named beside it
LISTED_WORDS = 45
COMPARED_SENTENCES, COMPARED_WORDS = 2, 60
_OVERVIEW = "overview"  # a question for a paper as a whole
_ASKED_WORTH = 0.15  # what is asked of each matter in a few words comes near to many a sentence
# Of what a paper does, one sentence often only says what the method is called.
_ON_MATTER_WORTH = 0.4
# The share, by rarity, of a matter's words that what a paper does has where it is on that matter.
_ON_MATTER = 2 / 3
# Where papers are listed, or one was found by its content, what the authors do tells more than the
# background they give.
OWN_VOICE, LISTED_OWN_VOICE, FOUND_OWN_VOICE, COMPARED_OWN_VOICE = 0.15, 0.25, 0.2, 0.45


_ONE_PAPER = re.compile(r"\b(?:paper|study|article|abstract|authors?|by name|according)\b", re.I)
_HOW_MANY = re.compile(r"\bhow (?:many|much)\b", re.I)
_AGE = re.compile(
    r"\b(?:newer|older|earlier|later|more recent|newest|oldest|(?:came|appeared|published) (?:out )?first)\b",
    re.I,
)


class ExtractiveWriter:
    """Writes extractive drafts; holds what ranking sentences needs."""

    def __init__(self, statistics: Statistics, similarities: Similarities, rough: Similarities) -> None:
        """`rough` similarities, which cost less, serve where one sentence of many papers is chosen."""
        self._statistics, self._similarities, self._rough = statistics, similarities, rough

    def write(self, plan: Plan, selection: Selection) -> Draft:
        """Answer `plan` from the selected papers.

        The draft's kind is "refusal" when the paper that is asked about does not say it.
        """
        if selection.outcome == "list":
            return self._list(plan, selection)
        if selection.outcome == "compare":
            return self._compare(plan, selection.papers, selection.left_out)
        return self._answer(plan, selection)

    def add(self, draft: Draft, question: str, scored: ScoredPaper) -> Draft:
        """`draft`, which cites one paper, with what the abstract of that says to a second question."""
        choice = self.choose(question, scored, MAX_SENTENCES, MAX_WORDS)
        found = None if choice.whole else self._support(question, scored, choice)
        if not choice.sentences or (found and found.doubt > REFUSED and (found.names or not found.unmet)):
            text = f"{draft.text}\n\nThe abstract does not say the rest: {quote(question)}"
            return replace(draft, text=text, kind="refusal" if draft.kind == "refusal" else "partial")
        doubtful = found is not None and found.doubtful
        before = reservation(found.unmet, found.lacking) if found and doubtful else ""
        writer = DraftWriter()
        self._quotes(writer, scored.paper, choice)
        said, (first,) = writer.draft(), draft.citations
        evidence = {(e.start, e.end): e for e in (*first.evidence, *said.citations[0].evidence)}
        return replace(
            draft,
            text=f"{draft.text}\n\n{before}> {said.text}",
            citations=(replace(first, evidence=tuple(evidence[place] for place in sorted(evidence))),),
            sentences=(*draft.sentences, *said.sentences),
            kind="answer" if draft.kind == "catalogue" and not doubtful else "partial",
        )

    def choose(
        self,
        question: str,
        scored: ScoredPaper,
        sentences: int,
        words: int,
        own_voice: float = 0.0,
        worth: float = WORTH,
        *,
        named: bool = True,
        alone: bool = False,
    ) -> Choice:
        return choose_sentences(
            question,
            scored.paper,
            scored.sentences,
            self._statistics,
            self._rough if sentences == 1 else self._similarities,
            sentences,
            words,
            own_voice,
            worth,
            named=named,
            alone=alone,
        )

    def _answer(self, plan: Plan, selection: Selection) -> Draft:
        first = selection.papers[0]
        if not selection.sure:
            choice = self.choose(
                plan.topic,
                first,
                UNSURE_SENTENCES,
                UNSURE_WORDS,
                OWN_VOICE,
                UNSURE_WORTH,
                named=selection.named or bool(plan.focus),
            )
            return self._alternatives(plan, selection, choice)
        if plan.absent:
            writer = DraftWriter()
            writer.say(no_such_paper(plan.absent, about=bool(plan.either)))
            asked = re.sub("|".join(map(re.escape, plan.absent)), " ", plan.topic)
            matter = plan.either[0] if plan.either else ""
            self._section(writer, first.paper, self._side(plan, matter, asked, first))
            return writer.draft("partial", selection.left_out)
        meant = selection.named or bool(plan.focus)
        voice = 0.0 if meant or _asks_for_detail(plan) else FOUND_OWN_VOICE
        choice = self.choose(plan.topic, first, 1 if plan.brief else MAX_SENTENCES, MAX_WORDS, voice)
        found = None if choice.whole else self._support(plan.topic, first, choice)
        # Where only the kind of answer is not there, what the abstract says instead is worth quoting, and
        # so is a paper that was found and not named: it may be the right one in other words.
        if selection.named and found and found.doubt > REFUSED and (found.names or not found.unmet):
            return not_stated(first.paper, missing=found.lacking)
        writer = DraftWriter()
        if found and found.unmet and (spoken := self._spoken_of(plan, first, found.unmet, found.lacking)):
            if found.unmet.kind == "number":
                # A sentence without the number must not be read as the answer.
                writer.say(reservation(found.unmet, ()))
                self._section(writer, first.paper, spoken)
            else:
                self._section(writer, first.paper, spoken)
                writer.say(UNSAID)
            return writer.draft("partial", selection.left_out)
        # A paper that was found, not named, may be the right one in other words.
        if found and found.doubtful and (meant or found.names or found.asked):
            writer.say(reservation(found.unmet, found.lacking))
            self._section(writer, first.paper, choice)
            return writer.draft("partial", selection.left_out)
        if not selection.near:
            writer.say(only_near(selection.lacking))
        self._section(writer, first.paper, choice)
        return writer.draft("answer" if selection.near else "partial", selection.left_out)

    def _spoken_of(
        self, plan: Plan, scored: ScoredPaper, expected: Expected, lacking: Sequence[str]
    ) -> Choice | None:
        """The sentence on what is asked for, where that is all that the abstract lacks of it."""
        texts = [readable(sentence.text) for sentence in scored.sentences]
        on_it = on_the_matter(expected, texts, self._statistics)
        if not on_it or beside(expected, lacking):
            return None
        sentences = tuple(sentence for i, sentence in enumerate(scored.sentences) if i in on_it)
        return self.choose(plan.topic, replace(scored, sentences=sentences), 1, MAX_WORDS)

    def _support(self, question: str, scored: ScoredPaper, choice: Choice) -> Support:
        likely = {
            i
            for i, sentence in enumerate(scored.sentences)
            if any(sentence.start <= part.start and part.end <= sentence.end for part in choice.sentences)
        }
        texts = [readable(sentence.text) for sentence in scored.sentences]
        return support(question, scored.paper, texts, likely, self._statistics)

    def _alternatives(self, plan: Plan, selection: Selection, choice: Choice) -> Draft:
        """Several papers may be meant: the first is quoted, the others are named."""
        writer = DraftWriter()
        first, *others = selection.papers
        called = {p.paper_id for p in named_papers(plan.standalone, [o.paper for o in others])}
        called.update(plan.focus)
        others = [o for o in others if o.paper.paper_id in called or first.score - o.score <= ALSO_CLOSE]
        found = self._support(plan.topic, first, choice)
        # Where no paper is named, a number says nothing of "how many tokens" if none speaks of tokens.
        unspoken = None if found.kind_given or not _HOW_MANY.search(plan.standalone) else found.asked
        asks = plan.intent in ("answer", "compare")  # "which model won the comparison of ten?"
        unmet = None if choice.whole or not asks else found.unmet or unspoken
        near = selection.near and not unmet
        if not selection.near:
            nearest = [s.paper for s in selection.papers]
            apart = never_together(plan.topic, nearest, self._statistics)
            writer.say(only_near(selection.lacking, apart))
        elif unmet:
            writer.say(reservation(unmet, found.names))
        self._section(writer, first.paper, choice)
        for i, other in enumerate(others):
            writer.say("; " if i else "\n\nAlso close: ")
            self._mention(writer, plan.topic, other)
        writer.say("." if others else "")
        return writer.draft("answer" if near else "partial", selection.left_out)

    def _section(self, writer: DraftWriter, paper: Paper, choice: Choice) -> None:
        writer.say(writer.title(paper))
        if choice.sentences:
            writer.say("\n\n> ")
            self._quotes(writer, paper, choice)
        else:
            writer.state(" has no abstract in this corpus.", paper, ("display_title",))

    def _quotes(self, writer: DraftWriter, paper: Paper, choice: Choice) -> None:
        for i, sentence in enumerate(choice.sentences):
            writer.say(" " if i else "")
            writer.quote(paper, sentence.start, sentence.end)

    def _mention(self, writer: DraftWriter, question: str, scored: ScoredPaper) -> None:
        best = self.choose(question, scored, 1, LISTED_WORDS, OWN_VOICE).sentences
        for sentence in best:
            writer.support(scored.paper, sentence.start, sentence.end)
        writer.mention(scored.paper, () if best else ("display_title",))

    def _list(self, plan: Plan, selection: Selection) -> Draft:
        writer = DraftWriter()
        papers, near = selection.papers, selection.near
        records = [s.paper for s in papers]
        if found := comparisons(plan.standalone, papers, self._statistics):
            papers, near = found.papers, near and found.outright
            selection = replace(selection, matched=selection.matched - len(records) + len(papers))
        lacking = selection.lacking
        apart: tuple[str, ...] = ()
        if not lacking and not selection.certain:
            held = held_by_each(plan.topic, records, self._statistics)
            matter = " ".join(plan.either) or plan.topic
            lacking = unmentioned(matter, records, self._statistics, held)
            apart = () if lacking or near else never_together(plan.topic, records, self._statistics, held)
        if found and not found.outright:
            writer.say(compares_nothing(found.thing))
        elif near and not lacking:
            writer.say(_list_heading(len(papers), selection.matched, plan))
        else:
            near = False
            writer.say(only_near(lacking, apart).removesuffix("\n"))
        if plan.of_people:
            write_people(writer, [s.paper for s in papers])
        else:
            self._listed(writer, plan, papers)
        return writer.draft("answer" if near else "partial", selection.left_out)

    def _listed(self, writer: DraftWriter, plan: Plan, papers: Sequence[ScoredPaper]) -> None:
        for scored in papers:
            phrase = self._topic_of(plan, scored.paper)
            voice = OWN_VOICE if phrase is None else LISTED_OWN_VOICE
            choice = self.choose(phrase or plan.topic, scored, 1, LISTED_WORDS, voice, named=phrase is None)
            self._item(writer, scored.paper, choice)

    def _topic_of(self, plan: Plan, paper: Paper) -> str | None:
        """The phrase that a list is on; of several, the one that `paper` has the words of."""
        if not plan.either:
            return topic_phrase(plan.topic)
        text = set(self._statistics.analyze(readable(f"{paper.display_title}. {paper.abstract}")))
        held = (t for t in plan.either if text.issuperset(self._statistics.analyze(t)))
        return next(held, None) or topic_phrase(plan.topic)

    def _compare(self, plan: Plan, papers: Sequence[ScoredPaper], left_out: Sequence[str]) -> Draft:
        writer = DraftWriter()
        if _AGE.search(plan.standalone) and not plan.either:
            for scored in sorted(papers, key=lambda s: s.paper.published or "", reverse=True):
                writer.say("\n- ")
                dated = f"is dated {scored.paper.published}" if scored.paper.published else "has no date here"
                writer.state(f"{writer.title(scored.paper)} {dated}", scored.paper, ("published",))
            return writer.draft("catalogue" if all(s.paper.published for s in papers) else "partial")
        if plan.absent:
            writer.say(no_such_paper(plan.absent, about=bool(plan.either)).removesuffix("\n"))
        told = not plan.absent
        # "Are they open source?" after a comparison, which itself is asked for what the papers say at all.
        of_each = bool(plan.focus) and not plan.either and COMPARE.search(plan.standalone) is None
        for scored, matter in zip(papers, plan.either or ("",) * len(papers), strict=True):
            question = _without_others(plan.standalone, scored.paper, papers)
            choice = self._side(plan, matter, question, scored)
            asked, said = plan.also or question, ""
            # Of a comparison only a kind of answer is looked for: how the papers compare, neither says.
            if choice.sentences and not choice.whole and (of_each or expected_answer(asked) is not None):
                found = self._support(asked, scored, choice)
                unmet = found.unmet or (None if found.kind_given else found.asked)
                lacking = found.lacking if of_each and found.doubtful else ()
                if unmet or (of_each and found.doubtful):
                    said = reservation(unmet, lacking).replace("\n\n", " ")
            told = told and not said
            self._item(writer, scored.paper, choice, f"On “{quote(matter)}”, " if matter else "", said)
        return writer.draft("answer" if told else "partial", left_out)

    def _side(self, plan: Plan, matter: str, question: str, scored: ScoredPaper) -> Choice:
        """What a paper of a comparison says of the `question`, or of the `matter` that it stands for.

        Of a matter of which nothing else is asked, what the paper does is told, if that is on it at all.
        """

        def choose(
            text: str, voice: float = OWN_VOICE, worth: float = WORTH, *, named: bool = True
        ) -> Choice:
            return self.choose(
                text, scored, COMPARED_SENTENCES, COMPARED_WORDS, voice, worth, named=named, alone=True
            )

        if plan.also and matter:
            return choose(plan.also, worth=_ASKED_WORTH)
        if not matter:
            return choose(question)
        does = choose(_OVERVIEW, worth=_ON_MATTER_WORTH)
        told = readable(" ".join([scored.paper.display_title, *(s.text for s in does.sentences)]))
        terms = content_terms(matter, self._statistics)
        weights = inverse_document_frequencies(terms, self._statistics)
        if coverage(terms, self._statistics.analyze(told), weights) >= _ON_MATTER:
            return does
        return choose(matter, COMPARED_OWN_VOICE, named=False)

    def _item(
        self, writer: DraftWriter, paper: Paper, choice: Choice, lead: str = "", said: str = ""
    ) -> None:
        writer.say(f"\n- {lead}{writer.title(paper)}")
        if not choice.sentences:
            writer.state(" has no abstract in this corpus", paper, ("display_title",))
            return
        writer.say(f": {said}")
        self._quotes(writer, paper, choice)


def _asks_for_detail(plan: Plan) -> bool:
    """Whether one thing of a paper is asked for, rather than what there is on a matter described."""
    return bool(
        plan.filters or "?" in plan.question or _ONE_PAPER.search(plan.topic) or expected_answer(plan.topic)
    )


def _list_heading(shown: int, matched: int, plan: Plan) -> str:
    counted = "One paper" if matched == 1 else f"{matched} papers"
    order = ("oldest" if plan.oldest_first else "newest") if plan.by_date else "closest"
    number = f"{shown} " if shown > 1 else ""
    first = f", the {number}{order}" if shown < matched else f", {order} first" if plan.by_date else ""
    heading = f"{counted} on this{restriction(plan)}{first}:\n"
    return f"The authors of {heading[0].lower()}{heading[1:]}" if plan.of_people else heading


def _without_others(question: str, paper: Paper, papers: Sequence[ScoredPaper]) -> str:
    """The question without the names of the other compared papers."""
    return without_names(question, [s.paper for s in papers if s.paper is not paper])
