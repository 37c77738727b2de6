"""With `rewriting` a model's other wordings help to find papers, and change nothing else."""

import pytest
from fakes import ScriptedLLM

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.models import Paper, ScoredPaper
from assistant.query_engine import best_of_wordings
from assistant.settings import Settings
from assistant.stores import open_stores

QUESTION = "Which approach to joint learning keeps working although half of the phones fall silent?"
WORDINGS = (
    "SAFARI sparsity federated learning unreliable communications\nmissing client updates pruned weights"
)


def found(*scores: tuple[str, float]) -> list[ScoredPaper]:
    return [ScoredPaper(Paper(paper_id, paper_id, "", None, ()), score) for paper_id, score in scores]


def test_another_wording_lifts_a_paper_but_counts_less() -> None:
    asked = found(("a", 1.0), ("b", 0.8))
    lifted = best_of_wordings(asked, [found(("b", 1.2), ("c", 3.0))])
    assert [(s.paper.paper_id, s.score) for s in lifted] == [("b", pytest.approx(1.14)), ("a", 1.0)]
    assert [s.paper.paper_id for s in best_of_wordings(asked, [found(("b", 1.0))])] == ["a", "b"]
    assert best_of_wordings(asked, []) == asked


@pytest.mark.parametrize("rewriting", [True, False])
def test_the_model_is_asked_for_wordings_only_when_that_is_set(
    seed_settings: Settings, rewriting: bool
) -> None:
    llm = ScriptedLLM(
        replies=[WORDINGS, "SAFARI tolerates missing updates [1]."] if rewriting else ["It does [1]."]
    )
    model = open_embedding_model()
    with Assistant(Corpus(open_stores(seed_settings, model), model), llm, rewriting=rewriting) as assistant:
        assistant.ask(QUESTION)
    first = llm.prompts[0][-1][1]
    assert ("<passage" not in first and QUESTION in first) is rewriting
    if rewriting:
        assert "SAFARI" in llm.prompts[1][-1][1]
