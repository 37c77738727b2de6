from datetime import date

import pytest

from assistant.retrieval.filters import CorpusNames, read_filters

PAPERS = {
    "a": ("Qicheng Lao", "Thomas Fevens"),
    "b": ("Qicheng Lao", "Xiang Jiang"),
    "c": ("Zihao Zhao", "Yang Liu", "Wenbo Ding"),
    "d": ("Ziheng Zhao", "José Müller"),
    "e": ("Kang Li",),
}
NAMES = CorpusNames(
    {
        name: frozenset(p for p, who in PAPERS.items() if name in who)
        for who in PAPERS.values()
        for name in who
    },
    {p: who[0] for p, who in PAPERS.items()},
    categories=("LG", "CV", "CL", "cs.GT"),
    affiliation_tags=("harvard", "microsoft-research"),
)
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("papers of 2021?", {"year": 2021}),
        ("what came out in 2022?", {"year": 2022}),
        ("Which 2023 papers have their code out?", {"year": 2023, "has_code": True}),
        ("In 2019, which papers were published?", {"year": 2019}),
        ("papers since 2024 on pruning", {"published_from": "2024-01-01"}),
        ("papers after 2023", {"published_from": "2024-01-01"}),
        ("papers before March 2023", {"published_to": "2023-02-28"}),
        ("published until 2020", {"published_to": "2020-12-31"}),
        ("from 2023 onwards", {"published_from": "2023-01-01"}),
        ("between 2019 and 2021", {"published_from": "2019-01-01", "published_to": "2021-12-31"}),
        ("first quarter of 2025", {"published_from": "2025-01-01", "published_to": "2025-03-31"}),
        ("anything from Q4 2024", {"published_from": "2024-10-01", "published_to": "2024-12-31"}),
        ("second half of 2024", {"published_from": "2024-07-01", "published_to": "2024-12-31"}),
        ("papers of the last 3 years", {"published_from": "2024-01-01"}),
        ("papers from last year", {"year": 2025}),
        (
            "the April 2024 decomposition paper",
            {"published_from": "2024-04-01", "published_to": "2024-04-30"},
        ),
        (
            "Papers from July to December 2024 with code",
            {"published_from": "2024-07-01", "published_to": "2024-12-31", "has_code": True},
        ),
        ("papers without code", {"has_code": False}),
        ("works whose code is public", {"has_code": True}),
        ("All papers that list Thomas Fevens", {"author": "Thomas Fevens"}),
        ("papers by Lao, Qicheng", {"author": "Qicheng Lao"}),
        ("papers by qicheng lao", {"author": "Qicheng Lao"}),
        ("papers by Jose Muller", {"author": "José Müller"}),
        ("works by Fevens", {"author": "Thomas Fevens"}),
        ("Qicheng Lao as lead author", {"first_author": "Qicheng Lao"}),
        ("the study led by Qicheng Lao", {"first_author": "Qicheng Lao"}),
        ("as given by Lao et al. 2019", {"first_author": "Qicheng Lao", "year": 2019}),
        ("the bound by Zhao, Liu and Ding", {"first_author": "Zihao Zhao"}),
        ("Kang Li's 2024 paper", {"author": "Kang Li", "year": 2024}),
        ("papers in cs.LG", {"category": "LG"}),
        ("How many category LG papers?", {"category": "LG"}),
        ("the computer vision category", {"category": "CV"}),
        ("Which computation-and-language (CL) papers?", {"category": "CL"}),
        ("GT papers", {"category": "cs.GT"}),
        ("papers from Microsoft Research", {"affiliation_tag": "microsoft-research"}),
        ("Which works are from Microsoft?", {"affiliation_tag": "microsoft-research"}),
        ("papers from microsoft with code", {"affiliation_tag": "microsoft-research", "has_code": True}),
        ("papers on images from Microsoft COCO", {}),
        ("papers from the University of Oslo", {"affiliation_tag": "University of Oslo"}),
        ("papers in the robotics category", {"category": "cs.RO"}),
        ("papers filed under machine learning", {"category": "LG"}),
        ("papers in math.GT", {"category": "math.GT"}),
        ("papers in quant-ph", {"category": "quant-ph"}),
        ("papers by K. Li", {"author": "Kang Li"}),
        ("papers by Li, K.", {"author": "Kang Li"}),
        ("papers by Qicheng Loa", {"author": "Qicheng Lao"}),
        ("papers by Geoffrey Hinton", {"author": "Geoffrey Hinton"}),
        ("papers with code by Geoffrey Hinton", {"author": "Geoffrey Hinton", "has_code": True}),
        ("What did Fevens write?", {"author": "Thomas Fevens"}),
        ("papers from 2019 and 2022", {"published_from": "2019-01-01", "published_to": "2022-12-31"}),
        ("papers that don't have code", {"has_code": False}),
    ],
)
def test_publication_data_become_filters(question: str, filters: dict[str, object]) -> None:
    assert read_filters(question, NAMES, TODAY).filters.to_dict() == filters


