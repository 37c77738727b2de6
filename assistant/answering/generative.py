"""Answers written by a language model from numbered passages.

`generate` streams the model's words, `finish` makes a checked draft of them.
`GenerativeSynthesizer` is the same behind LlamaIndex's interface.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from llama_index.core.base.response.schema import StreamingResponse
from llama_index.core.llms import LLM, ChatResponseGen
from llama_index.core.response_synthesizers.base import BaseSynthesizer
from llama_index.core.schema import NodeWithScore, QueryType
from llama_index.core.types import RESPONSE_TEXT_TYPE

from assistant.answering.budget import Fitted, count_tokens, fit_passages
from assistant.answering.citations import (
    Resolved,
    build_citations,
    renumber,
    resolve,
    resolve_prefix,
    split_answer,
    without_pieces,
)
from assistant.answering.features import features
from assistant.answering.prompting import as_data, ask, without_thoughts
from assistant.answering.verdicts import Check, Embed, check_sentence, claims_nothing, declines, find_support
from assistant.models import AnswerSentence, Citation, Evidence, Paper, ScoredPaper, Usage
from prompts import Prompt, render

__all__ = [
    "Draft",
    "Generation",
    "GenerativeSynthesizer",
    "finish",
    "generate",
    "preview",
    "token_budget",
]

MAX_PASSAGE_TOKENS = 6000  # beyond it, answers get slower and dearer, not better
ANSWER_RESERVE = 600  # tokens kept free for the answer
BARE_STEMS = 2  # "The papers do not provide information"
TELLING_STEMS = 3  # "HACKED status" claims nothing that could be checked
PREVIEW_FROM = 45  # characters after which an answer that may be a refusal is told from one

_WORD = re.compile(r"\w+")
# How refusals begin; what begins like one is not shown until it is clear that it is none.
_MAY_REFUSE = re.compile(r"^\W*(?:the|i|no|none|there|sorry|unfortunately|however|it)\b", re.IGNORECASE)
_PREAMBLE = re.compile(r"^\s*(?:\*\*)?(?:answer|response|assistant)(?:\*\*)?\s*:(?:\*\*)?\s*", re.IGNORECASE)
# 'Passage number "1" states that pruning' says no more than "Pruning", and its 1 is no figure.
_SAYS_THAT = re.compile(
    r"(?:^|(?<=[.!?\]] )|(?<=\n))(?:the\s+)?(?:passage|abstract|source)\s+(?:number\s+)?"
    r"[\"“'#]?\d{1,2}[\"”']?\s+(?:states|says|mentions|reports|notes|indicates)\s+that\s+(\w)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:it|its|they|their|this|these)\b", re.IGNORECASE)
# Possessive, and from the last of several line ends: a model may be stuck in blanks or line ends for pages.
_SOURCE_LIST = re.compile(
    r"\n[^\S\n]*+(?:[#*_]++\s*+)?(?:references|sources|citations|passages(?:\s+used)?)[^\S\n]*+[*_]*+[^\S\n]*+:?[^\S\n]*+[*_]*+[^\S\n]*+\n.*\Z"
    r"|\n(?![^\S\n]*+\n)(?:\s*(?:[-*]\s*)?\[\d+\]:?\s+(?:title:|authors?:)[^\n]*)+\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
# What follows the answer in a model's imagination: another turn, or the frame of its prompt.
_NEW_TURN = re.compile(
    r"\n[^\S\n]*(?:question|user|human|system|assistant)\s*:.*\Z|<\|[\w ]{1,30}\|>.*\Z|</?passage\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What became of a model's words.

    `refused`: the model said that the papers do not answer; `text` is then "". `partial`: it
    said so of a part. `uncited`: no sentence that says something has a citation that holds, so
    the answer should not be shown. `verified`: at least one is supported. `dropped` counts numbers
    that were not offered, `added` citations that the check found. `left_out` are ids of papers
    that did not fit the prompt.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    sentences: tuple[AnswerSentence, ...] = ()
    dropped: int = 0
    added: int = 0
    refused: bool = False
    partial: bool = False
    uncited: bool = False
    verified: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the answer should know of how it was mended."""
        if not self.dropped:
            return ()
        if self.dropped == 1:
            return ("The model cited a number that stands for no paper; it was taken out.",)
        return (f"The model cited {self.dropped} numbers that stand for no paper; they were taken out.",)


