"""BibTeX and BibLaTeX. Each entry is parsed by itself, so that a broken one costs only itself.

bibtexparser takes the entry apart; strings, concatenation and LaTeX in names are undone here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import DuplicateFieldKeyBlock, Entry

from ingest.dates import MONTHS, format_date, parse_date
from ingest.identifiers import arxiv_id
from ingest.readers.fields import make_record
from ingest.readers.markup import bibtex_title, undo_accents, undo_markup, without_label
from ingest.readers.people import natural
from ingest.readers.source import MAX_RECORD, Head, Source
from ingest.records import Attempt, Record, attempt

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it warns of what is reported below

FORMAT = "bibtex"
_START = re.compile(r"[ \t]*@[ \t]*([A-Za-z]+)[ \t]*([{(])")
# Bounded, and within lines: on any text, the time must not grow with its square.
_SIGNATURE = re.compile(
    r"^[ \t]{0,99}@[ \t]{0,9}"
    r"(?:[a-z]{1,40}[ \t]{0,9}\{\s{0,9}[^\s{},=]{0,300}\s{0,9},"
    r"|(?:string|preamble)\s{0,9}[{(]|comment\s{0,9}\{)",
    re.M | re.I,
)
_ENTRY = re.compile(
    r"^[ \t]{0,99}@[ \t]{0,9}[a-z]{1,40}[ \t]{0,9}[{(][^{}=]{0,400}?,\s{0,99}[\w-]{1,60}\s{0,30}=",
    re.M | re.I,
)
_NO_PAPERS = frozenset(("comment", "preamble", "string"))
_MONTH_STRINGS = {name: name for name in MONTHS}
_MAX_ENTRY = 4 << 20  # characters; the parser's time grows faster than its text
_PMID_NOTE = re.compile(r"\bPMID:?\s*(\d{1,8})\b")
_TITLES = ("title", "booktitle")


def recognises(head: Head) -> bool:
    """True when an entry begins a line, or the file has a .bib name and an entry anywhere."""
    if _SIGNATURE.search(head.text) and (_ENTRY.search(head.text) or head.suffix == ".bib"):
        return True
    return head.suffix == ".bib" and re.search(r"@[A-Za-z]{1,40}[ \t]{0,9}[{(]", head.text) is not None


def read(source: Source) -> Iterator[Attempt]:
    """The entries, by the line where each begins."""
    strings: dict[str, str] = dict(_MONTH_STRINGS)
    for line_number, kind, text in _blocks(source):
        if kind in _NO_PAPERS:
            if kind == "string":
                _take_string(text, strings)
            continue
        if len(text) > _MAX_ENTRY:
            yield line_number, f"an entry of {len(text)} characters; a closing brace is missing"
            continue
        yield attempt(line_number, _parse, text, strings)


def _parse(text: str, strings: Mapping[str, str]) -> Record | str:
    fields = _fields(text, strings)
    return fields if isinstance(fields, str) else _record(fields, text.strip())


def _blocks(source: Source) -> Iterator[tuple[int, str, str]]:
    """(line, kind in lower case, text) of each block, from an "@" that begins a line to the next one.

    An "@word{" at the start of a line inside an entry is taken as the next entry only when the braces
    before it are balanced, or when it is followed by a key: the entry before is a broken one then.
    """
    start, kind, lines, size, depth = 0, "", list[str](), 0, 0
    for number, line in source.lines():
        match = _START.match(line)
        if match and (not lines or depth == 0 or _SIGNATURE.match(line)):
            if lines:
                yield start, kind, "\n".join(lines)
            start, kind, lines, size, depth = number, match[1].lower(), [line], 0, _braces(line)
        elif lines and size < MAX_RECORD:
            lines.append(line)
            size += len(line) + 1
            depth += _braces(line)
    if lines:
        yield start, kind, "\n".join(lines)


def _braces(line: str) -> int:
    """Opening braces less closing ones, escaped ones not counted."""
    opened = line.count("{") - line.count("\\{")
    return opened - (line.count("}") - line.count("\\}"))


def _fields(text: str, strings: Mapping[str, str]) -> dict[str, str] | str:
    """The entry's fields by name in lower case, its key as "ID"; or what is wrong with it."""
    try:
        library = parse_string(text, parse_stack=[])
    except Exception as error:  # a third-party parser on arbitrary text
        return f"not BibTeX: {error}"
    blocks = [b for b in library.blocks if isinstance(b, Entry | DuplicateFieldKeyBlock)]
    if not blocks:
        failed = library.failed_blocks[0] if library.failed_blocks else None
        reason = str(getattr(failed, "error", "") or "").split("\n")[0]
        return f"not BibTeX: {reason or 'a brace, a comma or the key is missing'}"
    entry = blocks[0] if isinstance(blocks[0], Entry) else blocks[0].ignore_error_block
    assert isinstance(entry, Entry)
    fields = {"ID": entry.key}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), _value(str(field.value), strings))
    return fields


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """A field's text: {…}, "…", numbers and names of strings, joined by "#"."""
    return "".join(_part(part.strip(), strings) for part in _split_top(raw, "#")).strip()


