"""Coverage counts every paper that came near, and names those an answer leaves out."""

from assistant.answering.coverage import NAMED, covered
from assistant.models import Citation, Coverage, Paper, ScoredPaper
from assistant.retrieval.selection import Selection

PAPERS = {i: Paper(paper_id=i, display_title=i.upper(), abstract="") for i in "abcdefghij"}


def selection(used: str, left_out: str = "") -> Selection:
    return Selection("answer", tuple(ScoredPaper(PAPERS[i], 1.0) for i in used), left_out=tuple(left_out))


def cite(ids: str) -> list[Citation]:
    return [Citation(n, PAPERS[i]) for n, i in enumerate(ids, 1)]


def get(ids):
    return {i: PAPERS[i] for i in ids}


def test_all_used_leaves_nothing_out() -> None:
    assert covered(selection("ab"), cite("ab"), get) == Coverage(2, 2)


def test_a_selected_paper_that_the_answer_does_not_cite_is_left_out_before_the_weaker_ones() -> None:
    found = covered(selection("abc", "de"), cite("b"), get)
    assert (found.matched, found.used, found.left_out) == (5, 1, ("a", "c", "d", "e"))
    assert [p.display_title for p in found.strongest] == ["A", "C", "D", "E"]


def test_a_cited_paper_counts_as_matched_wherever_it_came_from() -> None:
    assert covered(selection("a"), cite("j"), get).matched == 2


def test_only_the_strongest_are_looked_up() -> None:
    found = covered(selection("a", "bcdefghij"), cite("a"), get)
    assert (found.matched, len(found.left_out), len(found.strongest)) == (10, 9, NAMED)


def test_a_paper_that_is_gone_is_counted_but_not_named() -> None:
    found = covered(selection("a", "b"), cite("a"), lambda ids: {})
    assert (found.left_out, found.strongest) == (("b",), ())
