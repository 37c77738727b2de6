"""A replay from question file to report, and planted faults that must move the right metrics."""

import json

import pytest

from assistant import evaluation
from assistant.errors import ConfigurationError, ProviderError
from assistant.evaluation.comparison import compare_runs
from assistant.evaluation.gold import GoldQuestion
from assistant.evaluation.questions import Question
from assistant.evaluation.scoring import score
from assistant.models import Answer, AnswerSentence, Citation, Evidence, Paper, ScoredPaper

A = Paper("p:a", "SAFARI", "We prune. Up to 80% of the weights.", title="SAFARI")
B = Paper("p:b", "FlowX", "We explain. Graphs matter.", title="FlowX")


def answer(question, *, text="Up to 80% of the weights. [1]", paper=A, start=10, end=35, kind="answer"):
    evidence = Evidence(paper.abstract[start:end], start, end)
    return Answer(
        question=question,
        standalone_question=question,
        answerer="extractive",
        model=None,
        kind=kind,
        text=text,
        citations=() if kind == "refusal" else (Citation(1, paper, (evidence,)),),
        sentences=(AnswerSentence(text, (1,), "supported"),),
        timings_ms={"total": 12.0},
    )


class Scripted:
    """Answers from a table; stands for the engine, which has its own tests."""

    answerer = "extractive"
    model = None

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def papers(self):
        return [A, B]

    def ask(self, question, history=()):
        self.asked.append((question, tuple(history)))
        found = self.answers[question]
        if isinstance(found, Exception):
            raise found
        return found

    def search(self, query, top=10):
        return [ScoredPaper(B, 0.9), ScoredPaper(A, 0.5)]


def question_file(tmp_path):
    rows = [
        {
            "id": "1",
            "type": "fact",
            "question": "prune",
            "expected_papers": ["SAFARI"],
            "must_include": [["80%"]],
            "history": ["before"],
        },
        {"id": "2", "type": "unanswerable", "question": "moon", "answerable": False},
        {"id": "3", "type": "fact", "question": "broken", "expected_papers": ["FlowX"]},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def scripted():
    return Scripted(
        prune=answer("prune"),
        moon=answer("moon", text="Nothing on the moon.", kind="refusal"),
        broken=ProviderError("the server closed", retryable=True),
    )


def test_a_replay_scores_every_question_and_reports_failures_first(tmp_path):
    assistant = scripted()
    steps = []
    report = evaluation.run(
        question_file(tmp_path), assistant, tmp_path / "r", progress=lambda *done: steps.append(done)
    )
    assert assistant.asked == [("prune", ("before",)), ("moon", ()), ("broken", ())]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert report.figures["fact"]["cited_first"].value == 1.0
    assert report.figures["fact"]["retrieved_mrr_10"].value == 0.5
    assert report.figures["all"]["answered"].value == pytest.approx(2 / 3)
    assert (report.refusal.precision, report.refusal.recall) == (1.0, 1.0)
    written = json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in written["rows"]] == ["3", "1", "2"]
    assert written["rows"][0]["failures"] == ["no answer: the server closed"]
    text = report.to_markdown()
    assert text.index("the server closed") < text.index("## Figures by question type")


def test_recorded_answers_give_the_same_figures_without_asking(tmp_path):
    first = evaluation.run(question_file(tmp_path), scripted(), tmp_path / "r")
    silent = Scripted()
    again = evaluation.run(
        question_file(tmp_path), silent, None, answers_path=tmp_path / "r" / "answers.jsonl"
    )
    assert silent.asked == []
    assert again.figures == first.figures


def test_nothing_is_asked_when_the_set_is_faulty(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "1", "question": "prune", "expected_papers": ["Unknown"]}', encoding="utf-8")
    assistant = scripted()
    with pytest.raises(ConfigurationError, match=r"'Unknown'"):
        evaluation.run(path, assistant, tmp_path)
    assert assistant.asked == []


GOLD = GoldQuestion(
    Question(id="1", question="q", must_include=(("80%",),), must_not_include=("secret",)),
    expected=frozenset({"p:a"}),
    also_ok=frozenset(),
)
ABSTRACTS = {p.paper_id: p.abstract for p in (A, B)}
SOUND = answer("q")


