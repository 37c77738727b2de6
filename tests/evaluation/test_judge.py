import pytest
from fakes import ScriptedLLM

from assistant.errors import ConfigurationError
from assistant.evaluation.judge import check_judge, judge_answers, read_verdict
from assistant.models import Paper

PAPER = Paper("p:1", "SAFARI", "We prune up to 80% of the weights.", authors=("Ann Lee",), published="2022")


def claim(text="SAFARI prunes 80 %.", citations=(1,), verdict="weak"):
    return {"text": text, "citations": list(citations), "verdict": verdict}


def judged(llm, *sentences):
    answer = {"id": "1", "citations": [{"number": 1, "paper_id": "p:1"}], "sentences": list(sentences)}
    (row,) = judge_answers([answer], {"p:1": PAPER}, llm, "judge")
    return row


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("full", "supported"),
        ("Fully.", "supported"),
        ("**partial**", "weak"),
        ("Partially", "weak"),
        ("none", "unsupported"),
        ("<think>full or none?</think>\nnone", "unsupported"),
        ("It says so, but of images.\n\npartial", "weak"),
        ("full or partial", None),
        ("I cannot say.", None),
        ("", None),
    ],
)
def test_a_verdict_is_read_from_the_end_of_a_reply(reply, verdict):
    assert read_verdict(reply) == verdict


def test_a_claim_is_judged_against_the_abstracts_it_cites():
    llm = ScriptedLLM(replies=["full"])
    row = judged(llm, claim())
    assert [s["judged"] for s in row["sentences"]] == ["supported"]
    assert row["sentences"][0]["verdict"] == "weak"
    ((_, system), (_, user)) = llm.prompts[0]
    assert "from their words alone" in system
    assert "We prune up to 80% of the weights." in user
    assert "Statement: SAFARI prunes 80 %." in user
    assert (row["judged_by"], row["judge_usage"]["completion_tokens"]) == ("judge", 20)


def test_what_claims_nothing_or_cites_nothing_is_not_sent():
    llm = ScriptedLLM(replies=[])
    row = judged(llm, claim(verdict=None), claim(citations=()))
    assert [s["judged"] for s in row["sentences"]] == [None, "unsupported"]
    assert llm.prompts == []


def test_an_answer_with_an_error_stays_as_it_is():
    (row,) = judge_answers([{"id": "1", "error": "boom"}], {}, ScriptedLLM(replies=[]), "judge")
    assert (row["id"], row["error"]) == ("1", "boom")


def test_a_model_judges_its_own_answers_only_where_that_is_meant():
    answers = [{"model": "one"}, {"model": None}, {"error": "boom"}]
    check_judge("other", answers)
    check_judge("one", answers, own=True)
    with pytest.raises(ConfigurationError, match="one gave these answers and would judge its own"):
        check_judge("one", answers)
