"""How often is refused what should be, and where the lines of refusal lie.

    python tests/benchmarks/refusal.py QUESTIONS.jsonl [MORE.jsonl ...] --data DIR [--outside DATA_DIR]

Prints, with 95 % intervals (Wilson):

- what the assistant does with the questions: refused or answered in part, for answerable ones by
  type, for off-topic ones (no expected paper) and for those that their paper does not answer;
- for each of the two scorers (`assistant.retrieval.relevance`: does the corpus hold anything;
  `assistant.answering.stated`: does the paper say it), AUROC as it stands, and five-fold
  cross-validated with refitted coefficients, which no question has had a part in that it is scored
  with; what a row of lines would refuse; and the coefficients fitted on everything.

`stated` learns also from answerable questions put to their paper without the sentences that hold
the expected facts. `relevance` learns, with --outside, also from samples of PubMedQA, Cranfield and
SciFact, where the papers of half the queries are left out; DATA_DIR holds `qa/` and `beir/`.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from logistic import Vector, auroc, fit, log_odds, wilson

from assistant.answering.sentence_choice import choose_sentences
from assistant.answering.stated import PARTIAL, REFUSED, Support, support
from assistant.corpus import Corpus
from assistant.embedding import EmbeddingModel, open_embedding_model
from assistant.engine import Assistant
from assistant.evaluation import describe_build
from assistant.evaluation.metrics import normalise
from assistant.models import Paper, ScoredSentence
from assistant.readable import readable
from assistant.retrieval.names import named_papers
from assistant.retrieval.plan import Plan, make_plan
from assistant.retrieval.relevance import relevance
from assistant.retrieval.selection import NAME_CANDIDATES, SILENT, UNSURE, select_papers
from assistant.sentences import split_sentences
from assistant.settings import Settings, load_settings
from assistant.stores import open_stores
from ingest.pipeline import ingest_paths

FOLDS = 5
OUTSIDE_WEIGHT = 0.3  # of each outside sample, against 0.5 of each set of questions
RETRIEVED = 50
SEED = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One question as a scorer sees it; `bad` when it should be refused; equal `group`s share a fold."""

    source: str
    group: str
    kind: str
    bad: bool
    features: tuple[float, ...]
    doubt: float


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file; texts may hold line separators that are no line breaks."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


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


def plans(questions: Sequence[dict[str, Any]], corpus: Corpus) -> Iterator[tuple[dict[str, Any], Plan]]:
    """The questions without history that are put to abstracts, with their plans."""
    for question in questions:
        plan = make_plan(question["question"], question["question"], corpus.names, date.today())
        if not question.get("history") and plan.topic and plan.intent in ("answer", "list", "compare"):
            yield question, plan


def corpus_rows(source: str, questions: Sequence[dict[str, Any]], corpus: Corpus) -> Iterator[Row]:
    """Questions that name no paper, to `relevance`."""
    for question, plan in plans(questions, corpus):
        ranked = corpus.retriever.search(plan.topic, RETRIEVED, plan.filters)
        named = named_papers(plan.standalone, [s.paper for s in ranked[:NAME_CANDIDATES]])
        kind = kind_of(question)
        if ranked and not named and kind != "not stated":
            found = relevance(plan.topic, ranked, corpus.statistics)
            yield Row(source, question["id"], kind, kind == "off-topic", found.features, found.doubt)


def paper_rows(source: str, questions: Sequence[dict[str, Any]], corpus: Corpus) -> Iterator[Row]:
    """Questions about one paper, to `stated`; the answerable ones also without their answer."""
    for question, plan in plans(questions, corpus):
        ranked = corpus.retriever.search(plan.topic, RETRIEVED, plan.filters)
        selection = select_papers(plan, ranked, corpus.statistics)
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


def weights_of(rows: Sequence[Row], outside: frozenset[str]) -> Vector:
    """Each source's good rows weigh as much as its bad ones; each outside source less than a question set."""
    sizes = Counter((r.source, r.bad) for r in rows)
    return np.array([(OUTSIDE_WEIGHT if r.source in outside else 0.5) / sizes[r.source, r.bad] for r in rows])


def print_scorer(name: str, rows: Sequence[Row], lines: Sequence[float], outside: frozenset[str]) -> None:
    """AUROC as it stands and cross-validated, what the lines refuse, and the fitted coefficients."""
    x = np.array([r.features for r in rows])
    y, w = np.array([float(r.bad) for r in rows]), weights_of(rows, outside)
    groups = sorted({(r.source, r.group) for r in rows})
    Random(SEED).shuffle(groups)
    fold_of = {group: i % FOLDS for i, group in enumerate(groups)}
    folds = np.array([fold_of[r.source, r.group] for r in rows])
    crossed = np.zeros(len(rows))
    for fold in range(FOLDS):
        held_out = folds == fold
        crossed[held_out] = log_odds(x[held_out], fit(x[~held_out], y[~held_out], w[~held_out]))
    now = np.array([r.doubt for r in rows])
    print(f"\n{name}: coefficients {np.round(fit(x, y, w), 2)} (intercept last)")
    for sources in [sorted({r.source for r in rows} - outside), *([o] for o in sorted(outside))]:
        inside = np.array([r.source in sources for r in rows])
        good = inside & (y == 0)
        for kind in sorted({r.kind for r, i in zip(rows, inside, strict=True) if i and r.bad}):
            bad = inside & np.array([r.kind == kind for r in rows])
            if not good.any() or not bad.any():
                continue
            print(
                f"  {' '.join(sources)}, {kind} (n {bad.sum()}) against answerable (n {good.sum()}): AUROC",
                end="",
            )
            print(
                f" {auroc(now[bad], now[good]):.3f}, cross-validated {auroc(crossed[bad], crossed[good]):.3f}"
            )
            for line in lines:
                caught, wrong = (wilson(int((crossed[m] > line).sum()), int(m.sum())) for m in (bad, good))
                print(f"    doubt above {line:5.2f}, cross-validated: caught {caught:24s} wrongly {wrong}")


