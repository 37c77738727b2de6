"""The engine over the seeds, with real stores and the bundled model."""

from itertools import pairwise

import pytest
from fakes import ScriptedLLM

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.errors import ProviderError, QuestionError
from assistant.models import Answer, Filters
from assistant.settings import Settings
from assistant.stores import open_stores


def titles(answer: Answer) -> list[str]:
    return [c.paper.display_title for c in answer.citations]


def test_a_fact_is_answered_verbatim_with_its_source(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("How much of the model weights can SAFARI prune?")
    (citation,) = answer.citations
    assert citation.paper.display_title.startswith("SAFARI")
    assert any("up to 80% of the model weights" in e.text for e in citation.evidence)
    assert all(citation.paper.abstract[e.start : e.end] == e.text for e in citation.evidence)
    assert "80%" in answer.text
    assert "[1]" in answer.text
    assert answer.kind == "answer"


def test_a_filter_alone_lists_all_it_selects(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("papers of 2021?")
    assert answer.kind == "catalogue"
    assert answer.filters == Filters(year=2021)
    assert {c.paper.year for c in answer.citations} == {2021}
    assert len(answer.citations) == answer.coverage.matched == 2


def test_papers_are_counted_from_the_catalogue(seed_assistant: Assistant) -> None:
    assert "77 papers" in seed_assistant.ask("How many papers are in the corpus?").text


def test_two_named_papers_are_compared_one_by_one(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("DoctorGLM vs ChatCAD: what's the difference in approach?")
    assert [t.split(":")[0] for t in titles(answer)] == ["DoctorGLM", "ChatCAD"]
    assert all(c.evidence for c in answer.citations)


def test_a_follow_up_is_about_the_paper_before(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask(
        "of which kind?", ["Explain FlowX", "and RAGFormer?", "was the second one tested?"]
    )
    assert titles(answer)[0].startswith("RAGFormer")


def test_an_unrelated_question_is_refused_with_the_closest_papers(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("How does AlphaFold 3 predict ligand poses?")
    assert answer.refused
    assert answer.citations == ()
    assert len(answer.closest) == 3


def test_what_a_named_paper_never_mentions_is_refused_citing_it(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("What fidelity does FlowX score on MUTAG?")
    assert answer.refused
    assert titles(answer)[0].startswith("FlowX")
    assert "MUTAG" in answer.text


def test_missing_publication_data_are_said_to_be_missing(seed_assistant: Assistant) -> None:
    assert seed_assistant.ask("Who are the authors of GPFM?").refused
    assert "Huahui Yi, Ziyuan Qin, Wei Xu" in seed_assistant.ask("who wrote ConES?").text


def test_a_filter_that_leaves_nothing_is_dropped_and_said(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("How much of the weights can SAFARI prune in papers from 2019?")
    assert answer.filters == Filters()
    assert "filter" in answer.notes[0]


def test_the_text_grows_while_it_streams(seed_assistant: Assistant) -> None:
    *parts, answer = seed_assistant.stream("What is FlowX?")
    assert len(parts) > 5
    assert all(isinstance(p, str) for p in parts)
    assert parts[-1] == answer.text
    assert all(later.startswith(earlier) for earlier, later in pairwise(parts))


@pytest.mark.parametrize("question", ["", "   ", "x" * 50_000])
def test_unusable_questions_are_refused_in_one_line(seed_assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError) as caught:
        seed_assistant.ask(question)
    assert "\n" not in str(caught.value)


def with_model(settings: Settings, llm: ScriptedLLM) -> Assistant:
    model = open_embedding_model()
    return Assistant(Corpus(open_stores(settings, model), model), llm)


def test_a_model_answers_from_numbered_passages(seed_settings: Settings) -> None:
    llm = ScriptedLLM(replies=["SAFARI prunes up to 80% of the model weights [1]."])
    with with_model(seed_settings, llm) as assistant:
        answer = assistant.ask("How much of the model weights can SAFARI prune?")
    assert (answer.answerer, answer.text) == ("openai", "SAFARI prunes up to 80% of the model weights [1].")
    assert titles(answer)[0].startswith("SAFARI")
    assert answer.sentences[0].verdict == "supported"


def test_an_answer_without_citations_gives_way_to_the_papers_sentences(seed_settings: Settings) -> None:
    with with_model(seed_settings, ScriptedLLM(replies=["Bananas are yellow and tasty fruit."])) as assistant:
        answer = assistant.ask("How much of the model weights can SAFARI prune?")
    assert "Bananas" not in answer.text
    assert "80%" in answer.text
    assert answer.notes


def test_a_failing_model_is_reported_as_such(seed_settings: Settings) -> None:
    llm = ScriptedLLM(replies=[ProviderError("the server is away", retryable=True)])
    with with_model(seed_settings, llm) as assistant, pytest.raises(ProviderError):
        assistant.ask("How much of the model weights can SAFARI prune?")
