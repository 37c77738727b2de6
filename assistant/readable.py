r"""LaTeX and markup residue -> plain text for display and search.

Abstracts are prose with islands of LaTeX. Only the islands (macros with their arguments, formulas) go
to pylatexenc; the prose between never does, because to LaTeX "5% of $100" is a comment and a formula.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from functools import lru_cache

from pylatexenc.latex2text import (  # type: ignore[import-untyped]
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

logging.getLogger("pylatexenc").setLevel(logging.ERROR)  # it reports each odd brace as a warning

_SUSPECT = re.compile(r"[\\${}~^`<&]|--|''")
_URL = re.compile(r"https?://(?:\\[_%#&~]|[^\s<>\"{}|\\^`])+", re.I)

_LINK = re.compile(r"\\(?:href|hyperlink|hyperref)\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_URL_MACRO = re.compile(r"\\(?:url|nolinkurl|path)\s*\{([^{}]*)\}")
_DOUBLED_URL = re.compile(r"(https?://[^\s{}]+)\}\s*\{\1")

_ARGUMENT = r"\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.|\{[^{}]*\})*\})*\}"
_ACCENT = r"\\(?:[`'^\"~=.](?![\s.])|[Hckbdruvt](?=[\s{\\]))\s*(?:\{[^{}]{0,8}\}|\\?[A-Za-z])"
_FORMULA = (
    r"(?<!\\)\$\$[^$]{1,500}\$\$|(?<![\\$\w])\$(?![\s$])(?:[^$\\]|\\.){1,300}?(?<![\s\\])\$(?![\d$])"
    r"|(?<!\\)\$(?![\s$])(?=[^$]{0,300}\\[A-Za-z])[^$]{1,300}?(?<![\s\\])\$"
    r"|(?<!\\)\$(?![\s$\d])(?:[^$\\]|\\.){1,300}?(?<![\s\\])\$(?![\d$])|\\\(.{1,500}?\\\)|\\\[.{1,500}?\\\]"
)
_MACRO = rf"\\(?:[A-Za-z]+\*?(?:\s*\[[^\[\]{{}}]*\](?=\s*\{{))?(?:\s*{_ARGUMENT})*|[%&#_{{}}$])"
_ISLAND = re.compile(rf"(?P<formula>{_FORMULA})|(?P<accent>{_ACCENT})|(?P<macro>{_MACRO})", re.S)
_MATH_SIGNS = re.compile(r"[\\^_{}=<>+*/|]|^[A-Za-z0-9.,'()\-]{1,12}$")

_TAG = re.compile(r"</?(?:sub|sup|i|b|em|strong|italic|bold|sc|tt|u|p|br|span|jats:[a-z-]+)\s*/?>", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos|nbsp|ndash|mdash|hellip);", re.I)
_QUOTED = re.compile(r"``([^`\n]{1,300}?)(?:''|\"|”)")
_SINGLE_QUOTED = re.compile(r"(?<![`\w])`([^`'\n]{1,120})'(?!['\w])")
_TIE = re.compile(r"(?<=[^\s~])~(?=[^\s~])")
_FONT_SWITCH = re.compile(
    r"\{\s*\\(?:bf|it|em|rm|sc|tt|sf|sl|cal|bfseries|itshape|ttfamily|scshape|small|large)\b\s*"
)
_WORD_CARET = re.compile(r"(?<=[A-Za-z])\^\{?(\d)\}?(?=[A-Za-z])")

# Macros that papers define for themselves or that pylatexenc does not know.
_SPOKEN = {
    **{"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc."},
    **{"pounds": "£", "textpounds": "£", "euro": "€", "texttimes": "×", "textpm": "±"},
    **{"degree": "°", "textdegree": "°"},
    **dict.fromkeys(("xspace", "cite", "citep", "citet", "ref", "label", "footnote"), ""),
}


def readable(text: str) -> str:
    r"""Plain text of what a source wrote, LaTeX and inline markup undone.

    Formatting macros leave their argument, symbols become characters, unknown macros their name
    ("the \method framework" -> "the method framework"); a currency sign, a percent sign and "p < 0.05"
    stay. Applying it twice changes nothing more; the result has no control characters but line breaks
    and tabs. It never raises: what cannot be understood stays as it is.
    """
    text = _without_controls(text)
    # Each pass removes signs, so this ends; nested residue ("\&amp;lt;") needs more than one pass.
    for _ in range(50):
        if not _SUSPECT.search(text):
            break
        once = _without_controls(_convert(text))
        if once == text:
            break
        text = once
    return text


def _convert(text: str) -> str:
    text = _ENTITY.sub(lambda m: html.unescape(m.group().lower() if m.group()[1] != "#" else m.group()), text)
    text = _TAG.sub("", text)
    text = _DOUBLED_URL.sub(r"\1", text)
    text = _LINK.sub(_link_text, text)
    text = _URL_MACRO.sub(r"\1", text)
    pieces, end = [], 0
    for match in _URL.finditer(text):
        pieces += [_convert_prose(text[end : match.start()]), re.sub(r"\\([_%#&~])", r"\1", match.group())]
        end = match.end()
    return "".join([*pieces, _convert_prose(text[end:])])


def _convert_prose(text: str) -> str:
    text = _FONT_SWITCH.sub("{", text)
    text = _ISLAND.sub(_island_text, text)
    text = _QUOTED.sub(r"“\1”", text)
    text = _SINGLE_QUOTED.sub(r"‘\1’", text)
    text = _TIE.sub(" ", text)
    text = _WORD_CARET.sub(r"\1", text)
    text = re.sub(r"(?<!-)---(?!-)", "—", text)
    text = re.sub(r"(?<=\S)(?<!-)--(?=[^\s-])|(?<=\s)--(?=\s)", "–", text)
    return re.sub(r"(?<!\\)\{((?:[^{}\\$]|\\.)*)\}", _group_text, text)


def _link_text(match: re.Match[str]) -> str:
    target, shown = match[1].strip(), match[2].strip()
    return shown or target


def _group_text(match: re.Match[str]) -> str:
    """Braces that only keep letters together, {B}ayesian, go; a set such as {0, 1} keeps its own."""
    inner = match[1]
    return match.group() if "," in inner or not inner.strip() else inner


def _island_text(match: re.Match[str]) -> str:
    island = match.group()
    if match["formula"] and not _MATH_SIGNS.search(island.strip("$")):
        return island  # "$100 and the $" of two prices
    if match["macro"] and len(island) == 2:
        return island[1]
    return _to_text(island).strip("\n") or ""


@lru_cache(maxsize=4096)
def _to_text(latex: str) -> str:
    # An unescaped percent sign inside a macro's argument is a percent sign, not a comment.
    latex = re.sub(r"(?<!\\)%", r"\\%", latex)
    try:
        text: str = _converter().latex_to_text(latex)
    except Exception:  # a third-party parser on arbitrary text: keep the source's own words
        text = latex.replace("\\", " ")
    text = "".join(unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" else c for c in text)
    return re.sub(r"[ \t\xa0]+", " ", text)


@lru_cache(maxsize=1)
def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_unknown_macro))
    spoken = [MacroTextSpec(name, simplify_repl=value) for name, value in _SPOKEN.items()]
    context.add_context_category("papers", prepend=True, macros=spoken)
    return LatexNodes2Text(latex_context=context, math_mode="text", strict_latex_spaces=False)


def _unknown_macro(node: object, l2tobj: LatexNodes2Text) -> str:
    name = str(getattr(node, "macroname", ""))
    arguments = getattr(getattr(node, "nodeargd", None), "argnlist", None) or ()
    inner = "".join(l2tobj.nodelist_to_text([a]) for a in arguments if a is not None)
    return inner or name


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":  # a lone surrogate: no store can encode it
        return "\ufffd"
    return "" if category in ("Cc", "Cn") and character not in "\n\t" else character
