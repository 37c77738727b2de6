from fakes import ScriptedLLM

from assistant.evaluation.closed_book import answered_from_memory
from assistant.evaluation.gold import GoldQuestion
from assistant.evaluation.questions import Question


def gold(line, **values):
    return GoldQuestion(
        Question(id=f"q{line}", question="How much?", line=line, **values), frozenset(), frozenset()
    )


def test_only_questions_whose_facts_are_all_known_without_the_papers_are_found():
    llm = ScriptedLLM(replies=["It is 80 % with FedAvg.", "<think>80 % FedAvg</think> I do not know."])
    facts = (("80%", "80 %"), ("FedAvg",))
    asked = [
        gold(1, must_include=facts, history=("What is SAFARI?",)),
        gold(2, must_include=facts),
        gold(3),
        gold(4, must_include=facts, answerable=False),
    ]
    steps = []
    (found,) = answered_from_memory(asked, llm, lambda: steps.append(1))
    assert (found.line, found.rule) == (1, "closed-book")
    assert len(llm.prompts) == 2
    assert "Asked before: What is SAFARI?" in llm.prompts[0][1][1]
    assert len(steps) == 4
