"""How often is refused what should be, and where the lines of refusal lie.

    python tests/benchmarks/refusal.py QUESTIONS.jsonl [MORE.jsonl ...] --data DIR
    python tests/benchmarks/refusal.py QUESTIONS.jsonl ... --fit DATA_DIR --data DIR [--stores DIR]

The first prints, with 95 % intervals (Wilson):

- what the assistant does with the questions: refused or answered in part, for answerable ones by
  type, for off-topic ones (no expected paper) and for those that their paper does not answer, and how
  precise and how complete the refusals are;
- for `assistant.answering.stated` (does the paper say it?), AUROC as it stands, and five-fold
  cross-validated with refitted coefficients; what a row of lines would refuse; and the coefficients.
  It learns also from answerable questions put to their paper without the sentences that hold the
  expected facts.

The second fits `assistant.retrieval.relevance` (does the corpus hold anything?) on these questions and
on the questions and corpora that `refusal_sample.py` tells of, and prints the coefficients to paste
there: AUROC and what the lines refuse, by kind of question, as it stands, five-fold cross-validated,
and for each corpus by the fit on all others. DATA_DIR holds `beir/` and `qa/`; the corpora are ingested
once, into DIR.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from logistic import Vector, auroc, fit, log_odds, wilson
from refusal_sample import ASKED, Row, read_rows, relevance_row, sample, weights_of

from assistant.answering.sentence_choice import choose_sentences
from assistant.answering.stated import PARTIAL, REFUSED, Support, support
from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.evaluation import describe_build
from assistant.evaluation.metrics import normalise
from assistant.models import Paper, ScoredSentence
from assistant.readable import readable
from assistant.retrieval.plan import Plan, make_plan
from assistant.retrieval.relevance import SILENT, UNSURE
from assistant.retrieval.selection import select_papers
from assistant.sentences import split_sentences
from assistant.settings import load_settings
from assistant.stores import open_stores

FOLDS = 5
RETRIEVED = 50
SEED = 3


def kind_of(question: dict[str, Any]) -> str:
    if question["answerable"]:
        return str(question["type"])
    return "not stated" if question["expected_papers"] else "off-topic"


def print_behaviour(name: str, questions: Sequence[dict[str, Any]], assistant: Assistant) -> None:
    """What the assistant makes of each kind of question."""
    seen: dict[str, Counter[str]] = {}
    for question in questions:
        answer = assistant.ask(question["question"], question.get("history") or ())
        seen.setdefault(kind_of(question), Counter())[answer.kind] += 1
    print(f"\n{name}: n {len(questions)}")
    answerable = [c for kind, c in seen.items() if kind not in ("off-topic", "not stated")]
    for kind, counts in [*sorted(seen.items()), ("answerable", sum(answerable, Counter()))]:
        n, refused, partial = counts.total(), counts["refusal"], counts["partial"]
        print(f"  {kind:12s} refused {wilson(refused, n):24s} in part {wilson(partial, n):24s}", end="")
        print(f" either {wilson(refused + partial, n)}")
    off = [seen.get(kind, Counter()) for kind in ("off-topic", "not stated")]
    right, wrong = sum(c["refusal"] for c in off), sum(c["refusal"] for c in answerable)
    print(f"  refusals: precision {wilson(right, right + wrong)}, recall", end="")
    print(f" {wilson(right, sum(c.total() for c in off))}")


def plans(questions: Sequence[dict[str, Any]], corpus: Corpus) -> Iterator[tuple[dict[str, Any], Plan]]:
    """The questions without history that are put to abstracts, with their plans."""
    for question in questions:
        plan = make_plan(question["question"], question["question"], corpus.names, date.today())
        if not question.get("history") and plan.topic and plan.intent in ("answer", "list", "compare"):
            yield question, plan


def paper_rows(source: str, questions: Sequence[dict[str, Any]], corpus: Corpus) -> Iterator[Row]:
    """Questions about one paper, to `stated`; the answerable ones also without their answer."""
    for question, plan in plans(questions, corpus):
        ranked = corpus.retriever.search(plan.topic, RETRIEVED, plan.filters)
        selection = select_papers(plan, ranked, corpus.statistics, corpus.elsewhere)
        kind = kind_of(question)
        if selection.outcome != "answer" or not selection.sure or kind == "off-topic":
            continue
        paper = selection.papers[0].paper
        if (found := _support(plan.topic, paper, corpus)) is not None:
            yield Row(source, question["id"], kind, kind == "not stated", found.features, found.doubt)
        if kind == "not stated" or not question.get("must_include"):
            continue
        silent = _without_facts(paper, question["must_include"])
        if silent and (found := _support(plan.topic, silent, corpus)) is not None:
            yield Row(source, question["id"], "answer taken out", True, found.features, found.doubt)


def asked_rows(source: str, questions: Sequence[dict[str, Any]], corpus: Corpus) -> Iterator[Row]:
    """Questions of a set to `relevance`, those aside that a paper is there for but does not answer."""
    for question, plan in plans(questions, corpus):
        if (kind := kind_of(question)) != "not stated":
            off = kind == "off-topic"
            yield relevance_row(source, question["id"], ASKED[off], off, plan.topic, corpus)


def _support(topic: str, paper: Paper, corpus: Corpus) -> Support | None:
    spans = split_sentences(paper.abstract)
    cosines = corpus.similarities(topic, paper)
    sentences = [
        ScoredSentence(paper.abstract[s.start : s.end], s.start, s.end, c)
        for s, c in zip(spans, cosines, strict=True)
    ]
    choice = choose_sentences(topic, paper, sentences, corpus.statistics, corpus.similarities)
    likely = {i for i, sentence in enumerate(sentences) if sentence in choice.sentences}
    texts = [readable(s.text) for s in sentences]
    return None if choice.whole else support(topic, paper, texts, likely, corpus.statistics)


def _without_facts(paper: Paper, groups: Sequence[Sequence[str]]) -> Paper | None:
    spans = split_sentences(paper.abstract)
    texts = [paper.abstract[s.start : s.end] for s in spans]
    facts = [normalise(string) for group in groups for string in group]
    kept = [t for t in texts if not any(fact in normalise(t) for fact in facts)]
    return replace(paper, abstract=" ".join(kept)) if 0 < len(kept) < len(texts) else None


def print_relevance(rows: Sequence[Row]) -> None:
    """How `relevance` tells the sample apart, and the coefficients fitted on all of it."""
    x = np.array([r.features for r in rows])
    y, weights = np.array([float(r.bad) for r in rows]), weights_of(rows)
    sources = np.array([r.source for r in rows])
    crossed, others = np.zeros(len(rows)), np.zeros(len(rows))
    folds = _folds(rows)
    for held_out, values in (
        *((folds == fold, crossed) for fold in range(FOLDS)),
        *((sources == source, others) for source in sorted(set(sources))),
    ):
        rest = [r for r, out in zip(rows, held_out, strict=True) if not out]
        values[held_out] = log_odds(x[held_out], fit(x[~held_out], y[~held_out], weights_of(rest)))
    now = np.array([r.doubt for r in rows])
    print(f"\nrelevance: coefficients {np.round(fit(x, y, weights), 2)} (features in order, intercept last)")
    for source in sorted(set(sources)):
        here = sources == source
        bad, good = here & (y == 1), here & (y == 0)
        print(f"  {source}: {bad.sum()} off-topic, {good.sum()} answerable; AUROC", end="")
        for name, values in (("now", now), ("cross-validated", crossed), ("by the others' fit", others)):
            print(f" {name} {auroc(values[bad], values[good]):.3f}", end="")
        print()
    print(f"  cross-validated, doubt above {UNSURE:.2f} (hedged or refused) and {SILENT:.2f} (refused):")
    for source, kind in sorted({(r.source, r.kind) for r in rows}):
        these = np.array([(r.source, r.kind) == (source, kind) for r in rows])
        shares = [wilson(int((crossed[these] > line).sum()), int(these.sum())) for line in (UNSURE, SILENT)]
        print(f"    {source:10s} {kind:10s} {shares[0]:26s} {shares[1]}")
    print("  cross-validated, share of off-topic ones by what it is said to be (weighted):")
    chance = 1 / (1 + np.exp(-crossed))
    for low in np.arange(0, 1, 0.2):
        here = (chance >= low) & (chance < low + 0.2)
        if here.any():
            share = float((weights * y)[here].sum() / weights[here].sum())
            print(f"    {low:.1f} to {low + 0.2:.1f}: {share:.2f} of {here.sum()}")


def print_stated(rows: Sequence[Row]) -> None:
    """How `stated` tells the questions apart, and the coefficients fitted on all of them."""
    x = np.array([r.features for r in rows])
    y = np.array([float(r.bad) for r in rows])
    sizes = Counter((r.source, r.bad) for r in rows)
    weights: Vector = np.array([1 / sizes[r.source, r.bad] for r in rows])
    folds = _folds(rows)
    crossed = np.zeros(len(rows))
    for fold in range(FOLDS):
        out = folds == fold
        crossed[out] = log_odds(x[out], fit(x[~out], y[~out], weights[~out]))
    now = np.array([r.doubt for r in rows])
    print(f"\nstated: coefficients {np.round(fit(x, y, weights), 2)} (intercept last)")
    good = y == 0
    for kind in sorted({r.kind for r in rows if r.bad}):
        bad = np.array([r.kind == kind for r in rows])
        if not good.any() or not bad.any():
            continue
        print(f"  {kind} (n {bad.sum()}) against answerable (n {good.sum()}): AUROC", end="")
        print(f" {auroc(now[bad], now[good]):.3f}, cross-validated {auroc(crossed[bad], crossed[good]):.3f}")
        for line in (PARTIAL, REFUSED):
            caught, wrong = (wilson(int((crossed[m] > line).sum()), int(m.sum())) for m in (bad, good))
            print(f"    doubt above {line:5.2f}, cross-validated: caught {caught:24s} wrongly {wrong}")


def _folds(rows: Sequence[Row]) -> Vector:
    """A fold for each row, the same for rows of one group."""
    groups = sorted({(r.source, r.group) for r in rows})
    Random(SEED).shuffle(groups)
    fold_of = {group: i % FOLDS for i, group in enumerate(groups)}
    return np.array([fold_of[r.source, r.group] for r in rows])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*", type=Path)
    parser.add_argument("--data", type=Path, help="the store of the seeds")
    parser.add_argument(
        "--fit", type=Path, metavar="DATA_DIR", help="fit relevance; a folder with beir/ and qa/"
    )
    parser.add_argument("--stores", type=Path, help="where the other corpora are kept; --data by default")
    parser.add_argument("--behaviour-only", action="store_true", help="leave the scorers out")
    arguments = parser.parse_args()
    settings = load_settings(arguments.data)
    model = open_embedding_model(settings.embedding)
    print(json.dumps({"embedding": model.name, **describe_build()}))
    corpus = Corpus(open_stores(settings, model), model)
    by_paper: list[Row] = []
    asked: list[Row] = []
    with Assistant(corpus) as assistant:
        for path in arguments.questions:
            questions = read_rows(path)
            if arguments.fit:
                asked += asked_rows(path.stem, questions, corpus)
                continue
            print_behaviour(path.stem, questions, assistant)
            if not arguments.behaviour_only:
                by_paper += paper_rows(path.stem, questions, corpus)
        if by_paper:
            print_stated(by_paper)
        if arguments.fit:
            stores = arguments.stores or settings.data_dir
            print_relevance([*asked, *sample(arguments.fit, stores, corpus, model)])


if __name__ == "__main__":
    main()
