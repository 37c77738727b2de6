"""The plots of a report, as SVG with text labels that follows the page's colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

_ROW = 24  # pixels a line
_LABELS, _PLOT, _VALUES = 170, 245, 130
_WIDTH = _LABELS + _PLOT + _VALUES
_BAR_LABELS = 225  # failures are told in a few words, their counts in fewer than intervals
_HEAD = 22


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval, as drawn on one line of a plot; `tone` names a colour class."""

    label: str
    value: float
    low: float | None
    high: float | None
    text: str
    tone: str = ""


def interval_plot(title: str, points: Sequence[Point], *, low: float = 0.0, high: float = 1.0) -> Markup:
    """Values with their intervals on a scale from `low` to `high` in per cent; zero is marked."""

    def x(value: float) -> float:
        return round(_LABELS + _PLOT * (min(max(value, low), high) - low) / (high - low), 1)

    height = _HEAD + _ROW * len(points) + 6
    parts = []
    for tick in np.linspace(low, high, 5):
        name = "zero" if abs(tick) < 1e-9 else "grid"
        parts.append(
            Markup(
                '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="tick" x="{}" y="12">{} %</text>'
            ).format(name, x(tick), x(tick), _HEAD - 4, height, x(tick), f"{100 * tick:g}".replace("-", "−"))
        )
    for place, point in enumerate(points):
        y = _HEAD + _ROW * place + _ROW // 2
        if point.low is not None and point.high is not None:
            parts.append(
                Markup('<line class="whisker {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                    point.tone, x(point.low), x(point.high), y, y
                )
            )
        parts.append(
            Markup(
                '<circle class="dot {}" cx="{}" cy="{}" r="5"/><text x="0" y="{}">{}</text>'
                '<text class="value" x="{}" y="{}">{}</text>'
            ).format(point.tone, x(point.value), y, y + 4, point.label, _WIDTH, y + 4, point.text)
        )
    return _figure(title, height, parts)


def bar_plot(title: str, bars: Mapping[str, int], total: int) -> Markup:
    """How many of `total` each bar holds."""
    most = max(bars.values(), default=0) or 1
    parts = []
    for place, (label, count) in enumerate(bars.items()):
        y = _ROW * place + 4
        share = f"{count} of {total}" if total else str(count)
        parts.append(
            Markup(
                '<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
                '<text x="0" y="{}">{}</text><text class="value" x="{}" y="{}">{}</text>'
            ).format(
                _BAR_LABELS, y, round(_PLOT * count / most, 1), _ROW - 8, y + 12, label, _WIDTH, y + 12, share
            )
        )
    return _figure(title, _ROW * len(bars) + 6, parts)


def time_plot(title: str, values: Sequence[float], marks: Mapping[str, float]) -> Markup:
    """How long answers took: a histogram on a logarithmic scale, with `marks` (name to value)."""
    low, high = max(min(values), 0.1), max(*values, 0.2)
    low, high = (low, high) if high > low * 1.2 else (low / 1.2, high * 1.2)
    edges = np.geomspace(low, high, 25)
    counts, _ = np.histogram(np.clip(values, low, high), edges)
    top, bottom, left, wide = 34, 132, 20, _WIDTH - 40

    def x(value: float) -> float:
        return round(left + wide * float(np.log(value / low) / np.log(high / low)), 1)

    parts = []
    for count, begin, end in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        tall = (bottom - top) * count / max(counts.max(), 1)
        parts.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
                x(begin) + 1,
                round(bottom - tall, 1),
                round(x(end) - x(begin) - 2, 1),
                round(tall, 1),
                f"{count} answers took {begin:,.0f} to {end:,.0f} ms",
            )
        )
    for place, (name, value) in enumerate(marks.items()):
        at = x(min(max(value, low), high))
        y = 12 + 14 * place
        side, shift = ("end", 4) if at > _WIDTH / 2 else ("start", -4)
        parts.append(
            Markup(
                '<line class="mark" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text x="{}" y="{}" text-anchor="{}">{}</text>'
            ).format(at, at, top - 2, bottom, at + shift, y, side, f"{name} {value:,.0f} ms")
        )
    parts.append(
        Markup(
            '<text class="tick" x="{}" y="{}" style="text-anchor:start">{}</text>'
            '<text class="tick" x="{}" y="{}" style="text-anchor:end">{}</text>'
        ).format(left, bottom + 16, f"{low:,.0f} ms", left + wide, bottom + 16, f"{high:,.0f} ms")
    )
    return _figure(title, bottom + 24, parts)


def _figure(title: str, height: int, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, title, Markup("").join(parts)
    )
