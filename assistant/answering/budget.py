"""Numbered passages that fit a language model's window, counted in its own kind of tokens."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import tiktoken

from assistant.answering.poison import disarm
from assistant.errors import ConfigurationError
from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.sentences import split_sentences

__all__ = ["Fitted", "Passage", "count_tokens", "encoding_for", "fit_passages", "harmless"]

DEFAULT_ENCODING = "cl100k_base"  # for models that tiktoken does not know; near enough for a budget
_STATUS = {
    "retracted": "RETRACTED; say so when you use it",
    "withdrawn": "WITHDRAWN by its authors; say so when you use it",
    "concern": "under an expression of concern; say so when you use it",
}
PASSAGE_OVERHEAD = 4  # tokens between two passages
LEAST_SHARE = 160  # tokens: title, authors and two or three sentences; less says too little
_CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered paper as a prompt quotes it; `complete` is False when its abstract was cut.

    `scored` is the catalogue's paper; `read` the same as the model may read it and be checked
    against: orders are blanked, offsets stay.
    """

    number: int
    scored: ScoredPaper
    read: ScoredPaper
    text: str
    complete: bool = True

    @property
    def paper(self) -> Paper:
        return self.scored.paper


@dataclass(frozen=True, slots=True)
class Fitted:
    """The passages of a prompt, and the ids of the papers there was no room for."""

    passages: tuple[Passage, ...]
    left_out: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(p.text for p in self.passages)

    @property
    def offered(self) -> dict[int, Paper]:
        """What `citations.resolve` wants: number -> paper, as the model read it."""
        return {p.number: p.read.paper for p in self.passages}


def fit_passages(papers: Sequence[ScoredPaper], token_budget: int, model: str) -> Fitted:
    """Number the papers from 1, best first, so that as many as possible share `token_budget` tokens.

    No paper takes more than its share while others are cut short: what short abstracts leave of
    theirs goes to the long ones, which keep the sentences nearest to the question. Where a share
    would be less than `LEAST_SHARE` tokens the last paper is left out; the first always stays.
    Orders to the reader in a title or an abstract are blanked (see `poison`).
    """
    whole = [_whole(number, scored) for number, scored in enumerate(papers, start=1)]
    costs = [count_tokens(p.text, model) + PASSAGE_OVERHEAD for p in whole]
    while len(costs) > 1 and _share(costs, token_budget) < min(LEAST_SHARE, max(costs)):
        costs.pop()
    share = _share(costs, token_budget)
    passages = tuple(
        passage if cost <= share else _shortened(passage, share, model)
        for passage, cost in zip(whole, costs, strict=False)
    )
    return Fitted(passages, tuple(s.paper.paper_id for s in papers[len(passages) :]))


def _whole(number: int, scored: ScoredPaper) -> Passage:
    read = disarm(scored)
    return Passage(number, scored, read, _passage(number, read.paper, readable(read.paper.abstract)))


def _share(costs: Sequence[int], budget: int) -> int:
    """The tokens no passage may exceed so that all of them stay within `budget` together."""
    left, share = budget, budget
    for done, cost in enumerate(sorted(costs)):
        share = left // (len(costs) - done)
        if cost > share:
            return share
        left -= cost
    return max(share, *costs, 0)


def count_tokens(text: str, model: str) -> int:
    """Tokens of `text` for `model`; an estimate for models that are not OpenAI's."""
    return len(encoding_for(model).encode(text, disallowed_special=()))


@lru_cache(maxsize=8)
def encoding_for(model: str) -> tiktoken.Encoding:
    """The vocabulary of a model, read from LlamaIndex's bundled copy: never from the network.

    Raises:
        ConfigurationError: the installed LlamaIndex carries no copy.
    """
    try:
        name = tiktoken.encoding_name_for_model(model)
    except KeyError:
        name = DEFAULT_ENCODING
    folder = _bundled_vocabularies()
    if name not in _VOCABULARIES or not (folder / _VOCABULARIES[name]).is_file():
        name = DEFAULT_ENCODING
    if not (folder / _VOCABULARIES[name]).is_file():
        raise ConfigurationError(
            f"no tiktoken vocabulary {name} in {folder}; run: pip install --force-reinstall llama-index-core"
        )
    # tiktoken looks for its cache in the environment only; the variable is put back at once.
    with _lock:
        before = os.environ.get(_CACHE_VARIABLE)
        os.environ[_CACHE_VARIABLE] = str(folder)
        try:
            return tiktoken.get_encoding(name)
        finally:
            if before is None:
                del os.environ[_CACHE_VARIABLE]
            else:
                os.environ[_CACHE_VARIABLE] = before


# tiktoken names a cached file by the SHA-1 of the address it would be fetched from.
_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_VOCABULARIES = {
    name: hashlib.sha1(_ADDRESS.format(name).encode(), usedforsecurity=False).hexdigest()
    for name in ("cl100k_base", "o200k_base")
}


def _bundled_vocabularies() -> Path:
    """LlamaIndex's folder of vocabularies; found without importing LlamaIndex, which takes 1.5 s."""
    spec = find_spec("llama_index.core")
    locations = list(spec.submodule_search_locations or ()) if spec else []
    return Path(locations[0] if locations else ".") / "_static" / "tiktoken_cache"


def _passage(number: int, paper: Paper, abstract: str) -> str:
    lines = [f"Title: {_quoted(readable(paper.display_title))}"]
    if paper.authors:
        lines.append(f"Authors: {_quoted(', '.join(paper.authors))}{' et al.' if paper.et_al else ''}")
    if paper.year:
        lines.append(f"Year: {paper.year}")
    if paper.status:
        lines.append(f"Status: {_STATUS.get(paper.status, paper.status)}")
    if paper.categories:
        lines.append(f"Subject category: {_quoted(', '.join(paper.categories))}")
    lines.append(f"Abstract: {_quoted(abstract)}")
    return f'<passage number="{number}">\n' + "\n".join(lines) + "\n</passage>"


def _quoted(text: str) -> str:
    """Corpus text on one line that can neither end its passage nor open a turn of the conversation.

    Servers read the special tokens of a chat template ("<|im_end|>", "</s>") wherever they stand,
    so no angle bracket that could open a tag or a token stays one.
    """
    return harmless(" ".join(text.split()))


def harmless(text: str) -> str:
    """`text` without anything that a prompt's frame or a chat template is made of."""
    return re.sub(r"\[(?=/?INST\])", "⟦", re.sub(r"<(?=\s*[/|!<]?\s*[A-Za-z_|])", "‹", text))


def _shortened(passage: Passage, token_budget: int, model: str) -> Passage:
    """The passage with as many sentences as fit: the nearest to the question, in their own order."""
    paper = passage.read.paper
    abstract = paper.abstract
    scores = {s.start: s.score for s in passage.read.sentences}
    ranked = sorted(split_sentences(abstract), key=lambda s: (-scores.get(s.start, 0.0), s.start))
    kept: list[tuple[int, str]] = []
    text = _passage(passage.number, paper, "")
    for span in ranked:
        trial = sorted([*kept, (span.start, abstract[span.start : span.end])])
        longer = _passage(passage.number, paper, readable(" ".join(t for _, t in trial)))
        if kept and count_tokens(longer, model) + PASSAGE_OVERHEAD > token_budget:
            continue
        kept, text = trial, longer
    return replace(passage, text=text, complete=False)
