"""Themes written by a language model, under the same checks as an answer.

Each theme is written from its papers' passages (map), the opening paragraph from the finished themes
by LlamaIndex's tree synthesis (reduce), which folds as often as the model's window needs it. Numbers
in a prompt are resolved in code to the summary's own; a sentence that its papers do not support is
left out and counted, and a theme of which nothing stays is quoted instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from llama_index.core.llms import LLM, ChatMessage, MessageRole
from llama_index.core.prompts import ChatPromptTemplate
from llama_index.core.response_synthesizers import TreeSummarize

from assistant.answering.budget import Fitted, Passage, count_tokens, fit_passages
from assistant.answering.citations import resolve, split_answer, without_pieces
from assistant.answering.generative import Draft, Generation, finish, preview, token_budget
from assistant.answering.poison import disarm
from assistant.answering.prompting import as_data, ask
from assistant.answering.verdicts import Embed
from assistant.models import AnswerSentence, Evidence, ScoredPaper, ScoredSentence, Usage
from assistant.summaries.drafts import Drafts, Written
from assistant.summaries.model import Theme
from assistant.summaries.quoting import WrittenTheme, quote_theme
from assistant.summaries.selection import Candidate, Vectors
from prompts import Prompt, render, version

MOST_QUOTED = 20  # papers from which on each is quoted with one sentence
MOST_PARAGRAPHS = 4  # of one theme; papers beyond them are quoted
PROMPTS = ("summary_theme", "summary_overview")

_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")


def prompt_version() -> str:
    """The versions of the prompts that summaries are written with."""
    return "+".join(version(name) for name in PROMPTS)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A checked paragraph with the summary's own numbers; `left_out` sentences were not supported."""

    text: str
    sentences: tuple[AnswerSentence, ...]
    evidence: Mapping[int, tuple[Evidence, ...]]
    left_out: int = 0


class ThemeWriter:
    """Writes one summary; `usage` grows with it. What it asks before failing is kept in `drafts`."""

    def __init__(self, llm: LLM, embed: Embed, drafts: Drafts) -> None:
        self._llm, self._embed, self._drafts = llm, embed, drafts
        self._asked: list[Prompt] = []
        self.usage = Usage()

    @property
    def model(self) -> str:
        return str(self._llm.metadata.model_name)

    def write(
        self, topic: str, heading: str, papers: Mapping[int, Candidate], vector: Vectors, quoted: WrittenTheme
    ) -> Iterator[str | WrittenTheme]:
        """Yield the theme's text as it grows, then the checked theme.

        `quoted` is the theme in the papers' own sentences: it stands in where nothing that the model
        writes holds. Papers that the model does not cite are quoted below its paragraphs.

        Raises:
            ProviderError: while iterating.
        """
        numbers = {c.paper.paper_id: n for n, c in papers.items()}
        left = [_scored(c, vector) for n, c in papers.items() if n in quoted.told]
        paragraphs: list[Paragraph] = []
        while left and len(paragraphs) < MOST_PARAGRAPHS:
            fitted = fit_passages(left, token_budget(self._llm), self.model)
            prompt = render(
                "summary_theme", topic=as_data(topic), theme=as_data(heading), passages=fitted.text
            )
            before = "".join(f"{p.text}\n\n" for p in paragraphs)
            for part in self._answered(prompt, fitted):
                if isinstance(part, Written):
                    draft = finish(part.text, fitted, self._embed, truncated=part.truncated)
                    paragraphs.append(_checked(draft, numbers))
                else:
                    order = [numbers[p.paper_id] for p in resolve(part, fitted.offered).order]
                    yield before + _renumbered(preview(part, fitted), order)
            left = left[len(fitted.passages) :]
        yield _theme(heading, paragraphs, papers, vector, quoted)

    def overview(
        self, topic: str, themes: Sequence[Theme], papers: Mapping[int, Candidate]
    ) -> Iterator[str | Paragraph]:
        """Yield the opening paragraph as it grows, then checked; it cites what the themes cite.

        Raises:
            ProviderError: while iterating.
        """
        parts = [as_data(f"{theme.heading}: {theme.text}") for theme in themes]
        cited = {int(n) for theme in themes for n in _MARKER.findall(theme.text)}
        fitted = Fitted(tuple(_passage(n, papers[n]) for n in sorted(cited)), ())
        numbers = {p.paper.paper_id: p.number for p in fitted.passages}
        prompt = render("summary_overview", topic=as_data(topic), parts="\n\n".join(parts))
        self._asked.append(prompt)
        written = self._drafts.find(self.model, prompt)
        if written is None:
            text = ""
            for token in self._folded(topic, parts):
                text += token
                order = [numbers[p.paper_id] for p in resolve(text, fitted.offered).order]
                yield _renumbered(preview(text, fitted), order)
            asked = count_tokens(f"{prompt.system}\n{prompt.user}", self.model)
            written = Written(text, False, Usage(asked, count_tokens(text, self.model)))
            self._drafts.keep(self.model, prompt, written)
        self._count(written.usage)
        yield _checked(finish(written.text, fitted, self._embed), numbers)

    def finished(self) -> None:
        """The summary is whole: its drafts are forgotten."""
        self._drafts.drop(self.model, self._asked)

    def _answered(self, prompt: Prompt, fitted: Fitted) -> Iterator[str | Written]:
        """Yield the model's words so far, and its whole answer last."""
        self._asked.append(prompt)
        written = self._drafts.find(self.model, prompt)
        if written is None:
            generation = Generation(ask(prompt, self._llm), fitted, prompt, self.model)
            try:
                for _ in generation:
                    yield generation.text
            finally:
                generation.close()
            written = Written(generation.text, generation.truncated, generation.usage)
            self._drafts.keep(self.model, prompt, written)
        self._count(written.usage)
        yield written

    def _folded(self, topic: str, parts: Sequence[str]) -> Iterator[str]:
        """The words of LlamaIndex's tree synthesis over the parts."""
        frame = render("summary_overview", topic=as_data(topic), parts="\0")
        system, user = (text.replace("{", "{{").replace("}", "}}") for text in (frame.system, frame.user))
        messages = [
            ChatMessage(role=MessageRole.SYSTEM, content=system),
            ChatMessage(role=MessageRole.USER, content=user.replace("\0", "{context_str}")),
        ]
        tree = TreeSummarize(
            llm=self._llm, summary_template=ChatPromptTemplate(message_templates=messages), streaming=True
        )
        answer = tree.get_response(topic, list(parts))
        yield from (answer,) if isinstance(answer, str) else cast("Iterator[str]", answer)

    def _count(self, usage: Usage) -> None:
        total = self.usage
        self.usage = Usage(
            total.prompt_tokens + usage.prompt_tokens, total.completion_tokens + usage.completion_tokens
        )


