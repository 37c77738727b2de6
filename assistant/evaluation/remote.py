"""Questions put to a running server: any OpenAI-compatible /v1/chat/completions.

A server of this project sends the whole answer as data beside the text. Of any other the text is
read: its markers [n], the papers that a `citations` field or the list under "Sources" names, and
the project's own verdicts on each sentence. What a server does not tell (its ranking of papers, its
evidence) has no metric.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from llama_index.core.llms import ChatMessage, MessageRole

from assistant.answering.citations import split_answer
from assistant.answering.provider import Provider, make_llm
from assistant.answering.verdicts import Embed, check_sentence, declines
from assistant.errors import ConfigurationError, ProviderError
from assistant.evaluation.gold import name_papers
from assistant.models import Paper, ScoredPaper
from assistant.settings import Settings

WHOLE_ANSWER = "paper_assistant"  # the field in which a server of this project sends `ask --json`
_CITATION_FIELDS = ("citations", "search_results", "sources")
_NAMES = ("paper_id", "doi", "arxiv", "url", "title", "id")
_SHORTEST_TITLE = 12  # letters; a shorter one is found in any line
_SOURCES = re.compile(
    r"\n[^\S\n]*+(?:[#*_]++\s*+)?(?:sources|references|citations)[^\S\n]*+[*_]*+:?[^\S\n]*+[*_]*+[^\S\n]*+\n",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^\s*(?:[-*]\s*)?\\?\[(\d{1,3})\\?\]:?\s*(\S.*)$|^\s*(\d{1,3})[.)]\s+(\S.*)$", re.MULTILINE
)
_SEVERAL = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})+)\]")
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+|\b10\.\d{4,9}/\S+|\barxiv:\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """An answer of a server, as the object of `ask --json`."""

    standalone_question: str
    row: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return dict(self.row)


class RemoteAssistant:
    """What answers at `url`, for a replay; `papers` are those it should cite, of the local catalogue."""

    def __init__(self, url: str, settings: Settings, papers: Sequence[Paper], embed: Embed) -> None:
        """Ask the server which model it has, unless ASSISTANT_MODEL says so.

        Raises:
            ConfigurationError: `url` is no address.
            ProviderError: the server cannot be reached or names no model.
        """
        self._url = url.rstrip("/")
        at = settings.model_copy(update={"openai_base_url": self._url})
        key = at.openai_api_key.get_secret_value() if at.openai_api_key else "none"
        if not self._url.startswith(("http://", "https://")):
            raise ConfigurationError(
                f"--url {url!r} is no address; give one such as http://127.0.0.1:7860/v1"
            )
        if "model" not in settings.model_fields_set:
            at = at.model_copy(update={"model": _first_model(self._url, key)})
        self._llm: Provider = make_llm(at)
        self._llm.max_tokens = None  # how long its answers are is the server's affair
        self._papers = list(papers)
        self._reader = _CitedPapers(papers)
        self._embed = embed
        self._read_from: set[str] = set()

    @property
    def answerer(self) -> str:
        """The address, and what its answers were read from."""
        return ", ".join([self._url, *(f"read from its {source}" for source in sorted(self._read_from))])

    @property
    def model(self) -> str:
        return str(self._llm.model)

    def papers(self) -> list[Paper]:
        return self._papers

    def search(self, query: str, top: int = 10) -> list[ScoredPaper] | None:  # noqa: ARG002
        """None: what a server retrieves cannot be seen."""
        return None

    def ask(self, question: str, history: Sequence[str] = ()) -> RemoteAnswer:
        """Ask `question` after the questions of `history`, each answered by the server in its turn.

        Raises:
            ProviderError: the server failed.
        """
        messages: list[ChatMessage] = []
        for earlier in history:
            messages.append(ChatMessage(role=MessageRole.USER, content=earlier))
            text, _, _ = self._complete(messages)
            messages.append(ChatMessage(role=MessageRole.ASSISTANT, content=text))
        messages.append(ChatMessage(role=MessageRole.USER, content=question))
        started = time.perf_counter()
        text, usage, extra = self._complete(messages)
        elapsed = {"total": round(1000 * (time.perf_counter() - started), 1)}
        whole = extra.get(WHOLE_ANSWER)
        if isinstance(whole, dict) and isinstance(whole.get("answer"), str):
            self._read_from.add("data")
            return RemoteAnswer(
                str(whole.get("standalone_question") or question), {**whole, "timings_ms": elapsed}
            )
        row = {
            "question": question,
            "standalone_question": question,
            "model": self.model,
            "answerer": self._url,
        }
        return RemoteAnswer(
            question, {**row, **self._read(text, extra), "timings_ms": elapsed, "usage": usage}
        )

    def _complete(self, messages: Sequence[ChatMessage]) -> tuple[str, dict[str, int], dict[str, Any]]:
        """The text, the tokens counted, and the fields that the protocol does not know."""
        text, usage, extra = "", {"prompt_tokens": 0, "completion_tokens": 0}, dict[str, Any]()
        try:
            for response in self._llm.stream_chat(list(messages)):
                text += response.delta or ""
                usage |= {
                    name: response.additional_kwargs[name]
                    for name in usage
                    if name in response.additional_kwargs
                }
                chunk: Any = response.raw
                extra |= chunk.model_extra or {}
                for choice in chunk.choices:
                    extra |= (choice.delta.model_extra or {}) if choice.delta else {}
        except ProviderError as error:
            what = str(error).split(";")[0]
            raise ProviderError(f"{what}; see whether --url is right", retryable=error.retryable) from error
        return text, usage, extra

    def _read(self, text: str, extra: Mapping[str, Any]) -> dict[str, Any]:
        body, listed = _without_sources(text)
        body = _SEVERAL.sub(lambda m: "".join(f"[{n}]" for n in re.findall(r"\d+", m[1])), body)
        given = next((extra[name] for name in _CITATION_FIELDS if isinstance(extra.get(name), list)), None)
        if given is not None:
            self._read_from.add("citations field")
            named = {_number(entry, place): _names_of(entry) for place, entry in enumerate(given, start=1)}
        else:
            self._read_from.add("text")
            named = {number: [line] for number, line in listed.items()}
        found = {number: (self._reader.find(names), names) for number, names in named.items()}
        pieces = split_answer(body)
        used = dict.fromkeys(n for piece in pieces for n in piece.numbers)
        verdicts = []
        for piece in pieces:
            cited = [paper for n in piece.numbers if (paper := found.get(n, (None, []))[0])]
            verdicts.append(check_sentence(piece.text, cited, self._embed).verdict)
        supported = "supported" in verdicts
        declined = any(declines(piece.text) for piece in pieces)
        kind = ("partial" if supported else "refusal") if declined else "answer"
        return {
            "kind": kind,
            "refused": kind == "refusal",
            "answer": body,
            "citations": [_citation(n, *found[n]) for n in used if n in found],
            "sentences": [
                {"text": piece.text, "citations": list(piece.numbers), "verdict": verdict}
                for piece, verdict in zip(pieces, verdicts, strict=True)
            ],
        }


class _CitedPapers:
    """Finds the paper that a line of references, an address or a title means."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._names = name_papers(papers)
        self._papers = {paper.paper_id: paper for paper in papers}
        self._urls = {
            url.rstrip("/").casefold(): paper for paper in papers for url in (*paper.urls, paper.url or "")
        }
        titles = (
            (_letters(title), paper)
            for paper in papers
            for title in (paper.title, paper.display_title)
            if title
        )
        self._titles = sorted((t for t in titles if len(t[0]) >= _SHORTEST_TITLE), key=lambda t: -len(t[0]))

    def find(self, names: Iterable[str]) -> Paper | None:
        for name in names:
            for key in (name, *_ADDRESS.findall(name)):
                key = key.rstrip(".,;/")
                paper_id = self._names.resolve(key)
                paper = self._papers.get(paper_id) if paper_id else self._urls.get(key.casefold())
                if paper:
                    return paper
            letters = _letters(name)
            if paper := next((paper for title, paper in self._titles if title in letters), None):
                return paper
        return None


