from pathlib import Path

import pytest

from assistant.commands import read_batch


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"id": 7, "question": "What?"}', 7),
        ('{"_id": "7", "text": "What?"}', "7"),
        ('{"_id": 0, "text": "What?"}', 0),
        ('{"question": "What?"}', "line 1"),
    ],
)
def test_a_row_keeps_its_id_as_it_was_given(tmp_path: Path, line: str, expected: str | int) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text(line + "\n")
    (row,) = read_batch(batch, ("question", "text"))
    assert (row.id, row.text, row.error) == (expected, "What?", None)
    assert type(row.id) is type(expected)
