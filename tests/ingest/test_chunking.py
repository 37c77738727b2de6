import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fixtures import HashingModel

from assistant.models import Paper
from assistant.readable import readable
from assistant.sentences import split_sentences
from assistant.stores.reading import place_sentences
from ingest.chunking import AbstractNodeParser, chunk_papers, split_abstract

MODEL = HashingModel()
LIMIT = MODEL.max_tokens - 2


def split(title, abstract, limit=LIMIT):
    return split_abstract(title, abstract, MODEL.count_tokens, limit)


def test_a_short_abstract_is_one_chunk_with_its_title():
    ((span, text),) = split("On Rhubarb", "Rhubarb is red. It grows.")
    assert (span.start, span.end) == (0, 25)
    assert text == "On Rhubarb. Rhubarb is red. It grows."


def test_a_long_abstract_is_cut_between_sentences_into_equal_parts():
    abstract = " ".join(f"Sentence number {n} has nine words and a stop." for n in range(12))
    passages = split("On Rhubarb", abstract)
    sizes = [MODEL.count_tokens(text) for _, text in passages]
    assert max(sizes) <= LIMIT
    assert max(sizes) - min(sizes) <= 10
    ends = {span.end for span in split_sentences(abstract)}
    assert all(span.end in ends for span, _ in passages)
    assert all(text.startswith("On Rhubarb. Sentence") for _, text in passages)


def test_latex_is_readable_in_a_chunk_and_offsets_are_the_sources():
    abstract = r"We use \textit{rhubarb} \& custard."
    ((span, text),) = split("T", abstract)
    assert "rhubarb & custard" in text
    assert abstract[span.start : span.end] == abstract


def test_a_paper_without_abstract_is_found_by_its_title():
    assert [text for _, text in split("Only a Title", "")] == ["Only a Title."]


def test_a_title_longer_than_a_chunk_is_kept_whole_in_parts():
    title = " ".join(f"word{n}" for n in range(100))
    passages = split(title, "Rhubarb is red.")
    assert all(MODEL.count_tokens(text) <= LIMIT for _, text in passages)
    assert set(title.split()) <= set(" ".join(text for _, text in passages).split())
    assert passages[-1][1].endswith("Rhubarb is red.")


words = st.text(alphabet="abc, .()A1", min_size=0, max_size=400)


@given(title=st.text(alphabet="ab .", max_size=120), abstract=words, limit=st.integers(8, 40))
def test_nothing_is_lost_and_nothing_is_over_the_limit(title, abstract, limit):
    passages = split(title, abstract, limit)
    assert all(MODEL.count_tokens(text) <= limit for _, text in passages)
    covered = "".join(abstract[span.start : span.end] for span, _ in passages)
    assert re.sub(r"\s", "", covered) == re.sub(r"\s", "", abstract)


def test_ids_tell_paper_number_and_text_and_are_always_the_same():
    parser = AbstractNodeParser.for_model(MODEL)
    papers = [Paper("p:1", "One", "Rhubarb is red. " * 30), Paper("p:2", "Two", "")]
    first, second = chunk_papers(papers, parser), chunk_papers(papers, parser)
    assert first == second
    ids = [chunk.chunk_id for chunks in first.values() for chunk in chunks]
    assert len(set(ids)) == len(ids)
    assert [chunk.number for chunk in first["p:1"]] == list(range(len(first["p:1"])))
    changed = chunk_papers([Paper("p:2", "Two", "More.")], parser)
    assert changed["p:2"][0].chunk_id != first["p:2"][0].chunk_id


@pytest.mark.parametrize("abstract", ["x" * 5000, "word " * 2000, "Ünïcode 文字 " * 200])
def test_a_sentence_without_end_is_cut_not_lost(abstract):
    from assistant.embedding import open_embedding_model

    model = open_embedding_model()
    passages = split_abstract("T", abstract, model.count_tokens, model.max_tokens - 2)
    assert all(model.count_tokens(text) <= model.max_tokens - 2 for _, text in passages)
    assert sum(span.end - span.start for span, _ in passages) >= len(abstract.replace(" ", ""))


def test_every_sentence_is_placed_in_the_chunk_that_holds_it() -> None:
    abstract = "We use \\textit{big} nets. They work, $p < 0.05$. The end."
    paper = Paper("p", "A Title", abstract, "A Title")
    chunks = chunk_papers([paper], AbstractNodeParser.for_model(HashingModel()))["p"]
    placed = place_sentences(paper, chunks)
    assert [abstract[p.span.start : p.span.end] for p in placed][-1] == "The end."
    assert [p.text[p.start : p.end] for p in placed] == [
        readable(abstract[p.span.start : p.span.end]) for p in placed
    ]
    assert {p.text for p in placed} <= {c.text for c in chunks}
