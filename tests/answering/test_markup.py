"""Quotations show as written, and no injected link, image or tag survives."""

import pytest

from assistant.answering.markup import addresses, defuse, quote
from assistant.models import Identifiers, Paper

PAPER = Paper(
    paper_id="p",
    display_title="T",
    abstract="Code: https://github.com/a/b. Also \\url{https://x.org/data}.",
    urls=("https://www.example.org/page/",),
    identifiers=Identifiers(doi="10.1/x"),
)
ALLOWED = addresses([PAPER])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as in [3] and [4, 5]", "as in \\[3\\] and \\[4, 5\\]"),
        ("already \\[3\\]", "already \\[3\\]"),
        ("see [here](https://x)", "see \\[here\\](https://x)"),
        ("![img](https://x)", "!\\[img\\](https://x)"),
        ("the *p* value", "the \\*p\\* value"),
        ("__init__ and snake_case_name", "\\_\\_init\\_\\_ and snake_case_name"),
        ("p < 0.05, 3 * 4 and a_b", "p < 0.05, 3 * 4 and a_b"),
        ("the [CLS] token", "the [CLS] token"),
        ("<script>alert(1)</script>", "\\<script>alert(1)\\</script>"),
        ("a <img src=x onerror=alert(1)> b", "a \\<img src=x onerror=alert(1)> b"),
        ("<https://bad.example> <!-- x -->", "\\<https://bad.example> \\<!-- x -->"),
        ("H<sub>2</sub>O with p <b and a<c", "H<sub>2</sub>O with p <b and a<c"),
        ("one.\n# two\n\n[1]: https://bad.example", "one. # two \\[1\\]: https://bad.example"),
        ("# not a heading", "\\# not a heading"),
        ("> not a quotation", "\\> not a quotation"),
        ("-3 dB and #1", "-3 dB and #1"),
    ],
)
def test_quoted_text_shows_in_markdown_as_it_is(text: str, shown: str) -> None:
    assert quote(text) == shown
    assert quote(quote(text)) == shown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a ![x](https://bad.example/q?s=1) b", "a x b"),
        ("a ![x](https://github.com/a/b) b", "a x b"),
        ("a ![x][ref] b\n[ref]: https://bad.example/q", "a x b\n"),
        ("[click](https://bad.example)", "click"),
        ('[click](<https://bad.example> "title")', "click"),
        ("[click](javascript:alert(1))", "click"),
        ("[click](//bad.example)", "click"),
        ("[code](https://github.com/a/b)", "[code](https://github.com/a/b)"),
        ("[code](https://github.com/a/b/)", "[code](https://github.com/a/b/)"),
        ("[code](https://github.com/a/b?leak=secret)", "code"),
        ("[1](https://bad.example)", "[1]"),
        ("see https://github.com/a/b.", "see https://github.com/a/b."),
        ("see https://doi.org/10.1/x", "see https://doi.org/10.1/x"),
        ("see https://x.org/data", "see https://x.org/data"),
        ("see https://bad.example/q.", "see `https://bad.example/q`."),
        ("see <https://bad.example/q>", "see `https://bad.example/q`"),
        ("<img src='https://bad.example'>x", "x"),
        ('<a href="https://bad.example">x</a>', "x"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("H<sub>2</sub>O, p < 0.05 and a > b", "H<sub>2</sub>O, p < 0.05 and a > b"),
        ("[unfinished](https://bad.exa", "unfinished"),
    ],
)
def test_only_addresses_of_the_catalogue_stay_links(text: str, left: str) -> None:
    assert defuse(text, ALLOWED) == left
