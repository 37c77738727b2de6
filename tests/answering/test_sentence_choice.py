"""Which sentences of an abstract are chosen as the answer to a question."""

from collections.abc import Sequence

from assistant.answering.sentence_choice import _within_budget, choose_sentences
from assistant.models import Paper, ScoredSentence
from assistant.retrieval.terms import Statistics


def _chosen(
    question: str, texts: Sequence[str], cosines: Sequence[float], statistics: Statistics
) -> list[str]:
    """What is chosen of an abstract of `texts` whose cosines to any question are `cosines`."""
    paper = Paper("p:1", "A study of bones", " ".join(texts))
    starts = [paper.abstract.index(text) for text in texts]
    sentences = [
        ScoredSentence(text, start, start + len(text), cosine)
        for text, start, cosine in zip(texts, starts, cosines, strict=True)
    ]
    choice = choose_sentences(
        question, paper, sentences, statistics, lambda _text, _paper, spans: cosines[: len(spans)]
    )
    return [sentence.text for sentence in choice.sentences]


def test_the_number_of_what_is_asked_for_is_preferred_to_another_number_nearer_in_meaning(
    statistics: Statistics,
) -> None:
    counted = "The cohort holds 1,200 patients."
    others = [f"Patients were enrolled {when} for patients' care." for when in ("in 2019", "in May", "at 9")]
    assert counted in _chosen("How many patients were enrolled?", [*others, counted], [0.6] * 4, statistics)


def test_a_number_found_leaves_room_for_the_other_part_of_the_question(statistics: Statistics) -> None:
    texts = [
        "Four agents share the work.",
        "Claude and GPT were the language models tried.",
        "Bones are hard.",
    ]
    question = "How many agents share the work and which language models were tried?"
    assert _chosen(question, texts, [0.5, 0.5, 0.0], statistics) == texts[:2]


def test_a_sentence_quoted_alone_does_not_open_by_pointing_back(statistics: Statistics) -> None:
    paper = Paper("p:1", "Bones", "However, bones of wings are hard. We find that bones of wings are light.")
    sentences = [
        ScoredSentence(paper.abstract[start:end], start, end, cosine)
        for start, end, cosine in ((0, 33, 0.55), (34, len(paper.abstract), 0.5))
    ]

    def first(cosines: Sequence[float]) -> str:
        choice = choose_sentences(
            "bones of wings", paper, sentences, statistics, lambda *_: cosines, max_sentences=1, named=False
        )
        return choice.sentences[0].text

    assert first([0.55, 0.5]) == "We find that bones of wings are light."
    assert first([0.9, 0.3]) == "bones of wings are hard."


def test_of_sentences_that_stand_alone_what_the_method_does_is_preferred_to_what_others_do(
    statistics: Statistics,
) -> None:
    texts = [
        "Recent advances mend bones of wings.",
        "To tackle this issue, BoneNet mends bones of wings.",
        "Tests on bones of wings show gains over BoneNet.",
    ]
    paper = Paper("p:1", "BoneNet: mending", " ".join(texts), title="BoneNet: mending")
    starts = [paper.abstract.index(text) for text in texts]
    sentences = [ScoredSentence(t, s, s + len(t), 0.5) for t, s in zip(texts, starts, strict=True)]
    choice = choose_sentences(
        "bones of wings",
        paper,
        sentences,
        statistics,
        lambda *_: [0.6, 0.5, 0.5],
        own_voice=0.2,
        worth=0.1,
        named=False,
        alone=True,
    )
    assert [s.text for s in choice.sentences] == ["BoneNet mends bones of wings."]


def test_a_part_that_rivals_the_best_costs_its_own_words_and_another_its_whole_sentence() -> None:
    texts = ["one two three", "four five", "six " * 20]  # the last two are parts of one sentence
    for score, chosen in ((0.9, [0, 1]), (0.7, [0])):
        assert _within_budget([1.0, score, 0.1], texts, [0, 1, 1], most=2, words=10, worth=0.5) == chosen
