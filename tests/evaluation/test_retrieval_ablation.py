import json
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from benchmarks import retrieval as benchmark_command

from assistant.errors import ConfigurationError
from assistant.evaluation.ablation import (
    FUSED,
    RankingTable,
    Row,
    compare_rankings,
    named,
    our_rankings,
    summarize_tables,
    weights_without_each,
)
from assistant.evaluation.benchmark import Measured
from assistant.retrieval.retriever import Weights
from assistant.stores import open_stores


@pytest.fixture
def stores(ingest, source, settings, model):
    ingest(source)
    stores = open_stores(settings, model)
    yield stores
    stores.close()


def test_every_weight_that_counts_is_taken_away_once_and_alone():
    whole = Weights()
    less = weights_without_each(whole)
    counting = [f.name for f in fields(Weights) if getattr(whole, f.name)]
    assert list(less) == [f"without {name}" for name in counting]
    for name in counting:
        its = less[f"without {name}"]
        changed = [f.name for f in fields(Weights) if getattr(its, f.name) != getattr(whole, f.name)]
        assert changed == [name]


def test_a_signal_that_is_off_no_longer_decides_the_ranking(stores, model):
    # With words alone in the score, taking them away leaves nothing to rank by.
    only_words = Weights(**{f.name: 1.0 if f.name == "words" else 0.0 for f in fields(Weights)})
    rankings = our_rankings(stores, model, only_words)
    question = "vitamin bones cohort"
    assert rankings[FUSED](question, 3)[0] == rankings["only words"](question, 3)[0]
    assert sorted(rankings["without words"](question, 3)) == rankings["without words"](question, 3)


def test_the_legs_rank_by_their_own_evidence_over_the_whole_corpus(stores, model):
    rankings = our_rankings(stores, model)
    titles = {p.paper_id: p.display_title for p in stores.catalogue.papers()}
    assert [titles[i] for i in rankings["only words"]("SAFARI", 10)] == ["Pruning Weights with SAFARI"]
    for leg in ("only passages", "only sentences"):
        ranked = rankings[leg]("T cells are seen.", 10)
        assert len(ranked) == len(set(ranked)) == len(titles)
    assert titles[rankings["only sentences"]("T cells are seen.", 10)[0]] == "Imaging in k-space"
    assert len(rankings["only passages"]("T cells are seen.", 1)) == 1


def test_papers_without_an_abstract_are_ranked_by_their_title_in_the_sentence_leg(
    ingest, settings, model, tmp_path
):
    rows = [
        {"_id": "t", "title": "Coral reefs bleach", "abstract": ""},
        {"_id": "u", "title": "Other", "abstract": "We prune model weights."},
    ]
    path = tmp_path / "titles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    ingest(path)
    stores = open_stores(settings, model)
    try:
        ranked = our_rankings(stores, model)["only sentences"]("Coral reefs bleach", 10)
        titles = [stores.catalogue.get_papers([i])[i].display_title for i in ranked]
        assert titles == ["Coral reefs bleach", "Other"]
    finally:
        stores.close()


def test_differences_are_ours_minus_the_rows():
    def scored(*values):
        return Measured({"nDCG@10": values}, [1.0] * len(values), 0)

    fused, leg = compare_rankings(
        {FUSED: scored(1.0, 0.5, 1.0), "leg": scored(0.5, 0.5, 0.0)}, ["nDCG@10"], "nDCG@10"
    )
    assert (fused.ours_better_by, fused.interval) == (0.0, None)
    assert leg.ours_better_by == pytest.approx(0.5)
    assert leg.interval is not None
    assert leg.interval[0] >= 0.0
    table = RankingTable("tiny test", 3, "nDCG@10", [fused, leg], {"papers": 7})
    about, _, head, _, first, second = table.to_markdown().splitlines()
    assert about == "tiny test, queries: 3, papers: 7; ours better by: nDCG@10"
    assert head.startswith("| ranking | nDCG@10 | ours better by |")
    assert first.startswith("| fused | 0.8333 |  |  |")
    assert second.startswith("| leg | 0.3333 | +0.5000 | +0.0000 to ")


def test_the_summary_sets_the_tables_side_by_side_and_marks_what_is_beyond_chance():
    def table(name, n, *rows):
        return RankingTable(name, n, "nDCG@10", [Row(*row, 1.0, 0) for row in rows], {})

    fused = (FUSED, {"nDCG@10": 0.5}, 0.0, None)
    better, worse = ("leg", {}, 0.2, (0.1, 0.3)), ("leg", {}, -0.1, (-0.2, -0.05))
    tables = [
        table("one", 30, fused, better, ("new", {}, -0.1, (-0.2, 0.1))),
        table("two", 30, fused, worse),
        table("few", 2, fused, better),
    ]
    head, _, *lines = summarize_tables(tables).splitlines()
    assert head == "| ours better than | one (30), nDCG@10 | two (30), nDCG@10 | few (2), nDCG@10 |"
    assert lines == [
        "| fused | 0.5000 | 0.5000 | 0.5000 |",
        "| leg | **+0.2000** | **-0.1000** | +0.2000 |",
        "| new | -0.1000 |  |  |",
    ]


