"""The command lines as a user calls them: a process, its output, its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings import Settings

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "ASSISTANT_"))}
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def one_line(process: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in process.stderr
    (line,) = process.stderr.strip().splitlines()
    return line


def test_ask_prints_the_answer_and_its_source(seed_settings: Settings) -> None:
    done = run(
        "assistant",
        "ask",
        "How much of the model weights can SAFARI prune?",
        "--data",
        seed_settings.data_dir,
    )
    assert done.returncode == 0
    assert "up to 80% of the model weights" in done.stdout
    assert "[1] SAFARI: Sparsity enabled Federated Learning" in done.stdout


def test_papers_are_one_json_object_a_line(seed_settings: Settings) -> None:
    done = run("assistant", "papers", "--json", "--data", seed_settings.data_dir)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 77
    assert {"paper_id", "aliases", "display_title", "identifiers", "sources", "abstract"} <= set(rows[0])


def test_a_batch_keeps_its_order_and_its_bad_rows(seed_settings: Settings, tmp_path: Path) -> None:
    rows = [
        '{"id": "b", "question": "what is FlowX?"}',
        "nonsense",
        '{"id": "a", "question": ""}',
        '{"id": "c"}',
    ]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(rows))
    output = tmp_path / "answers.jsonl"
    done = run("assistant", "ask", "--batch", batch, "--output", output, "--data", seed_settings.data_dir)
    answers = [json.loads(line) for line in output.read_text().splitlines()]
    assert done.returncode == 0
    assert [a["id"] for a in answers] == ["b", "line 2", "a", "c"]
    assert ["error" in a for a in answers] == [False, True, True, True]


def test_search_finds_papers_not_chunks(seed_settings: Settings, tmp_path: Path) -> None:
    batch = tmp_path / "queries.jsonl"
    batch.write_text('{"_id": "1", "text": "federated learning"}\n')
    done = run("assistant", "search", "--batch", batch, "--top", "100", "--data", seed_settings.data_dir)
    results = json.loads(done.stdout)["results"]
    assert len({r["paper_id"] for r in results}) == len(results) == 77
    assert [r["score"] for r in results] == sorted((r["score"] for r in results), reverse=True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("ask", ""), 2, "the question is empty"),
        (("ask", "x" * 50_000), 2, "50,000 characters"),
        (("ask",), 2, "give either a question or --batch"),
        (("ask", "--batch", "missing.jsonl"), 2, "missing.jsonl"),
    ],
)
def test_unusable_input_is_one_line_and_exit_code_2(
    seed_settings: Settings, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run("assistant", *arguments, "--data", seed_settings.data_dir)
    assert done.returncode == code
    assert words in one_line(done)


def test_an_empty_store_names_the_command_that_fills_it(tmp_path: Path) -> None:
    done = run("assistant", "ask", "what?", "--data", tmp_path / "none")
    assert done.returncode == 1
    assert "python -m ingest" in one_line(done)


def test_a_store_of_another_embedding_model_is_told(seed_settings: Settings) -> None:
    done = run("assistant", "ask", "what?", "--data", seed_settings.data_dir, ASSISTANT_EMBEDDING="other")
    assert done.returncode == 2
    assert "ASSISTANT_EMBEDDING" in one_line(done)


def test_commands_that_only_read_the_catalogue_import_no_engine() -> None:
    heavy = ("llama_index", "chromadb", "gradio", "onnxruntime")
    code = f"import sys, assistant.__main__; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"
