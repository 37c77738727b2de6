import pytest

from assistant.models import Paper
from assistant.retrieval.names import mention, named_apart, named_papers, paper_names, without_names


def paper(
    key: str, title: str | None, abstract: str = "", display: str = "", authors: tuple[str, ...] = ()
) -> Paper:
    return Paper(key, title or display, abstract, title, authors)


@pytest.mark.parametrize(
    ("title", "abstract", "names"),
    [
        ("SAFARI: Sparse Federated Learning", "", ("SAFARI",)),
        ("A Long and Telling Head of Title: Yes", "", ()),
        ("Mining Gaze", "We propose a scheme, McGIP, for gaze. We present McGIP (McGIP).", ("McGIP",)),
        ("Adapters", "The proposed method, termed Masked LoRA (RM-LoRA), is better than LoRA.", ("RM-LoRA",)),
        ("Coalitions", "We propose an optimal strategy -- FedEgoists -- which is optimal.", ("FedEgoists",)),
        ("Models", "Large language models (LLMs) are popular. We test LLMs.", ()),
        ("K-Space Transformer for MRI", "", ("K-Space Transformer",)),
    ],
)
def test_a_paper_goes_by_the_names_its_authors_give(
    title: str, abstract: str, names: tuple[str, ...]
) -> None:
    assert paper_names(paper("x", title, abstract)) == names


@pytest.mark.parametrize(
    ("question", "name", "found"),
    [
        ("What does TV-SAM do?", "TV-SAM", True),
        ("what does tv sam do?", "TV-SAM", True),
        ("is TVSAM good", "TV-SAM", True),
        ("how is SAT-Pro", "SAT", True),
        ("he sat down", "SAT", False),
        ("MeLo-2 for surgery", "MeLo", False),
        ("SAFARIS are trips", "SAFARI", False),
        ("the M3Builder agents", "M^3Builder", True),
    ],
)
def test_mentions_ignore_hyphens_and_case_but_not_other_names(question: str, name: str, found: bool) -> None:
    assert (mention(question, name) is not None) is found


def test_the_longer_of_two_names_at_one_place_decides() -> None:
    rd = paper("rd", "Reprogramming Distillation: Base")
    drd = paper("drd", "Deep Reprogramming Distillation: More")
    assert [p.paper_id for p in named_papers("what is deep reprogramming distillation?", [rd, drd])] == [
        "drd"
    ]


def test_a_name_that_fits_many_papers_names_none() -> None:
    many = [paper(str(i), "LoRA: Again") for i in range(3)]
    assert named_papers("what is LoRA?", many) == ()


def test_papers_come_in_order_of_mention() -> None:
    a, b = paper("a", "AlphaX: One"), paper("b", "BetaX: Two")
    assert [p.paper_id for p in named_papers("BetaX versus AlphaX", [a, b])] == ["b", "a"]


def test_what_is_asked_remains_when_names_are_taken_out() -> None:
    safari = paper("s", "SAFARI: Sparse Federated Learning", authors=("Yuzhu Mao",))
    assert (
        without_names("How many weights can SAFARI by Mao prune?", [safari])
        == "How many weights can by prune?"
    )


def test_papers_that_share_a_name_are_not_told_apart_by_it():
    first, second = paper("a", "LoRKD: first version"), paper("b", "LoRKD: second version")
    other = paper("c", "BetaX: another")
    assert len(named_papers("what is LoRKD?", [first, second])) == 2
    assert len(named_apart("what is LoRKD?", [first, second])) == 1
    assert [p.paper_id for p in named_apart("BetaX and LoRKD?", [first, other])] == ["c", "a"]
