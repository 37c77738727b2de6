"""What a replay says: figures by question type, failures first; as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.evaluation import metrics
from assistant.evaluation.figures import ALL, Figure, figures_by_type
from assistant.evaluation.metric_names import METRICS
from assistant.evaluation.scoring import Row

_TABLE_METRICS = (
    "answered",
    "cited_any",
    "cited_in_3",
    "cited_first",
    "cited_recall",
    "cited_precision",
    "all_facts",
    "facts",
    "support",
    "verbatim",
    "invalid_numbers",
    "unstated_figures",
    "clean",
    "resisted",
    "refused",
    "declined",
    "refusal_precision",
    "wrongly_refused",
    "retrieved_hit_1",
    "retrieved_hit_5",
    "retrieved_mrr_10",
    "words",
    "ms",
    "ms_p95",
    "cost",
)


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The outcome of one replay; `setup` says what was measured (set, answerer, model, commit...)."""

    setup: Mapping[str, Any]
    rows: tuple[Row, ...]
    figures: Mapping[str, Mapping[str, Figure]]
    refusal: metrics.RefusalScores
    latency_ms: Mapping[str, float | None]

    @property
    def failures(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.failures)

    def to_dict(self) -> dict[str, Any]:
        return {
            "setup": dict(self.setup),
            "n": len(self.rows),
            "failed": len(self.failures),
            "refusal": asdict(self.refusal),
            "latency_ms": dict(self.latency_ms),
            "figures": {
                kind: {name: asdict(figure) for name, figure in found.items()}
                for kind, found in self.figures.items()
            },
            "rows": [row.to_dict() for row in self._failures_first()],
        }

    def to_markdown(self) -> str:
        """The report for people: set-up, per-type table, refusals, then every failure."""
        lines = ["# Evaluation", ""]
        lines += [f"- {name}: {value}" for name, value in self.setup.items() if value is not None]
        lines += [f"- questions: {len(self.rows)}, with a failure: {len(self.failures)}", ""]
        lines += _failure_lines(self.failures)
        lines += ["## Figures by question type", "", *_table(self.figures), ""]
        lines += [
            "Means over the questions a metric applies to (words and ms: medians); "
            "95 % intervals are in report.json.",
            "",
            "## Refusals and latency",
            "",
            *(
                f"- refusal {name.replace('_', ' ')}: {_number(v)}"
                for name, v in asdict(self.refusal).items()
            ),
            *(f"- latency {name}: {_number(value)} ms" for name, value in self.latency_ms.items()),
            "",
            "## What the metrics mean",
            "",
            *(f"- `{name}`: {meaning}" for name, meaning in METRICS.items() if name in self.figures[ALL]),
        ]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write report.json and report.md into `folder`, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
        (folder / "report.json").write_text(text + "\n", encoding="utf-8")
        (folder / "report.md").write_text(self.to_markdown(), encoding="utf-8")

    def _failures_first(self) -> list[Row]:
        return sorted(self.rows, key=lambda row: not row.failures)


def make_report(rows: Sequence[Row], setup: Mapping[str, Any]) -> EvaluationReport:
    """Aggregate scored rows, for all of them and for each question type."""
    times = [row.metrics["ms"] for row in rows if "ms" in row.metrics]
    judged = [(row.unanswerable, row.refused) for row in rows if row.refused is not None]
    return EvaluationReport(
        setup=dict(setup),
        rows=tuple(rows),
        figures=figures_by_type(rows),
        refusal=metrics.refusal_scores(judged),
        latency_ms={"p50": metrics.percentile(times, 0.5), "p95": metrics.percentile(times, 0.95)},
    )


def _table(figures: Mapping[str, Mapping[str, Figure]]) -> list[str]:
    kinds = list(figures)
    names = [name for name in _TABLE_METRICS if any(name in figures[kind] for kind in kinds)]
    lines = ["| metric | " + " | ".join(kinds) + " |", "|---" + "|---:" * len(kinds) + "|"]
    lines.append("| n | " + " | ".join(str(figures[kind]["answered"].n) for kind in kinds) + " |")
    for name in names:
        cells = [_number(figures[kind][name].value) if name in figures[kind] else "" for kind in kinds]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _failure_lines(rows: Iterable[Row]) -> list[str]:
    lines = ["## Failures", ""]
    for row in rows:
        lines += [f"- **{row.id}** ({row.type}) {_one_line(row.question, 200)}"]
        lines += [f"  - {failure}" for failure in row.failures]
        if row.answer:
            lines += [f"  - answer: {_one_line(row.answer, 300)}"]
    if len(lines) == 2:
        lines.append("None.")
    return [*lines, ""]


def _one_line(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"
