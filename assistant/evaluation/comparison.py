"""Two runs of one question set: which metrics moved, beyond chance, and which questions."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError
from assistant.evaluation import metrics
from assistant.evaluation.scoring import LOWER_IS_BETTER, METRICS


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric's mean in A and B over the `n` questions both have, and B - A with its 95 % interval.

    `verdict` is "better" or "worse" when the interval excludes 0, else "no clear difference".
    """

    metric: str
    n: int
    a: float
    b: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`broke` and `mended` name questions that have failures in only one of the runs."""

    a: Mapping[str, Any]
    b: Mapping[str, Any]
    differences: tuple[Difference, ...]
    broke: tuple[Mapping[str, Any], ...]
    mended: tuple[Mapping[str, Any], ...]
    unpaired: int

    def to_markdown(self) -> str:
        lines = ["# Comparison", ""]
        lines += [f"- A: {_described(self.a)}", f"- B: {_described(self.b)}"]
        lines += [f"- questions in only one run, left out: {self.unpaired}", ""]
        lines += ["| metric | n | A | B | B - A | 95 % interval | |", "|---|---:|---:|---:|---:|---:|---|"]
        lines += [
            f"| {d.metric} | {d.n} | {d.a:.3f} | {d.b:.3f} | {d.b - d.a:+.3f}"
            f" | {d.low:+.3f} to {d.high:+.3f} | {d.verdict} |"
            for d in self.differences
        ]
        lines += ["", "Paired bootstrap over questions, 2,000 samples.", ""]
        for title, rows in (("Broke", self.broke), ("Mended", self.mended)):
            lines += [f"## {title}: {len(rows)}", ""]
            lines += [f"- **{row['id']}** {row['question']}: {'; '.join(row['failures'])}" for row in rows]
            lines += [""] if rows else []
        return "\n".join(lines) + "\n"


def compare_runs(run_a: Path, run_b: Path) -> Comparison:
    """Compare two reports of `evaluate`: folders, or their report.json.

    Raises:
        ConfigurationError: a report is missing or unreadable, or the runs share no question.
    """
    report_a, report_b = _read(run_a), _read(run_b)
    rows_a = {row["id"]: row for row in report_a["rows"]}
    rows_b = {row["id"]: row for row in report_b["rows"]}
    shared = [i for i in rows_a if i in rows_b]
    if not shared:
        raise ConfigurationError(f"{run_a} and {run_b} share no question; compare two runs of one set")
    return Comparison(
        a=report_a["setup"],
        b=report_b["setup"],
        differences=tuple(_differences([(rows_a[i]["metrics"], rows_b[i]["metrics"]) for i in shared])),
        broke=tuple(rows_b[i] for i in shared if rows_b[i]["failures"] and not rows_a[i]["failures"]),
        mended=tuple(rows_a[i] for i in shared if rows_a[i]["failures"] and not rows_b[i]["failures"]),
        unpaired=len(set(rows_a) ^ set(rows_b)),
    )


def _differences(pairs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> list[Difference]:
    found = []
    for name in METRICS:
        both = [(a[name], b[name]) for a, b in pairs if name in a and name in b]
        if not both:
            continue
        interval = metrics.bootstrap_interval([b - a for a, b in both])
        low, high = interval if interval else (float("-inf"), float("inf"))
        found.append(
            Difference(
                metric=name,
                n=len(both),
                a=statistics.fmean(a for a, _ in both),
                b=statistics.fmean(b for _, b in both),
                low=low,
                high=high,
                verdict=_verdict(name, low, high),
            )
        )
    return found


def _verdict(metric: str, low: float, high: float) -> str:
    if low <= 0 <= high:
        return "no clear difference"
    return "better" if (low > 0) != (metric in LOWER_IS_BETTER) else "worse"


def _read(path: Path) -> dict[str, Any]:
    file = path / "report.json" if path.is_dir() else path
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{file} is no report: {error}; run: python -m assistant evaluate QUESTIONS.jsonl --report {path}"
        ) from error
    if not isinstance(report, dict) or not {"setup", "rows"} <= set(report):
        raise ConfigurationError(f"{file} is no report of evaluate; give the folder named by --report")
    return report


def _described(setup: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in setup.items() if value is not None)
