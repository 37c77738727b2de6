from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.models import Answer, Citation, Filters, Paper
from assistant.web.markup import answer_markdown, escape_markdown, message_markdown

PAPER = Paper(paper_id="p:1", display_title='A "quoted" <b>title</b>', abstract="")

# A strict CommonMark renderer that lets raw HTML through, as a browser without a sanitiser would see it.
MARKDOWN = MarkdownIt("commonmark", {"breaks": True}).enable(["table", "strikethrough"])


class Rendered(HTMLParser):
    """The tags and the text of rendered Markdown."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(MARKDOWN.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def answer(**changes: object) -> Answer:
    fields: dict[str, object] = {
        "question": "q",
        "standalone_question": "q",
        "answerer": "extractive",
        "model": None,
        "kind": "answer",
        "text": "It prunes 80% [1].",
        "citations": (Citation(1, PAPER),),
    }
    return Answer(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://elsewhere.example/x.png)",
        "[x](javascript:alert(1))",
        "**bold** _it_ `code` ~~gone~~",
        "# heading",
        "1. one\n2. two",
        "- one\n+ two\n* three",
        "> quoted",
        "    indented code",
        "a | b\n--- | ---\n1 | 2",
        "```mermaid\ngraph\n```",
        "http://elsewhere.example www.elsewhere.example a@b.example",
        "&lt;script&gt;",
        "Costs $5, not $6. p < 0.05 & 50% of $100?",
    ],
)
def test_a_question_is_shown_letter_by_letter(text: str) -> None:
    shown = Rendered(escape_markdown(text))
    assert shown.text.split() == text.split()
    assert {tag for tag, _ in shown.tags} <= {"p", "br"}


def test_a_question_holds_no_address_that_a_renderer_would_link() -> None:
    shown = escape_markdown("http://elsewhere.example HTTPS://x.example www.elsewhere.example a@b.example")
    assert not re.search(r"://|www\.|@", shown, re.IGNORECASE)


@given(st.text(max_size=200))
def test_no_question_becomes_markup(text: str) -> None:
    assert {tag for tag, _ in Rendered(escape_markdown(text)).tags} <= {"p", "br"}


def test_markers_become_links_to_the_cards_of_their_turn() -> None:
    shown = answer_markdown("It prunes 80% [1][2].", 3, [Citation(1, PAPER)])
    assert shown.startswith("It prunes 80% [\\[1\\]](#source-3-1 ")
    assert shown.endswith("\\[2\\].")  # a number without a card leads nowhere


def test_markers_of_a_streaming_answer_are_links_already() -> None:
    assert answer_markdown("A [7]", 1) == "A [\\[7\\]](#source-1-7)"


def test_a_title_in_a_marker_cannot_end_its_attribute() -> None:
    title = re.search(r'\(#source-1-1 "(.*)"\)', answer_markdown("[1]", 1, [Citation(1, PAPER)]))
    assert title is not None
    assert '"' not in title[1]
    assert html.unescape(title[1]) == PAPER.display_title


def test_brackets_of_a_quotation_stay_brackets() -> None:
    assert answer_markdown(r"as in \[3\]", 1, [Citation(3, PAPER)]) == r"as in \[3\]"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        r"\<script>alert(1)</script>",
        "<IMG SRC=x onerror=alert(1)>",
        "![x](http://elsewhere.example/x.png)",
        "[x](javascript:alert(1))",
        "[x][1](javascript:alert(1))",
        "[1](javascript:alert(1))",
        "[x]: javascript:alert(1)",
        "[[1]](javascript:alert(1))",
        "\\![x](javascript:alert(1))",
        "\\\\[x](javascript:alert(1))",
        "<details open ontoggle=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_an_answer_opens_no_tag_image_or_foreign_link(text: str) -> None:
    shown = Rendered(answer_markdown(text, 1, [Citation(1, PAPER)]))
    assert {tag for tag, _ in shown.tags} <= {"p", "a"}
    links = [attributes.get("href") or "" for tag, attributes in shown.tags if tag == "a"]
    assert all(link.startswith("#source-1-") for link in links)


def test_an_entity_of_an_answer_is_shown_as_it_is_written() -> None:
    assert Rendered(answer_markdown("&copy; AT&T", 1)).text.strip() == "&copy; AT&T"


@given(st.text(alphabet=st.sampled_from('[]()!<>\\`&;*_~#1ax:/\n" '), max_size=60))
def test_no_answer_opens_a_tag_of_its_own(text: str) -> None:
    shown = Rendered(answer_markdown(text, 1, [Citation(1, PAPER)]))
    assert not {tag for tag, _ in shown.tags} & {"img", "script", "b", "x", "ax"}
    links = [attributes.get("href") or "" for tag, attributes in shown.tags if tag == "a"]
    assert all(link.startswith(("#source-1-", "https://", "http://")) for link in links)


def test_markdown_of_an_answer_survives() -> None:
    text = "**Two** methods:\n\n- one, p < 0.05, $5\n- two & three"
    assert answer_markdown(text, 1) == text.replace("<", "&lt;")


def test_a_link_of_an_answer_shows_its_address() -> None:
    text = "See [the code](https://github.com/a/b)."
    assert answer_markdown(text, 1) == "See the code (https://github.com/a/b)."


def test_a_fence_names_no_language() -> None:
    assert answer_markdown("```mermaid\ngraph TD\n```", 1) == "```\ngraph TD\n```"


def test_filters_notes_and_the_understood_question_follow_the_answer() -> None:
    shown = message_markdown(
        answer(
            standalone_question="How much does SAFARI prune?",
            filters=Filters(year=2022, has_code=True, author="Zihao Zhao"),
            notes=("Answered without *the* filter.",),
        ),
        1,
    )
    body, *remarks = shown.split("\n\n")
    assert body.startswith("It prunes 80%")
    assert remarks == [
        "*Only papers by Zihao Zhao, published in 2022, with code.*",
        "*Understood as: How much does SAFARI prune?*",
        "*Answered without &#42;the&#42; filter.*",
    ]


def test_a_plain_answer_has_no_remarks() -> None:
    assert "*" not in message_markdown(answer(standalone_question="Q?"), 1)


def test_an_answer_that_names_its_filters_does_not_say_them_twice() -> None:
    listed = answer(text="2 papers (with code).", filters=Filters(has_code=True))
    assert "Only papers" not in message_markdown(listed, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"we propose \textit{SAFARI} at 80\% [1]", "we propose SAFARI at 80% [1]"),
        (r"as in \[3\] and \[4\]", "as in [3] and [4]"),
        ("p < 0.05 for $5 and $6", "p < 0.05 for $5 and $6"),
        ("- one\n- two", "one\ntwo"),
    ],
)
def test_quoted_latex_is_readable_in_an_answer(text: str, shown: str) -> None:
    assert Rendered(answer_markdown(text, 1)).text.strip().replace("\n\n", "\n") == shown
