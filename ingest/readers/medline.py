"""MEDLINE as PubMed exports it (.nbib): four-letter tags, continued lines indented by six spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ingest.dates import parse_date
from ingest.readers.fields import make_record
from ingest.readers.markup import without_label
from ingest.readers.people import natural
from ingest.readers.source import Head, Source
from ingest.records import Attempt, Record, attempt

FORMAT = "medline"
_TAG = re.compile(r"([A-Z]{2,4})\s{0,2}- ?(.*)$")
_SIGNATURE = re.compile(r"^(?:PMID- *\d|OWN - \S)", re.M)
_MAX_FIELDS = 100_000  # of one record
Fields = dict[str, list[str]]


def recognises(head: Head) -> bool:
    """True when a line gives a PMID, or an owner, in MEDLINE's way."""
    return _SIGNATURE.search(head.text) is not None


def read(source: Source) -> Iterator[Attempt]:
    """The records, by the line where each begins."""
    for line_number, fields, raw in _records(source):
        yield attempt(line_number, _record, fields, raw)


def _records(source: Source) -> Iterator[tuple[int, Fields, str]]:
    """(line of its beginning, fields, text) of each record: from a PMID, or after an empty line."""
    start, fields, lines, last = 0, Fields(), list[str](), ""
    empty = True
    for number, line in source.lines():
        match = _TAG.match(line)
        begins = match is not None and (match[1] == "PMID" or empty)
        if begins and fields and ((match[1] == "PMID" and "PMID" in fields) or empty):  # type: ignore[index]
            yield start, fields, "\n".join(lines)
            fields, lines = Fields(), []
        empty = not line.strip()
        if match:
            start, last = (start if fields else number), match[1]
            if len(lines) < _MAX_FIELDS:
                fields.setdefault(last, []).append(match[2].strip())
        elif fields and not empty and last and len(lines) < _MAX_FIELDS:
            fields[last][-1] += f" {line.strip()}"
        if fields and not empty:
            lines.append(line.rstrip())
    if fields:
        yield start, fields, "\n".join(lines)


def _record(fields: Mapping[str, list[str]], raw: str) -> Record | str:
    def first(*tags: str) -> str:
        return next((fields[tag][0] for tag in tags if fields.get(tag)), "")

    ids = [*fields.get("LID", ()), *fields.get("AID", ())]
    doi = next((i for i in ids if i.endswith("[doi]")), "") or next(
        (i for i in ids if "doi.org/10." in i), ""
    )
    types = {text.lower() for text in fields.get("PT", ())}
    # RIN: "retraction in"; ROF: "retraction of".
    retracted = "retracted publication" in types or "RIN" in fields
    retracts = [_reference(text) for text in fields.get("ROF", ())]
    return make_record(
        title=first("TI", "BTI", "TT").strip("[]")
        if first("TI", "BTI").startswith("[")
        else first("TI", "BTI", "TT"),
        abstract=without_label(first("AB")),
        authors=[natural(name) for name in fields.get("FAU") or fields.get("AU") or fields.get("CN") or ()],
        published=parse_date(first("DP")) or parse_date(first("DEP", "DA", "EDAT")),
        doi_text=doi.removesuffix("[doi]"),
        pmid_text=first("PMID"),
        source_ids=[first("PMID") or first("OID")],
        raw=raw,
        status="retracted" if retracted else "concern" if "ECI" in fields else None,
        notices=[f"retracted {reference}" for reference in retracts if reference],
    )


def _reference(text: str) -> str | None:
    """ "Ann Neurol. 2001 Jan;49(1):1-2. doi: 10.1/x. PMID: 123" -> "pmid:123"."""
    match = re.search(r"PMID:\s*(\d{1,8})", text)
    return f"pmid:{match[1]}" if match else None
