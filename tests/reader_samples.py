"""Small samples of each format, written for these tests."""

import json

BIBTEX = r"""
A line of prose before the entries.
@string{jgd = "Journal of Garden Design"}
@article{oe2019,
  author = {{\"O}zg{\"u}r, Ay\c{s}e and M{\'e}ndez, Jr., Luis and {Rhubarb Society}},
  title = {On the {DNA} of \emph{Rheum} \& $x^2$},
  journal = jgd # { Letters},
  year = 2019, month = mar,
  doi = {https://doi.org/10.1000/A\_B},
  abstract = {Abstract: We study $\alpha$-rhubarb {\em in situ}.},
}
@comment{nothing}
@article{broken,
  title = {Never closed,
  year = {2020}
@misc{second, title = "Stalks and Leaves", author = "Ann Lee and others", date = {2021-05-04},
  eprint = {2105.01234v2}, archiveprefix = {arXiv}, primaryclass = {q-bio.PE}}
"""

RIS = """TY  - JOUR
TI  - Stalks and
  leaves
AU  - Lee, Ann
A1  - Ek, Bo
PY  - 2021
DA  - 2021/05/04/
AB  - First line
second line.
DO  - 10.1000/stalks
ER  -

TY  - JOUR
AU  - Nobody, N.
ER  -
TY  - CONF
T1  - Unclosed &amp; last
Y1  - 2020//
"""

NBIB = """
PMID- 123456
TI  - Stalks
      and leaves.
FAU - Lee, Ann
AU  - Lee A
DP  - 2021 May 4
LID - 10.1000/stalks [doi]
AB  - BACKGROUND: Rhubarb
      grows.
PT  - Journal Article
PT  - Retracted Publication

PMID- 123457
OWN - NLM
"""

PUBMED = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">123456</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2021</Year><Month>May</Month></PubDate></JournalIssue></Journal>
<ArticleTitle>Stalks of <i>Rheum</i> &amp; leaves.</ArticleTitle>
<ELocationID EIdType="doi">10.1000/stalks</ELocationID>
<Abstract><AbstractText Label="AIMS">p &lt; 0.05 in CO<sub>2</sub>.</AbstractText>
<AbstractText Label="METHODS">We grew it.</AbstractText></Abstract>
<AuthorList><Author><LastName>Lee</LastName><ForeName>Ann</ForeName></Author>
<Author><CollectiveName>Rhubarb Society</CollectiveName></Author></AuthorList>
<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>
</Article><CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><PMID>99</PMID>
</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>1</PMID><Article></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>"""

ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
<entry><id>http://arxiv.org/abs/math.GT/0309136v2</id><title>Stalks and
  Leaves</title><published>2003-09-07T08:18:33Z</published><summary> We study $x &lt; y$. </summary>
<category term="math.GT"/><category term="math.CO"/><arxiv:comment>This paper has been
withdrawn</arxiv:comment>
<author><name>Ann Lee</name></author></entry>
<entry><id>http://arxiv.org/api/errors#1</id><title>Error</title><summary>no such id</summary></entry>
</feed>"""

KAGGLE = {
    "id": "0704.0001",
    "submitter": "Ann Lee",
    "authors": "Ann Lee, C. Bal\\'azs",
    "title": "Stalks in\n  Schr\\\"odinger's garden",
    "comments": "3 pages",
    "journal-ref": None,
    "doi": "10.1000/stalks",
    "categories": "hep-ph math.CO",
    "abstract": "  We study $\\alpha$.\nMore.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
    "authors_parsed": [["Lee", "Ann", ""], ["Balázs", "C.", ""]],
}
OPENALEX = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/stalks",
    "title": "Stalks and <i>leaves</i>",
    "publication_date": "2021-05-04",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/123456"},
    "authorships": [{"author": {"display_name": "Ann Lee"}}],
    "abstract_inverted_index": {"Rhubarb": [0, 2], "and": [1], "grows.": [3]},
    "locations": [{"landing_page_url": "http://arxiv.org/abs/2105.01234"}],
    "is_retracted": True,
}
CROSSREF = {
    "DOI": "10.1000/Stalks",
    "title": ["Stalks and leaves"],
    "author": [{"given": "Ann", "family": "Lee"}, {"name": "Rhubarb Society"}],
    "published": {"date-parts": [[2021, 5]]},
    "abstract": "<jats:title>Abstract</jats:title><jats:sec><jats:title>Aims</jats:title>"
    "<jats:p>To grow CO<jats:sub>2</jats:sub> &amp; stalks.</jats:p></jats:sec><jats:p>Done.</jats:p>",
    "update-to": [{"DOI": "10.1000/old", "type": "retraction"}],
    "relation": {"has-preprint": [{"id-type": "doi", "id": "10.1101/2021.05.04"}]},
}
SEMANTIC_SCHOLAR = {
    "paperId": "abc",
    "externalIds": {"ArXiv": "2105.01234", "DOI": "10.1000/stalks", "PubMed": "123456"},
    "title": "Stalks and leaves",
    "abstract": None,
    "year": 2021,
    "authors": [{"name": "Ann Lee"}],
}
CSV = (
    '\ufeff"Article Title";Authors;Abstract;Publication Year;DOI\n'
    '"Stalks; and\nleaves";"Lee, Ann; Ek, Bo";"p < 0.05";2021;10.1000/stalks\n;;;2020;\n'
)


def as_bytes(value):
    return (value if isinstance(value, str) else json.dumps(value)).encode()


SAMPLES = [
    as_bytes(value)
    for value in (
        BIBTEX,
        RIS,
        NBIB,
        PUBMED,
        ATOM,
        CSV,
        KAGGLE,
        OPENALEX,
        [CROSSREF],
        {"data": [SEMANTIC_SCHOLAR]},
    )
]
