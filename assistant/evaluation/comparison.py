"""Two runs of one question set: which metrics moved, beyond chance, and which questions."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError
from assistant.evaluation import metrics
from assistant.evaluation.display import called, show
from assistant.evaluation.metric_names import LOWER_IS_BETTER, METRICS
from assistant.evaluation.report import REPORT
from assistant.evaluation.significance import ALPHA, adjust, permutation_p

#: Metrics that say how much was done, not how well: they get no verdict and fail no CI.
EFFORT = frozenset({"n_cited", "words", "ms", "ms_p95", "prompt_tokens", "completion_tokens", "cost"})
UNCLEAR = "no clear difference"
WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric's mean in A and B over the `n` questions that both have it for.

    `low` and `high` bound B - A (95 %, paired bootstrap; None for a single question), `p` is of the
    paired permutation test, `adjusted` the same held for all metrics together. The `verdict` is
    "better" or "worse" when `adjusted` is below 0.05, "perhaps ..." when only `p` is, else "no clear
    difference"; metrics of effort are "higher" or "lower". `moved` counts the questions that differ.
    """

    metric: str
    n: int
    moved: int
    a: float
    b: float
    difference: float
    low: float | None
    high: float | None
    p: float
    adjusted: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside one another.

    `broke` and `mended` are questions that have failures in only one of the runs, `changed` those
    whose scores moved otherwise: {"id", "question", "a", "b"} with the rows of both reports.
    `warnings` say what makes the runs hard to compare.
    """

    a: Mapping[str, Any]
    b: Mapping[str, Any]
    differences: tuple[Difference, ...]
    broke: tuple[Mapping[str, Any], ...]
    mended: tuple[Mapping[str, Any], ...]
    changed: tuple[Mapping[str, Any], ...]
    unpaired: int
    warnings: tuple[str, ...]
    figures_b: Mapping[str, Mapping[str, float]]

    @property
    def worse(self) -> tuple[str, ...]:
        """The metrics that are worse in B beyond chance."""
        return tuple(d.metric for d in self.differences if d.verdict == WORSE)

    def to_dict(self) -> dict[str, Any]:
        return {
            "a": dict(self.a),
            "b": dict(self.b),
            "warnings": list(self.warnings),
            "unpaired": self.unpaired,
            "differences": [asdict(d) for d in self.differences],
            "broke": list(self.broke),
            "mended": list(self.mended),
            "changed": list(self.changed),
        }

    def to_markdown(self) -> str:
        lines = ["# Comparison", "", f"- A: {_described(self.a)}", f"- B: {_described(self.b)}"]
        lines += [f"- note: {warning}" for warning in self.warnings]
        lines += ["", *_table(self.differences), ""]
        same = [called(d.metric) for d in self.differences if not d.moved]
        if same:
            lines += [f"The same in every question: {', '.join(same)}.", ""]
        for title, entries in (("Broke", self.broke), ("Mended", self.mended)):
            lines += [f"## {title}: {len(entries)}", ""]
            side = "b" if title == "Broke" else "a"
            lines += [f"- **{e['id']}** {e['question']}: {'; '.join(e[side]['failures'])}" for e in entries]
            lines += [""] if entries else []
        lines += [
            f"{len(self.changed)} further questions have other scores.",
            "",
            "Means over the questions that both runs have a metric for; intervals by a paired bootstrap, p"
            " by a paired permutation test. better and worse hold for all metrics together (Holm, 0.05);"
            " perhaps: for the metric taken by itself.",
        ]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write comparison.html and comparison.json into `folder`, which is made if need be."""
        from assistant.evaluation.html import comparison_page

        folder.mkdir(parents=True, exist_ok=True)
        found = self.to_dict()
        text = json.dumps(found, ensure_ascii=False, indent=1)
        (folder / "comparison.json").write_text(text + "\n", encoding="utf-8")
        (folder / "comparison.html").write_text(comparison_page(found), encoding="utf-8")


