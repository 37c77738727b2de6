"""Answers and summaries as a notebook shows them: HTML in which nothing of a paper or a model is live.

Notebooks run whatever HTML an object shows. So raw HTML, images and links of the Markdown stay text; the
only links are those to the cited papers, http(s) only, and formulas are not typeset.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from assistant.readable import readable

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from assistant.models import Answer, Citation, Paper

_MARKER = re.compile(r"\[(\d{1,4})\]")
# The classes keep MathJax 2 and 3 away: "$5 and $10" is no formula.
_FRAME = '<div class="paper-assistant tex2jax_ignore mathjax_ignore">{}</div>'


def answer_html(answer: Answer) -> str:
    """The answer, its markers linked to the papers, the notes, and the sources with their evidence."""
    unsupported = (s.text for s in answer.sentences if s.verdict == "unsupported")
    remarks = [*(f"Not supported by the papers: “{_plain(text)}”" for text in unsupported), *answer.notes]
    parts = [_rendered(answer.text, answer.citations), *(f"<p><i>{escape(r)}</i></p>" for r in remarks)]
    if answer.citations:
        parts.append(f"<p><b>Sources</b></p><ol>{''.join(map(_source, answer.citations))}</ol>")
    return _FRAME.format("".join(parts))


def markdown_html(text: str, citations: Sequence[Citation]) -> str:
    """Markdown from a corpus or a model; its markers of `citations` are linked to the papers."""
    return _FRAME.format(_rendered(text, citations))


def _rendered(text: str, citations: Sequence[Citation]) -> str:
    return str(_markdown().render(text, {"papers": {c.number: c.paper for c in citations}}))


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["link", "image", "reference"])  # a label could hide where it leads, an image calls home
    parser.inline.ruler.before("link", "citation", _read_marker)
    parser.add_render_rule("citation", _write_marker)
    parser.add_render_rule("text", _write_text)
    return parser


def _read_marker(state: StateInline, silent: bool) -> bool:
    match = _MARKER.match(state.src, state.pos, state.posMax)
    if match is None or int(match[1]) not in state.env["papers"]:
        return False
    if not silent:
        state.push("citation", "", 0).content = match[1]
    state.pos = match.end()
    return True


def _write_marker(_: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, env: Any) -> str:
    number = tokens[place].content
    paper: Paper = env["papers"][int(number)]
    return _linked(paper, f"[{number}]", title=_plain(paper.display_title))


def _write_text(_: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    return escape(readable(tokens[place].content))


def _source(citation: Citation) -> str:
    paper = citation.paper
    people = ", ".join(paper.authors[:3]) + (" et al." if paper.et_al or len(paper.authors) > 3 else "")
    parts = [
        _linked(paper, _plain(paper.display_title)),
        escape(_plain(people)),
        escape(paper.published or ""),
    ]
    quotes = "".join(f"<blockquote>{escape(_plain(e.text))}</blockquote>" for e in citation.evidence)
    evidence = f"<details><summary>evidence</summary>{quotes}</details>" if quotes else ""
    return f'<li value="{citation.number}">{" · ".join(part for part in parts if part)}{evidence}</li>'


def _linked(paper: Paper, text: str, title: str = "") -> str:
    """`text`, linked when the paper has an address on the web."""
    shown, hint = escape(text), f' title="{escape(title)}"' if title else ""
    url = paper.url or ""
    if not re.match(r"https?://\w", url, re.IGNORECASE):
        return f"<span{hint}>{shown}</span>"
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer"{hint}>{shown}</a>'


def _plain(text: str) -> str:
    return " ".join(readable(text).split())
