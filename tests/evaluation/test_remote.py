"""Replays against a running server: what is read from its data, its citations field, its text."""

from __future__ import annotations

import json

import pytest
from api.test_openai_endpoint import served
from evaluation.chat_server import ChatServer
from typer.testing import CliRunner

from assistant.__main__ import app
from assistant.api.http import build_api
from assistant.errors import ProviderError
from assistant.evaluation.remote import RemoteAssistant
from assistant.models import Identifiers, Paper
from assistant.settings import Settings

SAFARI = Paper(
    "doi:10.1/safari",
    "SAFARI: Sparsity enabled Federated Learning",
    "SAFARI prunes up to 80% of the model weights and keeps the accuracy.",
    title="SAFARI: Sparsity enabled Federated Learning",
    identifiers=Identifiers(doi="10.1/safari"),
)
FLOWX = Paper(
    "arxiv:2206.12987",
    "FlowX: Explainable Graph Neural Networks",
    "FlowX explains graph neural networks by their message flows.",
    title="FlowX: Explainable Graph Neural Networks",
    identifiers=Identifiers(arxiv="2206.12987"),
    urls=("https://github.com/divelab/DIG",),
)
PRUNES = "SAFARI prunes up to 80% of the model weights."


@pytest.fixture
def answer_of(model_of_the_seeds):
    """What is read from a server that replies so: the row, and the `RemoteAssistant`."""

    def ask(reply, question="q", history=()):
        with ChatServer(reply if callable(reply) else lambda _: reply) as server:
            settings = Settings(_env_file=None)
            assistant = RemoteAssistant(server.address, settings, [SAFARI, FLOWX], model_of_the_seeds.embed)
            return assistant.ask(question, history).to_dict(), assistant, server

    return ask


@pytest.fixture(scope="module")
def model_of_the_seeds():
    from assistant.embedding import open_embedding_model

    return open_embedding_model()


@pytest.mark.parametrize(
    "sources",
    [
        "Sources:\n\n- \\[1\\] Mao, Zhao (2022). SAFARI: Sparsity enabled federated learning. Preprint.",
        "**References**\n[1] https://doi.org/10.1/safari",
        "## Sources\n1. SAFARI - Sparsity Enabled Federated Learning, IEEE",
        "[1]: doi:10.1/SAFARI.",
    ],
)
def test_the_papers_are_found_in_the_list_under_the_answer(answer_of, sources):
    row, assistant, _ = answer_of(f"{PRUNES} [1]\n\n{sources}")
    assert row["answer"] == f"{PRUNES} [1]"
    assert [(c["number"], c["paper_id"]) for c in row["citations"]] == [(1, "doi:10.1/safari")]
    assert [s["verdict"] for s in row["sentences"]] == ["supported"]
    assert assistant.answerer.endswith("/v1, read from its text")


@pytest.mark.parametrize(
    "citations",
    [
        ["https://arxiv.org/abs/2206.12987v2", "https://doi.org/10.1/safari"],
        ["https://github.com/divelab/DIG", "SAFARI: Sparsity enabled Federated Learning"],
        [{"number": 2, "title": "x", "paper_id": "doi:10.1/safari"}, {"number": 1, "url": "https://arxiv.org/abs/2206.12987"}],
    ],
)  # fmt: skip
def test_a_citations_field_goes_before_the_text(answer_of, citations):
    row, assistant, _ = answer_of({"content": f"{PRUNES} [2] It uses flows. [1]", "citations": citations})
    assert {c["number"]: c["paper_id"] for c in row["citations"]} == {
        1: "arxiv:2206.12987",
        2: "doi:10.1/safari",
    }
    assert assistant.answerer.endswith("read from its citations field")


def test_several_numbers_in_one_bracket_are_read_apart(answer_of):
    row, _, _ = answer_of({"content": "Both prune. [1, 2]", "citations": ["10.1/safari", "2206.12987"]})
    assert row["answer"] == "Both prune. [1][2]"
    assert len(row["citations"]) == 2


def test_a_paper_that_nobody_knows_stays_a_wrong_citation_and_a_missing_one_an_invalid_number(answer_of):
    row, _, _ = answer_of(f"{PRUNES} [1] More. [2]\n\nSources:\n[1] Another paper altogether, 1999")
    assert [c["paper_id"] for c in row["citations"]] == ["unknown: Another paper altogether, 1999"]
    assert row["sentences"][0]["verdict"] == "unsupported"
    assert "[2]" in row["answer"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The papers do not provide information about this.", "refusal"),
        (f"{PRUNES} [1] The papers do not say when.\n\nSources:\n[1] 10.1/safari", "partial"),
        (f"{PRUNES} [1]\n\nSources:\n[1] 10.1/safari", "answer"),
    ],
)
def test_a_refusal_is_read_from_the_words(answer_of, text, kind):
    row, _, _ = answer_of(text)
    assert (row["kind"], row["refused"]) == (kind, kind == "refusal")


def test_earlier_questions_are_asked_in_their_turn(answer_of):
    replies = iter(["First.", "Second.", "Third."])
    _, _, server = answer_of(lambda _: next(replies), question="c", history=("a", "b"))
    said = [(m["role"], m["content"]) for m in server.requests[-1]["messages"]]
    assert said == [
        ("user", "a"),
        ("assistant", "First."),
        ("user", "b"),
        ("assistant", "Second."),
        ("user", "c"),
    ]


def test_the_tokens_and_the_time_are_kept(answer_of):
    row, _, _ = answer_of(PRUNES)
    assert row["usage"] == {"prompt_tokens": 50, "completion_tokens": 7}
    assert row["timings_ms"]["total"] > 0


def test_an_address_where_nothing_answers_is_told():
    with pytest.raises(ProviderError, match=r"names no model .* correct --url"):
        RemoteAssistant("http://127.0.0.1:9/v1", Settings(_env_file=None), [SAFARI], lambda texts: texts)


def evaluate(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_a_server_of_this_project_gives_the_same_answers_as_the_engine_inside(
    seed_assistant, seed_settings, tmp_path
):
    questions = tmp_path / "questions.jsonl"
    rows = [
        {"id": "1", "question": "How much of the model weights can SAFARI prune?", "must_include": [["80%"]]},
        {"id": "2", "question": "and who wrote it?", "history": ["What is FlowX?"]},
        {"id": "3", "question": "How does AlphaFold 3 predict ligand poses?", "answerable": False},
    ]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with served(build_api(seed_assistant)) as address:
        far = evaluate(
            questions,
            "--data",
            seed_settings.data_dir,
            "--url",
            address,
            "--report",
            tmp_path / "far",
            "--jobs",
            2,
        )
    near = evaluate(questions, "--data", seed_settings.data_dir, "--report", tmp_path / "near")
    assert (far.exit_code, near.exit_code) == (0, 0), far.output
    answers = {}
    for side in ("far", "near"):
        lines = (tmp_path / side / "answers.jsonl").read_text("utf-8").splitlines()
        answers[side] = [
            {k: v for k, v in json.loads(line).items() if k not in ("timings_ms", "retrieved")}
            for line in lines
        ]
    assert answers["far"] == answers["near"]
    report = json.loads((tmp_path / "far" / "report.json").read_text("utf-8"))
    assert "retrieved_hit_1" in report["not_measured"]
    assert report["setup"]["answerer"].endswith("read from its data")


def test_a_server_cannot_be_recorded():
    done = evaluate("q.jsonl", "--url", "http://127.0.0.1:9/v1", "--record", "tape")
    assert done.exit_code == 2
    assert "they exclude each other" in done.output
