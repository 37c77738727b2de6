import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.retrieval import judged_ids, measure, read_benchmark, run_retrieval
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
    papers = [Paper("p:1", "T", "A", source_ids=("other", "12")), Paper("p:2", "T", "A")]
    assert judged_ids(papers, read_benchmark(folder, "test")) == {"p:1": "12", "p:2": "p:2"}


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
