"""Questions that lead on from an answer."""

from __future__ import annotations

from dataclasses import replace

from fake_assistant import CORPUS, SAFARI, scripted_answer

from assistant.models import Answer, Citation, Paper
from assistant.web.suggestions import follow_ups

NAMELESS = Paper(
    paper_id="p:rolora",
    display_title="RoLoRA",
    abstract="We propose RoLoRA, which alternates its updates. RoLoRA outperforms others by 5%.",
)
LONG = Paper(
    paper_id="p:long",
    display_title="A Very Long Title on the Stabilised Tuning of Adapters for Many Clients and What It Gives",
    title="A Very Long Title on the Stabilised Tuning of Adapters for Many Clients and What It Gives",
    abstract="We introduce Stabilised Adapters (SAda). The results show that SAda gains 3%.",
)


def answered_from(*papers: Paper) -> Answer:
    citations = tuple(Citation(number, paper) for number, paper in enumerate(papers, 1))
    return replace(scripted_answer("Which adapters are there?"), citations=citations)


def test_a_paper_is_called_by_its_methods_name_rather_than_by_a_long_title() -> None:
    asked = follow_ups(answered_from(LONG, NAMELESS))
    assert "Compare SAda and RoLoRA." in asked
    assert all("“" not in question for question in asked)


def test_a_refusal_suggests_the_papers_it_names_and_no_others() -> None:
    refused = scripted_answer("unknown")
    assert follow_ups(refused) == []
    named = replace(refused, text=f"The closest are:\n- {SAFARI.display_title}", closest=CORPUS)
    assert follow_ups(named) == ["What is SAFARI about?"]
