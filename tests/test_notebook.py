"""What a notebook shows of answers and summaries, and that nothing of a corpus is live in it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine import Assistant
from assistant.models import Answer, AnswerSentence, Citation, Evidence, Identifiers, Paper

HOSTILE = (
    '<img src=x onerror="alert(1)"><script>alert(2)</script> ![x](https://evil.example/x.png)'
    " [click](https://evil.example) [r]: https://evil.example <javascript:alert(3)> [r] **bold**"
)
PAPER = Paper(
    paper_id="p:1",
    display_title='AQUILA "of" <birds>',
    abstract="It costs $5 & takes \\textit{two} days.",
    authors=("Ada <Lovelace>", "B", "C", "D"),
    published="2022-04",
    identifiers=Identifiers(arxiv="2204.02321"),
)
TAGS = {
    *(
        "div",
        "p",
        "i",
        "b",
        "a",
        "span",
        "ol",
        "ul",
        "li",
        "details",
        "summary",
        "blockquote",
        "em",
        "strong",
    ),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "code",
        "pre",
        "hr",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ),
}
ATTRIBUTES = {"class", "href", "target", "rel", "title", "value", "start", "style"}


class Seen(HTMLParser):
    """The tags, links and text of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


def shown(text: str, *citations: Citation, **fields: object) -> Seen:
    answer = Answer("q", "q", "extractive", None, "answer", text, citations=citations, **fields)  # type: ignore[arg-type]
    return Seen(answer._repr_html_())


def test_a_marker_leads_to_its_paper_and_says_which_it_is() -> None:
    seen = shown("It is so. [1][2] Not \\[1\\].", Citation(1, PAPER))
    assert "It is so. [1][2] Not [1]." in seen.text
    assert seen.links == ["https://arxiv.org/abs/2204.02321"] * 2  # the marker and the source
    assert ("a", 'AQUILA "of" <birds>') in [(tag, a.get("title")) for tag, a in seen.tags]


def test_a_source_shows_its_people_date_and_evidence() -> None:
    evidence = Evidence("takes \\textit{two} days", 14, 37)
    seen = shown("So. [1]", Citation(1, PAPER, (evidence,)))
    assert 'AQUILA "of" <birds> · Ada <Lovelace>, B, C et al. · 2022-04' in seen.text
    assert "takes two days" in seen.text


def test_notes_and_what_no_paper_supports_are_told() -> None:
    sentence = AnswerSentence("It flies.", (1,), "unsupported")
    seen = shown("It flies. [1]", Citation(1, PAPER), sentences=(sentence,), notes=("2 <undated> papers",))
    assert "Not supported by the papers: “It flies.”" in seen.text
    assert "2 <undated> papers" in seen.text


def test_prices_are_not_typeset_as_a_formula() -> None:
    classes = shown("From $5 to $10.").tags[0][1]["class"] or ""
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(classes.split())


def is_harmless(seen: Seen) -> bool:
    return all(
        tag in TAGS and set(attributes) <= ATTRIBUTES and not (attributes.get("href") or "").startswith("j")
        for tag, attributes in seen.tags
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", 'https://a.example/"onclick="alert(1)', "data:text/html,x"]
)
def test_nothing_of_a_hostile_paper_is_live(url: str) -> None:
    paper = Paper("p:2", HOSTILE, HOSTILE, authors=(HOSTILE,), published=HOSTILE, urls=(url,))
    seen = shown(
        f"{HOSTILE} [1]", Citation(1, paper, (Evidence(HOSTILE, 0, len(HOSTILE)),)), notes=(HOSTILE,)
    )
    assert is_harmless(seen)
    assert "<script>alert(2)</script>" in seen.text
    assert "![x](https://evil.example/x.png)" in seen.text
    assert set(seen.links) <= {'https://a.example/"onclick="alert(1)'}


PIECES = (
    *("<", ">", "[1]", "](", "https://", "javascript:", "`", "\n", "\\", "&lt;", "<!--", "<a href=x>"),
    *("|", "---", "![", "$", "{", "x"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_text_becomes_markup_it_was_not_meant_to_be(text: str) -> None:
    assert is_harmless(shown(text, Citation(1, PAPER)))


def test_a_real_answer_and_a_real_summary_are_shown_with_their_sources(seed_assistant: Assistant) -> None:
    answer = Seen(seed_assistant.ask("How much of the model weights can SAFARI prune?")._repr_html_())
    assert "80% of the model weights" in answer.text
    assert "Yuzhu Mao" in answer.text
    summary = Seen(seed_assistant.summarize("federated learning")._repr_html_())
    assert "SAFARI" in summary.text
    assert {"h2", "table", "a"} <= {tag for tag, _ in summary.tags}
    assert is_harmless(summary)
