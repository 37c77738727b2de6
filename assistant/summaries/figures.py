"""Two figures as SVG: papers per year, and how many papers each theme has.

Bars and their numbers are all there is to draw, so they are drawn by hand: a plotting library is tens
of megabytes. Colours come from CSS variables where the page has them, so that they follow its theme.
"""

from __future__ import annotations

import re
from html import escape

from assistant.readable import readable
from assistant.summaries.model import Stance, Summary

_BAR = "var(--pa-figure-bar, #4f6df5)"
_INK = "var(--body-text-color, #1f2937)"
_FAINT = "var(--border-color-primary, #d1d5db)"
_FONT = "font-family='system-ui, sans-serif' font-size='12'"
STANCE_COLOURS: dict[Stance, str] = {
    "supports": "#2e9e6b",
    "mixed": "#c9a227",
    "contradicts": "#d1495b",
    "silent": "#9aa3af",
}
_VARIABLE = re.compile(r"var\([\w-]+, (#[0-9a-f]+)\)")
MOST_YEARS = 30  # bars; of a longer time the last ones
LABEL = 46  # characters of a heading


def years_svg(summary: Summary) -> str:
    """Papers per year, every year of the span; "" when none is dated."""
    counts = {year: len(numbers) for year, numbers in summary.timeline if year}
    if not counts:
        return ""
    years = range(min(counts), max(counts) + 1)[-MOST_YEARS:]
    highest, step, height = max(counts.values()), 44, 120
    parts = []
    for i, year in enumerate(years):
        count = counts.get(year, 0)
        tall = round(height * count / highest, 1)
        x, y = 10 + i * step, 20 + height - tall
        parts.append(f"<rect x='{x}' y='{y}' width='{step - 12}' height='{tall}' rx='2' fill='{_BAR}'/>")
        if count:
            parts.append(_text(x + (step - 12) / 2, y - 5, str(count), "middle"))
        parts.append(_text(x + (step - 12) / 2, height + 36, str(year), "middle"))
    width = 20 + len(years) * step
    parts.append(f"<line x1='6' x2='{width - 6}' y1='{height + 20}' y2='{height + 20}' stroke='{_FAINT}'/>")
    undated = sum(len(numbers) for year, numbers in summary.timeline if year is None)
    title = "Papers per year" + (f" ({undated} undated)" if undated else "")
    return _svg(title, max(width, 220), height + 46, parts)


def themes_svg(summary: Summary) -> str:
    """How many papers each theme has; "" for a single theme."""
    if len(summary.themes) < 2:
        return ""
    highest = max(len(theme.citations) for theme in summary.themes)
    parts = []
    for i, theme in enumerate(summary.themes):
        y, wide = 14 + i * 28, round(170 * len(theme.citations) / highest, 1)
        heading = readable(theme.heading)
        label = heading if len(heading) <= LABEL else heading[: LABEL - 1].rstrip() + "…"
        parts.append(_text(10, y + 14, label, "start"))
        parts.append(f"<rect x='330' y='{y}' width='{wide}' height='18' rx='2' fill='{_BAR}'/>")
        parts.append(_text(336 + wide, y + 14, str(len(theme.citations)), "start"))
    return _svg("Papers by theme", 540, 24 + 28 * len(summary.themes), parts)


def figures_svg(summary: Summary) -> str:
    """Both figures, one below the other, as one SVG; "" when there is nothing to draw."""
    figures = [f for f in (years_svg(summary), themes_svg(summary)) if f]
    if not figures:
        return ""
    parts, top, widest = [], 0, 0
    for figure in figures:
        head = figure[: figure.index(">")]
        width, height = (
            int(float(head.split(f" {side}='")[1].split("'")[0])) for side in ("width", "height")
        )
        parts.append(figure.replace("<svg ", f"<svg y='{top}' ", 1))
        top, widest = top + height + 12, max(widest, width)
    whole = _svg(f"Figures: {summary.topic}", widest, top, parts)
    return _VARIABLE.sub(r"\1", whole)  # no page, no variables


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f"<text x='{x}' y='{y}' text-anchor='{anchor}' fill='{_INK}' {_FONT}>{escape(text)}</text>"


def _svg(title: str, width: int, height: int, parts: list[str]) -> str:
    label = escape(" ".join(title.split()), quote=True)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'"
        f" viewBox='0 0 {width} {height}' role='img' aria-label='{label}'><title>{label}</title>"
        + "".join(parts)
        + "</svg>"
    )
