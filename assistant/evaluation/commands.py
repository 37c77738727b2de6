"""The commands `evaluate` and `compare`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands import fail_cleanly
from assistant.errors import ConfigurationError, EmptyStoreError, EvaluationError
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.evaluation.recording import RecordedLLM, Recording
    from assistant.evaluation.replay import AnswersQuestions

# What an answer does not depend on, or what is known better: the papers themselves.
_NO_CIRCUMSTANCE = {"data_dir", "catalogue_url", "chroma_url", "timeout", "openai_api_key"}

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
FailUnder = Annotated[
    Path | None, typer.Option("--fail-under", help="Thresholds (TOML); exit code 1 when one is missed.")
]


def evaluate(
    questions: Annotated[
        Path | None, typer.Argument(help="Question set (JSONL or CSV).", show_default=False)
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Folder for the report.")] = None,
    papers: Annotated[
        Path | None, typer.Option("--papers", help="Keys of the expected papers (JSONL).")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Score these answers instead of asking.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Questions asked at once.")] = 1,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Ask this OpenAI-compatible server (.../v1) instead.", show_default=False),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", help="Keep the model's answers there; what it holds is not asked."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", help="Take the model's answers from there, without any network."),
    ] = None,
    fail_under: FailUnder = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="Prices of the models' tokens (TOML or JSON).")
    ] = None,
    retrieval: Annotated[
        Path | None, typer.Option("--retrieval", help="A BEIR folder to search instead.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="Relevance judgements of the BEIR folder.")] = "test",
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of the stores [default: data/].", show_default=False)
    ] = None,
    answerer: Annotated[
        str | None, typer.Option("--answerer", help="auto, extractive or openai.", show_default=False)
    ] = None,
    debug: Debug = False,
) -> None:
    """Replay a question set, or the queries of a BEIR folder, and score the results.

    A run that was interrupted goes on where it stopped when the command is given again.
    """
    with fail_cleanly(debug):
        settings = load_settings(data, answerer)
        if retrieval is not None:
            from assistant.evaluation.retrieval import run_retrieval

            with _progress() as advance:
                found = run_retrieval(retrieval, split, settings, advance, report)
            typer.echo(found.to_text())
            return
        if questions is None:
            raise ConfigurationError(
                "nothing to evaluate; run: python -m assistant evaluate QUESTIONS.jsonl --report DIR"
            )
        if sum(option is not None for option in (record, replay, url, answers)) > 1:
            raise ConfigurationError(
                "give one of --record, --replay, --url and --answers: they exclude each other"
            )
        from assistant import evaluation
        from assistant.evaluation.prices import read_prices
        from assistant.evaluation.recording import recorded_model
        from assistant.evaluation.report import PAGE
        from assistant.evaluation.thresholds import read_thresholds

        thresholds = read_thresholds(fail_under, questions.name) if fail_under else None
        table = read_prices(prices) if prices else None
        model = recorded_model(settings, record, replay) if record or replay else None
        with _opened(settings, model, url) as assistant, _progress(report) as progress:
            result = evaluation.run(
                questions,
                assistant,
                report,
                papers,
                answers,
                progress,
                jobs=jobs,
                settings={**_circumstances(settings), "url": url},
                resume=replay is None,
                thresholds=thresholds,
                prices=table,
            )
        typer.echo(result.to_markdown())
        if report:
            typer.echo(f"The whole report: {report / PAGE}", err=True)
        if model:
            _account(model.recording)
        if fail_under and result.missed:
            raise EvaluationError(
                f"{len(result.missed)} thresholds of {fail_under} are missed: {'; '.join(result.missed)}"
            )


def compare(
    run_a: Annotated[Path, typer.Argument(help="Report folder of the run before.", show_default=False)],
    run_b: Annotated[Path, typer.Argument(help="Report folder of the run after.", show_default=False)],
    type_: Annotated[
        str | None, typer.Option("--type", help="Only the questions of this type.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder for the comparison as HTML and JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    fail_under: FailUnder = None,
    debug: Debug = False,
) -> None:
    """Compare two runs of the same question set, metric by metric and question by question.

    With --fail-under the exit code is 1 when B misses a threshold, or when one of its metrics is
    worse than in A beyond chance.
    """
    with fail_cleanly(debug):
        from assistant.evaluation.comparison import compare_runs
        from assistant.evaluation.thresholds import read_thresholds

        found = compare_runs(run_a, run_b, type_)
        limits = read_thresholds(fail_under, str(found.b.get("questions"))) if fail_under else None
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else found.to_markdown())
        if report:
            found.write(report)
        if limits is None:
            return
        faults = [*(f"{name} is worse" for name in found.worse), *limits.missed(found.figures_b)]
        if faults:
            raise EvaluationError(f"{run_b} must not replace {run_a}: {'; '.join(faults)}")


@contextmanager
def _opened(settings: Settings, model: RecordedLLM | None, url: str | None) -> Iterator[AnswersQuestions]:
    """What is asked: the server at `url`, else the assistant over the store, with `model` if given."""
    if url is None:
        from assistant.engine import open_assistant

        with open_assistant(settings, model, model.recording.head.today if model else None) as assistant:
            yield assistant
        return
    from assistant.embedding import open_embedding_model
    from assistant.evaluation.remote import RemoteAssistant
    from assistant.stores.catalogue import Catalogue

    papers = Catalogue(settings.resolved_catalogue_url).papers()
    if not papers:
        raise EmptyStoreError(
            "the catalogue holds no paper, so that no citation of the server can be told right or wrong;"
            " read the papers it answers from: python -m ingest PATH"
        )
    yield RemoteAssistant(url, settings, papers, open_embedding_model(settings.embedding).embed)


def _account(recording: Recording) -> None:
    """Say what of a recording did not fit.

    Raises:
        EvaluationError: a replay had no answer to some of the requests.
    """
    if recording.missing:
        raise EvaluationError(
            f"{recording.missing} requests have no answer in {recording.path}: their prompts or parameters"
            f" have changed since; record again with --record {recording.path}"
        )
    if recording.unused:
        typer.echo(f"{len(recording.unused)} answers in {recording.path} were not used:", err=True)
        for name in recording.unused:
            typer.echo(f"  {name}", err=True)


def _circumstances(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude=_NO_CIRCUMSTANCE)


@contextmanager
def _progress(kept: Path | None = None) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; when interrupted, says how to go on from the folder `kept`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            yield advance
        except KeyboardInterrupt:
            bar.stop()
            if kept:
                done = int(bar.tasks[0].completed)
                typer.echo(
                    f"{done} answers are kept in {kept}; the same command goes on from there", err=True
                )
            raise
