"""An answer on the terminal: streamed text, then the sources, the checks and what was left out."""

import re
import sys
import unicodedata
from collections.abc import Iterable

from assistant.models import Answer, Coverage
from assistant.readable import readable

_MARKDOWN_ESCAPE = re.compile(r"\\([\[\]*_<#>+-])")


def print_answer(parts: Iterable[str | Answer]) -> None:
    """Print an answer while it is written, then its sources and notes.

    What is shown while a language model writes is provisional; where the finished answer
    differs (renumbered citations), it is printed once more. Nothing of a paper or a model
    reaches the terminal as a control sequence.
    """
    shown = ""
    live = sys.stdout.isatty()
    for part in parts:
        if isinstance(part, Answer):
            _finish(part, shown)
        elif live and part.startswith(shown):
            print(_plain(part[len(shown) :]), end="", flush=True)
            shown = part


def _finish(answer: Answer, shown: str) -> None:
    if shown.strip() != answer.text.strip():
        print(("\n\n" if shown else "") + _plain(_MARKDOWN_ESCAPE.sub(r"\1", answer.text)))
    else:
        print()
    if answer.filters:
        named = (f"{k} = {_plain(str(v))}" for k, v in answer.filters.to_dict().items())
        print("\nFilters: " + ", ".join(named))
    if answer.citations:
        print("\nSources")
    for citation in answer.citations:
        paper = citation.paper
        people = ", ".join(paper.authors[:3]) + (" et al." if paper.et_al or len(paper.authors) > 3 else "")
        details = " · ".join(_plain(x) for x in (people, paper.published or "", paper.url or "") if x)
        print(f"[{citation.number}] {_line(paper.display_title)}" + (f"\n    {details}" if details else ""))
    for sentence in answer.sentences:
        if sentence.verdict == "unsupported":
            print(f"\nNot supported by the papers: “{_line(sentence.text)}”")
    if answer.citations and answer.coverage.left_out:
        print("\n" + _left_out(answer.coverage))
    for note in answer.notes:
        print(f"\nNote: {_plain(note)}")


def _left_out(coverage: Coverage) -> str:
    titles = [_line(paper.display_title) for paper in coverage.strongest]
    more = len(coverage.left_out) - len(titles)
    titles += [f"{more:,} more"] if more else []
    return f"{coverage.matched:,} papers match, {coverage.used:,} of them used. Left out: {'; '.join(titles)}"


def _line(text: str) -> str:
    return _plain(" ".join(readable(text).split()))


def _plain(text: str) -> str:
    """Text without control characters, which could rewrite what the terminal shows."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Cs"))
