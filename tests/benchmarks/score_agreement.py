"""Do our scores agree with those of an independent scorer, on the same answers?

    python -m assistant papers --json > catalogue.jsonl
    python -m assistant evaluate QUESTIONS.jsonl --papers papers.jsonl --report DIR
    python tests/benchmarks/score_agreement.py SCORER.py QUESTIONS.jsonl papers.jsonl \
        catalogue.jsonl DIR/answers.jsonl

SCORER.py is called as `SCORER.py QUESTIONS papers.jsonl catalogue.jsonl answers.jsonl --json OUT`
and writes {question type: {metric: value, rounded to 3 digits}} and the "refusal" of all. Prints
where the two differ by more than the rounding, with the reason where it is one of meaning, and
fails where there is none:

- `verbatim`: ours is the mean of the answers' shares, theirs the share of all pieces of evidence.
- A question whose answer is {"id", "error"}: ours has not been answered, and is no case for refusal;
  theirs counts it as answered, and as not refused.
- Answerable questions without an expected paper: ours have no cited_* value, theirs count as not
  cited (and as a recall of 1).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.evaluation.figures import ALL, figures_by_type
from assistant.evaluation.gold import name_papers, read_gold
from assistant.evaluation.questions import read_json_lines, read_questions
from assistant.evaluation.replay import read_answers
from assistant.evaluation.scoring import score
from assistant.models import Identifiers, Paper

ROUNDING = 0.00051
LISTS = ("authors", "categories", "urls", "source_ids", "sources", "aliases")


def paper_of(row: dict[str, Any]) -> Paper:
    """A line of `papers --json`."""
    plain = {k: v for k, v in row.items() if k not in (*LISTS, "identifiers", "year")}
    lists = {name: tuple(row.get(name) or ()) for name in LISTS}
    return Paper(**plain, **lists, identifiers=Identifiers(**(row.get("identifiers") or {})))


def our_scores(questions: Path, keys: Path, catalogue: Path, answers: Path) -> dict[str, dict[str, float]]:
    papers = [paper_of(row) for _, row in read_json_lines(catalogue, [])]
    names = name_papers(papers, keys)
    given = read_answers(answers)
    abstracts = {paper.paper_id: paper.abstract for paper in papers}
    rows = [
        score(gold, given.get(gold.question.id), abstracts, names.canonical)
        for gold in read_gold(questions, names)
    ]
    by_type = {
        kind: {name: figure.value for name, figure in found.items()}
        for kind, found in figures_by_type(rows).items()
    }
    every = by_type.pop(ALL)
    own = {"recall": "refused", "precision": "refusal_precision", "wrongly_refused": "wrongly_refused"}
    return by_type | {"refusal": {theirs: every.get(ours, 0.0) for theirs, ours in own.items()}}


def their_scores(scorer: Path, *files: Path) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "scores.json"
        command = [sys.executable, str(scorer), *map(str, files), "--json", str(output)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, dict[str, float]] = json.loads(output.read_text(encoding="utf-8"))
        return found


def known_reasons(questions: Path, answers: Path) -> dict[str, str]:
    """Why a metric may differ, as far as the rows of these files give reason to."""
    reasons = {"verbatim": "a mean of answers, not of pieces of evidence"}
    if any("answer" not in row for row in read_answers(answers).values()):
        reasons["answered"] = "an error is no answer"
    if any(q.answerable and not q.expected_papers for q in read_questions(questions)):
        cited = ("cited_any", "cited_first", "cited_in_3", "cited_recall", "cited_precision")
        reasons |= dict.fromkeys(cited, "questions without an expected paper are left out")
    return reasons


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("scorer", "questions", "papers", "catalogue", "answers"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    files = (arguments.questions, arguments.papers, arguments.catalogue, arguments.answers)
    ours, theirs = our_scores(*files), their_scores(arguments.scorer, *files)
    reasons = known_reasons(arguments.questions, arguments.answers)
    compared = unexplained = 0
    for kind, scores in theirs.items():
        for name, value in scores.items():
            own = ours.get(kind, {}).get(name)
            if name == "n":
                continue
            compared += 1
            if own is None or abs(own - value) > ROUNDING:
                reason = reasons.get(name) or (reasons.get("answered") if kind == "refusal" else None)
                unexplained += reason is None
                told = "none" if own is None else f"{own:.3f}"
                print(f"{kind:14} {name:16} theirs {value:.3f}  ours {told}  {reason or 'UNEXPLAINED'}")
    print(f"{compared} figures compared, {unexplained} differ without a known reason")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
