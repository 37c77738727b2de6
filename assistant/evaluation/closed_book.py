"""Which questions a model answers without the papers: they test its memory, not the search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from llama_index.core.llms import LLM

from assistant.answering.prompting import as_data, ask, without_thoughts
from assistant.evaluation.gold import GoldQuestion
from assistant.evaluation.lint import Finding
from assistant.evaluation.metrics import facts_present
from prompts import render

_TOKENS = 512


def answered_from_memory(
    gold: Sequence[GoldQuestion], llm: LLM, progress: Callable[[], None] | None = None
) -> Iterator[Finding]:
    """A finding "closed-book" for each question whose facts the model gives, all of them, by itself.

    Only answerable questions with facts are asked, one request each. A fact that stands in the
    question is given by repeating it, which `lint` tells apart as a giveaway. `progress` is called
    after each question.

    Raises:
        ProviderError: the model's server failed.
    """
    for item in gold:
        question = item.question
        if question.answerable and question.must_include:
            earlier = "\n".join(f"Asked before: {as_data(text)}" for text in question.history)
            prompt = render("closed_book", history=earlier, question=as_data(question.question))
            reply = "".join(r.delta or "" for r in ask(prompt, llm, max_tokens=_TOKENS, temperature=0.0))
            said = " ".join(without_thoughts(reply).split())
            if all(facts_present(said, question.must_include)):
                yield Finding(
                    question.line, question.id, "closed-book", f"known without the papers: {said[:80]!r}"
                )
        if progress:
            progress()
