"""Whether a record and a paper are the same work.

A match key is a cheap way to find candidates; `agreement` decides. Two are one paper when they share a
DOI, an arXiv id or a PMID; else when normalised title, first author and year agree; else, for a
preprint and its published version, when title and first author agree, the years lie close together,
and abstracts or author lists agree; likewise when one of them lacks the subtitle; else, when one has
no title or no date, when the normalised abstract is identical. Identifiers of one kind that differ
keep papers apart, and so do first authors with different given names.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

from assistant.models import Identifiers, Paper
from assistant.readable import readable
from ingest.records import Record

_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_PARTICLES = frozenset("van von der den de del della di da dos du la le el al bin ibn ter ten".split())
# DOIs of preprint servers: such a DOI beside a journal's is the same work, not another one.
_PREPRINT_DOIS = (
    *("10.48550/", "10.1101/", "10.64898/", "10.21203/", "10.20944/", "10.2139/", "10.31219/", "10.36227/"),
    *("10.31234/", "10.31235/", "10.26434/", "10.22541/", "10.33774/", "10.2196/preprints."),
)
_SIGNS = re.compile(r"[\W_]+")
_SUBTITLE = re.compile(r"\s*(?:[:?!]\s|[–—]|\s-\s|\.\s+(?=[A-Z]))")
_PART = re.compile(
    r"\b(?:part|vol(?:ume)?|chapter|no|reply|response|comments?|corrections?|corrigendum|erratum|addendum"
    r"|supplement(?:ary)?|appendix|discussion|[ivx]+|\d+)\b\W*(?:[ivx\d]+\b)?\W*$",
    re.I,
)  # a subtitle that makes another work of it
_ABSTRACT_START = 300  # normalised characters that enter a content hash
_MIN_ABSTRACT = 80  # normalised characters; shorter texts ("Withdrawn.") identify nothing
_MIN_MAIN = 3  # words of a title before its subtitle; "Deep Learning: …" is the start of many
_YEARS_APART = 3  # between a preprint and its published version
_SAME_TEXT = 85.0  # rapidfuzz's token_set_ratio of two versions of one abstract; unrelated ones reach 60
_OTHER_TITLE = 55.0  # ratio of normalised titles below which a shared identifier must be a slip
_OTHER_NAME = 60.0  # ratio of two given names below which they are two persons
_WORDS = 3_000  # characters of an abstract that are compared


def match_keys(item: Record | Paper) -> tuple[str, ...]:
    """The keys under which a paper is found, the surest first.

    Ids ("doi:…", "arxiv:…", "pmid:…", "p:…"; a paper's aliases too), then
    "title:<title>|<surname>|<year>", "main:<title without subtitle>|<surname>", "abstract:<hash>".
    """
    keys = list(identifier_ids(item.identifiers))
    if isinstance(item, Paper):
        keys += [item.paper_id, *item.aliases]
    else:
        keys += [*item.same_as, content_id(item)]
    title, year = normalise(item.title or ""), year_of(item.published)
    surname = first_surname(item.authors)
    if title and year:
        keys.append(f"title:{title}|{surname}|{year}")
    if surname and len((main := main_title(item.title or "")).split()) >= _MIN_MAIN:
        keys.append(f"main:{normalise(main)}|{surname}")
    abstract = normalise(item.abstract)
    if len(abstract) >= _MIN_ABSTRACT:
        keys.append(f"abstract:{sha(abstract)}")
    return tuple(dict.fromkeys(keys))


def is_identifier(key: str) -> bool:
    """Whether a match key is an identifier's, which needs no further agreement."""
    return not key.startswith(("title:", "main:", "abstract:", "p:"))


def agreement(record: Record, paper: Paper, key: str) -> str | None:
    """Why the two, found together under `key`, are one work, in words; None when they are not."""
    if is_identifier(key):
        return None if _is_a_slip(record, paper, key) else f"same {_told(key)}"
    if identifiers_conflict(record.identifiers, paper.identifiers) or _other_people(record, paper):
        return None
    if _of_another_issue(record, paper):
        return None
    titles = {normalise(t) for t in (record.title, paper.title) if t}
    if key.startswith("main:"):
        return _versions(record, paper, titles)
    if len(titles) > 1:
        return None
    if key.startswith("title:"):
        surnames = first_surname(record.authors) and first_surname(paper.authors)
        short = len((record.title or "").split()) < 3
        several = len(record.authors) > 1 and _same_list(record, paper)
        one_text = several and not (record.abstract and paper.abstract)
        # "Editorial" and the like, or nobody to tell by: the abstracts must not differ.
        if (not surnames or (short and not one_text)) and (
            normalise(record.abstract) != normalise(paper.abstract)
        ):
            return None
        return "same title, first author and year"
    if key.startswith("abstract:"):
        return "same abstract"
    return "same title, first author and abstract" if record.abstract else "same title, first author and date"


def _versions(record: Record, paper: Paper, titles: set[str]) -> str | None:
    """A preprint and its published version, or a title with and without its subtitle."""
    years = [int(y) for y in (year_of(record.published), year_of(paper.published)) if y]
    apart = abs(years[0] - years[-1]) if years else 0
    if len(titles) != 1 and len({normalise(main_title(t)) for t in (record.title, paper.title) if t}) != 1:
        return None
    both = record.abstract and paper.abstract
    if both:
        same = fuzz.token_set_ratio(record.abstract[:_WORDS], paper.abstract[:_WORDS]) >= _SAME_TEXT
    else:
        same = len(record.authors) > 1 and _same_list(record, paper)
    if not same:
        return None
    if len(titles) > 1:  # two subtitles are two works
        full = [
            t for t in (record.title or "", paper.title or "") if normalise(t) != normalise(main_title(t))
        ]
        parts = any(_PART.search(title) for title in full)
        return "same title but for the subtitle" if len(full) == 1 and apart <= 1 and not parts else None
    preprint = is_preprint(record.identifiers) or is_preprint(paper.identifiers)
    if apart <= (_YEARS_APART if preprint or both else 1):
        return "preprint and published version" if preprint else "same title and first author, years apart"
    return None


def _of_another_issue(record: Record, paper: Paper) -> bool:
    """Whether a title that comes back in one file, without abstracts, is a column of several issues.

    Dates of one file are of one kind: "Editorial" of March and of June are two, while between files the
    day of going online may stand beside that of the print.
    """
    if record.abstract or paper.abstract or record.source not in paper.sources:
        return False
    first, second = sorted((record.published or "", paper.published or ""), key=len)
    return len(first) > len("YYYY") and not second.startswith(first)


def _same_list(record: Record, paper: Paper) -> bool:
    """Whether the author lists name the same people, as far as both go."""
    first, second = ([first_surname((name,)) for name in x.authors] for x in (record, paper))
    if record.et_al or paper.et_al:
        shared = min(len(first), len(second))
        return first[:shared] == second[:shared]
    return first == second


def _other_people(record: Record, paper: Paper) -> bool:
    """Whether the first authors are certainly two persons: other surnames, or other initials."""
    if not record.authors or not paper.authors:
        return False
    if first_surname(record.authors) != first_surname(paper.authors):
        return True
    first, second = sorted((_given(x.authors[0]) for x in (record, paper)), key=len)
    if not first or first[0] != second[0]:
        return bool(first)
    # "J." may be Jane; Jane and Janet are taken for spellings of one name, Jane and Jonas are not.
    return len(first) > 1 and not second.startswith(first) and fuzz.ratio(first, second) < _OTHER_NAME


def _is_a_slip(record: Record, paper: Paper, key: str) -> bool:
    """An identifier that two clearly different works share: a proceedings' DOI, or a wrong one."""
    if not record.title or not paper.title or not _other_people(record, paper):
        return False
    if key in record.same_as:
        return False
    return fuzz.ratio(normalise(record.title), normalise(paper.title)) < _OTHER_TITLE


def _told(key: str) -> str:
    kind, _, value = key.partition(":")
    return f"{ {'doi': 'DOI', 'arxiv': 'arXiv id', 'pmid': 'PMID'}.get(kind, kind) } {value}"


@lru_cache(maxsize=1024)  # a record and its paper ask for the same texts several times
def normalise(text: str) -> str:
    """Letters and digits only, without case, accents or LaTeX: what two spellings have in common."""
    folded = unicodedata.normalize("NFKD", readable(text)).casefold()
    kept = _SIGNS.sub("", folded)  # decomposed accents are signs too
    return kept or "".join(text.split()).casefold()


def main_title(title: str) -> str:
    """The title without its subtitle; the whole where what stands before it is too short to tell by."""
    main = _SUBTITLE.split(title.strip().rstrip("."), maxsplit=1)[0]
    return main if len(main.split()) >= _MIN_MAIN else title


def first_surname(authors: tuple[str, ...]) -> str:
    """The first author's surname, normalised; "" when there is no author."""
    return normalise(_surname(authors[0])) if authors else ""


def _surname(name: str) -> str:
    """The last word but for suffixes; of "Family AB", initials last, the word before."""
    name = name.split(",")[0] if "," in name else name
    tokens = [t for t in name.split() if t.strip(".").casefold() not in _SUFFIXES]
    if len(tokens) > 1 and _are_initials(tokens[-1]) and not _are_initials(tokens[-2]):
        return tokens[-2]
    return tokens[-1] if tokens else ""


def _are_initials(token: str) -> bool:
    letters = token.replace(".", "").replace("-", "")
    return 0 < len(letters) <= 3 and letters.isupper() and letters.isalpha()


def _given(name: str) -> str:
    """The first given name, normalised, one letter of initials; "" when it is not known."""
    if "," in name:
        given = name.split(",")[1].split()
    else:
        tokens = name.split()
        last_is_initials = len(tokens) > 1 and _are_initials(tokens[-1]) and not _are_initials(tokens[-2])
        given = tokens[-1:] if last_is_initials else tokens[:-1]
    words = [word for word in given if word.casefold() not in _PARTICLES]
    if not words:
        return ""
    return normalise(words[0])[: 1 if _are_initials(words[0]) else None]


def is_preprint(identifiers: Identifiers) -> bool:
    """Whether one of the identifiers is a preprint server's."""
    return bool(identifiers.arxiv) or bool(identifiers.doi and identifiers.doi.startswith(_PREPRINT_DOIS))


def is_preprint_doi(doi: str) -> bool:
    return doi.startswith(_PREPRINT_DOIS)


def identifiers_conflict(a: Identifiers, b: Identifiers) -> bool:
    """Whether two identifiers of one kind differ; a preprint's DOI beside a journal's does not."""
    if a.arxiv and b.arxiv and a.arxiv != b.arxiv:
        return True
    if a.pmid and b.pmid and a.pmid != b.pmid:
        return True
    if not a.doi or not b.doi or a.doi == b.doi:
        return False
    return is_preprint_doi(a.doi) == is_preprint_doi(b.doi)


def identifier_ids(identifiers: Identifiers) -> tuple[str, ...]:
    """ "doi:…", "arxiv:…", "pmid:…", the best first."""
    pairs = (("doi", identifiers.doi), ("arxiv", identifiers.arxiv), ("pmid", identifiers.pmid))
    return tuple(f"{kind}:{value}" for kind, value in pairs if value)


def content_id(record: Record) -> str:
    """A hash of what a changed record keeps: title, first author, the abstract's start.

    Without an abstract the date stands in, else every "Editorial" would be one paper.
    """
    abstract = normalise(record.abstract)[:_ABSTRACT_START]
    author = normalise(record.authors[0]) if record.authors else ""
    parts = (normalise(record.title or ""), author, abstract or record.published or "")
    return f"p:{sha(*parts)}"


def year_of(published: str | None) -> str | None:
    return published[:4] if published else None


def sha(*parts: str) -> str:
    """Sixteen hexadecimal digits for these texts."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
