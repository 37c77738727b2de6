"""What the form of a question says about the form of its answer."""

import pytest

from assistant.answering.cues import form_bonus

METHOD = "To this end we propose a codec which quantises each layer by its own rate."
RESULT = "Experiments show that our method, which uses a tenth of the bits, outperforms the others."
BACKGROUND = "Networks are slow and lose packets."


@pytest.mark.parametrize(
    "question",
    ["How does it cope with slow networks?", "how is the model sent", "In what way do they save bits?"],
)
def test_who_asks_how_is_answered_by_what_is_done(question: str) -> None:
    told = {text: form_bonus(question, question, text) for text in (METHOD, RESULT, BACKGROUND)}
    assert told[METHOD] > max(told[RESULT], told[BACKGROUND])


@pytest.mark.parametrize("question", ["How well does it work?", "How many bits does it send?", "What is it?"])
def test_who_asks_how_much_or_how_well_is_not(question: str) -> None:
    assert form_bonus(question, question, METHOD) <= form_bonus(question, question, RESULT)