class Generation(Generator[str, None, None]):
    """The model's words as they come; iterate once. Closing it ends the request.

    `text`, `usage` and `truncated` (the answer ran into the token limit) grow with the
    iteration and are complete after it. `fitted` are the passages the model was offered.
    """

    def __init__(self, responses: ChatResponseGen, fitted: Fitted, prompt: Prompt, model: str) -> None:
        self.fitted = fitted
        self.text = ""
        self.truncated = False
        self._counted: tuple[int, int] | None = None
        self._prompt = prompt
        self._model = model
        self._responses = responses

    def send(self, _value: None, /) -> str:
        for response in self._responses:
            extra = response.additional_kwargs
            if extra.get("prompt_tokens") or extra.get("completion_tokens"):
                self._counted = (int(extra["prompt_tokens"] or 0), int(extra["completion_tokens"] or 0))
            self.truncated = self.truncated or extra.get("finish_reason") == "length"
            if response.delta:
                self.text += response.delta
                return response.delta
        raise StopIteration

    def throw(self, typ: Any, val: Any = None, _tb: Any = None, /) -> str:
        self._responses.close()
        raise typ if val is None else val

    def close(self) -> None:
        self._responses.close()

    @property
    def usage(self) -> Usage:
        """As the server counted; estimated with tiktoken where it did not."""
        if self._counted:
            return Usage(*self._counted)
        asked = f"{self._prompt.system}\n{self._prompt.user}"
        return Usage(count_tokens(asked, self._model), count_tokens(self.text, self._model))


def token_budget(llm: LLM) -> int:
    """Tokens that the passages of a prompt may take with this model."""
    frame = render("answer", passages="", question="")
    fixed = count_tokens(frame.system + frame.user, llm.metadata.model_name) + ANSWER_RESERVE + 150
    return max(300, min(MAX_PASSAGE_TOKENS, llm.metadata.context_window - fixed))


def generate(
    question: str, papers: Sequence[ScoredPaper], llm: LLM, *, budget: int | None = None
) -> Generation:
    """Ask the model to answer from `papers`, best first; `budget` tokens for the passages.

    Raises:
        ProviderError: while iterating.
    """
    fitted = fit_passages(papers, budget or token_budget(llm), llm.metadata.model_name)
    prompt = render("answer", passages=fitted.text, question=as_data(question))
    return Generation(ask(prompt, llm), fitted, prompt, llm.metadata.model_name)


def preview(raw: str, fitted: Fitted) -> str:
    """What may be shown of an answer that is still being written; "" while it may be a refusal."""
    text = _cleaned(raw)
    undecided = len(text) < 8 or (len(text) < PREVIEW_FROM and _MAY_REFUSE.match(text))
    if undecided or declines(text.split(". ")[0]):
        return ""
    return resolve_prefix(text, fitted.offered)


def finish(raw: str, fitted: Fitted, embed: Embed, *, truncated: bool = False) -> Draft:
    """Resolve the citations of a model's answer, check each sentence, add what the check finds."""
    text = _cleaned(raw)
    if truncated:
        text = _without_half_sentence(text)
    resolved, refusing = _without_bare_refusals(resolve(text, fitted.offered))
    resolved, added = _cite_uncited(resolved, fitted, embed)
    resolved = _without_padding(resolved)
    sentences, checks = _check(resolved, embed)
    verified = any(s.verdict == "supported" and s.citations for s in sentences)
    tenable = any(s.verdict in ("supported", "weak") and s.citations for s in sentences)
    declined = any(declines(s.text) for s in sentences)
    if not sentences or (refusing and not verified) or (declined and not tenable):
        return Draft("", refused=True, dropped=resolved.dropped, left_out=fitted.left_out)
    telling = (
        s.verdict in ("supported", "weak") and _tells(s.text, [resolved.order[n - 1] for n in s.citations])
        for s in sentences
    )
    return Draft(
        text=resolved.text.strip(),
        citations=_citations(resolved, checks, fitted),
        sentences=sentences,
        dropped=resolved.dropped,
        added=added,
        partial=declined,
        uncited=not any(telling),
        verified=verified,
        left_out=fitted.left_out,
    )


