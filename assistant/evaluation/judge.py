"""Citation support by a language model: a second opinion on the verdicts that are made in code.

As in ALCE (Gao et al., "Enabling large language models to generate text with citations", EMNLP 2023)
a claim is judged against all that it cites together. Models favour what they wrote themselves
(Panickssery et al., "LLM evaluators recognize and favor their own generations", NeurIPS 2024), so that
a judge that gave the answers has to be asked for by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from llama_index.core.llms import LLM

from assistant.answering.citations import strip_markers
from assistant.answering.prompting import as_data, ask, without_thoughts
from assistant.errors import ConfigurationError
from assistant.models import Paper, Verdict
from assistant.readable import readable
from prompts import render

_TOKENS = 512  # leaves room for the thoughts of models that think aloud; the verdict is one word
_VERDICTS: Mapping[str, Verdict] = {"full": "supported", "partial": "weak", "none": "unsupported"}
_WORD = re.compile(r"\b(full|partial|none)(?:ly|y)?\b", re.IGNORECASE)


def check_judge(judge: str, answers: Iterable[Mapping[str, Any]], *, own: bool = False) -> None:
    """Refuse a judge that gave one of the answers, unless that is meant (`own`).

    Raises:
        ConfigurationError: the judge is the answering model.
    """
    models = {row.get("model") for row in answers}
    if judge in models and not own:
        raise ConfigurationError(
            f"{judge} gave these answers and would judge its own; name another with --model NAME,"
            " or, if you mean it, add --own"
        )


def judge_answers(
    answers: Iterable[Mapping[str, Any]],
    papers: Mapping[str, Paper],
    judge: LLM,
    name: str,
    progress: Callable[[], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """The answers with the judge's verdict as "judged" in each sentence that claims something.

    A claim without a citation is not sent: nothing supports it. "judged" is null where the model
    gave no verdict. "judged_by" names the judge, "judge_usage" its tokens. `progress` is called
    after each answer.

    Raises:
        ProviderError: the model's server failed.
    """
    for row in answers:
        usage = {"prompt_tokens": 0, "completion_tokens": 0}
        cited = {c["number"]: papers.get(c["paper_id"]) for c in row.get("citations") or ()}
        sentences = []
        for sentence in row.get("sentences") or ():
            judged: Verdict | None = None
            if sentence.get("verdict") is not None:
                sources = [p for n in sentence.get("citations") or () if (p := cited.get(n))]
                judged = _judge(sentence["text"], sources, judge, usage) if sources else "unsupported"
            sentences.append({**sentence, "judged": judged})
        judged_row = {**row, "judged_by": name, "judge_usage": usage}
        yield judged_row | ({"sentences": sentences} if "sentences" in row else {})
        if progress:
            progress()


def _judge(statement: str, sources: Iterable[Paper], judge: LLM, usage: dict[str, int]) -> Verdict | None:
    # Catalogue fields too: "X is by A and dates from 2023" is a claim about them.
    abstracts = "\n\n".join(
        f"Title: {as_data(readable(p.display_title))}\n"
        f"Authors: {as_data(', '.join(p.authors)) or 'unknown'}. Date: {p.published or 'unknown'}.\n"
        f"{as_data(readable(p.abstract))}"
        for p in sources
    )
    prompt = render("judge_support", abstracts=abstracts, statement=as_data(strip_markers(statement)))
    text, counted = "", dict.fromkeys(usage, 0)
    for response in ask(prompt, judge, max_tokens=_TOKENS, temperature=0.0):
        text += response.delta or ""
        counted |= {name: int(n) for name in usage if (n := response.additional_kwargs.get(name))}
    for name, tokens in counted.items():
        usage[name] += tokens
    return read_verdict(text)


def read_verdict(reply: str) -> Verdict | None:
    """The verdict a reply ends on; None when it names none, or several in one line."""
    for line in reversed(without_thoughts(reply).strip().splitlines()):
        words = {word.lower() for word in _WORD.findall(line)}
        if words:
            return _VERDICTS[words.pop()] if len(words) == 1 else None
    return None
