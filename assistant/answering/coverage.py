"""How much of what the corpus holds on a question went into its answer."""

from collections.abc import Callable, Iterable, Sequence

from assistant.models import Citation, Coverage, Paper
from assistant.retrieval.selection import Selection

NAMED = 5  # papers left out that are named to the reader


def covered(
    selection: Selection,
    citations: Iterable[Citation],
    get_papers: Callable[[Sequence[str]], dict[str, Paper]],
) -> Coverage:
    """The papers that came near enough to matter: how many there are, and which were not cited.

    `matched` counts every one of them, cited or not, so that it is always `used` and those left
    out together. These are named best first; `get_papers` looks up the first few for display.
    """
    cited = {c.paper.paper_id for c in citations}
    near = dict.fromkeys((*(s.paper.paper_id for s in selection.papers), *selection.left_out))
    left_out = tuple(i for i in near if i not in cited)
    found = get_papers(left_out[:NAMED]) if left_out else {}
    return Coverage(
        matched=len(cited) + len(left_out),
        used=len(cited),
        left_out=left_out,
        strongest=tuple(found[i] for i in left_out[:NAMED] if i in found),
    )
