import json
import re

import pytest

from assistant.evaluation.figure_facts import counted_things
from assistant.evaluation.gold import name_papers, read_gold
from assistant.evaluation.lint import lint
from assistant.evaluation.making import make_questions, to_row, written_dates
from assistant.models import Paper

SAFARI = Paper(
    "p:safari",
    "SAFARI: Sparse Training on Phones",
    "We propose SAFARI. It runs with up to 80% of the model weights pruned, on 13 public datasets.",
    title="SAFARI: Sparse Training on Phones",
    authors=("Ann Lee", "Bo Chen"),
    published="2022-04-05",
)
FLOWX = Paper(
    "p:flowx",
    "FlowX: Explaining Graphs",
    "We propose FlowX, which is better than SHAPE in 3 hours.",
    title="FlowX: Explaining Graphs",
    authors=("Ann Lee",),
    published="2022-06",
)
UNTITLED = Paper("p:none", "Beyond FlowX", "We extend FlowX with 3,269 videos.", authors=("Cy Dow",))
PAPERS = [SAFARI, FLOWX, UNTITLED]


def made(kind):
    return [q for q in make_questions(PAPERS) if q.type == kind]


def test_what_only_one_paper_has_is_asked_for_by_name():
    (question,) = made("name")
    assert (question.question, question.expected_papers) == ("What is SAFARI?", ("p:safari",))


def test_a_paper_whose_name_others_use_is_called_by_its_title():
    asked = {q.question: q.must_include for q in made("date")}
    assert 'When was the paper "FlowX: Explaining Graphs" published?' in asked
    assert not any("FlowX published" in question for question in asked)


def test_figures_are_asked_for_by_what_they_are_of():
    found = {q.question: q.must_include for q in made("figure")}
    assert found["What percentage is given for the model weights in SAFARI?"][0][:2] == ("80%", "80 %")
    assert "13 datasets" in found["How many public datasets are mentioned in SAFARI?"][0]
    assert 'How many hours are mentioned in the paper "FlowX: Explaining Graphs"?' in found


def test_a_figure_that_the_paper_s_title_tells_is_not_asked_for():
    told = Paper(
        "p:13", "A study of 13 countries", "We ask in 13 countries.", title="A study of 13 countries"
    )
    assert [q for q in make_questions([told]) if q.type == "figure"] == []


def test_publication_data_is_asked_for():
    assert {q.must_include for q in made("authors") if "SAFARI" in q.question} == {
        (("Ann Lee",), ("Bo Chen",))
    }
    (by_author,) = made("author")
    assert by_author.expected_papers == ("p:safari", "p:flowx")
    assert by_author.filters == {"author": "Ann Lee"}
    assert {q.question for q in made("month")} == {
        "Which papers were published in April 2022?",
        "Which papers were published in June 2022?",
    }


def test_names_that_no_paper_has_are_to_be_refused():
    questions = made("unanswerable")
    assert questions
    assert not any(q.answerable or q.expected_papers for q in questions)


def test_the_same_seed_makes_the_same_set_and_few_are_spread_over_papers():
    assert make_questions(PAPERS, 2, seed=3) == make_questions(PAPERS, 2, seed=3)
    few = [q for q in make_questions(PAPERS, 2) if q.type == "figure"]
    assert {q.expected_papers for q in few} == {("p:safari",), ("p:flowx",)}


def test_a_made_set_is_valid_and_free_of_findings(tmp_path):
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(json.dumps(to_row(q)) for q in make_questions(PAPERS)), encoding="utf-8")
    gold = read_gold(path, name_papers(PAPERS))
    assert len({g.question.type for g in gold}) == 7
    assert lint(gold, PAPERS) == ()


@pytest.mark.parametrize(
    ("abstract", "found"),
    [
        ("It contains 3,269 videos.", {"videos": "3,269"}),
        ("We use 1.6M image-caption pairs of 665 K reports.", {"reports": "665 K"}),
        ("It took 13 hours on a GPU.", {"hours": "13 hours"}),
        ("It reaches 94.29% success rate.", {"success rate": "94.29%"}),
        ("About 20% of yeast genes have one.", {"yeast genes": "20%"}),
        # Not one right answer, or not a figure of what follows:
        ("From 120M to 220M parameters.", {}),
        ("The 3 models beat 4 models.", {}),
        ("It has three images and 12 images.", {}),
        ("Gains of 3% accuracy and 4% recall.", {}),
        ("ERNIE 5.0 adopts it.", {}),
        ("Of type 2 responses there are many.", {}),
        ("They are 60% identical to it.", {}),
        ("The ratio was 2.3 (95% confidence interval 1 to 3).", {}),
        ("A total of 19 160 patients came.", {}),
    ],
)
def test_a_figure_is_known_by_its_unit_or_by_what_it_counts(abstract, found):
    assert {c.thing: c.written[0] for c in counted_things(abstract)} == found


def test_a_small_number_must_stand_beside_a_word_of_what_it_counts():
    (counted,) = counted_things("We collect 12 medical datasets.")
    assert counted.written == ("12 medical", "12 datasets", "twelve medical", "twelve datasets")


@pytest.mark.parametrize(
    ("published", "forms"),
    [
        ("2024", ["2024"]),
        ("2024-05", ["2024-05", "May 2024"]),
        ("2024-03-07", ["2024-03-07", "7 March 2024", "March 7, 2024", "7 Mar 2024", "Mar 7, 2024"]),
    ],
)
def test_dates_are_written_as_people_write_them(published, forms):
    assert written_dates(published) == forms


def test_questions_about_the_seeds_are_answerable_by_their_abstracts(seed_assistant):
    papers = seed_assistant.papers()
    texts = {p.paper_id: f"{p.title} {p.abstract}" for p in papers}
    figures = [q for q in make_questions(papers) if q.type == "figure"]
    assert len(figures) > 10
    for question in figures:
        digits = re.match(r"[\d.,]*\d", question.must_include[0][0])
        assert digits
        assert digits[0] in texts[question.expected_papers[0]]
