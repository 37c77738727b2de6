from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models import Identifiers
from ingest.dedupe import Deduper, PaperIndex, build_papers, match_keys, new_paper, normalise
from ingest.display_title import display_title
from ingest.links import find_urls, links_to_code
from ingest.records import Record

TEXT = (
    "Seagrass meadows store carbon, yet how much they store is hard to measure from the air without a drone."
)
OTHER = "Tides move sediment along the coast; whether they move larvae as well was not known until this."


def record(source="a.txt", number=1, **fields) -> Record:
    given_fields = {
        "title": "Mapping Seagrass Meadows",
        "authors": ("Ana Byron",),
        "published": "2024-05-02",
        "abstract": TEXT,
    }
    return Record(source, number, **{**given_fields, **fields})


def run(records, index=None, **options):
    """(actions, papers) after deciding for each record in turn."""
    index = index or PaperIndex()
    deduper = Deduper(index, **options)
    actions = []
    for item in records:
        decision = deduper.decide(item)
        index.apply(decision)
        actions.append(decision.action)
    return actions, index.papers()


@pytest.mark.parametrize(
    ("identifiers", "paper_id"),
    [
        (Identifiers(doi="10.1/x", arxiv="2301.00001", pmid="1"), "doi:10.1/x"),
        (Identifiers(arxiv="2301.00001", pmid="1"), "arxiv:2301.00001"),
        (Identifiers(pmid="1"), "pmid:1"),
    ],
)
def test_the_id_is_the_best_identifier(identifiers, paper_id):
    assert new_paper(record(identifiers=identifiers)).paper_id == paper_id


def test_without_identifiers_the_id_is_a_content_hash_that_case_and_latex_do_not_change():
    first = new_paper(record())
    assert first.paper_id.startswith("p:")
    assert len(first.paper_id) == 18
    assert new_paper(record("b.txt", 9, title=r"Mapping \emph{Seagrass} meadows")).paper_id == first.paper_id


def test_the_same_paper_in_two_files_is_merged_and_keeps_both_sources():
    actions, papers = run([record(), record("b.txt", source_ids=("7",), has_code=True)])
    assert actions == ["added", "merged"]
    (paper,) = papers
    assert paper.sources == ("a.txt", "b.txt")
    assert paper.source_ids == ("7",)
    assert paper.has_code


def test_reading_the_same_records_again_changes_nothing():
    records = [record(), record("b.txt", abstract=OTHER), record("a.txt", 2, abstract=TEXT + " More.")]
    index = PaperIndex()
    first, papers = run(records, index)
    assert first == ["added", "merged", "merged"]
    again, papers_again = run(records, index)
    assert again == ["unchanged"] * 3
    assert papers_again == papers


def test_a_changed_record_of_the_first_source_replaces_and_one_of_another_only_fills():
    index = PaperIndex()
    run([record(), record("b.txt", abstract=OTHER)], index)
    actions, (paper,) = run([record(abstract=TEXT + " Now more.")], index)
    assert actions == ["updated"]
    assert paper.abstract.endswith("Now more.")
    actions, (paper,) = run([record("b.txt", categories=("bio",), abstract=OTHER)], index)
    assert actions == ["updated"]
    assert paper.categories == ("bio",)
    assert paper.abstract.endswith("Now more.")


@pytest.mark.parametrize(
    "twin",
    [
        {"title": "Deep Mapping of Seagrass Meadows"},
        {"authors": ("Bo Ek",)},
        {"published": "2025", "abstract": OTHER},
        {"published": None, "abstract": OTHER},
        {"identifiers": Identifiers(doi="10.1/other")},
        {"identifiers": Identifiers(arxiv="2301.99999")},
    ],
    ids=["title", "author", "year", "no year", "doi", "arxiv"],
)
def test_near_twins_stay_apart(twin):
    first = record(identifiers=Identifiers(doi="10.1/x", arxiv="2301.00001"))
    _, papers = run([first, record("b.txt", **twin)])
    assert len({p.paper_id for p in papers}) == 2


