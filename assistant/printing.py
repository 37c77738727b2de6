"""An answer on the terminal: streamed text, then the sources."""

import sys
from collections.abc import Iterable

from assistant.models import Answer
from assistant.readable import readable


def print_answer(parts: Iterable[str | Answer]) -> None:
    """Print an answer while it is written, then its sources and notes.

    What is shown while a language model writes is provisional; where the finished answer
    differs (renumbered citations), it is printed once more.
    """
    shown = ""
    live = sys.stdout.isatty()
    for part in parts:
        if isinstance(part, Answer):
            _finish(part, shown)
        elif live and part.startswith(shown):
            print(part[len(shown) :], end="", flush=True)
            shown = part


def _finish(answer: Answer, shown: str) -> None:
    if shown.strip() != answer.text.strip():
        print(("\n\n" if shown else "") + answer.text)
    else:
        print()
    if answer.filters:
        print("\nFilters: " + ", ".join(f"{k} = {v}" for k, v in answer.filters.to_dict().items()))
    if answer.citations:
        print("\nSources")
    for citation in answer.citations:
        paper = citation.paper
        people = ", ".join(paper.authors[:3]) + (" et al." if paper.et_al or len(paper.authors) > 3 else "")
        details = " · ".join(x for x in (people, paper.published or "", paper.url or "") if x)
        print(
            f"[{citation.number}] {readable(paper.display_title)}" + (f"\n    {details}" if details else "")
        )
    for note in answer.notes:
        print(f"\nNote: {note}")
