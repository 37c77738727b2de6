"""Whether summaries hold what they should: a topics file scored, every rule checked, time and memory.

    python tests/benchmarks/summaries.py TOPICS.jsonl --papers papers.jsonl --data STORE
    python tests/benchmarks/summaries.py --large "cancer" --data STORE --select 1000

TOPICS has `id`, `topic`, `expected_papers`, `also_ok` and may have `must_include` (of each group at least
one string must stand in the summary); papers are named by the keys of `--papers`, as for `evaluate`, or by
what a source calls them. The cut-offs of assistant/summaries/selection.py were chosen on
`summary_topics_seeds.jsonl` and `summary_topics_scifact.jsonl` beside this file. Recall is of the
expected papers, precision counts those that are also right. The rules: every sentence is cited and
verbatim, no paper is under two themes, no heading is a paper's own title, every cell of the table
stands where it says. With `--large` the best `--select` papers for a topic are summarised whatever their
relevance: seconds and the peak of memory. Exit code 1 when a rule is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any
from unittest.mock import patch

from assistant.engine import Assistant, open_assistant
from assistant.evaluation.gold import PaperNames, name_papers
from assistant.settings import load_settings
from assistant.summaries import Summary, selection
from assistant.summaries.export import TEXTS, exported

DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(DASHES).casefold()


def faults(summary: Summary) -> list[str]:
    """What is wrong with a summary, whatever it is about."""
    numbers = {c.number for c in summary.citations}
    found = [f"uncited: {s.text[:60]}" for s in summary.sentences if not set(s.citations) & numbers]
    themed = [n for theme in summary.themes for n in theme.citations]
    found += [f"under two themes: [{n}]" for n in numbers if themed.count(n) != 1]
    titles = {plain(c.paper.display_title) for c in summary.citations}
    found += [f"heading is a title: {t.heading}" for t in summary.themes if plain(t.heading) in titles]
    abstracts = {c.number: c.paper.abstract for c in summary.citations}
    for citation in summary.citations:
        for e in citation.evidence:
            if abstracts[citation.number][e.start : e.end] != e.text:
                found.append(f"not verbatim: [{citation.number}] {e.text[:60]}")
    for row in summary.table:
        for name in ("task", "data", "method", "result", "code"):
            cell = getattr(row, name)
            if cell and abstracts[row.number][cell.start : cell.end] != cell.text:
                found.append(f"cell not verbatim: [{row.number}] {name}")
    for ending in (*TEXTS, "docx"):
        if not exported(summary, ending) and ending != "svg":
            found.append(f"empty export: {ending}")
    return found


def score(row: dict[str, Any], summary: Summary, names: PaperNames) -> tuple[float, float, int]:
    got = {c.paper.paper_id for c in summary.citations}
    expected = {names.resolve(key) for key in row["expected_papers"]}
    right = expected | {names.resolve(key) for key in row.get("also_ok", ())}
    lacking = [key for key in row["expected_papers"] if names.resolve(key) not in got]
    text = plain(json.dumps(summary.to_dict(), ensure_ascii=False))
    missing = [group for group in row.get("must_include", ()) if not any(plain(s) in text for s in group)]
    recall, precision = len(got & expected) / len(expected), len(got & right) / max(1, len(got))
    print(
        f"{row['id']:6} recall {recall:.2f} precision {precision:.2f} of {len(got)},"
        f" {summary.timings_ms['total']:.0f} ms; lacks {lacking}; not said {missing}"
    )
    return recall, precision, len(missing)


def score_topics(assistant: Assistant, topics: Path, papers: Path | None) -> bool:
    names = name_papers(assistant.papers(), papers)
    rows = [json.loads(line) for line in topics.read_text("utf-8").splitlines() if line.strip()]
    scores, broken = [], 0
    for row in rows:
        summary = assistant.summarize(row["topic"])
        scores.append(score(row, summary, names))
        for fault in faults(summary):
            broken += 1
            print(f"       FAULT {fault}")
    recall, precision = (sum(s[i] for s in scores) / len(scores) for i in (0, 1))
    unsaid = sum(s[2] for s in scores)
    print(
        f"n = {len(rows)}: recall {recall:.2f}, precision {precision:.2f}, not said {unsaid}, faults {broken}"
    )
    return not broken and not unsaid


def measure_large(assistant: Assistant, topic: str, select: int) -> bool:
    """A summary of the `select` best papers; nothing is said of whether they belong."""
    assistant.summarize(topic)  # what is loaded once is not counted
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    looks = {"FIRST_LOOK": select, "WIDE_LOOK": select, "BELONGS": -9.0, "RELATED": -9.0}
    started = time.perf_counter()
    with patch.multiple(selection, **looks):
        summary = assistant.summarize(topic)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = len(json.dumps(summary.to_dict())) / 2**20
    laps = ", ".join(
        f"{name} {ms / 1000:.2f} s" for name, ms in summary.timings_ms.items() if name != "total"
    )
    print(
        f"{len(summary.citations)} papers, {len(summary.themes)} themes: {seconds:.1f} s ({laps});"
        f" peak memory {before:.0f} -> {after:.0f} MB; {size:.1f} MB of JSON"
    )
    found = faults(summary)
    print("\n".join(f"FAULT {fault}" for fault in found) or "no faults")
    return not found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("topics", type=Path, nargs="?")
    parser.add_argument("--papers", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--large", metavar="TOPIC")
    parser.add_argument("--select", type=int, default=1000)
    arguments = parser.parse_args()
    commit = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
    )
    with open_assistant(load_settings(arguments.data)) as assistant:
        print(f"commit {commit.stdout.strip()}, {assistant.description}")
        good = True
        if arguments.topics:
            good = score_topics(assistant, arguments.topics, arguments.papers)
        if arguments.large:
            good = measure_large(assistant, arguments.large, arguments.select) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
