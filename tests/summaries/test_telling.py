import numpy as np
import pytest

from assistant.models import Paper
from assistant.sentences import split_sentences
from assistant.summaries.selection import Candidate
from assistant.summaries.telling import telling_sentences


def told(*sentences):
    """The one sentence that is chosen where all are equally near to the topic."""
    text = " ".join(sentences)
    spans = split_sentences(text)
    assert len(spans) == len(sentences)
    vector = np.array([1, 0], dtype=np.float32)
    candidate = Candidate(Paper("p:1", "T", text), vector, spans, np.array([vector] * len(spans)))
    (evidence,) = telling_sentences(candidate, vector, [], 1)
    return evidence.text


BACKGROUND = "Breast cancer remains challenging to treat in women of any age."
PROCEDURE = "METHODS We enrolled 300 women and we measured their mammographic density."
FINDING = "We found that density was associated with a higher risk of the disease."


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_study_is_told_by_what_it_found(order):
    sentences = (BACKGROUND, PROCEDURE, FINDING)
    assert told(*(sentences[i] for i in order)) == FINDING


def test_a_paper_that_proposes_something_is_told_by_that():
    proposal = "In this paper, we propose a federated method that compresses updates."
    assert told(BACKGROUND, proposal, "Extensive results show that it saves communication.") == proposal


def test_thanks_to_sponsors_tell_nothing():
    assert told("Funding was received from the council and the health department.", PROCEDURE) == PROCEDURE
