"""A run over recorded answers says what they cost and who judged them."""

import json

import pytest

from assistant import evaluation
from assistant.evaluation.prices import Prices


class Silent:
    """Asks nothing: the answers are given."""

    answerer = "extractive"
    model = None

    def papers(self):
        return []


def test_a_report_has_the_cost_and_the_judge(tmp_path):
    usage = {"prompt_tokens": 1000, "completion_tokens": 500}
    sentence = {"text": "It is.", "citations": [1], "verdict": "weak", "judged": "supported"}
    answer = {"id": "1", "answer": "It is. [1]", "model": "small", "usage": usage, "judged_by": "large"}
    answer |= {"citations": [{"number": 1, "paper_id": "p:1"}], "sentences": [sentence]}
    (tmp_path / "a.jsonl").write_text(json.dumps(answer), encoding="utf-8")
    (tmp_path / "q.csv").write_text("id,question\n1,Is it?\n", encoding="utf-8")
    report = evaluation.run(
        tmp_path / "q.csv",
        Silent(),
        None,
        answers_path=tmp_path / "a.jsonl",
        prices=Prices({"small": (1.0, 2.0)}, "EUR"),
    )
    assert (report.setup["cost"], report.setup["judged by"]) == ("0.0020 EUR", "large")
    found = report.figures["all"]
    assert found["cost"].value == pytest.approx(0.002)
    assert (found["support"].value, found["support_judged"].value) == (0.0, 1.0)
