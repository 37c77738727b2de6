"""Who asks for the people that work on a topic, and who asks for something else."""

import pytest

from assistant.retrieval.experts import of_people


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Who works on anomaly detection?", "papers about anomaly detection?"),
        ("who reports results on chest x-rays?", "papers about chest x-rays?"),
        ("Which researchers have published papers on pruning?", "papers about pruning?"),
        ("Who are the leading experts in federated learning?", "papers about federated learning?"),
        ("Whom should I contact about MRI?", "papers about MRI?"),
        ("Is there anyone working on SAM?", "papers about SAM?"),
        ("List the researchers who work on pruning", "papers about pruning"),
    ],
)
def test_who_works_on_a_topic_asks_for_people(question: str, plain: str) -> None:
    assert of_people(question) == plain


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote SAFARI?",
        "Who are the authors of SAFARI?",
        "Who has published with Ann Long?",
        "Who published most papers?",
        "Who published in 2024?",
        "Who works on it?",
        "find works on pruning",
        "Which papers work on pruning?",
    ],
)
def test_other_questions_for_who_and_for_papers_are_left_alone(question: str) -> None:
    assert of_people(question) is None
