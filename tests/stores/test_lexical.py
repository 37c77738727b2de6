import pytest
from store_fixtures import write_source

from assistant.errors import StoreError
from assistant.stores import lexical_folder
from assistant.stores.lexical import LexicalIndex


@pytest.fixture
def index(ingest, source, settings):
    ingest(source)
    return LexicalIndex(lexical_folder(settings))


def found(index, query, **options):
    return [paper_id for paper_id, _ in index.search(query, 10, **options)]


def test_stemmed_words_of_title_and_abstract_are_found(index):
    assert found(index, "weighted pruning") == ["doi:10.1000/safari"]


@pytest.mark.parametrize(
    "query", ["GPT-4", "GPT4", "GPT 4", "ResNet-50", "ResNet50", "kspace", "k-space", "T cell"]
)
def test_spelling_variants_of_a_compound_find_one_another(index, query):
    assert len(found(index, query)) == 1


def test_one_letter_words_count(index):
    assert index.analyze("vitamin D") == ["vitamin", "d"]
    assert index.document_frequencies(["d", "vitamin", "nowhere"]) == {"d": 1, "vitamin": 1, "nowhere": 0}


def test_a_query_is_never_syntax(index):
    for query in ('title:"x" AND (', "-weights +[a TO b]", '"', "\\", "/.*/", "weights^9 OR *"):
        index.search(query, 10)
    assert found(index, "weights^9 OR *") == ["doi:10.1000/safari"]


def test_nothing_matches_nothing(index):
    assert index.search("zzz qqq", 10) == []
    assert index.search("", 10) == []
    assert index.search("?!", 10) == []


def test_authors_are_found_by_name_without_accents(index):
    assert found(index, "Muller") == ["doi:10.1000/safari"]


def test_only_the_given_papers_are_looked_at(index):
    (other,) = found(index, "vitamin")
    assert found(index, "weights vitamin", paper_ids=[other]) == [other]
    assert found(index, "weights", paper_ids=[]) == []
    assert dict(index.search("vitamin", 5, paper_ids=[other])) == pytest.approx(
        dict(index.search("vitamin", 5))
    )


@pytest.mark.parametrize("number", [2, 40, 290])
def test_papers_few_or_many_are_ranked_as_among_all(ingest, settings, tmp_path, number):
    papers = [{"title": f"T{n}", "abstract": "common " * (1 + n % 9) + f"word{n % 5}."} for n in range(300)]
    ingest(write_source(tmp_path / "many.jsonl", papers))
    index = LexicalIndex(lexical_folder(settings))
    every = index.search("common word3", 300)
    allowed = sorted(index.paper_ids())[:number]
    expected = [score for paper_id, score in every if paper_id in set(allowed)][:10]
    hits = index.search("common word3", 10, allowed)
    assert [score for _, score in hits] == pytest.approx(expected)
    assert {paper_id for paper_id, _ in hits} <= set(allowed)


def test_a_changed_paper_is_found_by_its_new_words_only(index, ingest, source):
    papers = [{"title": "Pruning Weights with SAFARI", "abstract": "Rhubarb.", "doi": "10.1000/safari"}]
    ingest(write_source(source, papers))
    assert index.is_stale()
    index.refresh()
    assert found(index, "rhubarb") == ["doi:10.1000/safari"]
    assert found(index, "accuracy") == []
    assert index.count == 3


def test_a_missing_index_names_the_mending_command(tmp_path):
    with pytest.raises(StoreError, match="doctor --fix"):
        LexicalIndex(tmp_path)