def test_a_preprint_and_its_published_version_are_one():
    preprint = record(identifiers=Identifiers(doi="10.48550/arxiv.2301.00001"))
    _, (paper,) = run([preprint, record("b.txt", identifiers=Identifiers(doi="10.1/x"))])
    assert paper.paper_id == "doi:10.1/x"
    assert paper.aliases == ("doi:10.48550/arxiv.2301.00001",)


def test_an_untitled_abstract_joins_the_titled_paper_with_the_same_abstract():
    untitled = Record("c.txt", 1, abstract=TEXT.upper())
    actions, (paper,) = run([untitled, record()])
    assert actions == ["added", "merged"]
    assert paper.title == "Mapping Seagrass Meadows"
    assert paper.paper_id == new_paper(untitled).paper_id


def test_an_identifier_learned_later_becomes_the_id_and_the_old_one_an_alias():
    index = PaperIndex()
    (_, (before,)) = run([record()], index)
    actions, (paper,) = run([record("b.txt", identifiers=Identifiers(doi="10.1/x"))], index)
    assert actions == ["merged"]
    assert paper.paper_id == "doi:10.1/x"
    assert paper.aliases == (before.paper_id,)
    assert index(before.paper_id) == paper


def test_a_record_with_two_identifiers_joins_the_two_papers_that_had_one_each():
    index = PaperIndex()
    by_doi = record("a", title="One", abstract=TEXT, identifiers=Identifiers(doi="10.1/x"))
    by_pmid = record("b", title="Two", abstract=OTHER, identifiers=Identifiers(pmid="5"))
    run([by_doi, by_pmid], index)
    decision = Deduper(index).decide(
        record("c", title="One", identifiers=Identifiers(doi="10.1/x", pmid="5"))
    )
    index.apply(decision)
    assert decision.action == "merged"
    assert [p.paper_id for p in decision.absorbed] == ["pmid:5"]
    assert [p.paper_id for p in index.papers()] == ["doi:10.1/x"]
    assert index("pmid:5") == decision.paper


def test_an_author_list_that_was_cut_is_completed():
    cut = record(authors=("Ana Byron", "Bo Ek"), et_al=True)
    _, (paper,) = run([cut, record("b", authors=("Ana Byron", "Bo Ek", "Cy Dee"))])
    assert paper.authors == ("Ana Byron", "Bo Ek", "Cy Dee")
    assert not paper.et_al


def test_without_dedupe_every_record_is_a_paper_of_its_own_and_stays_so():
    same = {"identifiers": Identifiers(doi="10.1/x")}
    records = [
        record(number=1, **same),
        record(number=2, **same),
        record(number=3, source_ids=("9",), **same),
    ]
    index = PaperIndex()
    actions, papers = run(records, index, dedupe=False)
    assert actions == ["added"] * 3
    assert len({p.paper_id for p in papers}) == 3
    assert run(records, index, dedupe=False) == (["unchanged"] * 3, papers)


def test_titles_that_say_nothing_do_not_merge_different_texts():
    editorials = [
        record("a", title="Editorial", authors=(), abstract=TEXT),
        record("b", title="Editorial", authors=(), abstract=OTHER),
        record("c", title="Editorial", authors=(), abstract="", published="2020"),
        record("d", title="Editorial", authors=(), abstract="", published="2021"),
    ]
    assert len(build_papers(editorials)) == 4


def test_has_code_is_the_flag_else_a_link_to_code():
    linked = TEXT + " Code: https://github.com/a/b"
    assert not new_paper(record(abstract=linked, has_code=False)).has_code
    assert new_paper(record(abstract=linked)).has_code
    assert not new_paper(record(abstract=TEXT + " Data: https://zenodo.org/1")).has_code