def _part(part: str, strings: Mapping[str, str]) -> str:
    if len(part) > 1 and (part[0], part[-1]) in (("{", "}"), ('"', '"')):
        return part[1:-1]
    return strings.get(part.lower(), part)


def _split_top(text: str, sign: str) -> list[str]:
    """The parts of `text` between signs that stand in no braces and no quotes."""
    if sign not in text:
        return [text]
    parts, depth, quoted, start, at = [], 0, False, 0, 0
    while at < len(text):
        c = text[at]
        if c == "\\":
            at += 1
        elif c in "{}":
            depth += 1 if c == "{" else -1
        elif c == '"' and depth == 0:
            quoted = not quoted
        elif depth == 0 and not quoted and text.startswith(sign, at):
            parts.append(text[start:at])
            start = at = at + len(sign)
            continue
        at += 1
    return [*parts, text[start:]]


def _take_string(text: str, strings: dict[str, str]) -> None:
    match = re.match(r"\s*@\s*string\s*[{(]\s*([\w:.+/-]+)\s*=(.*)[})]\s*", text, re.S | re.I)
    if match and len(match[2]) < 10_000:
        strings[match[1].lower()] = _value(match[2].strip(), strings)


def _record(fields: Mapping[str, str], raw: str) -> Record | str:
    title = next((bibtex_title(fields[name]) for name in _TITLES if fields.get(name)), "")
    abstract = without_label(undo_markup(undo_accents(fields.get("abstract", ""))))
    names = fields.get("author") or fields.get("editor") or ""
    eprint = fields.get("eprint", "")
    kind = (fields.get("archiveprefix") or fields.get("eprinttype") or "").lower()
    journal = fields.get("journal", "")
    arxiv = eprint if kind in ("arxiv", "") and "10." not in eprint[:40] else ""
    if not arxiv_id(arxiv):
        # The volume of DBLP's arXiv entries ("abs/1706.03762"), or "arXiv preprint arXiv:1706.03762".
        told = (journal, fields.get("volume", ""), fields.get("note", ""), fields.get("url", ""))
        arxiv = next((t for t in told if re.search(r"arxiv|^abs/", t, re.I) and arxiv_id(t)), "")
    note = _PMID_NOTE.search(fields.get("note", ""))
    return make_record(
        title=title,
        abstract=abstract,
        authors=[_name(name) for name in _split_names(names)],
        published=_published(fields),
        categories=[fields[n] for n in ("primaryclass", "eprintclass") if fields.get(n)],
        urls=[undo_accents(fields[name]) for name in ("url", "howpublished") if fields.get(name)],
        doi_text=fields.get("doi", ""),
        arxiv_text=arxiv,
        pmid_text=fields.get("pmid", "") or (note[1] if note else ""),
        source_ids=[fields["ID"]],
        raw=raw,
    )


def _split_names(text: str) -> list[str]:
    spaced = re.sub(r"\s+", " ", text)
    return [name.strip() for name in _split_top(spaced, " and ")]


def _name(name: str) -> str:
    """ "Family, Given" turned round; a name in braces is an organisation's and stays whole."""
    whole = name.startswith("{") and name.endswith("}") and name.count("{") == 1
    plain = bibtex_title(name)
    return plain if whole else natural(plain)


def _published(fields: Mapping[str, str]) -> str | None:
    date = parse_date(fields.get("date", "")) if fields.get("date") else None
    if date:
        return date
    year = re.search(r"\d{4}", fields.get("year", ""))
    if year is None:
        return None
    month = fields.get("month", "").strip("{}. ").lower()
    found = re.match(r"([a-z]{3})[a-z]*\.?~?\s*(\d{1,2})?$|(\d{1,2})$", month)
    if found is None:
        return format_date(int(year.group()))
    number = MONTHS.get(found[1], 0) if found[1] else int(found[3])
    return format_date(int(year.group()), number, int(found[2] or 0))
