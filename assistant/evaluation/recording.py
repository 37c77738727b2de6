"""A language model's answers kept in a file, so that a replay is free and always the same.

A recording is a JSONL file. Its first line says which model it is of, how much that model reads
and on which day it was made (questions say "last year"); each other line holds one request and
its response. A request is found again by all of its text and parameters: when a prompt changes,
its recordings no longer fit, and the replay says so instead of answering with them.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from llama_index.core.llms import (
    LLM,
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
)
from pydantic import PrivateAttr

from assistant.errors import ConfigurationError, ProviderError
from assistant.settings import Settings

NOWHERE = "http://replay.invalid/v1"  # where nothing is sent
FORMAT = "paper-assistant recording 1"
_COUNTED = ("finish_reason", "prompt_tokens", "completion_tokens")
_QUESTION = re.compile(r"(?:\w+ )?(?:question|topic|text):", re.IGNORECASE)
_OF_THE_WIRE = {"timeout", "max_retries"}  # how long to wait says nothing about the answer


@dataclass(frozen=True, slots=True)
class Head:
    """What a replay must set up as it was: the model, its window in tokens, and the day."""

    model: str
    context_window: int
    today: date


class Recording:
    """An open recording; shared by threads. `missing` counts the requests it had no answer to."""

    def __init__(self, path: Path, head: Head | None = None) -> None:
        """Open `path`; with `head`, for a run that adds to it, and it is made if need be.

        Raises:
            ConfigurationError: it is missing, is no recording, or is of another model than `head`'s.
        """
        self.path, self.missing = path, 0
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._used: set[str] = set()
        self._lines: dict[str, int] = {}
        self._recorded: dict[str, dict[str, Any]] = {}
        self._adding = head is not None
        if head is not None and not (path.exists() and path.stat().st_size):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._append(
                {
                    "format": FORMAT,
                    "model": head.model,
                    "context_window": head.context_window,
                    "today": head.today.isoformat(),
                }
            )
        self.head = self._read()
        if head and (head.model, head.context_window) != (self.head.model, self.head.context_window):
            raise ConfigurationError(
                f"{path} is of model {self.head.model!r} with {self.head.context_window:,} tokens, not of"
                f" {head.model!r} with {head.context_window:,}; give another file to --record"
            )

    @property
    def adds(self) -> bool:
        """Whether requests without a recorded answer may be asked, and their answers kept."""
        return self._adding

    def find(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The recorded response to `request`."""
        key = _key(request)
        with self._lock:
            entry = self._recorded.get(key)
            if entry:
                self._used.add(key)
        return dict(entry["response"]) if entry else None

    def asking(self, request: Mapping[str, Any]) -> AbstractContextManager[Any]:
        """Held while `request` is answered: the same one, asked at the same time, waits for it."""
        with self._lock:
            return self._asking.setdefault(_key(request), threading.Lock())

    def add(self, request: Mapping[str, Any], response: Mapping[str, Any]) -> None:
        key = _key(request)
        entry = {"key": key, "request": dict(request), "response": dict(response)}
        with self._lock:
            self._append(entry)
            self._recorded[key] = entry
            self._used.add(key)

    def miss(self, request: Mapping[str, Any]) -> ProviderError:
        """Count a request without a recorded answer; the error that says why there is none."""
        with self._lock:
            self.missing += 1
            why = self._why_missing(request)
        return ProviderError(
            f"{self.path} holds no answer to the request {_excerpt(request)!r}: {why};"
            f" record again with --record {self.path}",
            retryable=False,
        )

    @property
    def unused(self) -> list[str]:
        """The recorded requests that nobody made, with their line numbers."""
        return [
            f"line {line}: {_excerpt(self._recorded[key]['request'])}"
            for key, line in self._lines.items()
            if key not in self._used
        ]

    def _why_missing(self, request: Mapping[str, Any]) -> str:
        recorded = [entry["request"] for entry in self._recorded.values()]
        for other in recorded:
            if other["messages"] == request["messages"]:
                names = sorted(n for n in {*other, *request} if other.get(n) != request.get(n))
                changes = (f"{n} was {other.get(n)!r}, is {request.get(n)!r}" for n in names)
                return f"its parameters have changed ({', '.join(changes)})"
        if any(other["messages"][-1] == request["messages"][-1] for other in recorded):
            return "its system prompt has changed"
        if any(_excerpt(other) == _excerpt(request) for other in recorded):
            return "its prompt or its passages have changed"
        return "it was never recorded, or its prompt has changed"

    def _append(self, entry: Mapping[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _read(self) -> Head:
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")
            head = json.loads(lines[0])
            if head["format"] != FORMAT:
                raise ValueError(f"format {head['format']!r}")
            found = Head(str(head["model"]), int(head["context_window"]), date.fromisoformat(head["today"]))
            for number, line in enumerate(lines[1:], start=2):
                if line:
                    entry = json.loads(line)
                    self._recorded[entry["key"]] = entry
                    self._lines[entry["key"]] = number
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{self.path} is no recording of a model's answers ({error});"
                f" make one with --record {self.path}"
            ) from error
        return found


def recorded_model(settings: Settings, record: Path | None, replay: Path | None) -> RecordedLLM:
    """The model that `settings` name with its answers kept in `record`; or `replay` in its place.

    A recording that is there already is added to: what it holds is not asked again. A replay
    needs neither key nor server. Exactly one of the two files is given.

    Raises:
        ConfigurationError: the settings name no model, or another than the recording's, or a
            recording cannot be used.
    """
    from assistant.answering.provider import make_llm

    if replay is not None:
        recording = Recording(replay)
        head = recording.head
        if "model" in settings.model_fields_set and settings.model != head.model:
            raise ConfigurationError(
                f"{replay} is of model {head.model!r}, ASSISTANT_MODEL is {settings.model!r};"
                " unset ASSISTANT_MODEL, or give the recording of that model"
            )
        settings = settings.model_copy(update={"model": head.model, "openai_base_url": NOWHERE})
        model = make_llm(settings, context_window=head.context_window)
    else:
        assert record is not None
        if settings.resolved_answerer != "openai":
            raise ConfigurationError(
                "the extractive answerer asks no model, so there is nothing to record;"
                " set OPENAI_API_KEY or OPENAI_BASE_URL, or leave out --record"
            )
        model = make_llm(settings)
        recording = Recording(record, Head(model.model, model.metadata.context_window, date.today()))
    parameters = {"model": model.model, "temperature": model.temperature, "max_tokens": model.max_tokens}
    return RecordedLLM(model, recording, parameters)


class RecordedLLM(CustomLLM):
    """A language model whose answers come from a recording, or are added to it.

    `parameters` are what else decides the model's answer (temperature, the longest answer).
    """

    _model: LLM = PrivateAttr()
    _recording: Recording = PrivateAttr()
    _parameters: dict[str, Any] = PrivateAttr()

    def __init__(self, model: LLM, recording: Recording, parameters: Mapping[str, Any]) -> None:
        super().__init__()
        self._model, self._recording, self._parameters = model, recording, dict(parameters)

    @classmethod
    def class_name(cls) -> str:
        return "RecordedLLM"

    @property
    def recording(self) -> Recording:
        return self._recording

    @property
    def metadata(self) -> LLMMetadata:
        return self._model.metadata

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """As the model's own; raises ProviderError, also where a replay has no answer."""
        options = {name: value for name, value in kwargs.items() if name not in _OF_THE_WIRE}
        request = {
            **self._parameters,
            **options,
            "messages": [{"role": m.role.value, "content": m.content or ""} for m in messages],
        }
        with self._recording.asking(request):
            recorded = self._recording.find(request)
            if recorded is not None:
                yield _response(recorded)
                return
            if not self._recording.adds:
                raise self._recording.miss(request)
            heard: dict[str, Any] = {"text": ""}
            for response in self._model.stream_chat(messages, **kwargs):
                heard["text"] += response.delta or ""
                heard |= {
                    n: response.additional_kwargs[n] for n in _COUNTED if n in response.additional_kwargs
                }
                yield response
            self._recording.add(request, heard)

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return list(self.stream_chat(messages, **kwargs))[-1]

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        raise NotImplementedError("this project talks to models in chats: call stream_chat")

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        raise NotImplementedError("this project talks to models in chats: call stream_chat")


def _response(recorded: Mapping[str, Any]) -> ChatResponse:
    extra = {name: recorded[name] for name in _COUNTED if name in recorded}
    message = ChatMessage(role="assistant", content=recorded["text"])
    return ChatResponse(message=message, delta=recorded["text"], additional_kwargs=extra)


def _key(request: Mapping[str, Any]) -> str:
    text = json.dumps(request, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _excerpt(request: Mapping[str, Any]) -> str:
    """The line of a request that has the question; failing that, the last one."""
    text = str(request["messages"][-1]["content"])
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    asked = [line for line in lines if _QUESTION.match(line)] or lines or [""]
    return asked[-1] if len(asked[-1]) <= 100 else asked[-1][:99] + "…"
