"""What whoever runs the server sees of it: metrics, a log line for each question, probes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.api.logs import CALL, Call

if TYPE_CHECKING:
    from assistant.engine import Assistant
    from assistant.models import Answer, Filters, ScoredPaper
    from assistant.summaries.model import Summary

log = logging.getLogger(__name__)

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The process's figures, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.done = Counter(
            "paper_assistant_questions", "Questions dealt with, by what was asked for and what came of it",
            ("task", "answerer", "kind"), registry=self.registry,
        )  # fmt: skip
        self.failed = Counter(
            "paper_assistant_errors", "Questions that failed", ("task", "error"), registry=self.registry
        )
        self.seconds = Histogram(
            "paper_assistant_seconds", "Seconds from a question to the end of its answer", ("task",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.in_progress = Gauge(
            "paper_assistant_in_progress", "Questions being dealt with", registry=self.registry
        )
        self.waiting = Gauge("paper_assistant_waiting", "Questions in the queues", registry=self.registry)


class Observed:
    """An assistant of which each question is counted, timed and logged; all else passes through.

    `call` gives the request at hand; the question's words are logged only with `log_questions`.
    """

    def __init__(
        self,
        assistant: Assistant,
        metrics: Metrics,
        call: Callable[[], Call | None] = CALL.get,
        *,
        log_questions: bool = False,
    ) -> None:
        self._assistant = assistant
        self._metrics = metrics
        self._call = call
        self._log_questions = log_questions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def ask(self, question: str, history: Sequence[str] = (), filters: Filters | None = None) -> Answer:
        with self._seen("ask", question) as kinds:
            answer = self._assistant.ask(question, history, filters)
            kinds.append(answer.kind)
            return answer

    def stream(
        self, question: str, history: Sequence[str] = (), filters: Filters | None = None
    ) -> Iterator[str | Answer]:
        with self._seen("ask", question) as kinds:
            parts = self._assistant.stream(question, history, filters)
            try:
                for part in parts:
                    if not isinstance(part, str):
                        kinds.append(part.kind)
                    yield part
            finally:  # who stops reading ends the work at once
                if isinstance(parts, Generator):
                    parts.close()

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[ScoredPaper]:
        with self._seen("search", query) as kinds:
            found = self._assistant.search(query, top, filters)
            kinds.append("answer" if found else "refusal")
            return found

    def summarize(self, topic: str, filters: Filters | None = None) -> Summary:
        with self._seen("summarize", topic) as kinds:
            summary = self._assistant.summarize(topic, filters)
            kinds.append(summary.kind)
            return summary

    def stream_summary(self, topic: str, filters: Filters | None = None) -> Iterator[Summary]:
        with self._seen("summarize", topic) as kinds:
            parts = self._assistant.stream_summary(topic, filters)
            try:
                for part in parts:
                    if part.complete:
                        kinds.append(part.kind)
                    yield part
            finally:
                if isinstance(parts, Generator):
                    parts.close()

    @contextmanager
    def _seen(self, task: str, question: str) -> Iterator[list[str]]:
        """Measure what happens inside, which adds the kind of its answer when there is one."""
        metrics, started, kinds = self._metrics, time.perf_counter(), list[str]()
        told: dict[str, Any] = {"task": task, "answerer": self._assistant.answerer}
        if call := self._call():
            told |= {"request_id": call.request_id, "user": call.user}
        if self._log_questions:
            told["question"] = question
        metrics.in_progress.inc()
        try:
            yield kinds
        except GeneratorExit:
            raise
        except Exception as error:
            metrics.failed.labels(task, type(error).__name__).inc()
            told["error"] = type(error).__name__
            raise
        finally:
            metrics.in_progress.dec()
            seconds = time.perf_counter() - started
            if "error" not in told:
                told["kind"] = kinds[-1] if kinds else "stopped"
                metrics.done.labels(task, told["answerer"], told["kind"]).inc()
                metrics.seconds.labels(task).observe(seconds)
            log.info("question", extra={"told": {**told, "ms": round(1000 * seconds, 1)}})


def probe_routes(assistant: Assistant) -> list[Route]:
    """/healthz (the process answers) and /readyz (the stores are open and hold papers)."""

    async def alive(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    def ready(_request: Request) -> Response:
        try:
            # A search goes through all of the stores; some 20 ms.
            is_ready = assistant.paper_count > 0 and bool(assistant.search("papers", 1))
        except Exception:  # whatever it is, the answer is no, and the log says why
            log.exception("not ready")
            is_ready = False
        return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)

    return [Route("/healthz", alive), Route("/readyz", ready)]


def metrics_route(metrics: Metrics, waiting: Callable[[], int]) -> Route:
    """/metrics, in Prometheus' text format; `waiting` tells how many questions are in the queues."""
    metrics.waiting.set_function(waiting)

    def show(_request: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type="text/plain; version=0.0.4")

    return Route("/metrics", show)