class GenerativeSynthesizer(BaseSynthesizer):
    """`generate` as a LlamaIndex response synthesizer, for its query engine.

    `papers_of` gives the ranked papers behind LlamaIndex's nodes. `synthesize` returns a
    StreamingResponse whose `response_gen` is a `Generation`: the model's raw words, for
    `preview` and `finish`. With no nodes nothing is asked: decide on that before.
    """

    def __init__(
        self,
        llm: LLM,
        papers_of: Callable[[Sequence[NodeWithScore]], Sequence[ScoredPaper]],
        *,
        budget: int | None = None,
    ) -> None:
        super().__init__(llm=llm, streaming=True)
        self._papers_of = papers_of
        self._budget = budget

    def synthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,  # noqa: ARG002  LlamaIndex's signature
    ) -> StreamingResponse:
        question = query if isinstance(query, str) else query.query_str
        generation = generate(question, self._papers_of(nodes), self._llm, budget=self._budget)
        return StreamingResponse(
            response_gen=generation, source_nodes=[*nodes, *(additional_source_nodes or ())]
        )

    def get_response(self, query_str: str, text_chunks: Sequence[str], **kwargs: Any) -> RESPONSE_TEXT_TYPE:
        raise NotImplementedError("papers, not text chunks, are synthesized: call synthesize")

    async def aget_response(
        self, query_str: str, text_chunks: Sequence[str], **kwargs: Any
    ) -> RESPONSE_TEXT_TYPE:
        raise NotImplementedError("this project is synchronous: call synthesize")

    def _get_prompts(self) -> dict[str, Any]:
        return {}  # prompts are files: see the package `prompts`

    def _update_prompts(self, prompts_dict: Any) -> None:
        raise NotImplementedError("edit prompts/answer.md instead")


def _cleaned(raw: str) -> str:
    """The answer proper: no thoughts, no "Answer:", no list of sources, no invented next turn."""
    text = _NEW_TURN.sub("", without_thoughts(raw))
    text = _SOURCE_LIST.sub("", _PREAMBLE.sub("", text)).strip()
    return _SAYS_THAT.sub(lambda m: m[1].upper(), text)


def _without_half_sentence(text: str) -> str:
    """An answer that ran into the token limit, to its last full stop; all of it if it has none."""
    end = max(text.rfind(stop) for stop in (". ", ".\n", "? ", "! ", "] ", "]\n"))
    return text if text.endswith((".", "!", "?", "]")) or end < 0 else text[: end + 1]


def _without_bare_refusals(resolved: Resolved) -> tuple[Resolved, bool]:
    """The text without sentences that only say "The papers do not say", and whether it had one.

    They name nothing that is missing: after an answer, a small model's habit.
    """
    pieces = split_answer(resolved.text)
    bare = [p for p in pieces if declines(p.text) and len(features(p.text).stems) <= BARE_STEMS]
    if not bare:
        return resolved, False
    again = renumber(without_pieces(resolved.text, bare), resolved.order)
    return Resolved(again.text, again.order, resolved.dropped), True


