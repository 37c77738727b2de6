"""The encodings a container puts around a text: JATS and HTML tags, entities, LaTeX accents in names.

Only these are undone. LaTeX in abstracts stays, and so does a "<" that begins no tag ("p < 0.05").
"""

from __future__ import annotations

import html
import re

from assistant.readable import readable

_TAG_NAMES = (
    "abstract|a|abbr|alternatives|annotation|article-title|b|bold|br|break|caption|center|code|def|def-item"
    "|def-list|disp-formula|div|em|ext-link|fig|font|h[1-6]|header|hr|i|img|inline-formula|inline-graphic"
    "|italic|label|li|list|list-item|monospace|named-content|ol|overline|p|pre|roman|s|sans-serif|sc|sec|small"
    "|span|strike|strong|styled-content|sub|sup|table|tbody|td|tex-math|th|thead|title|tr|tt|u|ul|underline"
    "|uri|xref"
)
_TAG = re.compile(
    rf"<(?P<close>/?)(?:jats:(?P<jats>[a-z][\w-]*)|mml:[a-z]\w*|(?P<name>{_TAG_NAMES}))(?:\s[^<>]{{0,2000}})?\s*/?>",
    re.I,
)
_MATHML = re.compile(r"<mml:math\b.{0,20000}?</mml:math>", re.S)
_TEX_DOCUMENT = re.compile(r"\\documentclass.{0,2000}?\\begin\{document\}(.{0,5000}?)\\end\{document\}", re.S)
_COMMENT = re.compile(r"<!--.{0,5000}?-->|<!\[CDATA\[|\]\]>", re.S)
_PARAGRAPHS = frozenset(
    "p sec title list list-item li div disp-formula br break ul ol tr abstract h1 h2 h3 h4 h5 h6".split()
)
_HEADINGS = frozenset(("title", "h1", "h2", "h3", "h4", "h5", "h6"))
_LABEL = re.compile(r"\s*(?:abstract|summary)\s*(?:[:.—–-]\s*|\n+)", re.I)

# \"o, \"{o}, {\"o}, \'{\i}, \c{c}, \v s, \o, \ss, \aa
_ACCENT = re.compile(
    r"\\(?:[`'^\"~=.]\s*(?:\{\s*\\?[A-Za-z]{1,2}\s*\}|\\?[A-Za-z])|[Hckbdruvt](?:\s*\{\s*\\?[A-Za-z]{1,2}\s*\}|\s+[A-Za-z])"
    r"|(?:ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j|dh|DH|dj|DJ|th|TH)(?:\{\}|(?![A-Za-z])))\s?"
)
_FONTS = re.compile(r"\\(?:emph|text(?:it|bf|sc|tt|rm|sf)|mbox|uppercase|MakeUppercase)\s*(?=\{)")
_FONT_SWITCHES = re.compile(r"\\(?:em|it|bf|sc|tt|rm|sf|sl|itshape|bfseries|scshape)(?![A-Za-z])\s*")
_GROUPED_ACCENT = re.compile(rf"\{{\s*({_ACCENT.pattern})\s*\}}")


def undo_markup(text: str) -> str:
    """The text of an abstract in JATS or HTML: paragraphs apart by an empty line, headings as "Methods: "."""
    if "<" in text:
        if "tex-math" in text:
            text = _MATHML.sub("", text)
        text = _TEX_DOCUMENT.sub(r"\1", _COMMENT.sub("", text))
        text = _TAG.sub(_tag_text, text)
    text = undo_entities(text)
    return _paragraphs(text) if "\x1e" in text else text.strip()


def _paragraphs(text: str) -> str:
    """White space between tags is the container's; what is left is one line a paragraph."""
    paragraphs, heading = [], ""
    for block in text.split("\x1e"):
        words = one_line(block.replace("\x1f", ""))
        if not words:
            continue
        if block.startswith("\x1f"):
            heading = "" if words.lower() in ("abstract", "summary") else f"{words.rstrip(':')}: "
        else:
            paragraphs.append(heading + words)
            heading = ""
    return "\n\n".join([*paragraphs, heading.rstrip(": ")]).strip()


def _tag_text(match: re.Match[str]) -> str:
    name = (match["jats"] or match["name"] or "").lower()
    if name not in _PARAGRAPHS:
        return ""
    return "\x1e\x1f" if name in _HEADINGS and not match["close"] else "\x1e"


def undo_entities(text: str) -> str:
    """Character references decoded, once."""
    return html.unescape(text) if "&" in text else text


def without_label(text: str) -> str:
    """The abstract without the word "Abstract" before it."""
    return _LABEL.sub("", text, count=1) if _LABEL.match(text) else text


def one_line(text: str) -> str:
    """The text with all white space as single spaces."""
    return " ".join(text.split())


def undo_accents(text: str) -> str:
    r"""Letters for LaTeX's accents, "Schr\"odinger" and "{\'E}tale"; the rest of the LaTeX stays."""
    if "\\" not in text:
        return text
    text = _GROUPED_ACCENT.sub(lambda m: readable(m[1].strip()), text)
    return _ACCENT.sub(_letter, text)


def _letter(match: re.Match[str]) -> str:
    accent = match.group()
    # The space after a macro made of letters ends it; after an accent it divides words.
    ends = accent[-1].isspace() and not accent.rstrip()[1:].isalpha()
    return readable(accent.strip()) + (" " if ends else "")


def bibtex_title(text: str) -> str:
    """A title in BibTeX: the braces that keep capitals go, accents become letters, formulas stay."""
    parts = re.split(r"((?<!\\)\$[^$]*\$)", undo_accents(undo_entities(text)))
    for at in range(0, len(parts), 2):
        part = _FONT_SWITCHES.sub("", _FONTS.sub("", parts[at]))
        part = re.sub(r"\\([&%#_$])", r"\1", re.sub(r"(?<!\\)[{}]", "", part)).replace("~", " ")
        parts[at] = part.replace("---", "—").replace("--", "–")
    return one_line("".join(parts))