RECORDS = st.builds(
    Record,
    source=st.sampled_from(["a", "b"]),
    number=st.integers(1, 3),
    title=st.none() | st.sampled_from(["Mapping Seagrass Meadows", "Deep Mapping of Seagrass", "Editorial"]),
    authors=st.sampled_from([(), ("Ana Byron",), ("Byron, Ana", "Bo Ek"), ("Bo Ek",)]),
    et_al=st.booleans(),
    published=st.sampled_from([None, "2023", "2024-05"]),
    abstract=st.sampled_from([TEXT, OTHER, "Short."]),
    identifiers=st.builds(
        Identifiers, doi=st.sampled_from([None, "10.1/x", "10.1/y"]), pmid=st.sampled_from([None, "1", "2"])
    ),
)


@given(st.lists(RECORDS, max_size=6))
def test_merging_is_deterministic_loses_no_source_and_keeps_ids_unique(records):
    papers = build_papers(records)
    assert papers == build_papers(records)
    ids = [p.paper_id for p in papers] + [a for p in papers for a in p.aliases]
    assert len(ids) == len(set(ids))
    assert {s for p in papers for s in p.sources} == {r.source for r in records}
    assert all(p.display_title and match_keys(p) for p in papers)


def test_normalising_ignores_case_accents_signs_and_latex():
    assert normalise("M^3Builder: a  Café") == normalise(r"m3builder -- A caf\'e")
    assert normalise("深度学习") == "深度学习"


@pytest.mark.parametrize(
    ("abstract", "shown"),
    [
        ("Air is thin. We propose SeaSpan, a mapping method.", "SeaSpan"),
        ("In this paper we present a framework, termed as TideNet, for coasts.", "TideNet"),
        ("We introduce a novel solution, named Coralia. It works.", "Coralia"),
        ("We propose a labeled-to-unlabeled alignment (LTUA) framework. LTUA helps.", "LTUA"),
        ("We design a two-stage method FedTide to combat drift.", "FedTide"),
        ("We propose Tidal Embedding of Coasts to forecast.", "Tidal Embedding of Coasts"),
        ("A Coastal Foundation Model (CoFM) is trained. CoFM achieves much.", "CoFM"),
        ("We propose a deep network (DNN) for tides.", "We propose a deep network (DNN) for tides."),
    ],
)  # fmt: skip
def test_an_untitled_paper_shows_the_name_its_abstract_gives(abstract, shown):
    assert display_title(None, abstract) == shown


def test_else_it_shows_its_first_words_cut_at_a_word():
    shown = display_title(None, TEXT)
    assert shown.endswith("…")
    assert len(shown) <= 81
    assert TEXT.startswith(shown[:-1])
    assert TEXT[len(shown) - 1] in " ,"
    assert display_title(r"A \emph{Title} \& More", TEXT) == "A Title & More"
    assert display_title(None, "") == "Untitled"


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("at https://a.org/b.", ("https://a.org/b",)),
        ("(https://a.org/b/)", ("https://a.org/b/",)),
        ("https://a.org/b}{https://a.org/b.", ("https://a.org/b",)),
        (r"\hyperlink{}{https://a.org/b}.", ("https://a.org/b",)),
        (r"\href{https://a.org/b}{https://a.org/b}", ("https://a.org/b",)),
        (r"\url{https://a.org/b\_c\#d}", ("https://a.org/b_c#d",)),
        ("https://en.example.org/wiki/A_(b)), and", ("https://en.example.org/wiki/A_(b)",)),
        ("code: github.com/a/b", ("https://github.com/a/b",)),
        ("https://a.org and https://a.org/", ("https://a.org",)),
        ("http:// and https://.", ()),
        ("e.g.dimensional", ()),
    ],
)
def test_urls_are_cleaned(text, urls):
    assert find_urls(text) == urls


