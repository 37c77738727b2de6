import pytest

from assistant.models import Paper
from assistant.retrieval.conversation import Turn, resolve_follow_up

FLOWX = Paper("f", "FlowX: Message Flows", "", "FlowX: Message Flows", published="2022-06-26")
RAG = Paper("r", "RAGFormer: Fraud", "", "RAGFormer: Fraud", published="2024-02-27")
EORA = Paper("e", "EoRA", "")
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
    ],
)
def test_follow_ups_are_completed(
    question: str, turns: list[Turn], standalone: str | None, focus: tuple[str, ...]
) -> None:
    resolution = resolve_follow_up(question, turns)
    assert tuple(p.paper_id for p in resolution.focus) == focus
    assert resolution.standalone == (standalone or question)
