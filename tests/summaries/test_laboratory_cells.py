import pytest

from assistant.models import Span
from assistant.summaries.laboratory_cells import about, concluded, material, technique


def cells(rule, *sentences):
    text, spans = "", []
    for sentence in sentences:
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += f"{sentence} "
    return [text[start:end] for start, end in rule(text, spans)]


@pytest.mark.parametrize(
    ("rule", "sentence", "cell"),
    [
        (
            about,
            "This review discusses the regulation of Kir5.1 channels.",
            "the regulation of Kir5.1 channels",
        ),
        (about, "Here, we investigated how cells divide, using yeast.", "how cells divide"),
        (about, "Objective To estimate the incidence of sepsis.", "the incidence of sepsis"),
        (material, "We fed aged C57BL/6 mice a diet.", "aged C57BL/6 mice"),
        (material, "Here we show that ApoE(-/-) mice age.", "ApoE(-/-) mice"),
        (material, "Primary human hepatocytes were infected.", "human hepatocytes"),
        (material, "HepG2 cells were treated.", "HepG2 cells"),
        (
            technique,
            "We used Cox proportional hazards regression models.",
            "Cox proportional hazards regression models",
        ),
        (technique, "Our findings rest on magnetic resonance imaging.", "magnetic resonance imaging"),
        (concluded, "Thus, HNF3 opens chromatin.", "HNF3 opens chromatin"),
        (concluded, "In conclusion, statins lower the risk.", "statins lower the risk"),
    ],
)
def test_a_phrase_of_the_authors_own_work_is_a_cell(rule, sentence, cell):
    assert cells(rule, sentence) == [cell]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (about, "We investigated by means of this."),
        (about, "To address this, low-rank adaptation has been developed to reduce cost."),
        (material, "Previous studies in mice found nothing; we did."),
        (material, "Macrophages are cells that we like."),
        (technique, "Recent studies by microscopy show us little."),
        (concluded, "Thus, these results suggest that it works."),
        (concluded, "Therefore, further studies of the matter are needed."),
        (concluded, "The effect was small and therefore ignored."),
    ],
)
def test_what_others_did_or_nothing_telling_is_none(rule, sentence):
    assert cells(rule, sentence) == []


def test_a_conclusion_stands_near_the_end():
    assert cells(concluded, "Thus, life is complicated enough.", *["We did something."] * 3) == []
