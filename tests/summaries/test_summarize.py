"""Summaries of the seeds, with the real stores and the real bundled model."""

from pathlib import Path

import pytest

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.errors import QuestionError
from assistant.settings import Settings
from assistant.stores import open_stores
from assistant.summaries import summarize, to_bibtex, to_markdown
from ingest.pipeline import ingest_paths

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    settings = Settings(data_dir=tmp_path_factory.mktemp("summaries"), _env_file=None)
    model = open_embedding_model()
    # Two of the five files: half the corpus is enough to tell topics apart, and twice as fast.
    ingest_paths(sorted(SEEDS.glob("*.txt"))[:2], settings, model)
    opened = Corpus(open_stores(settings, model), model)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def federated(corpus):
    return summary_of(corpus, "Federated learning")


def summary_of(corpus, topic):
    return summarize(
        topic,
        search=corpus.retriever.search,
        catalogue=corpus.catalogue,
        lexical=corpus.statistics,
        model=corpus.model,
    )


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


def test_a_summary_can_be_repeated(corpus, federated):
    again = summary_of(corpus, "Federated learning")
    assert (again.text, again.table) == (federated.text, federated.table)


def test_exports_hold_every_paper(federated):
    assert to_bibtex(federated).count("@misc{") == len(federated.citations)
    assert "## Evidence table" in to_markdown(federated)


@pytest.mark.parametrize("topic", ["Coral reef bleaching", "Medieval church music", "zxcv qwerty", "?!"])
def test_a_topic_that_is_not_there_is_refused_with_the_closest_papers(corpus, topic):
    found = summary_of(corpus, topic)
    assert found.refused
    assert (found.citations, found.themes, found.table) == ((), (), ())
    assert found.closest
    assert "hold nothing on this topic" in to_markdown(found)


@pytest.mark.parametrize("topic", ["", "  \n", "x" * 50_000])
def test_a_topic_that_is_none_is_a_clear_error(corpus, topic):
    with pytest.raises(QuestionError):
        summary_of(corpus, topic)
