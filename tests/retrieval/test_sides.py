"""The two sides of a comparison, and which of them a corpus knows."""

import pytest

from assistant.models import Paper, ScoredPaper
from assistant.retrieval.sides import compared_names, read_sides


def scored(key: str, title: str, abstract: str) -> ScoredPaper:
    return ScoredPaper(Paper(key, title, abstract, title=title), 1.0, {})


RANKED = [
    scored("safari", "SAFARI: Sparse federated learning", "SAFARI is compared with FedAvg."),
    scored("aquila", "AQUILA: Adaptive quantization", "We cut communication."),
]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Compare SAFARI and AQUILA: how does each cut cost?", ("SAFARI", "AQUILA")),
        ("SAFARI vs Scaffold", ("SAFARI", "Scaffold")),
        ("SAFARI vs. FedAvg on accuracy", ("SAFARI", "FedAvg")),
        ("What is the difference between MeLo and QLoRA?", ("MeLo", "QLoRA")),
        ("how does DoctorGLM differ from GPT-4?", ("DoctorGLM", "GPT-4")),
        ("MRGen versus K-Space Transformer: which problem does each solve?", None),
        ("How does MeLo compare with full fine-tuning?", None),
        ("Compare the two papers on pruning", None),
        ("What is new in LoRKD September vs April?", None),
        ("What is compared with what?", None),
    ],
)
def test_names_of_both_sides(question: str, names: tuple[str, str] | None) -> None:
    assert compared_names(question) == names


def test_a_side_is_the_paper_called_so_or_the_one_that_mentions_it() -> None:
    one, other = read_sides("SAFARI vs FedAvg", RANKED)
    assert one.paper is RANKED[0]
    assert one.called
    assert other.paper is RANKED[0]
    assert not other.called


def test_a_side_that_no_paper_mentions_has_none() -> None:
    _, other = read_sides("SAFARI vs Scaffold", RANKED)
    assert (other.name, other.paper) == ("Scaffold", None)
