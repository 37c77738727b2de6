import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.gold import PaperNames
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


def fault_of(path, papers=None):
    with pytest.raises(ConfigurationError) as caught:
        read_questions(path, papers)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == 2
    return message


def test_all_faults_are_told_at_once(tmp_path):
    rows = [
        {"id": "a"},
        "{",
        {"id": "b", "question": "?", "expected_paper": []},
        {"id": "a", "question": "?"},
        {"id": "c", "question": "?", "expected_papers": ["nope"], "answerable": 1},
        {"id": "d", "question": "?", "also_ok": ["known", "neither"]},
    ]
    known = PaperNames({"known": "p:1"}, {"p:1": "p:1"})
    message = fault_of(write(tmp_path / "q.jsonl", *rows), known)
    for fault in (
        "line 1: 'question' must be",
        "line 2: not JSON",
        "line 3: unknown field 'expected_paper' (did you mean 'expected_papers'?)",
        "line 4: id 'a' is already on line 1",
        "line 5: 'answerable' must be true or false, no paper in the catalogue is called 'nope'",
        "line 6: no paper in the catalogue is called 'neither'",
    ):
        assert fault in message
    assert "--papers FILE" in message


def test_very_many_faults_are_spelt_out_in_part_and_placed_all(tmp_path):
    message = fault_of(write(tmp_path / "q.jsonl", *({"id": str(i)} for i in range(52))))
    assert message.count("'question' must be") == 50
    assert message.endswith("and 2 more (line 51, line 52)")


@pytest.mark.parametrize("value", [["x", ""], "x", [1], {"a": 1}, 0, False])
def test_a_list_of_strings_is_nothing_else(tmp_path, value):
    row = {"id": "a", "question": "?", "expected_papers": value}
    assert "'expected_papers' must be a list of non-empty strings" in fault_of(
        write(tmp_path / "q.jsonl", row)
    )


@pytest.mark.parametrize(("suffix", "divider"), [(".csv", ","), (".csv", ";"), (".tsv", "\t")])
def test_a_table_is_read_as_the_lines_it_stands_for(tmp_path, suffix, divider):
    rows = [
        ["id", "question", "expected_papers", "must_include", "answerable", "filters"],
        ["a", '"Why, then;\nor how?"', '"x; y"', '"80%|80 %; FedAvg"', "TRUE", '"{""year"": 2021}"'],
        ["", "", "", "", "", ""],
        ["b", "How?", '"[""a; b""]"', "", "false", ""],
        ["c", "Short"],
    ]
    path = tmp_path / f"q{suffix}"
    path.write_text("\ufeff" + "\r\n".join(divider.join(row) for row in rows), encoding="utf-8")
    assert read_questions(path) == (
        Question(
            id="a",
            question="Why, then;\nor how?",
            expected_papers=("x", "y"),
            must_include=(("80%", "80 %"), ("FedAvg",)),
            filters={"year": 2021},
            line=2,
        ),
        Question(id="b", question="How?", expected_papers=("a; b",), answerable=False, line=5),
        Question(id="c", question="Short", line=6),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id,question,answerable\na,?,maybe\n", "line 2: 'answerable' must be true or false"),
        ("id,question,colour\na,?,red\nb,?,blue\n", "line 1: unknown field 'colour'"),
        ("id,question\na,?,red\n", "line 2: 3 cells, but the header has 2"),
        ("id,id\na,?\n", "line 1: the header names 'id' twice"),
        ('id,question\na,"?\n', "line 2: not CSV"),
        ("id,question,must_include\na,?,[1\n", "line 2: 'must_include' must be a list"),
        ("id,question\n", "holds no question"),
    ],
)
def test_a_fault_in_a_table_is_named_with_its_line(tmp_path, text, fault):
    path = tmp_path / "q.csv"
    path.write_text(text, encoding="utf-8")
    assert fault in fault_of(path)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\x00"])
def test_an_empty_or_binary_file_is_refused(tmp_path, content):
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        read_questions(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot be read"):
        read_questions(tmp_path / "none.jsonl")
