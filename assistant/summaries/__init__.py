"""Literature summaries: what the corpus holds on a topic, grouped, cited and exportable."""

from assistant.summaries.model import Findings, Provenance, Statement, Summary, TableRow, Theme
from assistant.summaries.summarizer import Request, Summarizer

__all__ = [
    "Findings",
    "Provenance",
    "Request",
    "Statement",
    "Summarizer",
    "Summary",
    "TableRow",
    "Theme",
]