def compare_runs(run_a: Path, run_b: Path, type_: str | None = None) -> Comparison:
    """Compare two reports of `evaluate`: folders, or their report.json.

    With `type_` only the questions of that type. A question whose wording differs between the runs
    is left out.

    Raises:
        ConfigurationError: a report is missing or unreadable, or the runs share no question.
    """
    report_a, report_b = _read(run_a), _read(run_b)
    rows_a, rows_b = (
        {(row["id"], row["question"]): row for row in rows if type_ in (None, row["type"])}
        for rows in (report_a["rows"], report_b["rows"])
    )
    shared = [i for i in rows_a if i in rows_b]
    if not shared:
        which = f"question of type {type_!r}" if type_ else "question"
        raise ConfigurationError(f"{run_a} and {run_b} share no {which}; compare two runs of one set")
    pairs = [(rows_a[i], rows_b[i]) for i in shared]
    entries = [{"id": a["id"], "question": a["question"], "a": a, "b": b} for a, b in pairs]
    unpaired = len(set(rows_a) ^ set(rows_b))
    return Comparison(
        a=report_a["setup"],
        b=report_b["setup"],
        differences=tuple(_differences([(a["metrics"], b["metrics"]) for a, b in pairs])),
        broke=tuple(e for e in entries if e["b"]["failures"] and not e["a"]["failures"]),
        mended=tuple(e for e in entries if e["a"]["failures"] and not e["b"]["failures"]),
        changed=tuple(e for e in entries if _moved_otherwise(e["a"], e["b"])),
        unpaired=unpaired,
        warnings=tuple(_warnings(report_a["setup"], report_b["setup"], unpaired)),
        figures_b={
            kind: {name: figure["value"] for name, figure in found.items()}
            for kind, found in report_b.get("figures", {}).items()
        },
    )


def _differences(pairs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> list[Difference]:
    values = {name: [(a[name], b[name]) for a, b in pairs if name in a and name in b] for name in METRICS}
    values = {name: both for name, both in values.items() if both}
    tests = {}
    for name, both in values.items():
        moved = [b - a for a, b in both if b != a]
        tests[name] = (permutation_p(moved), len(moved))
    adjusted = adjust({name: test for name, test in tests.items() if name not in EFFORT})
    found = []
    for name, both in values.items():
        p, moved_count = tests[name]
        mean_a, mean_b = (statistics.fmean(side) for side in zip(*both, strict=True))
        low, high = metrics.bootstrap_interval([b - a for a, b in both]) or (None, None)
        found.append(
            Difference(
                metric=name,
                n=len(both),
                moved=moved_count,
                a=mean_a,
                b=mean_b,
                difference=mean_b - mean_a,
                low=low,
                high=high,
                p=p,
                adjusted=adjusted.get(name, p),
                verdict=_verdict(name, mean_b - mean_a, p, adjusted.get(name, p)),
            )
        )
    return found


def _verdict(metric: str, difference: float, p: float, adjusted: float) -> str:
    if p >= ALPHA:
        return UNCLEAR
    if metric in EFFORT:
        return "higher" if difference > 0 else "lower"
    word = "better" if (difference > 0) != (metric in LOWER_IS_BETTER) else WORSE
    return word if adjusted < ALPHA else f"perhaps {word}"


def _moved_otherwise(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    if bool(a["failures"]) != bool(b["failures"]):
        return False
    if a["failures"] != b["failures"]:
        return True
    names = (set(a["metrics"]) | set(b["metrics"])) - EFFORT
    return any(a["metrics"].get(name) != b["metrics"].get(name) for name in names)


def _warnings(a: Mapping[str, Any], b: Mapping[str, Any], unpaired: int) -> Iterator[str]:
    if unpaired:
        yield f"{unpaired} questions are in only one run, or worded otherwise, and are left out"
    if a.get("corpus") != b.get("corpus"):
        yield "the runs were made over different papers"
    if a.get("questions") != b.get("questions"):
        yield f"the sets have different names: {a.get('questions')} and {b.get('questions')}"


def _table(differences: Sequence[Difference]) -> list[str]:
    rows = [["metric", "n", "differ", "A", "B", "B − A", "95 % interval", "p", ""]]
    for d in differences:
        if not d.moved:
            continue
        interval = ""
        if d.low is not None:
            interval = f"{show(d.metric, d.low, signed=True)} to {show(d.metric, d.high, signed=True)}"
        rows.append(
            [
                called(d.metric),
                str(d.n),
                str(d.moved),
                show(d.metric, d.a),
                show(d.metric, d.b),
                show(d.metric, d.difference, signed=True),
                interval,
                f"{d.p:.3f}" if d.p >= 0.001 else "<0.001",
                d.verdict,
            ]
        )
    if len(rows) == 1:
        return ["No metric differs in any question."]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(
            c.ljust(w) if i in (0, len(row) - 1) else c.rjust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i in (0, 8) else ":") for i, w in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def _read(path: Path) -> dict[str, Any]:
    file = path / REPORT if path.is_dir() else path
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
    return ", ".join(
        f"{called(name)} {value}" for name, value in setup.items() if value is not None and name != "corpus"
    )
