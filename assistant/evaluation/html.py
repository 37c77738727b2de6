"""Reports as one HTML file that needs nothing from outside; every text of others is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assistant.evaluation import display
from assistant.evaluation.details import failure_kind
from assistant.evaluation.metric_names import LOWER_IS_BETTER, METRICS, SHARES
from assistant.evaluation.plots import Point, bar_plot, interval_plot, time_plot

_TEMPLATES = Path(__file__).parent / "templates"
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_MARKER = re.compile(r"(?<!\\)\[(\d{1,4})\]")
_NO_SETUP = {"corpus"}
#: Figures drawn with their intervals; those of `SHARES` say one thing of each question.
_DRAWN = (
    *(n for n in METRICS if n in SHARES),
    "facts",
    "cited_recall",
    "cited_precision",
    "support",
    "verbatim",
)


def report_page(report: Mapping[str, Any]) -> str:
    """The page of a run; `report` is what `EvaluationReport.to_dict` gives, or its report.json."""
    rows = [_row_view(row) for row in report["rows"]]
    kinds = Counter(kind for row in rows for kind in row["kinds"])
    figures = report["figures"]
    types = list(figures)
    return _page(
        "report.html",
        title=f"Evaluation of {report['setup'].get('questions', 'a question set')}",
        report=report,
        setup={k: v for k, v in report["setup"].items() if v is not None and k not in _NO_SETUP},
        rows=rows,
        kinds=dict(kinds.most_common()),
        types=[t for t in types if t != "all"],
        table=_table(figures),
        columns=types,
        meanings={name: METRICS[name] for name in figures["all"]},
        plots=_plots(report, kinds),
    )


def comparison_page(comparison: Mapping[str, Any]) -> str:
    """The page of a comparison; `comparison` is what `Comparison.to_dict` gives."""
    changes = [
        (title, name, [{"a": _row_view(c["a"]), "b": _row_view(c["b"])} for c in comparison[name]])
        for title, name in (("Broke", "broke"), ("Mended", "mended"), ("Changed otherwise", "changed"))
    ]
    drawn = [d for d in comparison["differences"] if d["metric"] in display.PERCENT]
    reach = max((abs(v) for d in drawn for v in (d["low"], d["high"]) if v is not None), default=0.1)
    scale = next((s for s in (0.02, 0.05, 0.1, 0.2, 0.5) if reach <= s), 1.0)
    points = [
        Point(
            display.called(d["metric"]),
            d["difference"],
            d["low"],
            d["high"],
            f"{display.show(d['metric'], d['difference'], signed=True)}  (p {d['p']:.3f})",
            d["verdict"].replace(" ", "-"),
        )
        for d in drawn
        if d["difference"] or d["low"] or d["high"]
    ]
    plot = interval_plot("Differences B − A with 95 % intervals", points, low=-scale, high=scale)
    return _page(
        "comparison.html",
        title=f"Comparison on {comparison['a'].get('questions', 'a question set')}",
        comparison=comparison,
        changes=changes,
        plot=plot if points else None,
        meanings=METRICS,
    )


def _page(template: str, **values: Any) -> str:
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template(template)
        .render(style=Markup(style), script=Markup(script), script_hash=digest, **values)
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "dict": dict,
        "show": display.show,
        "called": display.called,
        "lower": LOWER_IS_BETTER,
    }
    environment.filters |= {"answer": answer_html, "web_link": _web_link}
    return environment


def answer_html(text: str, row: str, numbers: Sequence[int]) -> Markup:
    """An answer's Markdown, escaped first; its bold words, quotations and markers become markup."""
    lines = []
    for line in str(escape(text)).split("\n"):
        shown = _BOLD.sub(r"<strong>\1</strong>", line)
        shown = _MARKER.sub(lambda m: _marker(int(m[1]), row, numbers), shown)
        shown = re.sub(r"\\([\[\]*_&])", r"\1", shown)
        lines.append(f"<q>{shown.removeprefix('&gt;').strip()}</q>" if shown.startswith("&gt;") else shown)
    return Markup("\n".join(lines))


