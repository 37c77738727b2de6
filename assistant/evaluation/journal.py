"""Answers kept as they arrive, so that an interrupted replay goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import assistant
import prompts
from assistant.errors import ConfigurationError
from assistant.evaluation.questions import Question
from assistant.models import Paper
from assistant.program import program_digest


class Journal:
    """A file of answers, each under the key of its question and of what answered it.

    An answer is only taken up again when the question, its history, and `circumstances` (see
    `describe_circumstances`) are the same; failures are not kept. Used by several threads.
    """

    def __init__(self, path: Path, circumstances: Mapping[str, Any]) -> None:
        self.path = path
        self._circumstances = dict(circumstances)
        self._lock = threading.Lock()
        self._kept = self._read()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def get(self, question: Question) -> dict[str, Any] | None:
        """The answer kept for `question`, None when it has still to be asked."""
        return self._kept.get(self._key(question))

    def add(self, question: Question, answer: Mapping[str, Any]) -> None:
        """Keep an answer; it is on its way to the disk when this returns."""
        line = json.dumps({"key": self._key(question), "answer": answer}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        """Close the journal and delete it: the run is complete."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _key(self, question: Question) -> str:
        return _digest([question.id, question.question, list(question.history), self._circumstances])

    def _read(self) -> dict[str, dict[str, Any]]:
        if not self.path.exists():
            return {}
        raw = self.path.read_bytes()
        whole = raw.rfind(b"\n") + 1
        if whole < len(raw):  # killed in the middle of a line
            os.truncate(self.path, whole)
        try:
            rows = [json.loads(line) for line in raw[:whole].decode("utf-8").split("\n") if line]
            return {row["key"]: row["answer"] for row in rows}
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{self.path} is damaged ({error}); delete it to start afresh"
            ) from error


def describe_circumstances(
    settings: Mapping[str, Any], papers: Iterable[Paper], **more: object
) -> dict[str, Any]:
    """All that an answer depends on beside its question, as digests.

    Those of the settings, of the papers, and of this program's own files: an answer of an earlier
    version must not be taken for one of this version.
    """
    return {
        "settings": _digest(dict(settings)),
        "papers": describe_corpus(papers),
        "program": program_digest(assistant, prompts),
        **more,
    }


def describe_corpus(papers: Iterable[Paper]) -> str:
    """A digest of what the papers say, in whatever order they come."""
    return _digest(sorted(_digest(paper.to_dict()) for paper in papers))


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
