from store_fixtures import write_source

from assistant.embedding import open_embedding_model
from assistant.models import Span
from assistant.stores import Catalogue, rows_folder
from assistant.stores.reading import PlacedSentence, Read, embed_missing, vector_keys
from assistant.stores.rows import VectorRows
from assistant.stores.schema import text_hash
from assistant.words import content_places


def test_a_sentence_that_no_chunk_holds_leaves_no_vector_but_its_own(model):
    alone = PlacedSentence(Span(0, 12), "A long story", 0, 12)
    read = embed_missing(model, ["A chunk."], [alone], known=set(), known_signs=set())
    assert set(read.vectors) == vector_keys(["A chunk."], [alone])
    assert read.texts == 2


def test_a_sentence_that_no_chunk_holds_is_read_once(model):
    alone = PlacedSentence(Span(0, 12), "A long story", 0, 12)
    known = set(embed_missing(model, [], [alone], known=set(), known_signs=set()).vectors)
    assert embed_missing(model, [], [alone], known, known_signs=set()) == Read({}, {}, 0)


def test_two_papers_may_share_a_sentence_longer_than_a_chunk(ingest, tmp_path):
    long = " ".join(f"word{n}" for n in range(100)) + "."
    for number in range(2):
        row = {"title": f"Paper {number}", "abstract": f"Opening {number}. {long}"}
        report = ingest(write_source(tmp_path / f"{number}.jsonl", [row]))
        assert report.added == 1


def test_the_signs_of_the_content_words_are_kept_beside_the_vector():
    model, text = open_embedding_model(), "Weights of a network are pruned."
    read = embed_missing(model, [text], [], known=set(), known_signs=set())
    assert read.texts == 1
    assert len(read.signs[text_hash(text)]) == 3 * model.dimension // 8  # weights, network, pruned
    again = embed_missing(model, [text], [], known=set(read.vectors), known_signs=set(read.signs))
    assert again == Read({}, {}, 0)


def test_a_text_that_has_only_a_vector_is_read_again_for_its_words():
    model, text = open_embedding_model(), "Weights of a network are pruned."
    read = embed_missing(model, [text], [], known={text_hash(text)}, known_signs=set())
    assert (dict(read.vectors), list(read.signs), read.texts) == ({}, [text_hash(text)], 1)


def test_a_model_that_cannot_tell_words_apart_leaves_no_signs(model):
    assert not embed_missing(model, ["A chunk."], [], known=set(), known_signs=set()).signs


def test_rows_and_catalogue_hold_the_same_signs(seed_settings):
    catalogue = Catalogue(seed_settings.resolved_catalogue_url)
    ids = [paper.paper_id for paper in catalogue.papers()]
    stored = catalogue.word_signs(ids, open_embedding_model().name)
    found = VectorRows(rows_folder(seed_settings)).word_signs(ids)
    assert found.keys() == stored.keys() == set(ids)
    for paper_id, chunks in catalogue.chunks_of(ids).items():
        assert (found[paper_id] == stored[paper_id]).all()
        assert len(found[paper_id]) == sum(len(content_places(chunk.text)) for chunk in chunks)
    catalogue.close()
