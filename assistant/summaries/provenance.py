"""What a summary says of how it was made."""

from assistant.summaries.model import Summary


def footer(summary: Summary) -> str:
    """What a reader needs to make the summary again."""
    made = summary.provenance
    model = f" ({summary.model}, prompts {made.prompt})" if summary.model else ""
    checked = "quoted from the abstracts"
    sentences = f"Sentences and table cells are {checked}."
    if summary.model:
        sentences = f"Sentences are checked against the papers they cite; table cells are {checked}."
    filters = ", ".join(f"{name} {value}" for name, value in summary.filters.to_dict().items())
    return (
        f"Made on {made.date} from {made.papers} papers (corpus generation {made.generation}) by the"
        f" {summary.answerer} summariser{model}, embedding {made.embedding}."
        + (f" Filters: {filters}." if filters else "")
        + f" {summary.coverage.used} papers used of {summary.coverage.matched} near the topic. {sentences}"
    )
