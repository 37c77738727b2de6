"""Verdicts of answer sentences against the papers they cite, with the bundled embedding."""

import pytest

from assistant.answering.verdicts import Embed, check_sentence, claims_nothing, find_support
from assistant.embedding import open_embedding_model
from assistant.models import Paper

SAFARI = Paper(
    paper_id="safari",
    display_title="SAFARI: Sparsity-enabled Federated Learning",
    abstract=(
        "Federated learning (FL) suffers from unreliable communication. In this paper, we propose a framework"
        " termed as SAFARI for FL with limited links. It prunes up to 80\\% of the model weights and keeps"
        " the accuracy of the dense model. Experiments on CIFAR-10 [3] confirm it."
    ),
    authors=("Yuzhu Mao", "Zihao Zhao"),
    published="2023-05-04",
)
MEMRISTOR = Paper(
    paper_id="memristor",
    display_title="Memristor-based deep networks",
    abstract="Computing-in-memory with memristors lowers the energy consumption of deep networks by a third.",
)


@pytest.fixture(scope="module")
def embed() -> Embed:
    return open_embedding_model().embed


def test_a_verbatim_sentence_is_supported_with_itself_as_evidence(embed: Embed) -> None:
    check = check_sentence(
        "It prunes up to 80\\% of the model weights and keeps the accuracy of the dense model. [1]",
        [SAFARI],
        embed,
    )
    (evidence,) = check.evidence["safari"]
    assert check.verdict == "supported"
    assert SAFARI.abstract[evidence.start : evidence.end] == evidence.text
    assert evidence.text.startswith("It prunes up to 80")


def test_a_quotation_that_names_its_paper_is_supported(embed: Embed) -> None:
    check = check_sentence("SAFARI: Experiments on CIFAR-10 \\[3\\] confirm it.", [SAFARI], embed)
    assert check.verdict == "supported"
    assert check.evidence["safari"][0].text == "Experiments on CIFAR-10 [3] confirm it."


def test_a_quotation_with_an_invention_beside_it_is_not_verbatim(embed: Embed) -> None:
    check = check_sentence(
        "Experiments on CIFAR-10 [3] confirm it, and patients with diabetes recovered within 14 days.",
        [SAFARI],
        embed,
    )
    assert check.verdict == "unsupported"
    assert "14" in check.missing


def test_a_close_paraphrase_is_supported(embed: Embed) -> None:
    check = check_sentence("SAFARI can prune 80% of the weights of a model [1].", [SAFARI], embed)
    assert check.verdict == "supported"
    assert "80" in check.evidence["safari"][0].text


def test_a_figure_that_stands_in_no_cited_paper_is_unsupported_and_named(embed: Embed) -> None:
    check = check_sentence("SAFARI can prune 95% of the weights of a model [1].", [SAFARI], embed)
    assert check.verdict == "unsupported"
    assert check.missing == ("95",)


def test_another_papers_statement_is_unsupported(embed: Embed) -> None:
    check = check_sentence("SAFARI can prune 80% of the weights of a model [1].", [MEMRISTOR], embed)
    assert check.verdict == "unsupported"


def test_a_name_that_stands_in_no_cited_paper_is_weak_at_best(embed: Embed) -> None:
    check = check_sentence("SAFARI prunes up to 80% of the model weights in Tensorflow [1].", [SAFARI], embed)
    assert (check.verdict, check.missing) == ("weak", ("tensorflow",))


def test_three_names_that_stand_in_no_cited_paper_are_too_many(embed: Embed) -> None:
    check = check_sentence(
        "SAFARI prunes up to 80% of the model weights, says the Journal of Bavarian Botany [1].",
        [SAFARI],
        embed,
    )
    assert check.verdict == "unsupported"


def test_months_are_no_names(embed: Embed) -> None:
    check = check_sentence("In May 2023 SAFARI prunes up to 80% of the model weights [1].", [SAFARI], embed)
    assert check.verdict == "supported"


def test_a_denial_is_weak_at_best(embed: Embed) -> None:
    check = check_sentence("SAFARI cannot prune 80% of the weights of a model [1].", [SAFARI], embed)
    assert check.verdict == "weak"


def test_an_opposite_is_weak_at_best(embed: Embed) -> None:
    check = check_sentence(
        "Memristors increase the energy consumption of deep networks [1].", [MEMRISTOR], embed
    )
    assert check.verdict == "weak"


def test_a_statement_about_authors_is_carried_by_a_catalogue_field(embed: Embed) -> None:
    check = check_sentence("SAFARI was written by Yuzhu Mao and Zihao Zhao in 2023 [1].", [SAFARI], embed)
    assert check.verdict == "supported"
    assert check.fields == {"safari": ("authors", "published")}


def test_a_claim_without_a_citation_is_unsupported(embed: Embed) -> None:
    assert check_sentence("SAFARI can prune 80% of the weights.", [], embed).verdict == "unsupported"


