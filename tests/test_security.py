"""What a hostile file, paper or page is kept from, where no other test has it: see docs/security.md."""

import ast
import csv
import io
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from assistant.errors import IngestError
from assistant.models import Citation, Evidence, Paper
from assistant.summaries.export import to_csv
from assistant.summaries.model import Provenance, Summary, TableRow
from ingest.readers import read_file, read_files

ROOT = Path(__file__).parents[1]
ATOM = """<?xml version="1.0"?>{doctype}
<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2401.00001v1</id>
<title>Stalks</title><summary>{text}</summary></entry></feed>"""
PUBMED = """<?xml version="1.0"?>{doctype}
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>Stalks</ArticleTitle>
<Abstract><AbstractText>{text}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>"""
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ENTITIES = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>',
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY l9 "{"a" * 50_000}">]>',
    "a local file": '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
    "an address": '<!DOCTYPE x [<!ENTITY l9 SYSTEM "http://127.0.0.1:9/x">]>',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p; <!ENTITY l9 "x">]>',
}


@pytest.mark.parametrize("document", [ATOM, PUBMED], ids=["atom", "pubmed"])
@pytest.mark.parametrize("attack", ENTITIES)
def test_xml_neither_grows_nor_fetches(tmp_path, document, attack):
    path = tmp_path / "papers.xml"
    path.write_text(document.format(doctype=ENTITIES[attack], text="&l9;" * 100))
    outcomes = list(read_file(path, crawl_year=2026).records)
    (refused,) = outcomes
    assert "entities of its own" in refused.reason


@pytest.mark.parametrize("document", [ATOM, PUBMED], ids=["atom", "pubmed"])
def test_a_document_type_that_names_an_address_is_not_fetched(tmp_path, document):
    # As PubMed's own files have it; no test may reach the network, and this one would.
    doctype = '<!DOCTYPE x PUBLIC "-//NLM//DTD" "http://198.51.100.7/pubmed.dtd">'
    path = tmp_path / "papers.xml"
    path.write_text(document.format(doctype=doctype, text="We study stalks."))
    (record,) = read_file(path, crawl_year=2026).records
    assert record.abstract == "We study stalks."


@pytest.mark.parametrize("name", ["../outside.bib", "a/../../outside.bib", "/outside.bib", "..\\outside.bib"])
def test_an_archive_writes_nothing_whatever_its_files_are_called(tmp_path, name):
    folder = tmp_path / "inside"
    folder.mkdir()
    path = folder / "library.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "@misc{a, title = {Stalks}, abstract = {We study stalks.}}")
    for reading in read_files(path, crawl_year=2026):
        if not isinstance(reading, IngestError):
            assert len(list(reading.records)) == 1
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == [
        "inside",
        "inside/library.zip",
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_summarys_table_is_a_formula(start):
    text = f"{start}HYPERLINK(1)"
    paper = Paper("p:1", text, text, title=text, authors=(text,))
    table = (TableRow(1, 2024, task=Evidence(text, 0, len(text))),)
    made = Provenance(generation=1, papers=1, embedding="m", date="2026-01-02")
    summary = Summary(
        topic="T",
        kind="answer",
        text="T [1]",
        provenance=made,
        citations=(Citation(1, paper, ()),),
        table=table,
    )
    _, row = csv.reader(io.StringIO(to_csv(summary).removeprefix("\ufeff"), newline=""))
    assert [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


# What opens connections, and to where; each address is a setting or an option of a command, so that
# nothing that a question, a paper or a request says is ever fetched.
CONNECTING = {
    "assistant/answering/provider.py": {"httpx", "openai"},  # OPENAI_BASE_URL
    "assistant/doctor/surroundings.py": {"httpx"},  # OPENAI_BASE_URL
    "assistant/evaluation/remote.py": {"httpx"},  # an option of `evaluate`
    "assistant/stores/vectors.py": {"httpx"},  # ASSISTANT_CHROMA_URL; its errors
    "assistant/stores/lock.py": {"socket"},  # the machine's name
    "app.py": {"socket"},  # whether the port is free
}
_LIBRARIES = {"httpx", "openai", "socket", "requests", "aiohttp", "http", "ftplib", "smtplib", "websockets"}


def test_only_known_places_open_connections():
    found = {}
    files = [
        ROOT / "app.py",
        *(p for d in ("assistant", "ingest", "prompts") for p in (ROOT / d).rglob("*.py")),
    ]
    for path in files:
        used = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            used |= {name for name in names if name == "urllib.request"}
            used |= {top for name in names if (top := name.split(".")[0]) in _LIBRARIES}
            used -= {"http"} if "http.cookies" in names else set()  # which only reads a header
        if used:
            found[path.relative_to(ROOT).as_posix()] = used
    assert found == CONNECTING


@pytest.mark.skipif(sys.platform == "win32", reason="has no clock of CPU time")
def test_no_regular_expression_takes_for_ever_on_a_text_made_for_it():
    from benchmarks.regexes import cpu_limit, patterns, slowest

    found = patterns()
    assert len(found) > 100
    endless = []
    for place, pattern in found.items():
        try:
            with cpu_limit(10):  # of CPU, not of a clock; all of them together take two
                slowest(pattern, 150)
        except TimeoutError:
            endless.append(place)
    assert endless == []


def test_every_trial_that_the_security_page_names_is_there():
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    names = set(re.findall(r"`(?:python )?(tests/[\w/.]+\.py)(?:::(\w+))?", page))
    assert len(names) > 20
    gone = [
        f"{path}::{name}"
        for path, name in names
        if not (ROOT / path).is_file() or (name and f"def {name}(" not in (ROOT / path).read_text("utf-8"))
    ]
    assert gone == []


def test_the_licence_of_every_locked_package_is_listed():
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "ci.txt").read_text("utf-8"), re.M))
    listed = set(re.findall(r"^\| ([\w.-]+) \|", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.M))
    assert listed - {"package"} == locked
    assert len(locked) > 100


def test_every_dependency_is_locked_with_its_hashes():
    text = (ROOT / "requirements" / "ci.txt").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {canonicalize_name(re.split(r"[<>=\[ ]", line)[0]) for line in wanted}
    entries = dict(re.findall(r"^([\w.-]+)==.*\\\n((?:    --hash.*\n?)+)", text, re.M))
    assert names - set(entries) == set()
    assert all("--hash=sha256:" in hashes for hashes in entries.values())
    assert not re.search(r"https?://|--index|--find-links", text)
