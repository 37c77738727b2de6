"""Short and long forms, as abstracts define them."""

import pytest

from assistant.models import Paper
from assistant.retrieval.acronyms import definitions, other_forms


def paper(abstract: str) -> Paper:
    return Paper("p:1", "A study", abstract)


@pytest.mark.parametrize(
    ("abstract", "short", "long"),
    [
        ("We use Low-Rank Adaptation (LoRA) here.", "LoRA", "Low-Rank Adaptation"),
        ("Large language models (LLMs) are large.", "LLM", "Large language models"),
        ("We propose the General Pathology Model (GPM).", "GPM", "General Pathology Model"),
        ("Mixture of Low-rank Adapters (MoLA) helps.", "MoLA", "Mixture of Low-rank Adapters"),
        ("by vision transformers (ViT, for short) alone", "ViT", "vision transformers"),
    ],
)
def test_a_short_form_in_brackets_is_defined_by_the_words_before(
    abstract: str, short: str, long: str
) -> None:
    assert definitions(paper(abstract)) == ((short, long),)


@pytest.mark.parametrize(
    "abstract",
    [
        "It works (see Table 2) well (on CPU and TPU).",
        "A powerful method implemented using Hypernetworks (PHN) is used.",
        "Bones are hard. Trees grow (BHT) slowly.",
        "The LoRA (LoRA) works.",
    ],
)
def test_other_brackets_define_nothing(abstract: str) -> None:
    assert definitions(paper(abstract)) == ()


def test_each_form_leads_to_the_other() -> None:
    defining = paper("We use Low-Rank Adaptation (LoRA) here.")
    assert other_forms("LoRA", defining) == ("Low-Rank Adaptation",)
    assert other_forms("low-rank adaptation", defining) == ("LoRA",)
    assert other_forms("low-rank adapters", defining) == ("LoRA",)
    assert other_forms("low rank structures", defining) == ()
    assert other_forms("RoLoRA", defining) == ()
