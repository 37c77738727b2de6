import pytest

from assistant.models import Paper
from assistant.retrieval.conversation import Turn, about_the_list, resolve_follow_up
from assistant.retrieval.plan import Plan

FLOWX = Paper("f", "FlowX: Message Flows", "", "FlowX: Message Flows", published="2022-06-26")
RAG = Paper("r", "RAGFormer: Fraud", "", "RAGFormer: Fraud", published="2024-02-27")
EORA = Paper("e", "EoRA", "")
COMPARED = Turn(
    "compare FlowX and RAGFormer",
    (FLOWX, RAG),
    (FLOWX, RAG),
    Plan("compare", "compare FlowX and RAGFormer", "FlowX RAGFormer", "compare"),
)
TWO = [Turn("What is FlowX?", (FLOWX,), ()), Turn("What is RAGFormer?", (RAG,), ())]


@pytest.mark.parametrize(
    ("question", "turns", "standalone", "focus"),
    [
        ("What is EoRA?", [], "What is EoRA?", ()),
        (
            "does it need gradients?",
            [Turn("What is EoRA?", (EORA,), ())],
            "does EoRA need gradients?",
            ("e",),
        ),
        ("what are its results?", [Turn("What is EoRA?", (EORA,), ())], "what are EoRA's results?", ("e",)),
        ("of which kind?", TWO, "of which kind (RAGFormer)?", ("r",)),
        ("was the first one tested?", TWO, "was FlowX tested?", ("f",)),
        ("who is the first author?", TWO, "who is the first author (RAGFormer)?", ("r",)),
        ("how big is the latter", TWO, "how big is RAGFormer", ("r",)),
        ("What is the boiling point of copper?", TWO, None, ()),
        ("and the former?", TWO, "What is FlowX?", ("f",)),
        ("and the older one?", TWO, "What is FlowX?", ("f",)),
        ("and RAGFormer?", TWO[:1], "What is RAGFormer?", ()),
        ("Which papers use convolutional networks for retinal images?", TWO, None, ()),
        (
            "what does the second paper say",
            [Turn("papers on graphs", (), (RAG, FLOWX))],
            "what does FlowX say",
            ("f",),
        ),
        (
            "compare the first and the third",
            [Turn("papers on graphs", (), (RAG, FLOWX, EORA))],
            "compare RAGFormer and EoRA",
            ("r", "e"),
        ),
        (
            "is the second one faster than the first?",
            [Turn("papers on graphs", (), (RAG, FLOWX, EORA))],
            "is FlowX faster than RAGFormer?",
            ("f", "r"),
        ),
        ("compare them", TWO, "compare FlowX and RAGFormer", ("f", "r")),
        ("How do they differ?", TWO, "How do FlowX and RAGFormer differ?", ("f", "r")),
        ("which data do they use?", TWO, "which data do RAGFormer use?", ("r",)),
        ("which data do they use?", [COMPARED], "which data do FlowX and RAGFormer use?", ("f", "r")),
        ("what is its accuracy?", [COMPARED], "what is FlowX's accuracy?", ("f",)),
        ("which one is newer?", TWO, "which one is newer (FlowX and RAGFormer)?", ("f", "r")),
        ("and which performs better?", TWO, "and which performs better (FlowX and RAGFormer)?", ("f", "r")),
        ("which is faster than SGD?", TWO, "which is faster than SGD?", ()),
        (
            "which is bigger?",
            [Turn("compare RAGFormer and EoRA", (RAG, EORA), (RAG, EORA))],
            "which is bigger (RAGFormer and EoRA)?",
            ("r", "e"),
        ),
        ("does it beat FlowX?", TWO, "does RAGFormer beat FlowX?", ("r", "f")),
        (
            "how do its results compare to FlowX's?",
            TWO,
            "how do RAGFormer's results compare to FlowX's?",
            ("r", "f"),
        ),
        (
            "How big is the gain?",
            [Turn("What is FlowX?", (FLOWX,), ())],
            "How big is the gain (FlowX)?",
            ("f",),
        ),
        (
            "why do patients fear doctors, and do they recover?",
            [Turn("What is FlowX?", (FLOWX,), ())],
            None,
            (),
        ),
        (
            "which datasets are used and how large are they?",
            [Turn("What is FlowX?", (FLOWX,), ())],
            "which datasets are used and how large are FlowX?",
            ("f",),
        ),
        ("How big is the gain of CLIP?", [Turn("What is FlowX?", (FLOWX,), ())], None, ()),
        ("Does FlowX beat it?", [Turn("What is FlowX?", (FLOWX,), ())], None, ("f",)),
    ],
)
def test_follow_ups_are_completed(
    question: str, turns: list[Turn], standalone: str | None, focus: tuple[str, ...]
) -> None:
    resolution = resolve_follow_up(question, turns)
    assert tuple(p.paper_id for p in resolution.focus) == focus
    assert resolution.standalone == (standalone or question)


@pytest.mark.parametrize(
    ("question", "of_papers"),
    [
        ("which are from 2023?", "which papers are from 2023?"),
        ("and which ones have code?", "which papers have code?"),
        ("which of them is the newest?", "which paper is the newest?"),
        ("and the oldest one?", "which paper is the oldest?"),
        ("which is better?", None),
        ("which datasets are used?", None),
    ],
)
def test_what_is_asked_of_a_list_is_asked_of_papers(question: str, of_papers: str | None) -> None:
    assert about_the_list(question) == of_papers
