"""Write docs/quality.md, the figures of this project: `python docs/make_quality.py`.

Reads the seeds into a temporary store (or takes --data DIR) and replays the question sets in
tests/questions with the extractive answerer, as `python -m assistant evaluate` does. With a
Chromium on the PATH it also takes docs/report.png, the report of the first set.

With --recording FILE it writes docs/quality-model.md and docs/report-model.png instead: the first
set with a language model's answers, recorded on the same commit and store by
`evaluate tests/questions/questions.jsonl --papers tests/questions/papers.jsonl --record FILE`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from assistant import evaluation
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant, open_assistant
from assistant.evaluation import EvaluationReport
from assistant.evaluation.display import show
from assistant.evaluation.figures import ALL, Figure
from assistant.evaluation.metric_names import METRICS, SHARES
from assistant.evaluation.recording import recorded_model
from assistant.evaluation.report import PAGE
from assistant.settings import load_settings
from ingest.pipeline import ingest_paths

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests" / "questions"
SETS: Mapping[str, str] = {
    "questions": "The rules were developed beside these questions, so they flatter.",
    "hard": "Concept questions that share almost no word with their paper, and unanswerable ones that sound"
    " as if they were. Also seen while developing.",
    "heldout": "Kept apart: its rows are not read while developing, only these totals, but these were looked"
    " at after each change, and some rules were kept or dropped by them.",
    "unseen": "Written by somebody who saw neither the code nor the other sets, and asked first when all else"
    " was done. Since then weights of the search were chosen on it, among others.",
    "users": "In the voice of users of many kinds, by a reader who saw neither the code nor the other sets."
    " Asked first, of 70 answerable and 20 unanswerable ones 59 had the right paper first, 59 all facts,"
    " none was wrongly refused and 19 were declined; then every answer was read, and the worst were mended.",
    "colleagues": "Written by somebody who had seen nothing but the abstracts, most on neighbouring matters"
    " or without names. Asked first, of 80 answerable questions 64 had the right paper among the first three"
    " and 6 were refused; of 40 off-topic ones 34 were refused. Since then one of the six was mended.",
    "visitors": "Written like the last, in the usual words of researchers and of people with a problem."
    " Asked first, of 65 answerable questions 2 were refused and of 30 off-topic ones 26; since then both"
    " were mended, and ways of asking for numbers and names were learnt from it.",
    "strangers": "Written by a third reader of nothing but the abstracts, a third of it lay or clumsy, a"
    " third in a few words, with 50 off-topic questions. Asked once, when the rest was done: what stands"
    " here is how it was answered first.",
}
NAMED = """cited_any cited_in_3 cited_first all_facts cited_precision wrongly_refused refused declined
    refusal_precision clean verbatim support invalid_numbers unstated_figures retrieved_hit_1
    retrieved_hit_5 retrieved_mrr_10 words""".split()
BY_TYPE = "cited_first cited_in_3 all_facts wrongly_refused refused declined".split()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a store that holds the seeds and nothing else")
    parser.add_argument("--recording", type=Path, help="a language model's answers to the first set")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or ingested(Path(folder))
        if options.recording:
            written = measure_recorded(data, options.recording)
            take_picture(written, Path(folder), "report-model.png")
            write_page("quality-model.md", model_page(written))
        else:
            reports = measure(data)
            take_picture(reports["questions"], Path(folder), "report.png")
            write_page("quality.md", page(reports))


def ingested(folder: Path) -> Path:
    """A new store of the seeds in `folder`."""
    settings = load_settings(folder / "data", "extractive")
    ingest_paths([ROOT / "seeds"], settings, open_embedding_model())
    return settings.data_dir


def measure(data: Path) -> dict[str, EvaluationReport]:
    with open_assistant(load_settings(data, "extractive")) as assistant:
        return {name: replayed(name, assistant) for name in SETS}


def measure_recorded(data: Path, recording: Path) -> EvaluationReport:
    """The first set answered by the model of `recording`, without asking it again."""
    settings = load_settings(data)
    model = recorded_model(settings, None, recording)
    with open_assistant(settings, model, model.recording.head.today) as assistant:
        report = replayed("questions", assistant)
    if model.recording.missing:
        raise SystemExit(f"{model.recording.missing} requests have no answer in {recording}; record it again")
    return report


def replayed(name: str, assistant: Assistant) -> EvaluationReport:
    return evaluation.run(QUESTIONS / f"{name}.jsonl", assistant, None, QUESTIONS / "papers.jsonl")


def write_page(name: str, lines: Iterable[str]) -> None:
    (ROOT / "docs" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def take_picture(report: EvaluationReport, folder: Path, name: str) -> None:
    """The head of a report's page, for the README, as docs/`name`."""
    report.write(folder / name)
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": 1240, "height": 780}, color_scheme="light")
        view.goto((folder / name / PAGE).as_uri())
        view.screenshot(path=ROOT / "docs" / name)
        browser.close()


