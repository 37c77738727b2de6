from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest

from assistant.models import Answer, AnswerSentence, Citation, Coverage, Evidence, Filters, Paper, Why
from assistant.web.cards import (
    authors_line,
    paper_card,
    safe_url,
    source_card,
    sources_panel,
)
from assistant.web.highlight import highlighted

ABSTRACT = (
    "We study pruning. The results show that \\textit{SAFARI} prunes 80\\% of weights. "
    "It costs $5 & p < 0.05. Done."
)
PAPER = Paper(
    paper_id="p:1",
    display_title="SAFARI",
    abstract=ABSTRACT,
    authors=("Yuzhu Mao", "Zihao Zhao"),
    et_al=True,
    affiliation_tag="Tsinghua",
    published="2022-04-05",
    categories=("DC",),
    urls=("https://arxiv.org/abs/2204.02321", "https://github.com/a/b"),
    has_code=True,
    sources=("000.txt",),
)
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</mark></p></details><iframe src=javascript:alert(1)>",
    '" onmouseover="alert(1)',
    "<!-- <a href='javascript:alert(1)'>x</a> -->",
    "${alert(1)}{{alert(1)}}",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<\x00script>alert(1)</script>",
]


CARD_TAGS = {"section", "article", "h2", "h3", "p", "span", "a", "mark", "details", "summary", "blockquote"}
CARD_TAGS |= {"ul", "li", "strong", "em", "button"}


def span(text: str) -> Evidence:
    start = ABSTRACT.index(text)
    return Evidence(text, start, start + len(text))