@given(st.text(alphabet="ahtps:/.[]()é{}\\_ 1", max_size=60))
def test_finding_urls_never_raises(text):
    find_urls("https://" + text)
    links_to_code("Code at https://" + text)


def test_replacing_the_number_does_not_change_the_paper():
    assert new_paper(record()) == new_paper(replace(record(), number=5))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"identifiers": Identifiers(doi="10.1/x"), "title": "Mapping Sea-grass"}, "same DOI 10.1/x"),
        ({}, "same title, first author and year"),
        ({"published": "2022", "identifiers": Identifiers(arxiv="2201.00001")}, "preprint and published"),
        ({"title": "Mapping Seagrass Meadows: From the Air"}, "same title but for the subtitle"),
        ({"title": None, "authors": ()}, "same abstract"),
        ({"title": "MAPPING Seagráss meadows.", "authors": ("Byron, A.",)}, "same title"),
    ],
)
def test_a_merge_says_why(other, reason):
    index = PaperIndex()
    deduper = Deduper(index)
    index.apply(deduper.decide(record(identifiers=Identifiers(doi="10.1/x"))))
    decision = deduper.decide(record("b.bib", **other))
    assert decision.action == "merged"
    assert decision.reason.startswith(reason)


@pytest.mark.parametrize(
    "twin",
    [
        {"authors": ("Carl Byron",)},
        {"published": "2022", "abstract": OTHER, "identifiers": Identifiers(arxiv="2201.00001")},
        {"title": "Mapping Seagrass Meadows: Part II", "abstract": OTHER},
        {"title": "Coral Reefs at Night", "authors": ("Bo Ek",), "identifiers": Identifiers(doi="10.1/x")},
    ],
    ids=["initial", "other text", "other part", "a proceedings' DOI"],
)
def test_what_only_looks_alike_stays_apart(twin):
    _, papers = run([record(identifiers=Identifiers(doi="10.1/x")), record("b.txt", **twin)])
    assert len({p.paper_id for p in papers}) == 2


def test_a_preprint_that_its_journal_names_is_joined_whatever_its_title():
    published = record(identifiers=Identifiers(doi="10.1/x"), same_as=("doi:10.1101/y",))
    preprint = record("b.txt", title="Meadows", identifiers=Identifiers(doi="10.1101/y"), abstract=OTHER)
    for order in ([published, preprint], [preprint, published]):
        _, (paper,) = run(order)
        assert (paper.paper_id, "doi:10.1101/y" in paper.aliases) == ("doi:10.1/x", True)


def test_the_gravest_mark_stays_when_records_are_merged():
    first = record(identifiers=Identifiers(doi="10.1/x"), status="retracted")
    _, (paper,) = run([first, record("b.txt", identifiers=Identifiers(doi="10.1/x"))])
    assert paper.status == "retracted"


def column(month, source="tug.bib", **fields):
    fields = {"title": "Editorial comments", "abstract": "", **fields}
    return record(source, published=f"1990-{month:02}" if month else "1990", **fields)


def test_a_column_of_several_issues_is_several_papers_on_every_run():
    issues = [column(month) for month in (4, 7, 11)]
    index = PaperIndex()
    assert run(issues, index)[0] == ["added"] * 3
    assert run(issues, index)[0] == ["unchanged"] * 3
    assert len({paper.paper_id for paper in index.papers()}) == 3


def test_a_column_in_another_file_joins_its_own_issue():
    papers = run([*map(column, (4, 7)), column(7, "other.ris"), column(4, "other.ris")])[1]
    assert [paper.sources for paper in papers] == [("tug.bib", "other.ris")] * 2


def test_a_title_whose_date_one_entry_gives_finer_is_one_paper():
    assert run([column(0), column(7)])[0] == ["added", "merged"]


def test_with_an_abstract_two_dates_of_a_title_are_one_paper():
    assert run([column(4, abstract=TEXT), column(7, abstract=TEXT)])[0] == ["added", "merged"]