def page(reports: Mapping[str, EvaluationReport]) -> Iterator[str]:
    setup = reports["questions"].setup
    yield from (
        "# How good are the answers",
        "",
        "Written by `python docs/make_quality.py`; do not edit. Question sets in `tests/questions` on the"
        f" {setup['papers']} seed papers, answered by the {setup['answerer']} answerer without a key or a"
        f" network. Commit `{setup['commit']}`, {setup['time'][:10]}.",
        "",
        "Shares are given as counts, with Wilson's 95 % interval; other means with a bootstrap interval."
        " A metric counts the questions it applies to. What each means stands in every report of"
        " `python -m assistant evaluate`.",
        "",
    )
    for name, remark in SETS.items():
        report = reports[name]
        yield from (f"## {name}.jsonl: {len(report.rows)} questions", "", remark, "")
        yield from _totals(report.figures[ALL])
        if name != "heldout":
            yield from _types(report.figures)
    yield from CAVEATS


def model_page(written: EvaluationReport) -> Iterator[str]:
    setup = written.setup
    yield from (
        f"# The first question set answered by {setup['model']}",
        "",
        "Written by `python docs/make_quality.py --recording FILE`; do not edit. The questions of the first"
        " section of [quality.md](quality.md), the answers written by this model from numbered passages and"
        " checked sentence by sentence. Where it wrote nothing that the papers support, the answer is their"
        f" own sentences. Commit `{setup['commit']}`, {setup['time'][:10]}.",
        "",
    )
    yield from _totals(written.figures[ALL])
    yield from _types(written.figures)


def _totals(figures: Mapping[str, Figure]) -> Iterator[str]:
    yield from ("| metric | | result | 95 % interval |", "|---|---|---:|---:|")
    for name in NAMED:
        if figure := figures.get(name):
            known = figure.low is not None and figure.low != figure.high  # all rows alike: no bootstrap
            interval = f"{show(name, figure.low)} to {show(name, figure.high)}" if known else ""
            yield f"| `{name}` | {METRICS[name]} | {_result(name, figure)} | {interval} |"
    yield ""


def _types(figures: Mapping[str, Mapping[str, Figure]]) -> Iterator[str]:
    kinds = [kind for kind in figures if kind != ALL]
    yield from ("| by type | " + " | ".join(kinds) + " |", "|---" + "|---:" * len(kinds) + "|")
    for name in BY_TYPE:
        cells: Sequence[str] = [_counts(figures[kind].get(name)) for kind in kinds]
        yield f"| `{name}` | " + " | ".join(cells) + " |"
    yield ""


def _result(name: str, figure: Figure) -> str:
    if name in SHARES:
        return f"{_counts(figure)} = {show(name, figure.value)}"
    return f"{show(name, figure.value)} (n {figure.n})"


def _counts(figure: Figure | None) -> str:
    return f"{round(figure.value * figure.n)}/{figure.n}" if figure else ""


CAVEATS = (
    "## What these figures do not say",
    "",
    "- The sets were written for this project on its own 77 papers. On another corpus, and on questions by"
    " other people, expect less; `strangers.jsonl` and the first answers to `users.jsonl`, `colleagues.jsonl`"
    " and `visitors.jsonl` are the best guess there is here.",
    "- A fact counts as stated when one of a few strings stands in the answer. That misses right answers in"
    " other words and lets through a string in a wrong sentence.",
    "- `support` and `verbatim` are near 1 by construction for an answerer that quotes. They matter for"
    " answers written by a model.",
    "- `declined` counts answers that say what is missing beside what they quote; `refused` only outright"
    " refusals.",
    "- The intervals treat the questions as a sample of all questions one could write like these. They say"
    " nothing about other kinds of questions.",
    "- Times are left out: they are the machine's. `tests/benchmarks/latency.py` measures them.",
)


if __name__ == "__main__":
    main()