def _cite_uncited(resolved: Resolved, fitted: Fitted, embed: Embed) -> tuple[Resolved, int]:
    """Give each sentence that claims something and cites nothing the paper that supports it.

    What goes on with "It" or "This" can only be about the papers of the sentence before.
    """
    order = list(resolved.order)
    before: list[Paper] = []
    found: list[tuple[int, Paper]] = []
    for piece in split_answer(resolved.text):
        if piece.numbers:
            before = [resolved.order[n - 1] for n in piece.numbers]
            continue
        goes_on = before and _GOES_ON.match(piece.text)
        papers = before if goes_on else [passage.read.paper for passage in fitted.passages]
        paper = find_support(piece.text, papers, embed)
        if paper and _tells(piece.text, [paper]):
            found.append((piece.end, paper))
            before = [paper]
    text = resolved.text
    for end, paper in reversed(found):
        if paper.paper_id not in [p.paper_id for p in order]:
            order.append(paper)
        number = [p.paper_id for p in order].index(paper.paper_id) + 1
        text = f"{text[:end]} [{number}]{text[end:]}"
    if not found:
        return resolved, 0
    again = renumber(text, order)
    return Resolved(again.text, again.order, resolved.dropped), len(found)


def _without_padding(resolved: Resolved) -> Resolved:
    """The text without sentences that tell nothing: "Certainly!", "The number of its passage is [1]."

    Nor does what was said before with the same citations, which small models do without end. What
    announces a list, says that something is missing, or could be a claim stays: the last is marked as
    unsupported. So does what alone cites a paper.
    """
    pieces = split_answer(resolved.text)
    cited = Counter(number for p in pieces for number in p.numbers)
    said = Counter[tuple[str, tuple[int, ...]]]()
    padding = []
    for p in pieces:
        said[words := (" ".join(_WORD.findall(p.text.lower())), p.numbers)] += 1
        empty = claims_nothing(p.text) if p.numbers else not _tells(p.text, ())
        needed = any(cited[number] == 1 for number in p.numbers) or declines(p.text) or p.text.endswith(":")
        if said[words] > 1 or (empty and not needed):
            padding.append(p)
    if not padding or len(padding) == len(pieces):
        return resolved
    again = renumber(without_pieces(resolved.text, padding), resolved.order)
    return Resolved(again.text, again.order, resolved.dropped)


def _tells(sentence: str, cited: Sequence[Paper]) -> bool:
    """True when there is something to check in a sentence: a figure, three words, a cited paper's name.

    A bare word is found in an abstract too easily to count as supported by it.
    """
    found = features(sentence)
    if found.figures or len(found.stems) >= TELLING_STEMS:
        return True
    return bool(found.stems) and any(found.stems <= features(p.display_title).stems for p in cited)


def _check(resolved: Resolved, embed: Embed) -> tuple[tuple[AnswerSentence, ...], tuple[Check, ...]]:
    pieces = split_answer(resolved.text)
    checks = tuple(check_sentence(p.text, [resolved.order[n - 1] for n in p.numbers], embed) for p in pieces)
    sentences = (AnswerSentence(p.text, p.numbers, c.verdict) for p, c in zip(pieces, checks, strict=True))
    return tuple(sentences), checks


def _citations(resolved: Resolved, checks: Sequence[Check], fitted: Fitted) -> tuple[Citation, ...]:
    """Citations with the evidence the checks found; failing that, the passage's best sentence."""
    evidence: dict[str, list[Evidence]] = {}
    fields: dict[str, list[str]] = {}
    for trusted in (True, False):
        for check in checks:
            if (check.verdict in ("supported", "weak")) != trusted:
                continue
            for paper_id, found in check.evidence.items():
                if trusted or paper_id not in evidence:
                    evidence.setdefault(paper_id, []).extend(found)
            for paper_id, names in check.fields.items():
                fields.setdefault(paper_id, []).extend(names)
    for passage in fitted.passages:
        paper_id = passage.paper.paper_id
        if paper_id not in evidence and paper_id not in fields and passage.read.sentences:
            best = max(passage.read.sentences, key=lambda s: s.score)
            evidence[paper_id] = [Evidence(best.text, best.start, best.end)]
    catalogue = {p.paper.paper_id: p.paper for p in fitted.passages}
    papers = [catalogue[p.paper_id] for p in resolved.order]
    for paper in papers:  # verbatim, also where a stretch holds something that the model did not read
        spans = [(e.start, e.end) for e in evidence.get(paper.paper_id, ())]
        evidence[paper.paper_id] = [Evidence(paper.abstract[a:b], a, b) for a, b in spans]
    return build_citations(papers, evidence, fields)
