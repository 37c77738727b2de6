"""Recorded answers of a model: replayed without a server, and never for another prompt."""

from __future__ import annotations

import json
from datetime import date

import pytest
from evaluation.chat_server import ChatServer
from fakes import ScriptedLLM
from llama_index.core.llms import ChatMessage
from typer.testing import CliRunner

import prompts
from assistant.__main__ import app
from assistant.errors import ConfigurationError, ProviderError
from assistant.evaluation.recording import Head, RecordedLLM, Recording

HEAD = Head("scripted", 8192, date(2026, 1, 31))
QUESTIONS = [
    {"id": "1", "question": "How much of the model weights can SAFARI prune?", "must_include": [["80%"]]},
    {"id": "2", "question": "What is FlowX?"},
    {"id": "3", "question": "and who wrote it?", "history": ["What is ChatCAD?"]},
    {"id": "4", "question": "What is FlowX?"},
]


@pytest.fixture
def questions_path(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)), encoding="utf-8")
    return path


@pytest.fixture
def evaluate(questions_path, seed_settings, monkeypatch):
    """`evaluate` on the command line, over the seeds; OPENAI_BASE_URL as `server` says."""

    def run(*arguments, server=None, questions=questions_path):
        monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
        if server is not None:
            monkeypatch.setenv("OPENAI_BASE_URL", server.address)
            monkeypatch.setenv("ASSISTANT_MODEL", "tiny")
        else:
            monkeypatch.delenv("ASSISTANT_MODEL", raising=False)
        command = ["evaluate", str(questions), "--data", str(seed_settings.data_dir), *map(str, arguments)]
        return CliRunner().invoke(app, command)

    return run


def numbered_replies():
    """A model that never says the same thing twice, though its first passage is its evidence."""
    seen = []

    def reply(messages):
        seen.append(messages)
        passage = messages[-1]["content"].split("abstract", 1)[-1][:150]
        return f"In reply {len(seen)}: {passage} [1]"

    return reply


def answers_of(folder):
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        del row["timings_ms"]
    return json.dumps(rows)


def test_a_replay_needs_no_server_and_gives_the_same_bytes(evaluate, tmp_path):
    tape = tmp_path / "tape.jsonl"
    with ChatServer(numbered_replies()) as server:
        recorded = evaluate("--report", tmp_path / "a", "--record", tape, "--jobs", 3, server=server)
        asked = len(server.requests)
    assert recorded.exit_code == 0, recorded.output
    assert asked >= 2
    replayed = evaluate("--report", tmp_path / "b", "--replay", tape)
    assert replayed.exit_code == 0, replayed.output
    assert answers_of(tmp_path / "a") == answers_of(tmp_path / "b")
    assert '"model": "tiny"' in answers_of(tmp_path / "b")


def test_a_recording_is_added_to_and_what_it_holds_is_not_asked_again(evaluate, tmp_path, questions_path):
    tape = tmp_path / "tape.jsonl"
    one = tmp_path / "one.jsonl"
    one.write_text(json.dumps(QUESTIONS[0]), encoding="utf-8")
    with ChatServer(numbered_replies()) as server:
        evaluate("--report", tmp_path / "a", "--record", tape, server=server, questions=one)
        first = len(server.requests)
        evaluate("--report", tmp_path / "b", "--record", tape, server=server)
        bodies = [json.dumps(body["messages"]) for body in server.requests]
    assert 0 < first < len(bodies)
    assert len(set(bodies)) == len(bodies)


def test_a_changed_prompt_invalidates_its_recordings(evaluate, tmp_path, monkeypatch):
    tape = tmp_path / "tape.jsonl"
    with ChatServer(numbered_replies()) as server:
        evaluate("--report", tmp_path / "a", "--record", tape, server=server)
    folder = tmp_path / "prompts"
    folder.mkdir()
    whole = prompts.render
    monkeypatch.setattr(
        "assistant.answering.generative.render", lambda name, **values: _polite(whole, name, values)
    )
    replayed = evaluate("--report", tmp_path / "b", "--replay", tape)
    assert replayed.exit_code == 1
    assert "prompts or parameters have changed since; record again with --record" in replayed.output
    rows = [json.loads(line) for line in (tmp_path / "b" / "answers.jsonl").read_text("utf-8").splitlines()]
    assert "its system prompt has changed" in rows[0]["error"]
    assert "How much of the model weights can SAFARI prune?" in rows[0]["error"]


def _polite(render, name, values):
    prompt = render(name, **values)
    return type(prompt)(system=prompt.system + " Be polite.", user=prompt.user)


def test_recordings_that_nobody_asked_for_are_named(evaluate, tmp_path):
    tape = tmp_path / "tape.jsonl"
    with ChatServer(numbered_replies()) as server:
        evaluate("--report", tmp_path / "a", "--record", tape, server=server)
    one = tmp_path / "one.jsonl"
    one.write_text(json.dumps(QUESTIONS[0]), encoding="utf-8")
    replayed = evaluate("--replay", tape, questions=one)
    assert replayed.exit_code == 0
    assert "were not used" in replayed.output
    assert "Question: What is FlowX?" in replayed.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--record", "a", "--replay", "b"), "--record, --replay, --url and --answers"),
        (("--record", "a"), "nothing to record"),
        (("--replay", "missing"), "is no recording of a model's answers"),
    ],
)
def test_wrong_usage_is_told_before_any_question_is_asked(evaluate, arguments, message):
    result = evaluate(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def ask(llm, text="Question: q", **options):
    return "".join(
        r.delta or "" for r in llm.stream_chat([ChatMessage(role="user", content=text)], **options)
    )


def test_other_parameters_are_another_request(tmp_path):
    tape = tmp_path / "tape"
    ask(RecordedLLM(ScriptedLLM(replies=["yes"]), Recording(tape, HEAD), {"temperature": 0.0}))
    same = RecordedLLM(ScriptedLLM(), Recording(tape), {"temperature": 0.0})
    assert ask(same, timeout=3.0) == "yes"
    warm = RecordedLLM(ScriptedLLM(), Recording(tape), {"temperature": 0.7})
    with pytest.raises(ProviderError, match=r"temperature was 0\.0, is 0\.7"):
        ask(warm)
    assert warm.recording.missing == 1


def test_an_answer_that_broke_off_is_not_kept(tmp_path):
    tape = tmp_path / "tape"
    broken = ScriptedLLM(replies=[["half", ProviderError("gone", retryable=True)], "whole"])
    llm = RecordedLLM(broken, Recording(tape, HEAD), {})
    with pytest.raises(ProviderError, match="gone"):
        ask(llm)
    assert ask(llm) == "whole"
    assert ask(RecordedLLM(ScriptedLLM(), Recording(tape), {})) == "whole"


def test_the_tokens_the_server_counted_are_kept(tmp_path):
    tape = tmp_path / "tape"
    ask(RecordedLLM(ScriptedLLM(replies=["yes"], usage=(11, 3)), Recording(tape, HEAD), {}))
    replayed = RecordedLLM(ScriptedLLM(), Recording(tape), {})
    response = replayed.chat([ChatMessage(role="user", content="Question: q")])
    assert response.additional_kwargs == {
        "finish_reason": "stop",
        "prompt_tokens": 11,
        "completion_tokens": 3,
    }


def test_a_recording_of_another_model_is_not_added_to(tmp_path):
    Recording(tmp_path / "tape", HEAD)
    with pytest.raises(ConfigurationError, match="is of model 'scripted'"):
        Recording(tmp_path / "tape", Head("other", 8192, HEAD.today))
