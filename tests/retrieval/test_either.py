"""A list on one topic or another is the papers on either."""

import pytest

from assistant.models import Paper, ScoredPaper
from assistant.retrieval.either import either_of, joined
from assistant.retrieval.plan import Plan
from assistant.retrieval.selection import Selection

FOUND = [ScoredPaper(Paper("a", "On breast cancer", "Screening finds it early."), 1.0, {})]


def scored(*keys: str) -> tuple[ScoredPaper, ...]:
    return tuple(ScoredPaper(Paper(key, f"On {key}", ""), 1.0, {}) for key in keys)


@pytest.mark.parametrize(
    ("topic", "topics"),
    [
        ("papers on pruning or quantization", ("pruning", "quantization")),
        ("Which papers use either CT or MRI?", ("CT", "MRI")),
        ("papers about pruning or about low-rank adaptation", ("pruning", "low-rank adaptation")),
        ("papers on breast or lung cancer", ("breast cancer", "lung cancer")),
        ("papers on pruning, sparsity, or quantization", ("pruning", "sparsity", "quantization")),
        (
            "papers on segmentation or classification of skin lesions",
            ("segmentation of skin lesions", "classification of skin lesions"),
        ),
        (
            "papers on LoRA or low-rank adapters in medical imaging",
            ("LoRA in medical imaging", "low-rank adapters in medical imaging"),
        ),
        ("papers on breast or lung cancer in CT", ("breast cancer in CT", "lung cancer in CT")),
        ("papers on tracking or detection in video", ("tracking in video", "detection in video")),
        ("papers on the effect of pruning or distillation of models", ()),
        ("papers on pruning and quantization", ()),
        ("papers with or without labels", ()),
        ("a dataset of radiology images or reports", ()),
        ("papers on pruning", ()),
    ],
)
def test_or_parts_the_topics_of_a_list(topic: str, topics: tuple[str, ...]) -> None:
    assert either_of(topic, FOUND) == topics


def test_the_lists_alternate_and_a_topic_without_papers_is_told() -> None:
    plan = Plan("q", "q", "q", "list", either=("pruning", "quantization", "dolphins"))
    one = Selection("list", scored("a", "b"), matched=3, left_out=("z",))
    other = Selection("list", scored("c", "a"), matched=2)
    found = joined(plan, [one, other, Selection("off_topic", ())])
    assert found is not None
    read, selection = found
    assert [s.paper.paper_id for s in selection.papers] == ["a", "c", "b"]
    assert (selection.matched, selection.left_out) == (4, ("z",))
    assert read.either == ("pruning", "quantization")
    assert read.notes == ("No paper here is on “dolphins”.",)