def test_rankings_speak_in_the_judgements_names():
    assert named({"a": lambda query, top: ["p:1", "p:2"]}, {"p:1": "7", "p:2": "8"})["a"]("?", 2) == [
        "7",
        "8",
    ]


def test_plain_llamaindex_ranks_papers_once_each_by_the_same_vectors(stores, model):
    pytest.importorskip("llama_index.retrievers.bm25")
    rankings = benchmark_command.llamaindex_rankings(stores, model)
    question = "How much of the model weights does SAFARI prune?"
    ours = our_rankings(stores, model)["only passages"](question, 10)
    assert rankings["LlamaIndex vectors"](question, 10) == ours
    for name in ("reciprocal_rerank", "relative_score"):
        ranked = rankings[f"LlamaIndex fused, {name}"](question, 10)
        assert sorted(ranked) == sorted(set(ours))
        assert ranked[0] == ours[0]  # first by vectors and by words


def test_without_its_bm25_the_command_says_what_to_install(stores, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "llama_index.retrievers.bm25", None)
    with pytest.raises(ConfigurationError, match="pip install llama-index-retrievers-bm25"):
        benchmark_command.llamaindex_rankings(stores, model)


def test_a_set_can_be_asked_other_queries_than_its_own(tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text('{"_id": "q9", "text": "sunshine pills", "paper": "11"}\n', "utf-8")
    asked = benchmark_command.read_queries("tiny", path)
    assert (asked.split, asked.queries, asked.relevant) == (
        "other",
        {"q9": "sunshine pills"},
        {"q9": {"11": 1.0}},
    )


def test_the_shipped_questions_in_everyday_words_are_one_a_paper():
    path = Path(__file__).parents[1] / "questions" / "reworded_scifact.jsonl"
    asked = benchmark_command.read_queries("scifact", path)
    papers = [next(iter(papers)) for papers in asked.relevant.values()]
    assert len(papers) == len(set(papers)) == len(asked.queries) == 61


def test_the_command_measures_sets_and_questions_in_one_run(
    tmp_path, stores, settings, model, monkeypatch, capsys
):
    beir = tmp_path / "beir" / "tiny"
    (beir / "qrels").mkdir(parents=True)
    papers = [("11", "Vitamin D", "Vitamin D is measured."), ("12", "Pruning", "We prune network weights.")]
    lines = {
        "corpus": [{"_id": i, "title": t, "text": a} for i, t, a in papers],
        "queries": [{"_id": "q1", "text": "vitamin measured"}, {"_id": "q2", "text": "network weights"}],
    }
    for name, rows in lines.items():
        (beir / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (beir / "qrels" / "test.tsv").write_text("query\tpaper\tgrade\nq1\t11\t1\nq2\t12\t1\n", "utf-8")
    questions = tmp_path / "set.jsonl"
    expected = {"type": "fact", "expected_papers": ["10.1000/safari"]}
    asked = [
        {"id": "a", "question": "What does SAFARI prune?", **expected},
        {"id": "b", "question": "And what else?", "history": ["What does SAFARI prune?"], **expected},
        {"id": "c", "question": "Who won in 1954?", "type": "off", "answerable": False},
    ]
    questions.write_text("\n".join(map(json.dumps, asked)), "utf-8")
    output = tmp_path / "out.json"
    monkeypatch.setattr(benchmark_command, "open_embedding_model", lambda name: model)
    arguments = [str(beir.parent), "--data", str(tmp_path / "eval"), "--sets", "tiny:test", "--no-llamaindex"]
    arguments += ["--questions", str(questions), "--seeds-store", str(settings.data_dir)]
    monkeypatch.setattr("sys.argv", ["retrieval.py", *arguments, "--output", str(output)])
    benchmark_command.main()
    report = json.loads(output.read_text("utf-8"))
    of_set, of_facts = report["tables"]
    fused = of_set["rows"][0]
    assert (of_set["name"], of_set["n"], of_set["about"]["papers"]) == ("tiny test", 2, 2)
    assert (fused["ranking"], fused["figures"]["nDCG@10"], fused["failed"]) == ("fused", 1.0, 0)
    assert (of_facts["name"], of_facts["n"]) == ("set fact", 1)
    assert of_facts["rows"][0]["figures"]["first"] == 1.0
    shown = capsys.readouterr().out
    assert "set.jsonl: 1 questions are searched for; left out: {'follow-up': 1, 'off': 1}" in shown
    assert "| ours better than | tiny test (2), nDCG@10 | set fact (1), MRR@10 |" in shown


def test_of_the_questions_written_for_refusals_those_on_a_paper_are_asked():
    path = Path(benchmark_command.__file__).with_name(benchmark_command.WRITTEN)
    questions = benchmark_command._questions(path)
    assert len(questions) == 220
    assert all(q.answerable and q.expected_papers and q.type.startswith("own-") for q in questions)
