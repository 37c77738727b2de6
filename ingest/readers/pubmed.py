"""PubMed XML: articles and book chapters, streamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ingest.dates import MONTHS, format_date, parse_date
from ingest.readers.fields import make_record
from ingest.readers.markup import one_line
from ingest.readers.source import Head, Source
from ingest.readers.xml_stream import elements, text_of
from ingest.records import Attempt, Record, attempt

FORMAT = "pubmed-xml"
_RECORDS = frozenset(("PubmedArticle", "PubmedBookArticle"))
_SIGNATURE = re.compile(r"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle|MedlineCitation)\b")
_RETRACTED = frozenset(("retracted publication",))
# How the words for another article are said in CommentsCorrections, and what they make of it.
_NOTICES = {"RetractionOf": "retracted", "ExpressionOfConcernFor": "concern"}
_MARKS = {"RetractionIn": "retracted", "ExpressionOfConcernIn": "concern"}


def recognises(head: Head) -> bool:
    """True for XML with one of PubMed's elements."""
    return head.text.lstrip("\ufeff \t\r\n").startswith("<") and _SIGNATURE.search(head.text) is not None


def read(source: Source) -> Iterator[Attempt]:
    """The articles and chapters, by their place."""
    for number, element in enumerate(elements(source.stream, _RECORDS), 1):
        place = f"record {number}"
        yield (place, element) if isinstance(element, str) else attempt(place, _record, element)


def _record(article: Element) -> Record | str:
    body = article.find(".//Article")
    if body is None:
        body = article.find("BookDocument")
    if body is None:
        return "no article in it"
    title = text_of(body.find("ArticleTitle")) or text_of(body.find("VernacularTitle"))
    title = title or text_of(body.find("Book/BookTitle"))
    pmid = text_of(article.find("*/PMID"))
    status, notices = _marks(article, body)
    return make_record(
        title=one_line(title),
        abstract=_abstract(body),
        authors=_authors(body),
        published=_published(article, body),
        doi_text=_doi(article, body),
        pmid_text=pmid,
        source_ids=[pmid],
        status=status,
        notices=notices,
    )


def _abstract(body: Element) -> str:
    """The parts of the abstract, each with its label, as MEDLINE prints them."""
    parts = []
    for part in body.findall("Abstract/AbstractText"):
        text, label = one_line(text_of(part)), part.get("Label", "")
        if text:
            parts.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return "\n\n".join(parts)


def _authors(body: Element) -> list[str]:
    names = []
    for author in body.findall("AuthorList/Author"):
        given = text_of(author.find("ForeName")) or text_of(author.find("Initials"))
        suffix = text_of(author.find("Suffix"))
        name = f"{given} {text_of(author.find('LastName'))}".strip()
        names.append(f"{name}, {suffix}" if suffix else name or text_of(author.find("CollectiveName")))
    lists = body.find("AuthorList")
    if names and lists is not None and lists.get("CompleteYN") == "N":
        names.append("et al.")
    return names


def _published(article: Element, body: Element) -> str | None:
    places = ("Journal/JournalIssue/PubDate", "ArticleDate", "Book/PubDate", "ContributionDate")
    for date in (found for place in places if (found := body.find(place)) is not None):
        if published := _date(date):
            return published
    created = article.find(".//PubMedPubDate[@PubStatus='pubmed']")
    return _date(created) if created is not None else None


def _date(element: Element) -> str | None:
    year, month, day = (text_of(element.find(name)).strip() for name in ("Year", "Month", "Day"))
    if not re.fullmatch(r"\d{4}", year):
        return parse_date(text_of(element.find("MedlineDate")))
    number = int(month) if month.isdecimal() else MONTHS.get(month[:3].lower(), 0)
    return format_date(int(year), number, int(day) if day.isdecimal() else 0)


def _doi(article: Element, body: Element) -> str:
    found = body.find("ELocationID[@EIdType='doi']")
    if found is None:
        found = article.find("PubmedData/ArticleIdList/ArticleId[@IdType='doi']")
    if found is None:
        found = article.find("PubmedBookData/ArticleIdList/ArticleId[@IdType='doi']")
    return text_of(found)


def _marks(article: Element, body: Element) -> tuple[str | None, list[str]]:
    """(what became of this article, what it says of others)."""
    types = {text_of(kind).strip().lower() for kind in body.findall("PublicationTypeList/PublicationType")}
    status = "retracted" if types & _RETRACTED else None
    notices = []
    for correction in article.findall(".//CommentsCorrectionsList/CommentsCorrections"):
        kind, pmid = correction.get("RefType", ""), text_of(correction.find("PMID")).strip()
        status = status or _MARKS.get(kind)
        if kind in _NOTICES and pmid.isdecimal():
            notices.append(f"{_NOTICES[kind]} pmid:{pmid}")
    return status, notices
