import pytest

from assistant.models import Paper
from assistant.sentences import split_sentences
from assistant.summaries.table import table_row

ABSTRACT = (
    "Ultrasound images are noisy. Existing methods fail on the hard cases. We propose a Sharp Decoder (SHARP)"
    " for ultrasound image segmentation, that works at the edge. We evaluate it on 1,200 ultrasound images"
    " from two hospitals. SHARP improves the Dice score by 3.2% over the best baseline. Code is available at"
    " https://github.com/someone/sharp."
)


def row(abstract, published=None):
    return table_row(1, Paper("p:1", "T", abstract, published=published), split_sentences(abstract))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("task", "ultrasound image segmentation"),
        ("data", "1,200 ultrasound images"),
        ("method", "Sharp Decoder (SHARP)"),
        ("result", "improves the Dice score by 3.2% over the best baseline"),
        ("code", "https://github.com/someone/sharp"),
    ],
)
def test_a_cell_is_a_verbatim_phrase_with_its_place(column, text):
    cell = getattr(row(ABSTRACT), column)
    assert cell.text == text
    assert ABSTRACT[cell.start : cell.end] == cell.text


def test_an_abstract_that_does_not_say_leaves_its_cells_empty():
    empty = row("The brain is dynamic. Memory is fused with thought.", published="2024-05")
    assert empty.to_dict() == {
        "number": 1,
        "year": 2024,
        "task": None,
        "data": None,
        "method": None,
        "result": None,
        "code": None,
    }


@pytest.mark.parametrize(
    "abstract",
    [
        "Existing methods achieve 90% accuracy on 500 images. We look at them again.",
        "Previous work improves the baseline by 3.2% with 400 patients. We disagree.",
    ],
)
def test_what_others_did_is_neither_data_nor_result(abstract):
    found = row(abstract)
    assert (found.data, found.result) == (None, None)


def test_a_link_that_is_no_code_is_no_code():
    assert row("We collected abstracts from https://pubmed.ncbi.nlm.nih.gov/ last year.").code is None


def test_a_decimal_point_does_not_end_a_result():
    found = row("Experiments show that it achieves an AUC of 0.91 on all tasks. That is all.")
    assert found.result.text == "achieves an AUC of 0.91 on all tasks"


def test_no_cell_is_as_long_as_a_sentence():
    long = (
        "We propose "
        + "a very deep and wide network " * 20
        + "that wins. It achieves 9.5% "
        + "more " * 60
        + "."
    )
    found = row(long)
    assert all(cell is None or len(cell.text) <= 160 for cell in (found.method, found.result, found.task))


@pytest.mark.parametrize(
    ("sentence", "method"),
    [
        (
            "This paper introduces AQUILA (quantizing in devices) to save bits.",
            "AQUILA (quantizing in devices)",
        ),
        ("Here, we introduce a novel framework, called as PHN-HVVS, which is fast.", "PHN-HVVS"),
    ],
)
def test_a_method_keeps_its_brackets_and_goes_by_its_name(sentence, method):
    assert row(sentence).method.text == method
