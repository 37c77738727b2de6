"""Answers account for themselves: why each paper, how much was left out, what was mended."""

import pytest
from fakes import ScriptedLLM

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.models import Answer
from assistant.settings import Settings
from assistant.stores import open_stores

FACT = "How much of the model weights can SAFARI prune?"


def written(settings: Settings, question: str, *replies: str) -> Answer:
    model = open_embedding_model()
    llm = ScriptedLLM(replies=list(replies))
    with Assistant(Corpus(open_stores(settings, model), model), llm) as assistant:
        return assistant.ask(question)


def test_each_citation_says_why_its_paper_was_found(seed_assistant: Assistant) -> None:
    (citation,) = seed_assistant.ask(FACT).to_dict()["citations"]
    why = citation["why"]
    assert why["terms"] == ["model", "weights", "SAFARI", "prune"]
    assert why["rank"] == 1
    for signal in ("dense", "lexical", "sentence"):
        assert 0 < why[signal]["score"] <= 1
        assert why[signal]["rank"] >= 1
    assert why["filters"] == {}


def test_filters_are_among_the_reasons(seed_assistant: Assistant) -> None:
    searched = seed_assistant.ask("Which papers since 2022 are about federated learning?").citations
    assert {c.why.filters.published_from for c in searched if c.why} == {"2022-01-01"}
    listed = seed_assistant.ask("papers of 2021").citations
    assert [c.why.to_dict()["filters"] for c in listed if c.why] == [{"year": 2021}] * 2


def test_a_search_explains_every_result(seed_assistant: Assistant) -> None:
    found = seed_assistant.search("federated learning", top=20)
    reasons = seed_assistant.why("federated learning", found)
    assert [r.rank for r in reasons] == list(range(1, 21))
    ranks = [r.ranks["passage"] for r in sorted(reasons, key=lambda r: -r.scores["passage"])]
    assert ranks == sorted(ranks)
    assert reasons[0].terms == ("federated", "learning")


@pytest.mark.parametrize(
    "question",
    [
        FACT,
        "Which papers are about medical image segmentation?",
        "making sense of chest x-rays with chat",
        "DoctorGLM vs ChatCAD: what's the difference in approach?",
        "What fidelity does FlowX score on MUTAG?",
        "How does AlphaFold 3 predict ligand poses?",
    ],
)
def test_what_matched_is_used_or_left_out(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    coverage, cited = answer.coverage, {c.paper.paper_id for c in answer.citations}
    assert coverage.used == len(cited)
    assert coverage.matched == coverage.used + len(coverage.left_out)
    assert not cited & set(coverage.left_out)
    assert [p.paper_id for p in coverage.strongest] == list(coverage.left_out[: len(coverage.strongest)])


def test_a_paper_that_matches_and_the_model_does_not_cite_is_left_out(seed_settings: Settings) -> None:
    said = "DoctorGLM is a Chinese dialogue model fine-tuned at an affordable cost [1]."
    answer = written(seed_settings, "DoctorGLM vs ChatCAD: what's the difference in approach?", said)
    assert (answer.answerer, answer.coverage.used, answer.coverage.matched) == ("openai", 1, 2)
    assert [p.display_title.split(":")[0] for p in answer.coverage.strongest] == ["ChatCAD"]


def test_the_reader_is_told_of_numbers_the_model_made_up(seed_settings: Settings) -> None:
    answer = written(seed_settings, FACT, "SAFARI prunes up to 80% of the model weights [1][41].")
    assert answer.answerer == "openai"
    assert [n for n in answer.notes if "stands for no paper" in n]
    assert [c.number for c in answer.citations] == [1]


def test_what_the_paper_does_not_say_is_refused_without_asking_a_model(seed_settings: Settings) -> None:
    answer = written(seed_settings, "What fidelity does FlowX score on MUTAG?")
    assert answer.refused
    assert answer.usage.completion_tokens == 0