@pytest.mark.parametrize(
    "question",
    [
        "ImageNet 2012 accuracy of ViT",
        "results on NIH82 and BraTS 2021",
        "a model trained on data from 2019",
        "papers with code generation models",
        "machine learning for images",
        "papers by year",
        "Which method works by Gibbs sampling?",
        "Does it beat Zhao et al.?",  # two people bear the name, and the work is not theirs to list
        "Alzheimer's papers",
        "How is speed improved by Long context?",
        "ImageNet 2012 papers",
        "papers that may help",
        "Q1 of the survey",
        "papers on code generation",
        "papers in cs terms",
        "machine learning papers",
        "AI papers",
        "patients treated between 2010 and 2015",
        "papers about patients treated between 2010 and 2015",
        "papers using data from 2019",
        "datasets released in 2021",
        "How did accuracy improve after 2012?",
        "the March 2020 outbreak",
        "papers by Chinese authors",
        "text written by GPT-4",
        "papers of 2000 images",
        "GPT-4 with 2048 tokens",
        "Which 2D and 3D tasks are there?",
    ],
)
def test_what_can_mean_something_else_is_no_filter(question: str) -> None:
    reading = read_filters(question, NAMES, TODAY)
    assert not reading.filters
    assert reading.rest == question


def test_the_phrases_read_are_taken_out_of_the_question() -> None:
    reading = read_filters("federated learning papers from 2024 by Qicheng Lao with code", NAMES, TODAY)
    assert reading.rest == "federated learning papers"


def test_a_surname_of_several_means_the_papers_of_all_and_says_so() -> None:
    reading = read_filters("works by Zhao", NAMES, TODAY)
    assert not reading.filters
    assert reading.within == ("c", "d")
    assert "Zihao Zhao (1), Ziheng Zhao (1)" in reading.notes[0]


@pytest.mark.parametrize(
    ("question", "within"),
    [
        ("papers by Qicheng Lao and Thomas Fevens", ("a",)),
        ("papers by Lao and Fevens", ("a",)),
        ("papers by Thomas Fevens or Kang Li", ("a", "e")),
    ],
)
def test_several_authors_have_papers_together_or_apart(question: str, within: tuple[str, ...]) -> None:
    assert read_filters(question, NAMES, TODAY).within == within


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("papers by Qicheng Loa", "taken as Qicheng Lao"),
        ("papers by Geoffrey Hinton", "No author in this corpus is called “Geoffrey Hinton”"),
        ("papers in the robotics category", "in the category cs.RO"),
        ("papers from March", "taken as March 2026"),
    ],
)
def test_how_an_unclear_phrase_was_taken_is_said(question: str, said: str) -> None:
    assert any(said in note for note in read_filters(question, NAMES, TODAY).notes)


def test_two_years_apart_leave_out_what_lies_between() -> None:
    reading = read_filters("papers from 2019 and 2022", NAMES, TODAY)
    (between,) = reading.exclude
    assert between.to_dict() == {"published_from": "2020-01-01", "published_to": "2021-12-31"}


def test_of_several_years_all_that_lies_between_any_two_is_left_out() -> None:
    reading = read_filters("papers on pruning from 2019, 2021 and 2024", NAMES, TODAY)
    assert reading.filters.to_dict() == {"published_from": "2019-01-01", "published_to": "2024-12-31"}
    assert [between.to_dict() for between in reading.exclude] == [
        {"year": 2020},
        {"published_from": "2022-01-01", "published_to": "2023-12-31"},
    ]
    assert reading.notes == ("Only papers from 2019, 2021 and 2024 count, not those between.",)
    assert reading.rest == "papers on pruning"