def outside_samples(data: Path, folder: Path, model: EmbeddingModel) -> Iterator[tuple[str, list[Row]]]:
    """Samples of other corpora; the papers of half the queries are left out."""
    random = Random(SEED)
    rows = read_rows(data / "qa" / "pubmedqa.jsonl")
    random.shuffle(rows)
    papers = [
        {"_id": r["pmid"], "abstract": " ".join(s["text"] for s in r["abstract_sections"])}
        for r in rows[:150]
    ]
    questions = [(r["pmid"], r["question"], i < len(papers)) for i, r in enumerate(rows[:300])]
    yield "pubmedqa", _outside_rows("pubmedqa", papers, questions, folder, model)
    for name, split, papers_wanted, queries_wanted in (
        ("cranfield", "test", 400, 200),
        ("scifact", "train", 300, 300),
    ):
        papers, questions = _beir_sample(data / "beir" / name, split, papers_wanted, queries_wanted, random)
        yield name, _outside_rows(name, papers, questions, folder, model)


def _beir_sample(
    folder: Path, split: str, papers_wanted: int, queries_wanted: int, random: Random
) -> tuple[list[dict[str, Any]], list[tuple[str, str, bool]]]:
    corpus = {d["_id"]: d for d in read_rows(folder / "corpus.jsonl")}
    queries = {q["_id"]: q["text"] for q in read_rows(folder / "queries.jsonl")}
    judged: dict[str, set[str]] = {}
    for line in (folder / "qrels" / f"{split}.tsv").read_text("utf-8").splitlines()[1:]:
        query, paper, grade = line.split("\t")
        if float(grade) > 0:
            judged.setdefault(query, set()).add(paper)
    ids = sorted(judged)
    random.shuffle(ids)
    ids = ids[:queries_wanted]
    silent = set(ids[::2])
    gone = {p for i in silent for p in judged[i]}
    needed = sorted({p for i in ids if i not in silent for p in judged[i]} - gone)
    rest = [p for p in corpus if p not in gone and p not in set(needed)]
    random.shuffle(rest)
    chosen = [*needed, *rest[: max(0, papers_wanted - len(needed))]]
    papers = [
        {"_id": p, "title": corpus[p].get("title") or None, "abstract": corpus[p]["text"]} for p in chosen
    ]
    questions = [(i, queries[i], i not in silent) for i in ids if i in silent or judged[i] - gone]
    return papers, questions


def _outside_rows(
    name: str,
    papers: Sequence[dict[str, Any]],
    questions: Sequence[tuple[str, str, bool]],
    folder: Path,
    model: EmbeddingModel,
) -> list[Row]:
    source = folder / f"{name}.jsonl"
    source.write_text("".join(json.dumps(p) + "\n" for p in papers), "utf-8")
    settings = Settings(_env_file=None, data_dir=folder / name, answerer="extractive")  # type: ignore[call-arg]
    ingest_paths([source], settings, model, dedupe=False)
    corpus = Corpus(open_stores(settings, model), model)
    rows = []
    for query_id, text, answerable in questions:
        found = relevance(text, corpus.retriever.search(text, RETRIEVED), corpus.statistics)
        kind = "answerable" if answerable else "off-topic"
        rows.append(Row(name, query_id, kind, not answerable, found.features, found.doubt))
    corpus.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="+", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--outside", type=Path, help="a folder with qa/pubmedqa.jsonl and beir/")
    parser.add_argument("--behaviour-only", action="store_true", help="leave the scorers out")
    arguments = parser.parse_args()
    settings = load_settings(arguments.data)
    model = open_embedding_model(settings.embedding)
    print(json.dumps({"embedding": model.name, **describe_build()}))
    corpus = Corpus(open_stores(settings, model), model)
    by_corpus: list[Row] = []
    by_paper: list[Row] = []
    with Assistant(corpus) as assistant:
        for path in arguments.questions:
            questions = read_rows(path)
            print_behaviour(path.stem, questions, assistant)
            if not arguments.behaviour_only:
                by_corpus += corpus_rows(path.stem, questions, corpus)
                by_paper += paper_rows(path.stem, questions, corpus)
    if arguments.behaviour_only:
        return
    outside: list[str] = []
    if arguments.outside:
        with tempfile.TemporaryDirectory() as folder:
            for name, rows in outside_samples(arguments.outside, Path(folder), model):
                outside.append(name)
                by_corpus += rows
    print_scorer("relevance", by_corpus, (UNSURE, SILENT), frozenset(outside))
    print_scorer("stated", by_paper, (PARTIAL, REFUSED), frozenset())


if __name__ == "__main__":
    main()
