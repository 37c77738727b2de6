import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.gold import name_papers, read_gold, resolve_questions
from assistant.evaluation.questions import Question
from assistant.models import Identifiers, Paper

LORA = Paper(
    "arxiv:2301.00001",
    "LoRA – Again",
    "Low rank.",
    title="LoRA – Again",
    identifiers=Identifiers(arxiv="2301.00001", doi="10.1/ab"),
    aliases=("p:old",),
    source_ids=("77",),
)
UNTITLED = Paper(
    "p:1", "EoRA", "In this work, we re-formulate the model compression problem into another one."
)


@pytest.mark.parametrize(
    "name",
    [
        "arxiv:2301.00001",
        "2301.00001",
        "2301.00001v2",
        "arXiv:2301.00001",
        "https://arxiv.org/abs/2301.00001",
        "10.1/AB",
        "https://doi.org/10.1/ab",
        "lora - again",
        "p:old",
        "77",
    ],
)
def test_a_paper_is_found_by_all_its_names(name):
    assert name_papers([LORA, UNTITLED]).resolve(name) == "arxiv:2301.00001"


def keys_file(tmp_path, *rows):
    path = tmp_path / "papers.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_keys_are_resolved_by_title_else_by_the_first_words(tmp_path):
    path = keys_file(
        tmp_path,
        {"key": "lora", "title": "LoRA - again", "abstract_first_words": "anything"},
        {
            "key": "eora",
            "title": None,
            "abstract_first_words": "In this work, we re-formulate the model compression problem",
        },
    )
    names = name_papers([LORA, UNTITLED], path)
    assert (names.resolve("lora"), names.resolve("eora")) == ("arxiv:2301.00001", "p:1")


def test_copies_of_one_gold_paper_count_as_one(tmp_path):
    copy = Paper("p:2", "LoRA - Again", "Low rank.", title="LoRA - Again")
    names = name_papers([LORA, copy], keys_file(tmp_path, {"key": "lora", "title": "LoRA - again"}))
    assert names.canonical["p:2"] == "arxiv:2301.00001"


def test_a_paper_that_resolves_to_nothing_is_an_error_with_its_line(tmp_path):
    question = Question(id="q", question="?", expected_papers=("nope",), line=4)
    with pytest.raises(ConfigurationError, match=r"line 4: no paper in the catalogue is called 'nope'"):
        resolve_questions(tmp_path / "q.jsonl", [question], name_papers([LORA]))


def test_a_key_without_a_title_and_first_words_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match=r"line 1: needs 'key'"):
        name_papers([LORA], keys_file(tmp_path, {"key": "x"}))


def test_questions_are_resolved_to_ids(tmp_path):
    question = Question(id="q", question="?", expected_papers=("10.1/ab",), also_ok=("EoRA",))
    (gold,) = resolve_questions(tmp_path / "q", [question], name_papers([LORA, UNTITLED]))
    assert (gold.expected, gold.also_ok) == ({"arxiv:2301.00001"}, {"p:1"})


def test_a_set_is_read_and_resolved_with_all_its_faults_at_once(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("id,question,expected_papers\na,?,LoRA - again\n", encoding="utf-8")
    (gold,) = read_gold(path, name_papers([LORA, UNTITLED]))
    assert gold.expected == {"arxiv:2301.00001"}
    path.write_text("id,question,expected_papers\na,?,nope\nb,,EoRA\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 2: no paper .* 'nope'; line 3: 'question' must be"):
        read_gold(path, name_papers([LORA, UNTITLED]))


@pytest.mark.parametrize("name", ["lora agian", "Again"])
def test_a_name_that_is_nearly_a_title_or_a_part_of_one_is_told_which(tmp_path, name):
    path = tmp_path / "q.csv"
    path.write_text(f"id,question,expected_papers\na,?,{name}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"'{name}' \(did you mean 'LoRA – Again'\?\)"):
        read_gold(path, name_papers([LORA, UNTITLED]))


def test_a_name_unlike_all_titles_suggests_none():
    assert name_papers([LORA, UNTITLED]).suggest("GPT-4V medical") is None
