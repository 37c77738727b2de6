from store_fixtures import write_source

from assistant.models import Span
from assistant.stores.reading import PlacedSentence, embed_missing, vector_keys


def test_a_sentence_that_no_chunk_holds_leaves_no_vector_but_its_own(model):
    alone = PlacedSentence(Span(0, 12), "A long story", 0, 12)
    vectors, read = embed_missing(model, ["A chunk."], [alone], known=set())
    assert set(vectors) == vector_keys(["A chunk."], [alone])
    assert read == 2


def test_a_sentence_that_no_chunk_holds_is_read_once(model):
    alone = PlacedSentence(Span(0, 12), "A long story", 0, 12)
    known = set(embed_missing(model, [], [alone], known=set())[0])
    assert embed_missing(model, [], [alone], known) == ({}, 0)


def test_two_papers_may_share_a_sentence_longer_than_a_chunk(ingest, tmp_path):
    long = " ".join(f"word{n}" for n in range(100)) + "."
    for number in range(2):
        row = {"title": f"Paper {number}", "abstract": f"Opening {number}. {long}"}
        report = ingest(write_source(tmp_path / f"{number}.jsonl", [row]))
        assert report.added == 1
