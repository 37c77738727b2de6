"""The README's promises that can be checked."""

import re
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_setting_stands_in_the_table() -> None:
    table = set(re.findall(r"^\| `([A-Z_]+)`", README, re.M))
    names = {
        str(field.validation_alias or f"ASSISTANT_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    assert table == names


def test_every_linked_file_is_there() -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", README)
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []


def test_every_command_shown_names_an_existing_module() -> None:
    for module in set(re.findall(r"python -m (\w+)", README)) - {"pytest", "venv"}:
        assert (ROOT / module / "__main__.py").exists(), module


def test_the_python_example_runs(seed_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(from assistant import.*?)```", README, re.DOTALL)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(seed_settings.data_dir))
    monkeypatch.setenv("ASSISTANT_ANSWERER", "extractive")
    made: dict[str, Any] = {}
    exec(code, made)
    assert made["answer"].citations
    assert "FlowX" in made["answer"]._repr_html_()
    assert made["summary"].citations
    assert made["with_code"]
