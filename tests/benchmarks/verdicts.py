"""How far verdicts can be trusted: against human labels, and against faults planted on purpose.

    python tests/benchmarks/verdicts.py DATA_DIR [--papers 120] [--only test] [--examples 0]

DATA_DIR holds `claims/` (SciFact's claims with the sentences of their abstracts, HealthVer's dev
set) and, for the planted faults, SciFact's corpus as `beir/scifact`. Whatever was chosen by
measurement was chosen on the half called "tune" (claims whose first abstract has an even id, and
the abstracts with even ids; the seeds too); "test" is the other half, and HealthVer was left
alone. "Flagged" means weak or unsupported. Precision of a fault kind is counted on pairs, each
fault beside the same sentence without it.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from planted import Case, Truth, plant_all, reworded

from assistant.answering.verdicts import check_sentence
from assistant.embedding import open_embedding_model
from assistant.models import Paper
from ingest.dedupe import build_papers
from ingest.readers import read_file

SEEDS = Path(__file__).parents[2] / "seeds"
SEED = 20240501
VERDICTS = ("supported", "weak", "unsupported")


class Embedding:
    """The bundled model; a text that was embedded before is not embedded again."""

    def __init__(self) -> None:
        self._model = open_embedding_model()
        self._known: dict[str, NDArray[np.float32]] = {}
        self.asked = 0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += len(texts)
        new = [t for t in dict.fromkeys(texts) if t not in self._known]
        if new:
            self._known.update(zip(new, self._model.embed(new), strict=True))
        return np.stack([self._known[t] for t in texts])


def wilson(hits: int, n: int) -> str:
    """A share with its 95 % interval (Wilson 1927), in per cent."""
    if not n:
        return "-"
    z, p = 1.96, hits / n
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)
    return f"{p:4.0%} [{max(0.0, low):4.0%},{high:4.0%}]"


def scifact(folder: Path, tune: bool) -> list[Case]:
    """Claims against whole abstracts, their gold evidence alone, and the rest of the abstract."""
    abstracts = {row["doc_id"]: row for row in _lines(folder / "scifact_abstract_sentences.jsonl")}
    cases = []
    for row in _lines(folder / "scifact_claims.jsonl"):
        if (min(row["cited_doc_ids"]) % 2 == 0) != tune:
            continue
        for doc in row["cited_doc_ids"]:
            sentences, title = abstracts[doc]["abstract"], abstracts[doc]["title"]
            groups = row["evidence"].get(str(doc), [])
            label = groups[0]["label"] if groups else "unsettled"
            gold = sorted({i for group in groups for i in group["sentences"]})
            true = label == "SUPPORT"
            claim = row["claim"]
            whole = Paper(str(doc), title, " ".join(sentences))
            cases.append(Case(f"abstract, {label.lower()}", claim, (whole,), true))
            if groups:
                some = Paper(str(doc), "", " ".join(sentences[i] for i in gold))
                cases.append(Case(f"gold sentences, {label.lower()}", claim, (some,), true))
                rest = " ".join(s for i, s in enumerate(sentences) if i not in gold)
                cases.append(Case("its other sentences", claim, (Paper(str(doc), "", rest),), False))
    return cases


def healthver(path: Path) -> list[Case]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Case(r["label"].lower(), r["claim"], (Paper(r["id"], "", r["evidence"]),), r["label"] == "Supports")
        for r in rows
    ]


def seeds() -> list[Paper]:
    records = [r for path in sorted(SEEDS.iterdir()) for r in read_file(path, crawl_year=2024).records]
    return [p for p in build_papers(records) if p.abstract]


def beir(folder: Path, tune: bool, n: int) -> list[Paper]:
    rows = [r for r in _lines(folder / "corpus.jsonl") if (int(r["_id"]) % 2 == 0) == tune and r["text"]]
    chosen = Random(SEED).sample(rows, min(n, len(rows)))
    return [Paper(r["_id"], r["title"], r["text"]) for r in chosen]


def human(folder: Path, tune: bool) -> list[Truth]:
    """Claims people wrote about a sentence that supports them: paraphrases no rule made."""
    abstracts = {row["doc_id"]: row for row in _lines(folder / "scifact_abstract_sentences.jsonl")}
    truths: dict[str, Truth] = {}
    for row in _lines(folder / "scifact_claims.jsonl"):
        for doc, groups in row["evidence"].items():
            if (min(row["cited_doc_ids"]) % 2 == 0) == tune and groups[0]["label"] == "SUPPORT":
                source = abstracts[int(doc)]
                gold = " ".join(source["abstract"][i] for group in groups for i in group["sentences"])
                paper = Paper(doc, source["title"], " ".join(source["abstract"]))
                truths.setdefault(doc, Truth(row["claim"], gold, paper))
    return list(truths.values())


def planted(truths: Sequence[Truth], embed: Embedding, kind: str = "paraphrase") -> list[tuple[Case, Case]]:
    vectors = embed([f"{t.paper.display_title}. {t.paper.abstract}" for t in truths])
    ids = np.array([t.paper.paper_id for t in truths])
    alike = np.where(ids[:, None] == ids[None, :], -1.0, vectors @ vectors.T)
    return plant_all(truths, lambda i: int(alike[i].argmax()), Random(SEED), kind)


def judge(cases: Iterable[Case], embed: Embedding) -> dict[Case, str]:
    return {case: check_sentence(case.sentence, case.cited, embed).verdict or "none" for case in cases}


def print_labels(name: str, cases: Sequence[Case], embed: Embedding, examples: int) -> None:
    verdicts = judge(cases, embed)
    print(f"\n{name}\n{'':32}{'n':>5}  supported  weak  unsupported   flagged")
    for kind in dict.fromkeys(c.kind for c in cases):
        some = [c for c in cases if c.kind == kind]
        found = Counter(verdicts[c] for c in some)
        shares = "".join(f"{found[v] / len(some):>9.0%}" for v in VERDICTS)
        truth = "true" if some[0].true else "not"
        flags = wilson(len(some) - found["supported"], len(some))
        print(f"{truth:5}{kind:27}{len(some):>5}{shares}      {flags}")
    for group in dict.fromkeys(c.kind.rpartition(", ")[0] for c in cases):
        some = [c for c in cases if c.kind.rpartition(", ")[0] == group]
        if len({c.true for c in some}) == 2:
            _print_rates(group or "all", some, verdicts)
    _show(cases, verdicts, examples)


def _print_rates(name: str, cases: Sequence[Case], verdicts: dict[Case, str]) -> None:
    for verdict, wanted in (("supported", True), ("flagged", False)):
        said = [c for c in cases if (verdicts[c] == "supported") == wanted]
        right, there = sum(c.true == wanted for c in said), sum(c.true == wanted for c in cases)
        print(f"  {name}, {verdict}: precision {wilson(right, len(said))}, recall {wilson(right, there)}")


def print_planted(name: str, pairs: Sequence[tuple[Case, Case]], embed: Embedding, examples: int) -> None:
    verdicts = judge(dict.fromkeys(case for pair in pairs for case in pair), embed)
    print(f"\n{name}\n{'true sentences':40}{'n':>5}  flagged            unsupported")
    for kind in dict.fromkeys(t.kind for t, _ in pairs):
        some = list(dict.fromkeys(t for t, _ in pairs if t.kind == kind))
        flagged = sum(verdicts[c] != "supported" for c in some)
        refused = sum(verdicts[c] == "unsupported" for c in some)
        print(f"{kind:40}{len(some):>5}  {wilson(flagged, len(some))}   {wilson(refused, len(some))}")
    print(f"{'faults':40}{'n':>5}  recall of a flag   unsupported        precision of a flag")
    for kind in dict.fromkeys(f.kind for _, f in pairs):
        some_pairs = [(t, f) for t, f in pairs if f.kind == kind]
        caught = sum(verdicts[f] != "supported" for _, f in some_pairs)
        refused = sum(verdicts[f] == "unsupported" for _, f in some_pairs)
        alarms = sum(verdicts[t] != "supported" for t, _ in some_pairs)
        n = len(some_pairs)
        print(
            f"{kind:40}{n:>5}  {wilson(caught, n)}   {wilson(refused, n)}   {wilson(caught, caught + alarms)}"
        )
    _show([case for pair in pairs for case in pair], verdicts, examples)


def _show(cases: Iterable[Case], verdicts: dict[Case, str], examples: int) -> None:
    """The first few errors of each kind."""
    shown: Counter[str] = Counter()
    for case in dict.fromkeys(cases):
        if (verdicts[case] == "supported") != case.true and shown[case.kind] < examples:
            shown[case.kind] += 1
            print(f"  {verdicts[case]:11} {case.kind}: {case.sentence}")


def _lines(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument(
        "--papers", type=int, default=120, help="abstracts of SciFact that get faults, per half"
    )
    parser.add_argument("--examples", type=int, default=0, help="errors of each kind to print")
    parser.add_argument("--only", choices=("tune", "test"))
    arguments = parser.parse_args()
    commit = subprocess.run(
        ["git", "-C", str(SEEDS.parent), "describe", "--always", "--dirty"], capture_output=True, text=True
    )
    print(f"commit {commit.stdout.strip()}, bundled embedding, 95 % intervals after Wilson")
    embed = Embedding()
    started, claims, corpus = time.perf_counter(), arguments.data / "claims", arguments.data / "beir/scifact"
    for half in ("tune", "test") if arguments.only is None else (arguments.only,):
        tune = half == "tune"
        print_labels(f"SciFact, {half}", scifact(claims, tune), embed, arguments.examples)
        if not tune:
            print_labels(
                "HealthVer, test", healthver(claims / "healthver_dev.csv"), embed, arguments.examples
            )
        abstracts = beir(corpus, tune, arguments.papers)
        sources = {"SciFact's abstracts": reworded(abstracts, Random(SEED))}
        if tune:
            sources["the seeds"] = reworded(seeds(), Random(SEED))
        for name, truths in sources.items():
            pairs = planted(truths, embed)
            print_planted(f"Planted in paraphrases of {name}, {half}", pairs, embed, arguments.examples)
        pairs = planted(human(claims, tune), embed, "claim")
        print_planted(f"Planted in SciFact's supported claims, {half}", pairs, embed, arguments.examples)
    print(f"\n{time.perf_counter() - started:.0f} s, {embed.asked} texts embedded or looked up")


if __name__ == "__main__":
    main()
