"""Who asks what to read, or what is known, asks for the papers on that."""

import pytest

from assistant.retrieval.wordings import as_papers_on


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Which paper should I read about privacy in hospitals?", "papers about privacy in hospitals?"),
        ("What should I read first to learn about pruning?", "papers about pruning?"),
        ("Can you recommend me some good papers on pruning?", "papers about pruning?"),
        ("What would you recommend on pruning?", "papers about pruning?"),
        ("Please suggest something to read about pruning", "papers about pruning"),
        ("Which paper is a good introduction to pruning?", "papers about pruning?"),
        ("Where should I start with pruning?", "papers about pruning?"),
        ("Summarize what is known about pruning", "papers about pruning"),
        ("What do we know about pruning?", "papers about pruning?"),
        ("What has been done on pruning so far?", "papers about pruning so far?"),
        ("What do the papers say about pruning?", "papers about pruning?"),
        ("What is the state of the art in pruning?", "papers about pruning?"),
        ("Could you give me a short overview of pruning?", "papers about pruning?"),
        ("Does any paper use LoRA?", "papers that use LoRA?"),
        ("Are there any studies here on pruning?", "papers on pruning?"),
        ("Summarise the papers on pruning", "papers about pruning"),
        ("Does any paper report results on CIFAR-10?", "papers about CIFAR-10?"),
        ("Which papers evaluate their method on MIMIC-CXR?", "Which papers about MIMIC-CXR?"),
        ("Is there a paper that uses BraTS?", "papers that uses BraTS?"),
        ("Has anyone used BERT?", "papers that used BERT?"),
        ("Is there evidence that pruning works on phones?", "Does pruning work on phones?"),
        ("What evidence is there that prompts help?", "prompts help?"),
    ],
)
def test_asking_words_are_taken_off_a_topic(question: str, plain: str) -> None:
    assert as_papers_on(question) == plain


@pytest.mark.parametrize(
    "question",
    [
        "Show me the papers of the 2010s without code",
        "Summarize the papers of 2021",
        "What has been published in March 2024?",
        "What research exists in cs.LG?",
        "Are there any papers by Ann Long?",
        "Summarize the method",
        "Summarize the paper on pruning",
        "Give me an overview of it",
        "What should I read?",
        "What is known?",
        "What do the authors recommend on dose planning?",
        "Which work prunes most?",
        "What work does the recommender do on movies?",
        "Is there a paper on keeping thieves away from a dataset?",
        "How is the study evaluated on knees?",
        "Tell me about pruning",
        "Who surveys dolphins?",
    ],
)
def test_what_asks_for_one_paper_or_something_in_it_is_left_as_it_is(question: str) -> None:
    assert as_papers_on(question) == question
