"""Which papers belong to a list on a topic."""

import pytest

from assistant.models import Paper, ScoredPaper
from assistant.retrieval.members import Members, papers_on, topic_phrase, topic_phrases
from assistant.retrieval.terms import Statistics


def ranked(*papers: tuple[str, float, str]) -> list[ScoredPaper]:
    return [ScoredPaper(Paper(key, f"On {key}", abstract), score, {}) for key, score, abstract in papers]


def ids(found: Members | None) -> list[str]:
    assert found is not None
    return [s.paper.paper_id for s in found.papers]


@pytest.mark.parametrize(
    ("topic", "phrase"),
    [
        ("which papers use LoRA", "LoRA"),
        ("Which papers deal with anomaly detection?", "anomaly detection"),
        ("papers that build on the Segment Anything Model", "Segment Anything Model"),
        ("which papers introduce a dataset of radiology images or reports", None),
        ("which papers", None),
        ("which papers on LoRA are about pruning", None),
    ],
)
def test_a_topic_is_a_phrase_when_nothing_joins_its_words(topic: str, phrase: str | None) -> None:
    assert topic_phrase(topic) == phrase


@pytest.mark.parametrize(
    ("topic", "phrases"),
    [
        ("which papers use LoRA", ("LoRA",)),
        ("Which papers use LoRA in a medical setting?", ("LoRA", "medical")),
        ("which papers on LoRA are about federated learning?", ("LoRA", "federated learning")),
        ("LoRA papers that use graph networks", ()),
        ("papers on pruning or quantization in federated learning", ()),
    ],
)
def test_a_topic_with_a_qualifier_has_two_phrases(topic: str, phrases: tuple[str, ...]) -> None:
    assert topic_phrases(topic) == phrases


def test_a_qualified_list_holds_the_papers_that_have_the_name_and_the_qualifier(
    statistics: Statistics,
) -> None:
    papers = ranked(
        ("lora", 1.0, "We tune language models by Low-Rank Adaptation (LoRA)."),
        ("medical", 0.9, "A medical image is read by a network."),
        ("both", 0.6, "Low-rank adaptation serves in medicine."),
    )
    assert ids(papers_on("which papers use LoRA in a medical setting", papers, statistics)) == ["both"]
    assert papers_on("papers on LoRA for cooking", papers, statistics) is None
    assert papers_on("papers on networks for cooking", papers, statistics) is None


def test_what_comes_very_near_a_qualified_term_belongs_though_it_has_other_words(
    statistics: Statistics,
) -> None:
    papers = ranked(
        ("term", 1.0, "Reinforcement learning (RL) reads medical images."),
        ("near", 0.9, "Medical images are read by reinforcement tuning."),
        ("far", 0.5, "Medical images are read by a network."),
    )
    assert ids(papers_on("papers on reinforcement learning for medical images", papers, statistics)) == [
        "term",
        "near",
    ]


def test_a_name_is_found_by_its_long_form_where_no_paper_has_the_name(statistics: Statistics) -> None:
    papers = ranked(("noise", 1.0, "It prunes."), ("long", 0.2, "Low-rank adaptation of a classifier."))
    assert papers_on("papers on LoRA", papers, statistics) is None
    called = {"LoRA": ("Low-Rank Adaptation",)}
    assert ids(papers_on("papers on LoRA", papers, statistics, called)) == ["long"]


def test_a_paper_that_keeps_to_the_phrase_belongs_however_far_and_a_mention_does_not(
    statistics: Statistics,
) -> None:
    papers = ranked(
        ("a", 1.0, "We study continual learning (CL)."),
        ("near", 0.9, "Learning of all kinds is continual."),
        ("mention", 0.1, "It helps, among other things, continual learning."),
        ("far", 0.1, "Continual-learning systems; CL for all."),
    )
    assert ids(papers_on("papers on continual learning", papers, statistics)) == ["a", "near", "far"]


@pytest.mark.parametrize("topic", ["which papers use LoRA", "which papers use low-rank adaptation"])
def test_the_short_and_the_long_form_of_a_topic_give_the_same_papers(
    topic: str, statistics: Statistics
) -> None:
    papers = ranked(
        ("defines", 1.0, "We tune by Low-Rank Adaptation (LoRA)."),
        ("long", 0.3, "Low-rank adaptation. Low-rank adapters."),
        ("short", 0.2, "LoRA is applied, and LoRA is kept."),
        ("neither", 0.5, "The low rank of updates."),
    )
    assert ids(papers_on(topic, papers, statistics)) == ["defines", "long", "short"]


def test_of_what_no_paper_holds_only_the_score_can_tell(statistics: Statistics) -> None:
    assert papers_on("papers on game theory", ranked(("a", 1.0, "Coalitions.")), statistics) is None
    assert papers_on("papers on games or coalitions", ranked(("a", 1.0, "Coalitions.")), statistics) is None


def test_where_several_papers_hold_the_topic_others_must_come_very_near(statistics: Statistics) -> None:
    papers = ranked(
        ("a", 1.0, "We generate realistic images."),
        ("b", 0.9, "Image generation is conditioned on text."),
        ("very near", 0.86, "Pictures are painted."),
        ("apart", 0.8, "From images of the chest we learn to write and generate reports."),
        ("c", 0.7, "The generated images are good."),
        ("far", 0.5, "It generates images."),
    )
    found = papers_on("papers about generating images", papers, statistics)
    assert ids(found) == ["a", "b", "very near", "c"]
    assert ids(papers_on("papers about generating images", papers[2:5], statistics)) == [
        "very near",
        "apart",
        "c",
    ]


def test_a_list_is_certain_when_a_paper_keeps_to_its_topic(statistics: Statistics) -> None:
    once = ranked(("a", 1.0, "Anomaly detection is hard."))
    twice = ranked(("a", 1.0, "Anomaly detection is hard. We study anomaly detection."))
    title = [ScoredPaper(Paper("t", "Anomaly Detection at Night", "It is dark."), 1.0, {})]
    found = [
        papers_on("which papers deal with anomaly detection?", p, statistics) for p in (once, twice, title)
    ]
    assert [f.certain for f in found if f] == [False, True, True]


def test_a_list_of_one_goes_on_to_what_holds_the_phrase_and_comes_half_as_near(
    statistics: Statistics,
) -> None:
    papers = ranked(
        ("a", 1.0, "Pruning is all. We study pruning."),
        ("holds", 0.5, "Its weights are pruned."),
        ("other", 0.5, "Its weights are dense."),
        ("far", 0.3, "Its weights are pruned."),
    )
    assert ids(papers_on("papers on pruning", papers, statistics)) == ["a", "holds"]
    more = ranked(("b", 0.9, "We study pruning."), ("c", 0.8, "We study pruning."))
    assert ids(papers_on("papers on pruning", [papers[0], *more, *papers[1:]], statistics)) == ["a", "b", "c"]


def test_a_list_on_a_name_holds_only_the_papers_that_have_it_and_is_certain(statistics: Statistics) -> None:
    papers = ranked(
        ("has", 1.0, "We test on CIFAR-10 and on sounds."),
        ("near", 0.95, "We test on pictures of ten kinds."),
    )
    found = papers_on("papers about CIFAR-10", papers, statistics)
    assert ids(found) == ["has"]
    assert found is not None
    assert found.certain
