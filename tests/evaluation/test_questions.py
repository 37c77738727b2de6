import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.questions import Question, read_questions


def write(path, *rows):
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


def test_only_id_and_question_are_needed(tmp_path):
    path = write(tmp_path / "q.jsonl", {"id": "a", "question": "Why?"}, "", {"id": "b", "question": "How?"})
    assert read_questions(path) == (
        Question(id="a", question="Why?", line=1),
        Question(id="b", question="How?", line=3),
    )


def test_a_full_row_is_read(tmp_path):
    row = {
        "id": "a",
        "type": "fact",
        "question": "Why?",
        "history": ["What?"],
        "expected_papers": ["x"],
        "also_ok": ["y"],
        "must_include": [["1", "one"], ["two"]],
        "must_not_include": ["no"],
        "answerable": False,
        "filters": {"year": 2021},
        "notes": "n",
    }
    (question,) = read_questions(write(tmp_path / "q.jsonl", row))
    assert question.must_include == (("1", "one"), ("two",))
    assert (question.history, question.expected_papers, question.also_ok) == (("What?",), ("x",), ("y",))
    assert not question.answerable
    assert question.filters == {"year": 2021}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("{not json", "line 2: not JSON"),
        ("[1]", "line 2: not a JSON object"),
        ({"question": "Why?"}, "line 2: 'id' must be"),
        ({"id": "b", "question": " "}, "line 2: 'question' must be"),
        ({"id": "a", "question": "Why?"}, "line 2: id 'a' is already on line 1"),
        ({"id": "b", "question": "Why?", "expected_papers": "x"}, "'expected_papers' must be a list"),
        ({"id": "b", "question": "Why?", "must_include": ["x"]}, "'must_include' must be a list of"),
        ({"id": "b", "question": "Why?", "must_include": [[]]}, "'must_include' must be a list of"),
        ({"id": "b", "question": "Why?", "answerable": "no"}, "'answerable' must be true or false"),
        ({"id": "b", "question": "Why?", "expected": []}, "unknown field 'expected'"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, row, fault):
    path = write(tmp_path / "q.jsonl", {"id": "a", "question": "?"}, row)
    with pytest.raises(ConfigurationError) as caught:
        read_questions(path)
    message = str(caught.value)
    assert fault in message
    assert "q.jsonl" in message
    assert "\n" not in message


def test_many_faults_are_counted(tmp_path):
    path = write(tmp_path / "q.jsonl", *({"id": str(i)} for i in range(5)))
    with pytest.raises(ConfigurationError, match=r"and 2 more"):
        read_questions(path)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\x00"])
def test_an_empty_or_binary_file_is_refused(tmp_path, content):
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        read_questions(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot be read"):
        read_questions(tmp_path / "none.jsonl")
