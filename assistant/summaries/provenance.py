"""What a summary says of how it was made."""

from assistant.answering.filter_words import describe_filters
from assistant.summaries.model import Summary


def footer(summary: Summary) -> str:
    """What a reader needs to make the summary again; plain text, so Markdown's marks stand unescaped."""
    made = summary.provenance
    model = f" ({summary.model}, prompts {made.prompt})" if summary.model else ""
    checked = "quoted from the abstracts"
    sentences = f"Sentences and table cells are {checked}."
    if summary.model:
        sentences = f"Sentences are checked against the papers they cite; table cells are {checked}."
    filters = describe_filters(summary.filters)
    return (
        f"Made on {made.date} from {made.papers} papers (corpus generation {made.generation}) by the"
        f" {summary.answerer} summariser{model}, embedding {made.embedding}."
        + (f" Filters: papers {filters}." if filters else "")
        + f" {summary.coverage.used} papers used of {summary.coverage.matched} near the topic. {sentences}"
    )
