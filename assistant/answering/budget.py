"""Numbered passages that fit a language model's window, counted in its own kind of tokens."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import tiktoken

from assistant.errors import ConfigurationError
from assistant.models import Paper, ScoredPaper
from assistant.readable import readable
from assistant.sentences import split_sentences

__all__ = ["Fitted", "Passage", "count_tokens", "encoding_for", "fit_passages"]

DEFAULT_ENCODING = "cl100k_base"  # for models that tiktoken does not know; near enough for a budget
PASSAGE_OVERHEAD = 4  # tokens between two passages
_CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered paper as a prompt quotes it; `complete` is False when its abstract was cut."""

    number: int
    scored: ScoredPaper
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
        """What `citations.resolve` wants: number -> paper."""
        return {p.number: p.paper for p in self.passages}


def fit_passages(papers: Sequence[ScoredPaper], token_budget: int, model: str) -> Fitted:
    """Number the papers from 1, best first, until `token_budget` tokens are spent.

    The first paper is always offered, cut to its best sentences if it must be; after it, the
    first that does not fit ends the list.
    """
    passages: list[Passage] = []
    left = token_budget
    for scored in papers:
        number = len(passages) + 1
        text = _passage(number, scored.paper, readable(scored.paper.abstract))
        complete = True
        cost = count_tokens(text, model) + PASSAGE_OVERHEAD
        if cost > left:
            if passages:
                break
            text, complete = _shortened(scored, left, model), False
            cost = count_tokens(text, model) + PASSAGE_OVERHEAD
        passages.append(Passage(number, scored, text, complete))
        left -= cost
    left_out = tuple(s.paper.paper_id for s in papers[len(passages) :])
    return Fitted(tuple(passages), left_out)


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
    if paper.categories:
        lines.append(f"Subject category: {_quoted(', '.join(paper.categories))}")
    lines.append(f"Abstract: {_quoted(abstract)}")
    return f'<passage number="{number}">\n' + "\n".join(lines) + "\n</passage>"


def _quoted(text: str) -> str:
    """Corpus text that can neither end its passage nor open another one, on one line."""
    return re.sub(r"<(?=\s*/?\s*passage)", "‹", " ".join(text.split()), flags=re.IGNORECASE)


def _shortened(scored: ScoredPaper, token_budget: int, model: str) -> str:
    """A passage of as many sentences as fit: the nearest to the question, in their own order."""
    abstract = scored.paper.abstract
    spans = split_sentences(abstract)
    scores = {s.start: s.score for s in scored.sentences}
    ranked = sorted(spans, key=lambda s: (-scores.get(s.start, 0.0), s.start))
    kept: list[tuple[int, str]] = []
    for span in ranked:
        trial = sorted([*kept, (span.start, abstract[span.start : span.end])])
        text = _passage(1, scored.paper, readable(" ".join(t for _, t in trial)))
        if kept and count_tokens(text, model) + PASSAGE_OVERHEAD > token_budget:
            continue
        kept = trial
    return _passage(1, scored.paper, readable(" ".join(t for _, t in kept)))
