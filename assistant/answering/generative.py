"""Answers written by a language model from numbered passages.

`generate` streams the model's words, `finish` makes a checked draft of them, `condense` turns a
follow-up into a question that stands alone. `GenerativeSynthesizer` is the same behind
LlamaIndex's interface.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from llama_index.core.base.response.schema import StreamingResponse
from llama_index.core.llms import LLM, ChatMessage, ChatResponseGen, MessageRole
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
from assistant.answering.features import features, strange_names
from assistant.answering.verdicts import Check, Embed, check_sentence, claims_nothing, declines, find_support
from assistant.models import AnswerSentence, Citation, Evidence, ScoredPaper, Usage
from prompts import Prompt, render

__all__ = [
    "Draft",
    "Generation",
    "GenerativeSynthesizer",
    "condense",
    "finish",
    "generate",
    "preview",
    "token_budget",
]

MAX_PASSAGE_TOKENS = 6000  # beyond it, answers get slower and dearer, not better
ANSWER_RESERVE = 600  # tokens kept free for the answer
CONDENSED_LIMIT = 400  # characters; a standalone question is one sentence
HISTORY_QUESTIONS = 6
BARE_STEMS = 2  # "The papers do not provide information"
PREVIEW_FROM = 45  # characters after which an answer that may be a refusal is told from one

# How refusals begin; what begins like one is not shown until it is clear that it is none.
_MAY_REFUSE = re.compile(r"^\W*(?:the|i|no|none|there|sorry|unfortunately|however|it)\b", re.IGNORECASE)
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.IGNORECASE | re.DOTALL)
_PREAMBLE = re.compile(r"^\s*(?:\*\*)?(?:answer|response)(?:\*\*)?\s*:(?:\*\*)?\s*", re.IGNORECASE)
_SOURCE_LIST = re.compile(
    r"\n\s*(?:[#*_]+\s*)?(?:references|sources|citations|passages(?:\s+used)?)\s*[*_]*\s*:?\s*[*_]*\s*\n.*\Z"
    r"|\n(?:\s*(?:[-*]\s*)?\[\d+\]:?\s+(?:title:|authors?:)[^\n]*)+\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_NEW_TURN = re.compile(r"\n\s*(?:question|user|human)\s*:.*\Z|</?passage\b[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Draft:
    """What became of a model's words.

    `refused`: the model said that the papers do not answer; `text` is then "". `partial`: it
    said so of a part. `uncited`: no sentence could be given a citation, so the answer should
    not be shown. `verified`: at least one cited sentence is supported. `dropped` counts numbers
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
    prompt = render("answer", passages=fitted.text, question=" ".join(question.split()))
    return Generation(_ask(prompt, llm), fitted, prompt, llm.metadata.model_name)


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
    sentences, checks = _check(resolved, embed)
    verified = any(s.verdict == "supported" and s.citations for s in sentences)
    tenable = any(s.verdict in ("supported", "weak") and s.citations for s in sentences)
    declined = any(declines(s.text) for s in sentences)
    if not sentences or (refusing and not verified) or (declined and not tenable):
        return Draft("", refused=True, dropped=resolved.dropped, left_out=fitted.left_out)
    return Draft(
        text=resolved.text.strip(),
        citations=_citations(resolved, checks, fitted),
        sentences=sentences,
        dropped=resolved.dropped,
        added=added,
        partial=declined,
        uncited=not resolved.order,
        verified=verified,
        left_out=fitted.left_out,
    )


def condense(question: str, history: Sequence[str], llm: LLM) -> str:
    """Rewrite a follow-up so that it stands alone; the question itself where that goes wrong.

    `history` holds the earlier questions, oldest first. Words that stand in none of the
    questions, answers instead of questions and ramblings are not accepted.
    """
    if not history:
        return question
    earlier = [" ".join(q.split())[:500] for q in history[-HISTORY_QUESTIONS:]]
    prompt = render(
        "condense_question", history="\n".join(f"- {q}" for q in earlier), question=" ".join(question.split())
    )
    reply = "".join(response.delta or "" for response in _ask(prompt, llm))
    return _sane(reply, question, earlier) or question


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


def _ask(prompt: Prompt, llm: LLM) -> ChatResponseGen:
    messages = [ChatMessage(role=MessageRole.USER, content=prompt.user)]
    if prompt.system:
        messages.insert(0, ChatMessage(role=MessageRole.SYSTEM, content=prompt.system))
    return llm.stream_chat(messages)


def _cleaned(raw: str) -> str:
    """The answer proper: no thoughts, no "Answer:", no list of sources, no invented next turn."""
    text = _NEW_TURN.sub("", _THOUGHTS.sub("", raw))
    return _SOURCE_LIST.sub("", _PREAMBLE.sub("", text)).strip()


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
    """Give each sentence that claims something and cites nothing the paper that supports it."""
    papers = [passage.paper for passage in fitted.passages]
    order = list(resolved.order)
    text, added = resolved.text, 0
    for piece in reversed(split_answer(resolved.text)):
        if piece.numbers or (paper := find_support(piece.text, papers, embed)) is None:
            continue
        if paper.paper_id not in [p.paper_id for p in order]:
            order.append(paper)
        number = [p.paper_id for p in order].index(paper.paper_id) + 1
        text = f"{text[: piece.end]} [{number}]{text[piece.end :]}"
        added += 1
    if not added:
        return resolved, 0
    again = renumber(text, order)
    return Resolved(again.text, again.order, resolved.dropped), added


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
        if paper_id not in evidence and paper_id not in fields and passage.scored.sentences:
            best = max(passage.scored.sentences, key=lambda s: s.score)
            evidence[paper_id] = [Evidence(best.text, best.start, best.end)]
    return build_citations(resolved.order, evidence, fields)


def _sane(reply: str, question: str, earlier: Sequence[str]) -> str | None:
    """A model's rewritten question when it is one; None for junk."""
    lines = [line.strip() for line in _THOUGHTS.sub("", reply).splitlines() if line.strip()]
    if not lines:
        return None
    text = re.sub(r"^(?:[\w\s-]{0,30}question\s*:|[-*>]|\d+\.)\s*", "", lines[0], flags=re.IGNORECASE)
    text = text.strip().strip("\"'“”`*").strip()
    if not text or len(text) > CONDENSED_LIMIT or claims_nothing(text.rstrip("?:")):
        return None
    found, asked = features(text), features(question)
    known = features(". ".join((*earlier, question)))
    strange = found.stems - known.stems
    invented = (found.figures - known.figures) | strange_names(found, known)
    forgot = asked.figures - found.figures or (asked.stems and not asked.stems & found.stems)
    if invented or forgot or len(strange) > 1 + len(found.stems) // 5:
        return None
    return text