def visible(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


class Tags(HTMLParser):
    """Collects what a browser would see: the tags with their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_evidence_sentence_is_marked_in_its_abstract() -> None:
    sentence = "The results show that \\textit{SAFARI} prunes 80\\% of weights."
    marked = re.findall(r"<mark>(.*?)</mark>", highlighted(ABSTRACT, [span(sentence)]))
    assert marked == ["The results show that SAFARI prunes 80% of weights."]


def test_words_around_the_mark_keep_their_spaces() -> None:
    shown = highlighted("One. Two. Three.", [Evidence("Two.", 5, 9)])
    assert shown == "One. <mark>Two.</mark> Three."


@pytest.mark.parametrize(
    ("spans", "marks"),
    [
        ([(0, 4), (2, 9)], ["One. Two."]),
        ([(5, 9), (0, 4)], ["One.", "Two."]),
        ([(0, 400)], ["One. Two."]),
        ([(-3, 4)], ["One."]),
        ([(9, 9), (50, 60)], []),
        ([(0, 4), (0, 4)], ["One."]),
    ],
)
def test_overlapping_and_impossible_spans_are_mended(spans: list[tuple[int, int]], marks: list[str]) -> None:
    shown = highlighted("One. Two.", [Evidence("", a, b) for a, b in spans])
    assert re.findall("<mark>(.*?)</mark>", shown) == marks
    assert visible(shown) == "One. Two."


def test_offsets_are_code_points_not_utf16_units() -> None:
    shown = highlighted("𝒜𝒷 é. Two.", [Evidence("Two.", 6, 10)])
    assert re.findall("<mark>(.*?)</mark>", shown) == ["Two."]


def test_signs_that_are_no_markup_survive() -> None:
    assert visible(highlighted(ABSTRACT, [])).endswith("It costs $5 & p < 0.05. Done.")


def test_a_card_shows_what_identifies_the_paper() -> None:
    card = source_card(Citation(2, PAPER, (span("We study pruning."),)), turn=4)
    assert 'id="source-4-2"' in card
    text = visible(card)
    for part in ("SAFARI", "Yuzhu Mao, Zihao Zhao et al.", "2022", "DC", "Tsinghua", "000.txt"):
        assert part in text
    assert "Paper ↗Code ↗" in text
    assert 'href="https://github.com/a/b"' in card


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_records_stay_text(payload: str) -> None:
    paper = Paper(
        paper_id=payload,
        display_title=payload,
        abstract=f"Before {payload} after.",
        authors=(payload,),
        affiliation_tag=payload,
        published="2022",
        categories=(payload,),
        urls=(payload, f"https://example.org/{payload}", f"javascript:{payload}"),
        sources=(payload,),
    )
    evidence = Evidence(paper.abstract, 0, len(paper.abstract))
    result = Answer(
        question=payload,
        standalone_question=payload,
        answerer="extractive",
        model=None,
        kind="answer",
        text=payload,
        citations=(
            Citation(
                1,
                paper,
                (evidence,),
                (payload,),
                Why((payload,), 1.0, 1, {"passage": 1.0}, {}, Filters(payload)),
            ),
        ),
        coverage=Coverage(2, 1, (payload,), (paper,)),
        sentences=(AnswerSentence(payload, (1,), "unsupported"),),
    )
    for markup in (sources_panel(result, 1), paper_card(paper)):
        for tag, attributes in Tags(markup).seen:
            assert tag in CARD_TAGS
            assert not [name for name in attributes if name.startswith("on")]
            assert (attributes.get("href") or "https://").startswith("https://")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//elsewhere.example",
        "file:///etc/passwd",
        "http://",
        "",
        None,
        " javascript:alert(1)",
        "http://[::1",
        "java\nscript:alert(1)",
    ],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert safe_url(url) is None


def test_a_refusal_shows_the_closest_papers() -> None:
    refusal = Answer(
        question="q", standalone_question="q", answerer="extractive", model=None, kind="refusal", text="No.",
        closest=(PAPER,),
    )  # fmt: skip
    panel = sources_panel(refusal, 1)
    assert "Closest papers" in panel
    assert "SAFARI" in panel


def test_shaky_sentences_are_named() -> None:
    sentences = (
        AnswerSentence("It prunes [1].", (1,), "supported"),
        AnswerSentence("It flies [1].", (1,), "unsupported"),
        AnswerSentence("Well.", (), None),
    )
    result = Answer(
        question="q", standalone_question="q", answerer="openai", model="m", kind="answer", text="",
        citations=(Citation(1, PAPER),), sentences=sentences,
    )  # fmt: skip
    text = visible(sources_panel(result, 1))
    assert "1 of 2 sentences are supported" in text
    assert "“It flies.” is not supported by its sources" in text


def test_papers_that_match_and_are_left_out_are_named() -> None:
    other = Paper(paper_id="p:2", display_title="AQUILA & B", abstract="", published="2023")
    coverage = Coverage(4, 1, ("p:2", "p:3", "p:4"), (other,))
    result = Answer(
        question="q", standalone_question="q", answerer="openai", model="m", kind="answer", text="",
        citations=(Citation(1, PAPER),), coverage=coverage,
    )  # fmt: skip
    text = visible(sources_panel(result, 1))
    assert "4 papers match, 1 of them used here" in text
    assert "AQUILA & B (2023)and 2 more" in text


def test_a_card_says_why_its_paper_was_found() -> None:
    why = Why(
        terms=("prune", "SAFARI"),
        score=1.3,
        rank=1,
        scores={"passage": 0.357, "sentence": 0.4, "words": 0.0},
        ranks={"passage": 1, "sentence": 12},
        filters=Filters(year=2022, has_code=True),
    )
    text = visible(source_card(Citation(1, PAPER, why=why), 1))
    assert "Why this paper?" in text
    assert "Holds these words of the question: “prune”, “SAFARI”." in text
    assert "Meaning of the abstract: the best of the papers looked at (0.36 of 1)." in text
    assert "Meaning of its nearest sentence: number 12 of the papers looked at" in text
    assert "Words: no match." in text
    assert "Passes the filter: published in 2022, with code." in text


def test_a_card_says_what_close_reading_made_of_its_paper() -> None:
    why = Why(scores={"passage": 0.5, "close": 0.66}, ranks={"passage": 9, "close": 2})
    text = visible(source_card(Citation(1, PAPER, why=why), 1))
    assert "Meaning of the abstract: number 9 of the papers looked at (0.50 of 1)." in text
    assert (
        "Meaning, word by word in each sentence: number 2 of the few read that closely (0.66 of 1)." in text
    )


def test_a_paper_found_by_meaning_alone_says_so() -> None:
    why = Why(scores={"passage": 0.5}, ranks={"passage": 3})
    assert "Shares no word with the question." in visible(source_card(Citation(1, PAPER, why=why), 1))


def test_a_card_of_a_list_by_filter_names_the_filter_alone() -> None:
    shown = visible(source_card(Citation(1, PAPER, why=Why(filters=Filters(year=2022))), 1))
    assert "Passes the filter: published in 2022." in shown
    assert "question" not in shown
    assert "Why" not in visible(source_card(Citation(1, PAPER, why=Why()), 1))


def test_catalogue_facts_name_their_fields() -> None:
    assert "Taken from its record: date, whether there is code." in visible(
        source_card(Citation(1, PAPER, (), ("published", "has_code")), 1)
    )


def test_long_author_lists_are_cut() -> None:
    paper = Paper(paper_id="p", display_title="t", abstract="", authors=tuple("ABCDEFGH"))
    assert authors_line(paper, limit=3) == "A, B, C et al."
    assert authors_line(Paper(paper_id="p", display_title="t", abstract="")) == ""
