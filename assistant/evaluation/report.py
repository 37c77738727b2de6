"""What a replay says: figures by question type, failures first; as HTML, JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.evaluation import metrics
from assistant.evaluation.display import called, groups, show
from assistant.evaluation.figures import ALL, Figure, figures_by_type
from assistant.evaluation.metric_names import METRICS
from assistant.evaluation.scoring import Row

REPORT = "report.json"
PAGE = "report.html"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute
_SHOWN_FAILURES = 20


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The outcome of one replay.

    `setup` says what was measured (set, answerer, model, commit...); `details` holds for each
    question's id what explains its scores, see `describe_row`. `missed` are the thresholds that
    the run does not reach, None when it was held to none.
    """

    setup: Mapping[str, Any]
    rows: tuple[Row, ...]
    figures: Mapping[str, Mapping[str, Figure]]
    refusal: metrics.RefusalScores
    latency_ms: Mapping[str, float | None]
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missed: tuple[str, ...] | None = None

    @property
    def failures(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.failures)

    @property
    def values(self) -> dict[str, dict[str, float]]:
        """The figures without their intervals, by question type and metric."""
        return {kind: {name: f.value for name, f in found.items()} for kind, found in self.figures.items()}

    def to_dict(self) -> dict[str, Any]:
        return {
            "setup": dict(self.setup),
            "n": len(self.rows),
            "failed": len(self.failures),
            "thresholds": None if self.missed is None else {"missed": list(self.missed)},
            "refusal": asdict(self.refusal),
            "latency_ms": dict(self.latency_ms),
            "not_measured": [name for name in METRICS if name not in self.figures[ALL]],
            "figures": {
                kind: {name: asdict(figure) for name, figure in found.items()}
                for kind, found in self.figures.items()
            },
            "rows": [{**row.to_dict(), **self.details.get(row.id, {})} for row in self._failures_first()],
        }

    def to_markdown(self) -> str:
        """The report in short: set-up, the first failures, figures by question type."""
        lines = ["# Evaluation", ""]
        lines += [f"- {name}: {value}" for name, value in self.setup.items() if value is not None]
        lines += [f"- {len(self.rows)} questions, {len(self.failures)} with a failure", ""]
        lines += ["## Failures", "", *_failure_lines(self.failures), ""]
        lines += ["## Figures by question type", "", *_table(self.figures), ""]
        lines += ["A metric counts the questions it applies to; words and ms are medians."]
        if self.missed:
            lines += ["", "## Missed thresholds", "", *(f"- {text}" for text in self.missed)]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write report.html, report.json, questions.csv and figures.csv into `folder`."""
        from assistant.evaluation.html import report_page

        folder.mkdir(parents=True, exist_ok=True)
        report = self.to_dict()
        text = json.dumps(report, ensure_ascii=False, indent=1)
        (folder / REPORT).write_text(text + "\n", encoding="utf-8")
        (folder / PAGE).write_text(report_page(report), encoding="utf-8")
        _write_csv(folder / "questions.csv", _question_cells(report["rows"], self.figures[ALL]))
        _write_csv(folder / "figures.csv", _figure_cells(self.figures))

    def _failures_first(self) -> list[Row]:
        return sorted(self.rows, key=lambda row: not row.failures)


def make_report(
    rows: Sequence[Row],
    setup: Mapping[str, Any],
    details: Mapping[str, Mapping[str, Any]] | None = None,
) -> EvaluationReport:
    """Aggregate scored rows, for all of them and for each question type."""
    times = [row.metrics["ms"] for row in rows if "ms" in row.metrics]
    judged = [(row.unanswerable, row.refused) for row in rows if row.refused is not None]
    return EvaluationReport(
        setup=dict(setup),
        rows=tuple(rows),
        figures=figures_by_type(rows),
        refusal=metrics.refusal_scores(judged),
        latency_ms={"p50": metrics.percentile(times, 0.5), "p95": metrics.percentile(times, 0.95)},
        details=details or {},
    )


def _table(figures: Mapping[str, Mapping[str, Figure]]) -> list[str]:
    kinds = list(figures)
    rows = [["metric", *kinds], ["n", *(str(figures[kind]["answered"].n) for kind in kinds)]]
    for names in groups(figures[ALL]).values():
        for name in names:
            found = [figures[kind].get(name) for kind in kinds]
            rows.append([called(name), *(show(name, f.value) if f else "" for f in found)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    rule = "|" + "|".join("-" * (w + 1) + (":" if i else "-") for i, w in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True)))
    return "| " + " | ".join(padded) + " |"


def _failure_lines(rows: Sequence[Row]) -> list[str]:
    lines = []
    for row in rows[:_SHOWN_FAILURES]:
        lines += [f"- **{row.id}** ({row.type}) {_one_line(row.question, 200)}"]
        lines += [f"  - {_one_line(failure, 300)}" for failure in row.failures]
    if len(rows) > _SHOWN_FAILURES:
        lines.append(f"- and {len(rows) - _SHOWN_FAILURES} more")
    return lines or ["None."]


def _question_cells(
    rows: Iterable[Mapping[str, Any]], names: Mapping[str, Figure]
) -> Iterable[Sequence[object]]:
    measured = [name for name in METRICS if name in names]
    fixed = ("id", "type", "question", "unanswerable", "refused", "failures", "answer", "cited", "expected")
    yield (*fixed, *measured)
    for row in rows:
        found = [row["metrics"].get(name) for name in measured]
        yield (*(_cell(row[name]) for name in fixed), *found)


def _figure_cells(figures: Mapping[str, Mapping[str, Figure]]) -> Iterable[Sequence[object]]:
    yield ("type", "metric", "value", "n", "low", "high")
    for kind, found in figures.items():
        for name, figure in found.items():
            yield (_cell(kind), name, figure.value, figure.n, figure.low, figure.high)


def _cell(value: object) -> object:
    """A list as "a; b"; a text that a spreadsheet would take for a formula, with an apostrophe before it."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _one_line(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