def _first_model(url: str, key: str) -> str:
    try:
        response = httpx.get(f"{url}/models", headers={"Authorization": f"Bearer {key}"}, timeout=30)
        response.raise_for_status()
        return str(response.json()["data"][0]["id"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, IndexError, TypeError) as error:
        raise ProviderError(
            f"{url}/models names no model ({type(error).__name__}: {error}); start the server, correct --url"
            " (it usually ends in /v1), or set ASSISTANT_MODEL",
            retryable=True,
        ) from error


def _without_sources(text: str) -> tuple[str, dict[int, str]]:
    """The answer proper, and the lines of the list of sources at its end by their numbers."""
    heading = list(_SOURCES.finditer(text))
    if heading:
        begin = heading[-1].start()
    else:  # a list without a heading: the lines "[1] ..." that end the text
        block = re.search(r"(?:^\s*(?:[-*]\s*)?\\?\[\d{1,3}\\?\]:?\s+\S.*\n?)+\Z", text, re.MULTILINE)
        begin = block.start() if block and block.start() > 0 else len(text)
    listed = {int(m[1] or m[3]): str(m[2] or m[4]).strip() for m in _SOURCE.finditer(text[begin:])}
    return text[:begin].strip(), listed


def _number(entry: Any, place: int) -> int:
    number = entry.get("number", entry.get("index")) if isinstance(entry, dict) else None
    return number if isinstance(number, int) else place


def _names_of(entry: Any) -> list[str]:
    if isinstance(entry, dict):
        return [entry[name] for name in _NAMES if isinstance(entry.get(name), str)]
    return [entry] if isinstance(entry, str) else []


def _citation(number: int, paper: Paper | None, names: Sequence[str]) -> dict[str, Any]:
    if paper is None:
        called = names[0] if names else "nothing"
        return {
            "number": number,
            "paper_id": f"unknown: {called}",
            "title": called,
            "evidence": [],
            "fields": [],
        }
    return {
        "number": number,
        "paper_id": paper.paper_id,
        "title": paper.display_title,
        "year": paper.year,
        "url": paper.url,
        "evidence": [],
        "fields": [],
    }


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
