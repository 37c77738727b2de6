"""An `Assistant` without an engine: scripted answers over a corpus that tries to break out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.conversations import Conversations, conversations_file
from assistant.errors import ProviderError
from assistant.models import (
    Answer,
    AnswerSentence,
    Citation,
    Coverage,
    Evidence,
    Filters,
    Paper,
)
from assistant.summaries.model import Provenance, Summary, TableRow, Theme
from assistant.web.library import Library
from assistant.web.services import Services

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'

SAFARI = Paper(
    paper_id="p:safari",
    display_title="SAFARI: Sparsity enabled Federated Learning with Limited and Unreliable Communications",
    title="SAFARI: Sparsity enabled Federated Learning with Limited and Unreliable Communications",
    abstract=(
        "Federated learning (FL) enables edge devices to collaboratively learn a model. "
        "We propose \\textit{SAFARI}, a sparse framework, at a cost of $5 & p < 0.05. "
        "The results show that SAFARI can prune 80% of the weights without losing accuracy. "
        "It tolerates up to 60\\% of client updates missing in each round."
    ),
    authors=("Yuzhu Mao", "Zihao Zhao", "Meilin Yang"),
    et_al=True,
    published="2022-04-05",
    categories=("DC",),
    urls=("https://arxiv.org/abs/2204.02321", "https://github.com/example/safari"),
    has_code=True,
    sources=("000_listing.txt",),
)
HOSTILE_PAPER = Paper(
    paper_id="p:hostile",
    display_title=f"AQUILA: {HOSTILE} [click](javascript:alert(1))",
    title=f"AQUILA: {HOSTILE} [click](javascript:alert(1))",
    abstract=f"Before. {HOSTILE} ${{window.hacked=3}} {{{{constructor}}}} `x`. After.",
    authors=("Eve <b>Mallory</b>",),
    published="2023",
    categories=('"><svg onload=window.hacked=4>',),
    urls=("javascript:window.hacked=5", 'https://example.org/"onmouseover="window.hacked=6'),
    affiliation_tag="<i>lab</i>",
    sources=("<u>file</u>.txt",),
)
CORPUS = (SAFARI, HOSTILE_PAPER)


def evidence(paper: Paper, text: str) -> Evidence:
    start = paper.abstract.index(text)
    return Evidence(text, start, start + len(text))


def fake_services(folder: Path, library: Library | None = None) -> Services:
    """The services of a page whose conversations lie in `folder`; papers go into the library, if any."""
    return Services(Conversations(conversations_file(folder)), folder, library)


class FakeAssistant:
    """Streams word by word; "hostile" in the question brings the hostile paper, "unknown" a refusal."""

    answerer = "extractive"
    model = None
    description = "Extractive answers (no language model) · 2 papers"
    paper_count = len(CORPUS)

    def __init__(self, seconds_a_word: float = 0.03) -> None:
        self.seconds_a_word = seconds_a_word
        self.reset()

    def reset(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.filtered: list[Filters | None] = []
        self.closed = 0

    def papers(self) -> list[Paper]:
        return list(CORPUS)

    def filters_in(self, question: str) -> Filters:
        return Filters(year=2022) if "2022" in question else Filters()

    def ask(self, question: str, history: Sequence[str] = (), filters: Filters | None = None) -> Answer:
        *_, answer = self.stream(question, history, filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, history: Sequence[str] = (), filters: Filters | None = None
    ) -> Iterator[str | Answer]:
        self.asked.append((question, tuple(history)))
        self.filtered.append(filters)
        if "broken server" in question:
            raise ProviderError("the model's server does not answer; is it running?", retryable=True)
        if "broken code" in question:
            raise KeyError("x")
        answer = scripted_answer(question, tuple(history))
        if filters is not None:
            answer = replace(answer, filters=filters)
        finished = False
        try:
            words = answer.text.split(" ")
            for count in range(1, len(words) + 1):
                time.sleep(self.seconds_a_word)
                yield " ".join(words[:count])
            yield answer
            finished = True
        finally:
            self.closed += not finished

    def stream_summary(self, topic: str, filters: Filters | None = None) -> Iterator[Summary]:
        summary = self.summarize(topic)
        yield replace(summary, table=(), complete=False)
        yield summary

    def summarize(self, topic: str, filters: Filters | None = None) -> Summary:
        quote = evidence(
            SAFARI, "The results show that SAFARI can prune 80% of the weights without losing accuracy."
        )
        return Summary(
            topic=topic,
            kind="answer",
            text="### Sparse updates\n\nSAFARI prunes 80% of the weights [1].",
            provenance=Provenance(1, 2, "bundled", "2026-01-01"),
            themes=(Theme("Sparse updates <img src=x>", "SAFARI prunes 80% of the weights [1].", (1,)),),
            table=(TableRow(1, 2022, result=quote),),
            citations=(Citation(1, SAFARI, (quote,)),),
            notes=("One paper only.",),
        )


def scripted_answer(question: str, history: tuple[str, ...] = ()) -> Answer:
    common = {
        "question": question,
        "standalone_question": f"{question} (SAFARI)" if history else question,
        "answerer": "extractive",
        "model": None,
    }
    if "unknown" in question:
        text = "The papers do not say this. The closest ones are listed beside."
        return Answer(**common, kind="refusal", text=text, closest=CORPUS)
    if "hostile" in question:
        quote = HOSTILE_PAPER.abstract
        links = "![x](http://198.51.100.7/x.png) [y](javascript:alert(1))"
        text = f"AQUILA says: “{HOSTILE} {links}” [1]. Costs $5 and $6."
        return Answer(
            **common,
            kind="answer",
            text=text,
            citations=(Citation(1, HOSTILE_PAPER, (Evidence(quote, 0, len(quote)),)),),
            sentences=(AnswerSentence(text, (1,), "weak"),),
            notes=(f"A note {HOSTILE}",),
        )
    text = (
        "**SAFARI** can prune 80% of the weights without losing accuracy [1]. "
        "It tolerates up to 60% of client updates missing in each round [1][2]. "
    ) + "It goes on for a while so that streaming can be seen. " * (6 * question.count("slow"))
    return Answer(
        **common,
        kind="answer",
        text=text.strip(),
        filters=Filters(year=2022),
        citations=(
            Citation(
                1,
                SAFARI,
                (
                    evidence(
                        SAFARI,
                        "The results show that SAFARI can prune 80% of the weights without losing accuracy.",
                    ),
                    evidence(SAFARI, "It tolerates up to 60\\% of client updates missing in each round."),
                ),
            ),
            Citation(2, HOSTILE_PAPER, (evidence(HOSTILE_PAPER, "Before."),)),
        ),
        sentences=(
            AnswerSentence(
                "SAFARI can prune 80% of the weights without losing accuracy [1].", (1,), "supported"
            ),
            AnswerSentence(
                "It tolerates up to 60% of client updates missing in each round [1][2].", (1, 2), "weak"
            ),
        ),
        coverage=Coverage(matched=2, used=2),
    )