def _scored(candidate: Candidate, vector: Vectors) -> ScoredPaper:
    text, near = candidate.paper.abstract, candidate.sentences @ vector
    return ScoredPaper(
        candidate.paper,
        float(candidate.vector @ vector),
        sentences=tuple(
            ScoredSentence(text[s.start : s.end], s.start, s.end, float(n))
            for s, n in zip(candidate.spans, near, strict=True)
        ),
    )


def _passage(number: int, candidate: Candidate) -> Passage:
    scored = _scored(candidate, candidate.vector)
    return Passage(number, scored, disarm(scored), "")


def _renumbered(text: str, order: Sequence[int]) -> str:
    """`text` with its marker [k] as the k-th number of `order`."""
    return _MARKER.sub(lambda m: f"[{order[int(m[1]) - 1]}]" if int(m[1]) <= len(order) else "", text)


def _checked(draft: Draft, numbers: Mapping[str, int]) -> Paragraph:
    """What holds of a draft, with the numbers that `numbers` gives to paper ids."""
    if draft.refused or draft.uncited:
        return Paragraph("", (), {}, len(draft.sentences))
    order = [numbers[c.paper.paper_id] for c in draft.citations]
    pieces = split_answer(draft.text)
    checked = list(zip(pieces, draft.sentences, strict=True))
    bad = [p for p, s in checked if not p.numbers or s.verdict not in ("supported", "weak")]
    kept = [s for p, s in checked if p not in bad]
    if not kept:
        return Paragraph("", (), {}, len(bad))
    sentences = tuple(
        AnswerSentence(_renumbered(s.text, order), tuple(order[n - 1] for n in s.citations), s.verdict)
        for s in kept
    )
    cited = {n for s in sentences for n in s.citations}
    evidence = {order[c.number - 1]: c.evidence for c in draft.citations}
    return Paragraph(
        _renumbered(without_pieces(draft.text, bad), order),
        sentences,
        {n: evidence[n] for n in sorted(cited)},
        len(bad),
    )


def _theme(
    heading: str,
    paragraphs: Sequence[Paragraph],
    papers: Mapping[int, Candidate],
    vector: Vectors,
    quoted: WrittenTheme,
) -> WrittenTheme:
    """The paragraphs that hold, and below them a quotation of each paper that they do not cite."""
    left_out = sum(p.left_out for p in paragraphs)
    kept = [p for p in paragraphs if p.text]
    if not kept:
        note = f"On {heading!r} the model wrote nothing that holds; their own sentences stand instead."
        return replace(quoted, notes=(note,))
    cited = {n for p in kept for n in p.evidence}
    rest = {n: c for n, c in papers.items() if n not in cited}
    below = quote_theme(heading, rest, vector, MOST_QUOTED, 1) if rest else None
    evidence = dict(below.evidence) if below else {}
    for paragraph in kept:
        for number, its in paragraph.evidence.items():
            evidence[number] = tuple(dict.fromkeys((*evidence.get(number, ()), *its)))
    texts = [p.text for p in kept] + ([below.theme.text] if below else [])
    sentences = [s for p in kept for s in p.sentences] + list(below.sentences if below else ())
    notes: tuple[str, ...] = ()
    if left_out:
        notes = (f"On {heading!r}: sentences of the model that no paper supports were left out: {left_out}.",)
    theme = Theme(heading, "\n\n".join(texts), tuple(papers))
    return WrittenTheme(theme, evidence, tuple(sentences), notes, quoted.told)
