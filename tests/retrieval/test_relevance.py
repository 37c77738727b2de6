"""The scorer of `relevance`: which evidence speaks for the corpus, which against it."""

from dataclasses import replace

from assistant.retrieval.relevance import SILENT, UNSURE, Relevance, technical

MEANT = Relevance(nearness=1.1, late=0.45, covered=0.6, everyday=1.0, names=0, unknown=0.1, foreign=0.4)


def test_what_is_near_and_covered_is_answered_and_what_is_neither_is_refused() -> None:
    assert MEANT.doubt < UNSURE
    assert replace(MEANT, nearness=0.3, late=0.25, covered=0.1).doubt > SILENT


def test_each_kind_of_evidence_moves_the_doubt_its_own_way() -> None:
    between = replace(MEANT, nearness=0.7, late=0.33, covered=0.3)
    assert replace(between, names=1).doubt > between.doubt
    assert replace(between, unknown=0.6).doubt < between.doubt
    assert replace(between, late=0.40).doubt < between.doubt
    assert replace(between, foreign=0.6).doubt > between.doubt
    assert replace(between, covered=1.0).doubt < replace(between, covered=0.98).doubt - 1


def test_a_story_of_everyday_words_counts_no_more_than_a_sentence_of_them() -> None:
    assert replace(MEANT, everyday=20.0).doubt == replace(MEANT, everyday=4.0).doubt


def test_acronyms_versions_and_capitals_within_a_word_are_technical() -> None:
    for topic in ("squeezing the KV cache", "4x super-resolution", "a ViT for scans", "what Llama3 does"):
        assert technical(topic), topic
    long = "does it hold for photos of my holidays when the thief starts out from an ImageNet model"
    for topic in (
        long,
        "a doctor who speaks no English",
        "the 3rd of the 1990s",
        "I lost 2 pills",
        "HELP ME",
    ):
        assert not technical(topic), topic
