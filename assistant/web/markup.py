"""Answers and questions as Markdown that cannot do more than it should.

Gradio renders chat messages as Markdown and sanitises the result, but its sanitiser lets
images, links and custom tags through. Here nothing from a corpus, a user or a language model
becomes markup it was not meant to be: raw HTML and images are shown as text, a link shows its
address, and the citation markers lead to the source cards beside the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.filter_words import describe_filters
from assistant.answering.markup import quote
from assistant.models import Answer, Citation
from assistant.readable import readable

_ANSWER_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|\[(?P<number>\d{1,4})\]"
    r"|(?<!!)\[(?P<label>[^\[\]\n]{1,200})\]\((?P<url>https?://[^\s()<>\[\]]{1,500})\)"
    r"|(?P<fence>^[ \t]*(?:`{3,}|~{3,}))[^\n]*"
    r"|(?P<entity>&(?=#?\w{1,31};))"
    r"|(?P<character>[<\[~])"
    r"|(?P<email>(?<=[\w.+-])@(?=\w))",
    re.MULTILINE,
)
_KEPT = re.compile(r"(\\[\[\]*_<#>+-]|\n)")
_SPECIAL = re.compile(
    r"[&<>`*_\[\]{}\\|~#!=@]|:(?=//)|(?<=www)\.|^[ \t]+|^[-+]|^\d{1,9}[.)]", re.MULTILINE | re.IGNORECASE
)


def escape_markdown(text: str) -> str:
    """Return Markdown that shows `text` letter by letter: no markup, no link, no HTML.

    Entities, unlike backslashes, mean the same to every Markdown dialect and cannot open a
    block. Line breaks stay.
    """
    return _SPECIAL.sub(_entities, text.strip())


def _readable_markdown(text: str) -> str:
    """LaTeX residue of quoted sentences made readable; line breaks and Markdown's own escapes stay."""
    return "".join(
        piece if piece.startswith(("\\", "\n")) or not piece else _keep_ends(piece)
        for piece in _KEPT.split(text)
    )


def _keep_ends(text: str) -> str:
    core = text.strip()
    return text.replace(core, readable(core), 1) if core else text


def answer_markdown(text: str, turn: int, citations: Sequence[Citation] | None = None) -> str:
    """Return an answer's Markdown, safe to render, its markers linked to the cards of `turn`.

    With `citations` only their numbers become links, with the paper's title for a tooltip;
    without (while the answer still streams) every marker does, so that nothing moves when
    the final citations arrive.
    """
    titles = None if citations is None else {c.number: c.paper.display_title for c in citations}

    def replace(match: re.Match[str]) -> str:
        if escaped := match["escaped"]:
            return "&lt;" if escaped == "<" else match[0]
        if number := match["number"]:
            return _marker(int(number), turn, titles)
        if match["label"]:  # shown with its address, so that nobody is sent elsewhere unawares
            return f"{escape_markdown(match['label'])} ({match['url']})"
        if fence := match["fence"]:
            return fence  # a language after the fence makes the page load a highlighter or draw a diagram
        return _entity(match[0])

    return _ANSWER_TOKEN.sub(replace, _readable_markdown(text))


def message_markdown(answer: Answer, turn: int) -> str:
    """Return the chat message of a finished answer: its text, then what the reader should know of it."""
    parts = [answer_markdown(answer.text, turn, answer.citations)]
    remarks = []
    if filters := filters_remark(answer):
        remarks.append(escape_markdown(filters))
    asked = answer.standalone_question
    if asked and _normalise(asked) != _normalise(answer.question):
        remarks.append(f"Understood as: {escape_markdown(asked)}")
    remarks += [escape_markdown(note) for note in answer.notes]
    return "\n\n".join([*parts, *(f"*{' '.join(remark.split())}*" for remark in remarks)])


def filters_remark(answer: Answer) -> str:
    """Say which papers alone were looked at; "" for all, and where the answer says so itself."""
    filters = describe_filters(answer.filters)
    return f"Only papers {filters}." if filters and quote(filters) not in answer.text else ""


def _marker(number: int, turn: int, titles: dict[int, str] | None) -> str:
    if titles is None:
        return f"[\\[{number}\\]](#{card_id(turn, number)})"
    if number not in titles:
        return f"\\[{number}\\]"
    return f'[\\[{number}\\]](#{card_id(turn, number)} "{_attribute(titles[number])}")'


def card_id(turn: int, number: int) -> str:
    """The id of the source card that marker `number` of the answer number `turn` leads to."""
    return f"source-{turn}-{number}"


def _attribute(text: str) -> str:
    """Text for a Markdown link title: one line, no character that Markdown or HTML would read."""
    return _SPECIAL.sub(_entities, " ".join(text.split())).replace('"', "&quot;")


def _entities(match: re.Match[str]) -> str:
    return "".join(_entity(character) for character in match[0] if not character.isspace())


def _entity(character: str) -> str:
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(character) or f"&#{ord(character)};"


def _normalise(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("?. ")
