"""Two runs beside one another: what moved beyond chance, and what a CI does about it."""

from __future__ import annotations

import itertools
import json
import random
import statistics

import pytest
from typer.testing import CliRunner

from assistant.__main__ import app
from assistant.errors import ConfigurationError
from assistant.evaluation.comparison import compare_runs
from assistant.evaluation.html import comparison_page
from assistant.evaluation.significance import adjust, permutation_p


def write_run(folder, rows, questions="set.jsonl", corpus="c1"):
    """A report of rows (id, metrics, failures)."""
    folder.mkdir(exist_ok=True)
    names = sorted({name for _, found, _ in rows for name in found})
    values = {name: [found[name] for _, found, _ in rows if name in found] for name in names}
    figures = {
        n: {"value": statistics.fmean(v), "n": len(v), "low": None, "high": None} for n, v in values.items()
    }
    report = {
        "setup": {"questions": questions, "corpus": corpus, "commit": folder.name},
        "rows": [
            {
                "id": i,
                "type": "fact",
                "question": f"Question {i}?",
                "answer": f"In {folder.name}",
                "metrics": found,
                "failures": failures,
            }
            for i, found, failures in rows
        ],
        "figures": {"all": figures},
    }
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return folder


def run_of(folder, values, metric="facts", **more):
    rows = [(str(i), {metric: v}, [] if v else ["facts missing: x"]) for i, v in enumerate(values)]
    return write_run(folder, rows, **more)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([], 1.0),
        ([0.0, 0.0], 1.0),
        ([1.0], 1.0),
        ([1.0] * 5, 2 / 32),  # the two outermost of 32 sign changes
        ([1.0, 1.0, -1.0], 1.0),
        ([3.0, 1.0, 1.0, 1.0], 2 / 16),
        ([3.0, -1.0, 1.0, 1.0], 8 / 16),  # |sum| >= 4: the 3 with two or three of the ones, and their mirrors
    ],
)
def test_the_permutation_test_gives_the_hand_computed_p(differences, p):
    by_hand = [d for d in differences if d]
    sums = [
        abs(sum(s * d for s, d in zip(signs, by_hand, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(by_hand))
    ]
    assert sum(s >= abs(sum(by_hand)) for s in sums) / len(sums) == p
    assert permutation_p(differences) == pytest.approx(p)


def test_the_sampled_p_agrees_with_the_exact_one():
    moved = [1.0] * 12 + [-1.0] * 5  # one more than is gone through exactly
    exact = sum(abs(17 - 2 * k) >= 7 for k in range(18) for _ in range(_choose(17, k))) / 2**17
    assert permutation_p(moved) == pytest.approx(exact, abs=0.01)
    assert permutation_p(moved) == permutation_p(moved)


def _choose(n, k):
    return len(list(itertools.combinations(range(n), k)))


def test_p_values_of_several_metrics_are_held_together():
    # Three tests count: Holm multiplies the smallest by 3, the next by 2, the last by 1.
    tests = {"a": (0.01, 9), "b": (0.02, 9), "c": (0.5, 9), "few": (0.25, 3), "none": (1.0, 0)}
    assert adjust(tests) == pytest.approx({"a": 0.03, "b": 0.04, "c": 0.5, "few": 1.0, "none": 1.0})


def test_runs_that_differ_by_chance_are_rarely_called_different(tmp_path):
    chance = random.Random(7)
    called = 0
    for _ in range(40):
        a = run_of(tmp_path / "a", [float(chance.random() < 0.7) for _ in range(60)])
        b = run_of(tmp_path / "b", [float(chance.random() < 0.7) for _ in range(60)])
        called += compare_runs(a, b).differences[0].verdict != "no clear difference"
    assert called <= 6  # 5 % of 40 is 2


def test_a_planted_difference_is_found_and_points_the_right_way(tmp_path):
    a = run_of(tmp_path / "a", [1.0] * 30, metric="wrongly_refused")
    b = run_of(tmp_path / "b", [0.0] * 10 + [1.0] * 20, metric="wrongly_refused")
    (forth,), (back,) = compare_runs(a, b).differences, compare_runs(b, a).differences
    assert (forth.verdict, back.verdict) == ("better", "worse")
    assert forth.difference == pytest.approx(-1 / 3)
    assert forth.low < -1 / 3 < forth.high < 0


def test_effort_gets_no_verdict(tmp_path):
    a = run_of(tmp_path / "a", [10.0] * 20, metric="words")
    b = run_of(tmp_path / "b", [30.0] * 20, metric="words")
    comparison = compare_runs(a, b)
    assert comparison.differences[0].verdict == "higher"
    assert comparison.worse == ()


def test_questions_that_broke_were_mended_or_changed_are_told_apart(tmp_path):
    a = write_run(
        tmp_path / "a",
        [
            ("1", {"facts": 1.0}, []),
            ("2", {"facts": 0.0}, ["x"]),
            ("3", {"facts": 0.5}, ["x"]),
            ("4", {"facts": 1.0, "ms": 5.0}, []),
        ],
    )
    b = write_run(
        tmp_path / "b",
        [
            ("1", {"facts": 0.0}, ["y"]),
            ("2", {"facts": 1.0}, []),
            ("3", {"facts": 0.2}, ["x"]),
            ("4", {"facts": 1.0, "ms": 9.0}, []),
        ],
    )
    found = compare_runs(a, b)
    assert [[e["id"] for e in entries] for entries in (found.broke, found.mended, found.changed)] == [
        ["1"], ["2"], ["3"],
    ]  # fmt: skip


def test_what_makes_runs_hard_to_compare_is_said(tmp_path):
    a = run_of(tmp_path / "a", [1.0] * 5)
    b = run_of(tmp_path / "b", [1.0] * 6, questions="other.jsonl", corpus="c2")
    warnings = compare_runs(a, b).warnings
    assert len(warnings) == 3
    assert warnings[0].startswith("1 questions are in only one run")


def test_only_one_type_is_compared_when_asked(tmp_path):
    a, b = run_of(tmp_path / "a", [1.0]), run_of(tmp_path / "b", [1.0])
    assert compare_runs(a, b, "fact").differences[0].n == 1
    with pytest.raises(ConfigurationError, match="share no question of type 'cross'"):
        compare_runs(a, b, "cross")


def test_the_page_shows_both_answers_and_escapes_them(tmp_path):
    a = write_run(tmp_path / "a", [("<b>", {"facts": 1.0}, [])])
    b = write_run(tmp_path / "b", [("<b>", {"facts": 0.0}, ["<script>"])])
    page = comparison_page(compare_runs(a, b).to_dict())
    assert "In a" in page
    assert "In b" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page.split("<h1>")[1].replace("<b>[", "")
    assert page.count("<script>") == 1


def compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


@pytest.fixture
def limits(tmp_path):
    path = tmp_path / "thresholds.toml"
    path.write_text("[set.all]\nfacts = 0.5\n", encoding="utf-8")
    return path


def test_a_significantly_worse_metric_fails_a_ci_though_the_threshold_is_met(tmp_path, limits):
    a, b = run_of(tmp_path / "a", [1.0] * 40), run_of(tmp_path / "b", [1.0] * 30 + [0.0] * 10)
    done = compare(a, b, "--fail-under", limits)
    assert done.exit_code == 1
    assert "facts is worse" in done.output
    assert compare(a, b).exit_code == 0
    assert compare(b, a, "--fail-under", limits).exit_code == 0


def test_a_missed_threshold_fails_a_ci_though_nothing_is_worse(tmp_path, limits):
    a, b = run_of(tmp_path / "a", [0.0] * 4), run_of(tmp_path / "b", [0.0] * 4)
    done = compare(a, b, "--fail-under", limits)
    assert done.exit_code == 1
    assert "facts is 0, must be at least 0.5" in done.output


def test_a_comparison_is_written_and_printed_as_json(tmp_path):
    a, b = run_of(tmp_path / "a", [1.0] * 4), run_of(tmp_path / "b", [0.0] * 4)
    done = compare(a, b, "--json", "--report", tmp_path / "c")
    assert json.loads(done.output) == json.loads((tmp_path / "c" / "comparison.json").read_text("utf-8"))
    assert (tmp_path / "c" / "comparison.html").exists()


def test_something_else_than_a_report_is_wrong_usage(tmp_path):
    assert compare(tmp_path, tmp_path).exit_code == 2