@pytest.mark.parametrize(
    "sentence",
    [
        "What does it prune?",
        "The papers do not say how long it takes.",
        "Here are the papers on pruning:",
        "Yes [1].",
        "No passage mentions a price.",
        "However, the first passage does not explicitly state the year.",
        "The year of publication is not given in passage 1.",
        "",
    ],
)
def test_sentences_that_claim_nothing_have_no_verdict(sentence: str, embed: Embed) -> None:
    assert claims_nothing(sentence)
    assert check_sentence(sentence, [SAFARI], embed).verdict is None


def test_an_uncited_sentence_finds_the_paper_that_supports_it(embed: Embed) -> None:
    assert find_support("SAFARI prunes up to 80% of the model weights.", [MEMRISTOR, SAFARI], embed) is SAFARI


@pytest.mark.parametrize(
    "sentence",
    ["SAFARI prunes up to 95% of the model weights.", "Bananas are rich in potassium.", "They do not say."],
)
def test_an_uncited_sentence_that_nothing_supports_stays_uncited(sentence: str, embed: Embed) -> None:
    assert find_support(sentence, [MEMRISTOR, SAFARI], embed) is None


def test_a_paper_without_an_abstract_supports_nothing_but_its_fields(embed: Embed) -> None:
    bare = Paper(paper_id="bare", display_title="Pruning", abstract="", authors=("Ann Author",))
    assert check_sentence("It prunes weights by training [1].", [bare], embed).verdict == "unsupported"


def test_two_sentences_of_a_paper_in_one_are_supported(embed: Embed) -> None:
    check = check_sentence(
        "SAFARI prunes up to 80% of the model weights, and it was confirmed by experiments on CIFAR-10.",
        [SAFARI],
        embed,
    )
    assert check.verdict == "supported"


def test_what_two_papers_say_in_a_clause_each_is_supported(embed: Embed) -> None:
    check = check_sentence(
        "SAFARI prunes 80% of the model weights, while memristors lower the energy consumption of networks.",
        [SAFARI, MEMRISTOR],
        embed,
    )
    assert (check.verdict, check.idle) == ("supported", ())


def test_a_clause_that_blends_two_papers_is_weak_though_both_are_cited(embed: Embed) -> None:
    check = check_sentence(
        "SAFARI prunes up to 80% of the energy consumption of memristors by a third.",
        [SAFARI, MEMRISTOR],
        embed,
    )
    assert check.verdict == "weak"


def test_a_stretch_that_the_cited_paper_lacks_is_weak_at_best(embed: Embed) -> None:
    check = check_sentence(
        "SAFARI prunes up to 80% of the model weights and keeps the accuracy of the dense model on"
        " battery powered wearable sensors in remote villages.",
        [SAFARI],
        embed,
    )
    assert check.verdict == "weak"


@pytest.mark.parametrize(
    "sentence",
    [
        "SAFARI can prune 80% of the weights of a model.",
        "It prunes up to 80\\% of the model weights and keeps the accuracy of the dense model.",
    ],
    ids=["paraphrase", "quotation"],
)
def test_a_citation_that_says_nothing_of_the_sentence_makes_it_weak_and_is_named(
    sentence: str, embed: Embed
) -> None:
    check = check_sentence(sentence, [SAFARI, MEMRISTOR], embed)
    assert (check.verdict, check.idle) == ("weak", ("memristor",))


def test_a_figure_of_another_sentence_of_the_abstract_is_weak_at_best(embed: Embed) -> None:
    trial = Paper(
        paper_id="trial",
        display_title="A trial",
        abstract=(
            "We enrolled 42 adults from three hospitals between 2010 and 2012. Remission of symptoms was"
            " reached by 17 percent of those given the new drug."
        ),
    )
    right = "Remission of symptoms was reached by 17 percent of adults given the new drug."
    assert check_sentence(right, [trial], embed).verdict == "supported"
    assert check_sentence(right.replace("17", "42"), [trial], embed).verdict == "weak"


def test_a_denied_quotation_is_weak_at_best(embed: Embed) -> None:
    check = check_sentence(
        "It is not true that memristors help: Computing-in-memory with memristors lowers the energy"
        " consumption of deep networks by a third.",
        [MEMRISTOR],
        embed,
    )
    assert check.verdict == "weak"


ATLAS = Paper("atlas", "An atlas of the chest", "The atlas holds 665 K grounded reports of chest CT volumes.")


@pytest.mark.parametrize("figure", ["665,000", "665K", "0.665 million"])
def test_a_figure_written_in_another_way_is_no_other_figure(embed: Embed, figure: str) -> None:
    check = check_sentence(f"The atlas holds {figure} grounded reports of chest CT volumes.", [ATLAS], embed)
    assert (check.verdict, check.missing) == ("supported", ())


@pytest.mark.parametrize("figure", ["665 M", "665 million", "66,500", "6.65 K"])
def test_a_figure_of_another_order_of_magnitude_is_another_figure(embed: Embed, figure: str) -> None:
    check = check_sentence(f"The atlas holds {figure} grounded reports of chest CT volumes.", [ATLAS], embed)
    assert check.verdict == "unsupported"