def _marker(number: int, row: str, numbers: Sequence[int]) -> str:
    if number in numbers:
        return f'<a href="#{row}-c{number}">[{number}]</a>'
    return f'<span class="bad" title="names no citation">[{number}]</span>'


def _web_link(url: object) -> str | None:
    """The address when it is one of the web, None otherwise (`javascript:` and the like)."""
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None


def _row_view(row: Mapping[str, Any]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(failure_kind(f) for f in row["failures"]))
    anchor = "q-" + hashlib.sha256(str(row["id"]).encode()).hexdigest()[:10]
    return {
        **row,
        "kinds": kinds,
        "anchor": anchor,
        "numbers": [c["number"] for c in row.get("citations", ())],
        "explained": "gold" in row,
        "grouped": display.groups(row["metrics"]),
    }


def _table(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """For each heading its metrics, for each metric its cells, one a question type."""
    table = {}
    for title, names in display.groups(figures["all"]).items():
        table[title] = [
            {
                "name": name,
                "cells": [_cell(name, found.get(name)) for found in figures.values()],
                "all": figures["all"][name],
            }
            for name in names
        ]
    return table


def _cell(name: str, figure: Mapping[str, Any] | None) -> dict[str, Any]:
    if figure is None:
        return {"text": "", "interval": "", "n": 0, "share": None}
    share = figure["value"] if name in display.PERCENT else None
    interval = ""
    if figure["low"] is not None:
        interval = f"{display.show(name, figure['low'])} to {display.show(name, figure['high'])}"
    return {
        "text": display.show(name, figure["value"]),
        "interval": interval,
        "n": figure["n"],
        "share": share,
    }


def _plots(report: Mapping[str, Any], kinds: Mapping[str, int]) -> list[tuple[str, str, Markup]]:
    """Heading, explanation and drawing of each plot."""
    found = report["figures"]["all"]
    points = [
        Point(
            display.called(name),
            found[name]["value"],
            found[name]["low"],
            found[name]["high"],
            f"{display.show(name, found[name]['value'])} of {found[name]['n']}",
        )
        for title, names in display.groups(found).items()
        for name in names
        if name in _DRAWN
    ]
    drawn = [
        ("Figures", "All questions, with 95 % intervals.", interval_plot("Figures of all questions", points))
    ]
    if kinds:
        most = dict(Counter(kinds).most_common(10))
        drawn.append(
            (
                "Failures",
                "Questions by what went wrong; one may count twice.",
                bar_plot("Failures", most, report["n"]),
            )
        )
    ranks = _ranks(report["rows"])
    if sum(ranks.values()):
        drawn.append(
            (
                "Retrieval",
                "Where the first expected paper was ranked.",
                bar_plot("Rank of the first expected paper", ranks, sum(ranks.values())),
            )
        )
    times = [row["metrics"]["ms"] for row in report["rows"] if "ms" in row["metrics"]]
    if len(times) > 1:
        marks = {name: value for name, value in report["latency_ms"].items() if value is not None}
        drawn.append(("Latency", "Time for an answer.", time_plot("Time for an answer", times, marks)))
    return drawn


def _ranks(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = dict.fromkeys(("1st", "2nd", "3rd", "4th or 5th", "6th to 10th", "not among 10"), 0)
    for row in rows:
        if not row.get("retrieved") or "retrieved_mrr_10" not in row["metrics"]:
            continue
        places = (i for i, r in enumerate(row["retrieved"], 1) if r["standing"] == "expected")
        place = next(places, 99)
        counts[_rank_name(place)] += 1
    return counts


def _rank_name(place: int) -> str:
    if place <= 3:
        return ("1st", "2nd", "3rd")[place - 1]
    return "4th or 5th" if place <= 5 else "6th to 10th" if place <= 10 else "not among 10"