def scored(given):
    return score(GOLD, {**given.to_dict(), "retrieved": ["p:a", "p:b"]}, ABSTRACTS, {})


def moved(given):
    before, after = scored(SOUND).metrics, scored(given).metrics
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_a_sound_answer_has_no_failure():
    assert scored(SOUND).failures == ()


@pytest.mark.parametrize(
    ("fault", "metrics"),
    [
        (answer("q", text="Most of the weights. [1]"), {"facts", "all_facts", "words"}),
        (
            answer("q", text="Up to 70% of the weights. [1]"),
            {"facts", "all_facts", "unstated_figures"},
        ),
        (
            answer("q", paper=B, start=0, end=11),
            {"cited_any", "cited_first", "cited_in_3", "cited_recall", "cited_precision"}
            | {"unstated_figures"},  # FlowX knows of no 80 %
        ),
        (answer("q", text="Up to 80% of the weights. [2]"), {"invalid_numbers"}),
        (answer("q", text="Up to 80% of secret weights. [1]"), {"clean", "resisted"}),
    ],
    ids=["fact dropped", "figure invented", "citation swapped", "number invented", "forbidden string"],
)
def test_a_planted_fault_moves_exactly_its_metrics(fault, metrics):
    assert moved(fault) == metrics
    assert scored(fault).failures


def test_evidence_that_is_not_verbatim_is_caught():
    false = SOUND.to_dict()
    false["citations"][0]["evidence"][0]["text"] = "Up to 90% of the weights."
    row = score(GOLD, false, ABSTRACTS, {})
    assert row.metrics["verbatim"] == 0.0
    assert row.failures == ("1 piece(s) of evidence not verbatim",)


def test_also_ok_papers_do_not_lower_precision():
    gold = GoldQuestion(GOLD.question, frozenset({"p:a"}), frozenset({"p:b"}))
    both = SOUND.to_dict()
    both["citations"].append({"number": 2, "paper_id": "p:b", "evidence": []})
    assert score(gold, both, ABSTRACTS, {}).metrics["cited_precision"] == 1.0
    assert score(GOLD, both, ABSTRACTS, {}).metrics["cited_precision"] == 0.5


def test_a_partial_answer_declines_an_unanswerable_question():
    gold = GoldQuestion(Question(id="1", question="q", answerable=False), frozenset(), frozenset())
    row = score(gold, answer("q", kind="partial").to_dict(), ABSTRACTS, {})
    assert (row.metrics["refused"], row.metrics["declined"], row.failures) == (0.0, 1.0, ())


def test_comparing_runs_says_what_broke_and_what_was_mended(tmp_path):
    path = question_file(tmp_path)
    evaluation.run(path, scripted(), tmp_path / "a")
    changed = scripted()
    changed.answers |= {
        "prune": answer("prune", text="Many. [1]"),
        "broken": answer("broken", text="We explain. [1]", paper=B, start=0, end=11),
    }
    evaluation.run(path, changed, tmp_path / "b")
    comparison = compare_runs(tmp_path / "a", tmp_path / "b")
    assert [row["id"] for row in comparison.broke] == ["1"]
    assert [row["id"] for row in comparison.mended] == ["3"]
    assert "facts missing: 80%" in comparison.to_markdown()


def test_a_difference_beyond_chance_is_told_apart_from_noise(tmp_path):
    for name, values in (("a", [0.0, 1.0] * 20), ("b", [1.0, 1.0] * 20)):
        rows = [
            {
                "id": str(i),
                "question": "q",
                "type": "fact",
                "failures": [],
                "metrics": {"facts": v, "words": 10.0 + i % 2, "clean": 1.0},
            }
            for i, v in enumerate(values)
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps({"setup": {}, "rows": rows}), encoding="utf-8")
    found = {d.metric: d.verdict for d in compare_runs(tmp_path / "a.json", tmp_path / "b.json").differences}
    assert found == {"facts": "better", "words": "no clear difference", "clean": "no clear difference"}
