"""The README's promises that can be checked."""

import re
from pathlib import Path

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
