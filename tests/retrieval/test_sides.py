"""The two sides of a comparison, and which of them a corpus knows."""

import pytest

from assistant.models import Paper, ScoredPaper
from assistant.retrieval.selection import Selection
from assistant.retrieval.sides import Matters, Side, compared_matters, compared_names, opposed, read_sides


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
        ("Compare LoRKD, MeLo and RoLoRA", ("LoRKD", "MeLo", "RoLoRA")),
        ("compare the accuracy of LoRKD, MeLo, and RoLoRA on scans", ("LoRKD", "MeLo", "RoLoRA")),
        ("SAT vs MedLSAM vs UniCAD for CT and MRI", ("SAT", "MedLSAM", "UniCAD")),
        (
            "How does SAFARI compare to FedAvg and FedProx on CIFAR-10 and MNIST?",
            ("SAFARI", "FedAvg", "FedProx"),
        ),
        ("Compare SAFARI (2022), AQUILA (2023) and MeLo", ("SAFARI", "AQUILA", "MeLo")),
        ("Compare ERNIE 5.0, SAT and MeLo", ("ERNIE 5.0", "SAT", "MeLo")),
        ("Compare SAT and MeLo, Please", ("SAT", "MeLo")),
        ("Compare SAT and MeLo, What do they measure?", ("SAT", "MeLo")),
        ("Compare SAT, MeLo and SAT", ("SAT", "MeLo")),
        ("SAFARI vs AQUILA vs continual learning", ()),
        ("MRGen versus K-Space Transformer: which problem does each solve?", ()),
        ("How does MeLo compare with full fine-tuning?", ()),
        ("Compare the two papers on pruning", ()),
        ("What is new in LoRKD September vs April?", ()),
        ("What is compared with what?", ()),
    ],
)
def test_names_of_all_sides(question: str, names: tuple[str, ...]) -> None:
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


@pytest.mark.parametrize(
    ("topic", "names", "asked"),
    [
        (
            "Compare federated learning and continual learning",
            ("federated learning", "continual learning"),
            "",
        ),
        ("What's the main difference between pruning and quantization?", ("pruning", "quantization"), ""),
        ("compare papers on pruning with papers on quantization", ("pruning", "quantization"), ""),
        (
            "compare approaches to catastrophic forgetting with those to heterogeneity",
            ("catastrophic forgetting", "heterogeneity"),
            "",
        ),
        (
            "LoRA vs adapters for medical imaging",
            ("LoRA for medical imaging", "adapters for medical imaging"),
            "",
        ),
        (
            "In CT, how do adapters differ from prompt tuning?",
            ("adapters in CT", "prompt tuning in CT"),
            "",
        ),
        ("pruning vs. sparsity: which data do they use?", ("pruning", "sparsity"), "which data do they use"),
        ("Compare pruning and quantization on accuracy", ("pruning", "quantization"), "accuracy"),
        ("Compare pruning to distillation in terms of cost", ("pruning", "distillation"), "cost"),
        (
            "compare how pruning and quantization reduce cost",
            ("pruning", "quantization"),
            "how do they reduce cost",
        ),
        ("compare and contrast pruning and sparsity", ("pruning", "sparsity"), ""),
        ("similarities and differences between pruning and sparsity", ("pruning", "sparsity"), ""),
        ("Compare the accuracy of pruning and sparsity", ("pruning", "sparsity"), "accuracy"),
        ("pros and cons of pruning vs sparsity", ("pruning", "sparsity"), ""),
        ("tell me how pruning and quantization differ in cost", ("pruning", "quantization"), "cost"),
        ("compare defects in images and fraud on graphs", ("defects in images", "fraud on graphs"), ""),
        ("compare LoRA, pruning and quantization", ("LoRA", "pruning", "quantization"), ""),
        ("CT vs MRI vs PET on cost", ("CT", "MRI", "PET"), "cost"),
    ],
)
def test_matters_are_set_against_each_other(topic: str, names: tuple[str, ...], asked: str) -> None:
    assert compared_matters(topic, RANKED) == Matters(tuple(Side(name, None) for name in names), asked)


@pytest.mark.parametrize(
    "topic",
    [
        "Compare SAFARI and AQUILA",
        "Compare SAFARI with existing methods",
        "compare them",
        "Compare the two papers on pruning",
        "Difference between task drift and domain drift in the adaptation paper?",
        "difference between the teacher and the student in SAFARI",
        "learners that cope with differences between hospitals and scanners",
        "compare pruning with pruning",
    ],
)
def test_what_points_at_papers_or_is_no_comparison_has_no_matters(topic: str) -> None:
    assert compared_matters(topic, RANKED) is None


def test_a_paper_called_by_name_stands_for_its_own_side() -> None:
    found = compared_matters("SAFARI vs full fine-tuning", RANKED)
    assert found is not None
    assert found.sides == (Side("SAFARI", RANKED[0], called=True), Side("full fine-tuning", None))


MATTERS = Matters((Side("pruning", None), Side("quantization", None)))
BOTH, PRUNING, QUANTIZING = (scored(key, f"On {key}", "") for key in ("both", "pruning", "quantizing"))


def listed(*papers: ScoredPaper) -> Selection:
    return Selection("list", papers, matched=len(papers))


def test_each_side_has_a_paper_of_its_own() -> None:
    selection, sides = opposed(MATTERS, [listed(BOTH, PRUNING), listed(BOTH)])
    assert (selection.outcome, selection.papers) == ("compare", (PRUNING, BOTH))
    assert sides == MATTERS.sides


def test_a_side_that_no_paper_is_on_is_not_filled() -> None:
    near = Selection("list", (QUANTIZING,), near=False)
    for missing in (Selection("off_topic", ()), near):
        selection, sides = opposed(MATTERS, [listed(PRUNING, BOTH), missing])
        assert (selection.outcome, selection.papers) == ("answer", (PRUNING,))
        assert sides == MATTERS.sides[:1]
        assert selection.left_out == ("both",)


def test_without_a_paper_on_any_side_nothing_answers() -> None:
    nothing = Selection("off_topic", (), closest=(BOTH,), lacking=("pruning",))
    selection, sides = opposed(MATTERS, [nothing, nothing])
    assert (selection.outcome, sides) == ("off_topic", ())
    assert (selection.closest, selection.lacking) == ((BOTH,), ("pruning",))


@pytest.mark.parametrize(
    "question",
    [
        "compare MRI with and without contrast",
        "compare ants, bees, cats, dogs, elks, foxes, goats, hens and owls",
    ],
)
def test_what_has_no_two_sides_or_too_many_is_searched_for_as_a_whole(question: str) -> None:
    assert compared_matters(question, ()) is None


def test_two_words_on_what_is_asked_are_no_sides() -> None:
    matters = compared_matters("compare the pros and cons of pruning and quantization", ())
    assert matters is not None
    assert [side.name for side in matters.sides] == ["pruning", "quantization"]
