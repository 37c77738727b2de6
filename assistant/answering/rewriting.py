"""Questions rewritten by a language model: follow-ups that stand alone, other words to search with."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from llama_index.core.llms import LLM

from assistant.answering.features import features, strange_names
from assistant.answering.prompting import as_data, ask, without_thoughts
from assistant.answering.verdicts import claims_nothing, declines
from assistant.errors import ProviderError
from prompts import render

__all__ = ["condense", "rewrite"]

CONDENSED_LIMIT = 400  # characters; a standalone question is one sentence
HISTORY_QUESTIONS = 6
REWRITINGS = 3
REWRITING_TOKENS = 120
REWRITING_WORDS = 30  # a longer line is an answer or a ramble, not a query
REWRITING_SECONDS = 15.0  # a small model on a CPU reads the prompt and writes three lines in ten


def condense(question: str, history: Sequence[str], llm: LLM) -> str:
    """Rewrite a follow-up so that it stands alone; the question itself where that goes wrong.

    `history` holds the earlier questions, oldest first. Words that stand in none of the
    questions, answers instead of questions and ramblings are not accepted.
    """
    if not history:
        return question
    earlier = [as_data(q)[:500] for q in history[-HISTORY_QUESTIONS:]]
    prompt = render(
        "condense_question", history="\n".join(f"- {q}" for q in earlier), question=as_data(question)
    )
    reply = "".join(response.delta or "" for response in ask(prompt, llm))
    return _sane(reply, question, earlier) or question


def rewrite(llm: LLM, question: str, seconds: float = REWRITING_SECONDS) -> tuple[str, ...]:
    """Up to three other wordings of `question` to search with, the model's best first; often none.

    For retrieval alone: they find papers that use other words, and are never shown, answered or
    checked against. Lines that repeat the question, bring figures of their own, decline or ramble
    are left out. One request, cut off after `seconds`; a model that fails or is too slow costs
    the rewriting, not the answer.
    """
    prompt = render("rewrite_question", question=as_data(question))
    stream = ask(prompt, llm, max_tokens=REWRITING_TOKENS, timeout=seconds, max_retries=0)
    until = time.monotonic() + seconds
    text = ""
    try:
        for response in stream:
            text += response.delta or ""
            if time.monotonic() > until:
                text = text.rpartition("\n")[0]  # the last line is not finished
                break
    except ProviderError:
        return ()
    finally:
        stream.close()
    asked = features(question)
    lines: dict[str, str] = {}
    for line in without_thoughts(text).splitlines():
        words = _query(line)
        found = features(words)
        usable = 2 <= len(words.split()) <= REWRITING_WORDS and len(found.stems) > 1
        if not usable or found.figures - asked.figures or declines(words) or found.stems == asked.stems:
            continue
        lines.setdefault(words.casefold(), words)
    return tuple(lines.values())[:REWRITINGS]


def _query(line: str) -> str:
    """A line of a model's list without its bullet, label, quotes and whatever is no word."""
    line = re.sub(r"^\W*(?:\d+[.)]\s*)?(?:[A-Za-z][\w ]{0,24}:\s*)?", "", line.strip())
    return " ".join(re.sub(r"https?://\S+|[^\w\s'’?%./+-]", " ", line).split())


def _sane(reply: str, question: str, earlier: Sequence[str]) -> str | None:
    """A model's rewritten question when it is one; None for junk."""
    lines = [line.strip() for line in without_thoughts(reply).splitlines() if line.strip()]
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
