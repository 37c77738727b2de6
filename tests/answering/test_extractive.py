"""What an extractive answer shows: how much of a paper, and which other papers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from assistant.answering.draft import DraftWriter
from assistant.answering.extractive import ALSO_CLOSE, ExtractiveWriter
from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.models import Paper, ScoredPaper, ScoredSentence
from assistant.retrieval.plan import Plan
from assistant.retrieval.selection import Selection
from assistant.sentences import split_sentences
from assistant.settings import Settings
from assistant.stores import open_stores

LIST = (
    "Bones matter. We extend the atlas from these aspects, as many of its readers had wished for:"
    " (i) masks of all organs in the chest; (ii) 665 K grounded reports, each sentence linked to a region"
    " of the volume; (iii) 1.3 M pairs of a question and an answer."
)


@pytest.fixture(scope="module")
def corpus(seed_settings: Settings) -> Iterator[Corpus]:
    model = open_embedding_model()
    corpus = Corpus(open_stores(seed_settings, model), model)
    yield corpus
    corpus.close()


@pytest.fixture
def writer(corpus: Corpus) -> ExtractiveWriter:
    return ExtractiveWriter(
        corpus.statistics,
        corpus.similarities,
        lambda text, paper, spans: corpus.similarities(text, paper, spans),
    )


def scored(key: str, abstract: str, score: float = 1.0, title: str | None = None) -> ScoredPaper:
    sentences = [
        ScoredSentence(abstract[s.start : s.end], s.start, s.end, 0.5) for s in split_sentences(abstract)
    ]
    paper = Paper(f"p:{key}", title or f"On {key}", abstract)
    return ScoredPaper(paper, score, {"passage": 0.9, "sentence": 0.9, "words": 0.9}, tuple(sentences))


def plan(question: str) -> Plan:
    return Plan(question, question, question, "answer")


def test_of_a_list_in_one_sentence_only_the_item_that_answers_is_quoted(writer: ExtractiveWriter) -> None:
    found = scored("atlas", LIST)
    draft = writer.write(
        plan("How many grounded reports are there?"), Selection("answer", (found,), sure=True)
    )
    (citation,) = draft.citations
    (evidence,) = citation.evidence
    assert evidence.text == "(ii) 665 K grounded reports, each sentence linked to a region of the volume"
    assert found.paper.abstract[evidence.start : evidence.end] == evidence.text
    assert f"… {evidence.text} … [1]" in draft.text


def test_whole_sentences_are_quoted_without_an_ellipsis() -> None:
    writer = DraftWriter()
    paper = Paper("p:1", "Bones", "Bones are hard. They grow.")
    writer.quote(paper, 0, 15)
    assert writer.draft().text == "Bones are hard. [1]"


@pytest.fixture
def alternatives(writer: ExtractiveWriter) -> Callable[[Sequence[float], str], str]:
    def write(scores: Sequence[float], question: str) -> str:
        papers = [
            scored(name, f"We study how {name} heal after years of rest.", score, f"How {name} heal")
            for name, score in zip(("bones", "wings", "roots"), scores, strict=True)
        ]
        return writer.write(plan(question), Selection("answer", tuple(papers))).text

    return write


def test_only_papers_near_the_first_are_named_beside_it(
    alternatives: Callable[[Sequence[float], str], str],
) -> None:
    text = alternatives([1.0, 1.0 - ALSO_CLOSE / 2, 0.9 - ALSO_CLOSE], "What heals after rest?")
    assert "Also close: **How wings heal** [2]." in text
    assert "roots" not in text


def test_no_other_paper_is_named_where_none_is_near(
    alternatives: Callable[[Sequence[float], str], str],
) -> None:
    assert "Also close" not in alternatives([1.0, 0.9 - ALSO_CLOSE, 0.1], "What heals after rest?")


def test_a_paper_that_the_question_names_is_shown_however_far(
    alternatives: Callable[[Sequence[float], str], str],
) -> None:
    assert "How roots heal" in alternatives([1.0, 0.9, 0.1], "What of bones is in How roots heal?")


def test_a_sentence_that_speaks_of_what_is_asked_for_is_quoted_though_it_names_none(
    writer: ExtractiveWriter,
) -> None:
    found = scored(
        "wings",
        "We mend wings with a glue. The glue is made of bark and is spread on each feather by hand."
        " Experiments on two public datasets show that they last.",
        title="WINGFIX: A Glue for Wings",
    )
    draft = writer.write(
        plan("Which datasets does WINGFIX use?"), Selection("answer", (found,), sure=True, named=True)
    )
    assert draft.kind == "partial"
    assert draft.text == (
        "**WINGFIX: A Glue for Wings**\n\n> Experiments on two public datasets show that they last. [1]"
        "\n\nThe abstract does not say which."
    )


def test_a_sentence_that_speaks_of_a_quantity_without_its_number_is_not_shown_as_the_answer(
    writer: ExtractiveWriter,
) -> None:
    found = scored("tuning", "We tune the learning rate of each column apart. It takes 13 hours.")
    draft = writer.write(plan("What is the learning rate?"), Selection("answer", (found,), sure=True))
    assert draft.kind == "partial"
    assert draft.text.startswith("The abstract gives no number for “learning rate”. What comes closest:")


def test_who_asks_for_limits_gets_the_failures_and_no_reservation_about_the_word(
    writer: ExtractiveWriter,
) -> None:
    found = scored(
        "wings",
        "Readers have wondered about the limitations and the potential of glue. We mend wings with a glue"
        " named WINGFIX. Experiments show that WINGFIX fails on wet feathers.",
        title="WINGFIX: A Glue for Wings",
    )
    for question in ("limitations of WINGFIX", "What are the weaknesses of WINGFIX?"):
        draft = writer.write(plan(question), Selection("answer", (found,), sure=True, named=True))
        assert draft.kind == "answer"
        assert draft.citations[0].evidence[-1].text == "Experiments show that WINGFIX fails on wet feathers."


def test_the_one_paper_shown_of_several_is_called_by_its_order_alone(writer: ExtractiveWriter) -> None:
    oldest = Plan("q", "q", "oldest paper on glue", "list", by_date=True, oldest_first=True, limit=1)
    found = Selection("list", (scored("glue", "We study glue."),), matched=4)
    assert writer.write(oldest, found).text.startswith("4 papers on this, the oldest:")


def test_a_list_of_papers_that_only_come_near_has_one_blank_line_before_it(writer: ExtractiveWriter) -> None:
    asked = replace(plan("papers on wings"), intent="list")
    found = Selection("list", (scored("wings", "We mend wings."),), near=False, lacking=("glue",))
    text = writer.write(asked, found).text
    assert "What comes closest:\n\n- **On wings**" in text


def test_a_list_whose_papers_lack_a_word_of_the_field_is_no_list_on_it(writer: ExtractiveWriter) -> None:
    asked = replace(plan("papers on polyps of wings"), intent="list")
    draft = writer.write(asked, Selection("list", (scored("wings", "We mend wings."),), matched=1))
    assert draft.kind == "partial"
    assert draft.text.startswith("None of the nearest papers mentions “polyps”. What comes closest:")


def test_which_of_two_is_newer_is_told_by_their_dates_and_by_which_has_none(writer: ExtractiveWriter) -> None:
    dated = scored("dated", "It says so.")
    dated = replace(dated, paper=replace(dated.paper, published="2024-05"))
    papers = (scored("undated", "It says so."), dated)
    draft = writer.write(plan("Which is newer?"), Selection("compare", papers, sure=True, matched=2))
    assert draft.text == "- **On dated** is dated 2024-05 [1]\n- **On undated** has no date here [2]"
    assert draft.kind == "partial"


def test_a_question_for_the_winner_of_a_comparison_is_told_that_none_is_named(
    writer: ExtractiveWriter,
) -> None:
    question = "Which model won the comparison of ten?"
    papers = (scored("bones", "We compare ten models that read bones in English."), scored("wings", LIST))
    asked = Plan(question, question, question, "compare")
    draft = writer.write(asked, Selection("answer", papers))
    assert draft.text.startswith("The abstract gives no name for “model”.")
    assert draft.kind == "partial"
