"""Cells of the table from clinical and biological abstracts."""

import pytest

from assistant.models import Paper
from assistant.sentences import split_sentences
from assistant.summaries.table import table_row

TRIAL = (
    "BACKGROUND Vitamin D may prevent falls. OBJECTIVE To determine whether vitamin D reduces falls in the"
    " elderly. METHODS In a randomized double-blind placebo-controlled trial begun in 1997, 12 504 women took"
    " tablets for 2 years. RESULTS Vitamin D was associated with a lower risk of falls (HR 0.81, P = .02)."
)


def row(abstract):
    return table_row(1, Paper("p:1", "T", abstract), split_sentences(abstract))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("task", "whether vitamin D reduces falls in the elderly"),
        ("data", "12 504 women"),
        ("method", "randomized double-blind placebo-controlled trial"),
        ("result", "Vitamin D was associated with a lower risk of falls (HR 0.81, P = .02)"),
    ],
)
def test_a_trials_cells_are_verbatim_and_stand_where_they_say(column, text):
    cell = getattr(row(TRIAL), column)
    assert cell.text == text
    assert TRIAL[cell.start : cell.end] == text


def test_the_largest_count_of_subjects_is_the_data():
    assert row("Of 90 cases 12 died. We followed 4300 nurses.").data.text == "4300 nurses"


@pytest.mark.parametrize(
    "abstract",
    [
        "Previous studies found that 400 patients in a randomized trial had lower risk.",
        "A meta-analysis published in 2007 showed that mortality was associated with vitamin D.",
    ],
)
def test_what_others_did_fills_no_cell(abstract):
    found = row(abstract)
    assert (found.data, found.method, found.result) == (None, None, None)


def test_a_year_is_no_count():
    assert row("In 1997 women were asked to walk.").data is None


def test_a_passive_verb_does_not_begin_a_result():
    text = "Weight was reduced and sleep improved by 12%."
    assert row(text).result.text == "improved by 12%"


def test_a_name_given_to_a_framework_is_the_method():
    assert (
        row("We propose a new framework called Deep Sleep (DS) for dreams.").method.text == "Deep Sleep (DS)"
    )
