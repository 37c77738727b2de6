"""When the reader is told that an abstract may not say what is asked."""

import pytest

from assistant.answering.stated import Support, support
from assistant.models import Paper
from assistant.retrieval.terms import Statistics
from assistant.sentences import split_sentences

PAPER = Paper(
    "p:1",
    "BoneFind",
    "We fine-tune BoneFind on a single A100 in 13 hours. Evaluations on the dataset CIFAR-10 show its worth.",
    title="BoneFind: Bones at once",
)


def found(question: str, statistics: Statistics) -> Support:
    texts = [PAPER.abstract[s.start : s.end] for s in split_sentences(PAPER.abstract)]
    return support(question, PAPER, texts, {0, 1}, statistics)


@pytest.mark.parametrize(
    "question",
    [
        "how long did tuning take and on what gpu?",
        "Which GPU did BoneFind need?",
        "Which dataset did they test BoneFind on?",
    ],
)
def test_words_of_asking_make_no_answer_doubtful(question: str, statistics: Statistics) -> None:
    assert not found(question, statistics).doubtful


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("Which text encoder does BoneFind use?", "encoder"),
        ("How many milliwatts does BoneFind draw?", "milliwatts"),
        ("Does BoneFind use blockchain?", "blockchain"),
        ("Which hospital provided the data?", "hospital"),
    ],
)
def test_a_thing_that_the_abstract_lacks_does(question: str, lacking: str, statistics: Statistics) -> None:
    support = found(question, statistics)
    assert support.doubtful
    assert lacking in support.lacking or (support.unmet and lacking in support.unmet.what)
