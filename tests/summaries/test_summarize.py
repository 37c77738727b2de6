"""Summaries of the seeds, with the real stores and the real bundled model."""

import pytest

from assistant.errors import QuestionError
from assistant.models import Filters
from assistant.summaries.export import to_bibtex, to_markdown


@pytest.fixture(scope="module")
def federated(seed_assistant):
    return seed_assistant.summarize("Federated learning")


def test_the_papers_of_a_topic_are_selected_and_others_are_not(federated):
    abstracts = [c.paper.abstract.lower() for c in federated.citations]
    assert len(abstracts) >= 4
    assert all("federated" in a or "fl " in a for a in abstracts)


def test_every_sentence_is_cited_and_verbatim(federated):
    by_number = {c.number: c for c in federated.citations}
    assert federated.sentences
    for sentence in federated.sentences:
        assert sentence.verdict == "supported"
        (number,) = sentence.citations
        assert f"{sentence.text} [{number}]" in federated.text
    for citation in by_number.values():
        assert citation.evidence
        for evidence in citation.evidence:
            assert citation.paper.abstract[evidence.start : evidence.end] == evidence.text


def test_no_paper_is_under_two_themes_and_none_is_missing(federated):
    numbers = [n for theme in federated.themes for n in theme.citations]
    assert numbers == [c.number for c in federated.citations]
    assert [row.number for row in federated.table] == numbers


def test_headings_differ(federated):
    headings = [theme.heading for theme in federated.themes]
    assert len(set(headings)) == len(headings)


def test_the_object_has_the_keys_of_ask_and_its_own(federated):
    found = federated.to_dict()
    assert found["refused"] is False
    assert found["answer"] == federated.text
    assert found["coverage"]["used"] == len(found["citations"]) == len(found["table"])
    assert {"themes", "table", "citations", "sentences", "closest", "timings_ms", "usage"} <= set(found)


def test_a_summary_can_be_repeated(seed_assistant, federated):
    again = seed_assistant.summarize("Federated learning")
    assert (again.text, again.table) == (federated.text, federated.table)


def test_exports_hold_every_paper(federated):
    assert to_bibtex(federated).count("@misc{") == len(federated.citations)
    assert "## Evidence table" in to_markdown(federated)


@pytest.mark.parametrize("topic", ["Coral reef bleaching", "Medieval church music", "zxcv qwerty", "?!"])
def test_a_topic_that_is_not_there_is_refused_with_the_closest_papers(seed_assistant, topic):
    found = seed_assistant.summarize(topic)
    assert found.refused
    assert (found.citations, found.themes, found.table) == ((), (), ())
    assert found.closest
    assert "hold nothing on this topic" in to_markdown(found)


@pytest.mark.parametrize("topic", ["", "  \n", "x" * 50_000])
def test_a_topic_that_is_none_is_a_clear_error(seed_assistant, topic):
    with pytest.raises(QuestionError):
        seed_assistant.summarize(topic)


def test_a_filter_in_the_topic_is_applied_and_told(seed_assistant, federated):
    found = seed_assistant.summarize("federated learning since 2024")
    assert found.filters == Filters(published_from="2024-01-01")
    assert all(c.paper.year >= 2024 for c in found.citations)
    assert 0 < len(found.citations) < len(federated.citations)
    assert found.counts.filtered > 0
    assert f"{found.counts.filtered} belong but do not satisfy the filters" in found.notes[-1]


def test_given_filters_take_the_place_of_those_read(seed_assistant):
    found = seed_assistant.summarize("federated learning since 2024", Filters(year=2022))
    assert {c.paper.year for c in found.citations} == {2022}


def test_filters_that_leave_nothing_are_a_refusal_that_says_so(seed_assistant):
    found = seed_assistant.summarize("federated learning", Filters(year=1999))
    assert found.refused
    assert "satisfies the filters" in found.text


def test_a_topic_of_nothing_but_filters_takes_every_paper_that_satisfies_them(seed_assistant):
    found = seed_assistant.summarize("papers from 2019")
    assert {c.paper.year for c in found.citations} == {2019}


def test_counts_add_up(federated):
    counts = federated.counts
    assert counts.considered == counts.used + counts.near + counts.filtered + counts.far
    assert counts.used == len(federated.citations)


def test_the_timeline_holds_each_paper_once(federated):
    numbers = [n for _, of in federated.timeline for n in of]
    assert sorted(numbers) == [c.number for c in federated.citations]
    years = [year for year, _ in federated.timeline if year]
    assert years == sorted(years)


def test_a_summary_grows_theme_by_theme(seed_assistant):
    *grown, whole = seed_assistant.stream_summary("Federated learning")
    assert [len(s.themes) for s in grown] == list(range(1, len(whole.themes) + 1))
    assert whole.complete
    assert not any(s.complete for s in grown)


def test_a_heading_is_never_the_name_of_one_paper(federated):
    for heading in (t.heading for t in federated.themes):
        assert heading.lower() not in {c.paper.display_title.lower() for c in federated.citations}


def test_a_question_as_topic_is_answered_for_every_paper_but_no_stance_is_guessed(seed_assistant, federated):
    found = seed_assistant.summarize("Does federated learning protect privacy?")
    assert {s.stance for s in found.stances} == {"silent"}
    assert [s.number for s in found.stances] == [c.number for c in found.citations]
    assert "not told" in found.notes[-1]
    assert federated.stances == ()


def test_what_is_known_of_two_subjects_is_told_and_the_other_is_named(seed_assistant, federated):
    found = seed_assistant.summarize("Federated learning and coral reef bleaching")
    assert {c.paper.paper_id for c in found.citations} <= {c.paper.paper_id for c in federated.citations}
    assert "The papers here hold nothing on: coral reef bleaching." in found.notes


@pytest.mark.parametrize("topic", ["Coral reefs and ocean acidification", "Roman law, Greek tragedy"])
def test_two_subjects_that_are_not_there_are_refused(seed_assistant, topic):
    assert seed_assistant.summarize(topic).refused
