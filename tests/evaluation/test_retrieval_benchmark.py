import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.ablation import FUSED
from assistant.evaluation.benchmark import Measured, judged_ids, measure, read_benchmark
from assistant.evaluation.retrieval import run_retrieval, write_runs
from assistant.models import Paper
from assistant.settings import Settings

PAPERS = {
    "11": ("Vitamin D and bones", "Vitamin D strengthens bones in older adults. A trial of 200 patients."),
    "12": ("Pruning networks", "We prune neural network weights. Accuracy stays the same on images."),
    "13": ("Coral reefs", "Reefs bleach when the sea is warm. We counted corals near one island."),
}


@pytest.fixture
def folder(tmp_path):
    where = tmp_path / "tiny"
    (where / "qrels").mkdir(parents=True)
    corpus = [{"_id": i, "title": t, "text": a} for i, (t, a) in PAPERS.items()]
    queries = [
        {"_id": "q1", "text": "Does vitamin D help bones?"},
        {"_id": "q2", "text": "pruned network weights"},
    ]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (where / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    judged = "query-id\tcorpus-id\tscore\nq1\t11\t1\nq2\t12\t1\nq2\t13\t0\n"
    (where / "qrels" / "test.tsv").write_text(judged, encoding="utf-8")
    return where


def test_rankings_are_scored_query_by_query(folder):
    def rank(query, top):
        return ["13", "11", "12"] if "vitamin" in query else ["12", "13"]

    found = measure(read_benchmark(folder, "test"), {"one": rank})["one"]
    assert found.scores["nDCG@10"] == pytest.approx([0.6309297535714574, 1.0])
    assert found.means == pytest.approx(
        {"nDCG@10": (0.6309297535714574 + 1) / 2, "MRR@10": 0.75, "R@5": 1.0, "R@100": 1.0}
    )


def test_papers_are_known_by_the_corpus_own_ids(folder):
    papers = [
        Paper("p:1", "T", "A", source_ids=("other", "12")),
        Paper("p:2", "T", "A", source_ids=("not judged",)),
        Paper("p:3", "T", "A"),
    ]
    known = judged_ids(papers, read_benchmark(folder, "test"))
    assert known == {"p:1": "12", "p:2": "not judged", "p:3": "p:3"}


def test_a_query_that_fails_counts_as_zero_for_that_ranking_alone(folder):
    def broken(query, top):
        raise RuntimeError("no index")

    found = measure(read_benchmark(folder, "test"), {"broken": broken, "whole": lambda q, n: ["11", "12"]})
    assert (found["broken"].failed, found["broken"].means["MRR@10"]) == (2, 0.0)
    assert (found["whole"].failed, found["whole"].means["MRR@10"]) == (0, 0.75)


def test_a_benchmark_is_ingested_once_into_a_store_of_its_own(folder, tmp_path):
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    report = run_retrieval(folder, "test", settings)
    assert report.figures["nDCG@10"] == 1.0
    assert report.setup["papers"] == 3
    (store,) = (tmp_path / "data" / "evaluation").iterdir()
    before = (store / "complete").stat().st_mtime_ns
    run_retrieval(folder, "test", settings)
    assert (store / "complete").stat().st_mtime_ns == before
    assert not (tmp_path / "data" / "catalogue.sqlite3").exists()


def test_the_store_is_known_by_its_content_not_by_the_folder_s_name(folder, tmp_path):
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    first = run_retrieval(folder, "test", settings)
    shutil.move(folder, tmp_path / "renamed")
    again = run_retrieval(tmp_path / "renamed", "test", settings)
    assert again.figures == first.figures
    assert len(list((tmp_path / "data" / "evaluation").iterdir())) == 1
    with (tmp_path / "renamed" / "corpus.jsonl").open("a", encoding="utf-8") as corpus:
        corpus.write('\n{"_id": 14, "title": "", "text": "Another document."}')
    assert run_retrieval(tmp_path / "renamed", "test", settings).setup["papers"] == 4


def test_a_store_that_an_earlier_version_made_is_used_again(folder, tmp_path):
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    first = run_retrieval(folder, "test", settings)
    (store,) = (tmp_path / "data" / "evaluation").iterdir()
    with closing(sqlite3.connect(store / "catalogue.sqlite3")) as database:  # undoes a migration
        for statement in (
            "ALTER TABLE papers DROP COLUMN status",
            *(f"DROP TABLE {table}" for table in ("merges", "notices", "apart")),
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            database.execute(statement)
        database.commit()
    assert run_retrieval(folder, "test", settings).figures == first.figures


def test_documents_that_say_the_same_stay_apart_and_empty_ones_are_counted(folder, tmp_path):
    with (folder / "corpus.jsonl").open("a", encoding="utf-8") as corpus:
        copy = {"_id": "11b", "title": PAPERS["11"][0], "text": PAPERS["11"][1]}
        corpus.write(f"\n{json.dumps(copy)}\n" + '{"_id": "none", "title": "", "text": ""}')
    report = run_retrieval(folder, "test", Settings(data_dir=tmp_path / "data", _env_file=None))
    assert (report.setup["papers"], report.setup["documents without any text"]) == (4, 1)


def test_each_leg_is_reported_and_its_run_file_scores_the_same_elsewhere(folder, tmp_path):
    ir_measures = pytest.importorskip("ir_measures")
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    report = run_retrieval(folder, "test", settings, report_dir=tmp_path / "report")
    files = {path.stem: path for path in (tmp_path / "report" / "runs").iterdir()}
    assert set(files) == {FUSED, "only-passages", "only-sentences", "only-words"}
    relevant = read_benchmark(folder, "test").relevant
    qrels = {q: {p: int(grade) for p, grade in gains.items()} for q, gains in relevant.items()}
    theirs = {"nDCG@10": "nDCG@10", "MRR@10": "RR@10", "R@5": "R@5", "R@100": "R@100"}
    for row in report.table.rows:
        run = list(ir_measures.read_trec_run(str(files[row.ranking.replace(" ", "-")])))
        found = ir_measures.calc_aggregate(map(ir_measures.parse_measure, theirs.values()), qrels, run)
        by_name = {str(measure): value for measure, value in found.items()}
        assert {name: by_name[their] for name, their in theirs.items()} == pytest.approx(row.figures)
    written = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert written["queries"]["q1"][FUSED]["nDCG@10"] == 1.0
    assert "| only words |" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")


def test_a_document_that_asks_does_not_find_itself(folder):
    with (folder / "queries.jsonl").open("a", encoding="utf-8") as queries:
        queries.write('\n{"_id": "12", "text": "We prune neural network weights."}')
    with (folder / "qrels" / "test.tsv").open("a", encoding="utf-8") as judged:
        judged.write("12\t13\t1\n")
    found = measure(read_benchmark(folder, "test"), {"one": lambda query, top: ["12", "13"]})["one"]
    assert found.ranked["12"] == ["13"]


def test_judgements_without_a_header_are_all_read(folder):
    (folder / "qrels" / "bare.tsv").write_text("q1\t11\t1\nq2\t12\t2\n", encoding="utf-8")
    assert read_benchmark(folder, "bare").relevant == {"q1": {"11": 1.0}, "q2": {"12": 2.0}}


def test_a_run_file_holds_no_white_space_within_its_fields(tmp_path):
    measured = Measured({}, [], 0, {"query 1": ["doc 1", "doc2"]})
    (path,) = write_runs(tmp_path, {"only words": measured})
    assert path.read_text(encoding="utf-8") == (
        "query_1 Q0 doc_1 1 1.000000 only-words\nquery_1 Q0 doc2 2 0.500000 only-words\n"
    )


@pytest.mark.parametrize(
    ("split", "judgements", "message"),
    [
        ("dev", None, "dev.tsv is missing"),
        ("bad", "h\nq1 11 1\n", "line 2: not query"),
        ("odd", "h\nq9\t11\t1\n", "'q9' is judged"),
        ("none", "h\nq1\t11\t0\n", "judges no paper relevant"),
    ],
)
def test_a_folder_that_is_no_benchmark_is_refused(folder, split, judgements, message):
    if judgements:
        (folder / "qrels" / f"{split}.tsv").write_text(judgements, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_benchmark(folder, split)
