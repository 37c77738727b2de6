"""`python -m ingest`: files, folders or globs -> the stores."""

from __future__ import annotations

import glob
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import AssistantError
from assistant.settings import load_settings
from ingest.records import WHOLE_FILE

if TYPE_CHECKING:
    from assistant.stores import Progress
    from ingest.report import IngestReport, Outcome

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
_MOST_REJECTED = 20  # lines on standard error; the report has all
_MOST_PLACES = 8  # of one reason in one file
_GLOB = frozenset("*?[")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def ingest(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH ...]", help="Files, folders or globs; default: seeds/."),
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the stores lie.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and merge, write nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what was done there, as JSON.")
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what became of each record there, a line of JSON each."),
    ] = None,
    no_dedupe: Annotated[bool, typer.Option("--no-dedupe", help="Make each record a paper.")] = False,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Forget all that this file or folder gave.")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(metavar="PAPER_ID", help="Undo the merges of this paper, for good.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Forget what the files read now no longer hold.")
    ] = False,
    reembed: Annotated[
        bool, typer.Option("--reembed", help="Embed all papers again, with another model.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,
) -> int:
    """Read papers into the stores: added, changed and merged ones are indexed, others left alone."""
    del debug  # read by `main`, also when the arguments are wrong
    settings = load_settings(data_dir=data)
    files = _expand(paths or (() if remove or split or reembed else (str(SEEDS),)))
    # LlamaIndex and chromadb take seconds to import: --help and wrong arguments don't wait.
    from assistant.embedding import open_embedding_model
    from ingest.pipeline import ingest_paths
    from ingest.sources import find_sources

    find_sources(settings, remove or ())  # before the model is loaded
    model = open_embedding_model(settings.embedding)
    with _progress() as progress, _outcomes(records) as outcomes:
        done = ingest_paths(
            files,
            settings,
            model,
            dry_run=dry_run,
            dedupe=not no_dedupe,
            prune=prune,
            remove=remove or (),
            split=split or (),
            reembed=reembed,
            progress=progress,
            outcomes=outcomes,
        )
    if report is not None:
        _write_report(report, done)
    nothing_read = files and not any(file.read for file in done.files)
    if nothing_read and len(done.rejected) == 1:
        print(f"error: {done.rejected[0].reason}", file=sys.stderr)
        return 1
    _print_rejected(done)
    if nothing_read:
        given = ", ".join(map(str, files))
        print(
            f"error: nothing could be read: no papers in {given}; see python -m ingest --help",
            file=sys.stderr,
        )
        return 1
    if len({file.format for file in done.files}) > 1:
        print(*done.formats(), "", sep="\n")
    print(done.summary())
    return 0


def _expand(paths: Sequence[str]) -> list[Path]:
    """Paths and globs -> paths that exist."""
    found: list[Path] = []
    for given in paths:
        if Path(given).exists():
            found.append(Path(given))
            continue
        matches = sorted(glob.glob(given, recursive=True)) if _GLOB & set(given) else []
        if not matches:
            raise typer.BadParameter(f"no such file or folder: {given}; give one: python -m ingest PATH")
        found += map(Path, matches)
    return found


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error, when somebody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}, {task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}
        started: dict[str, float] = {}

        def advance(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total, rate="")
                started[stage] = time.monotonic()
            seconds = time.monotonic() - started[stage]
            rate = f"{done / seconds:,.0f} a second" if seconds > 1 else ""
            bar.update(tasks[stage], completed=done, total=total, rate=rate)

        yield advance


@contextmanager
def _outcomes(path: Path | None) -> Iterator[Callable[[Outcome], None]]:
    """What writes the outcome of each record to `path`, a line each; what does nothing without one."""
    if path is None:
        yield lambda _outcome: None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"--records {path} cannot be written: {error.strerror or error}") from error
    with file:
        yield lambda outcome: print(json.dumps(asdict(outcome), ensure_ascii=False), file=file)


def _print_rejected(done: IngestReport) -> None:
    """A line for each reason in a file, with the places of the records it holds for."""
    places: dict[tuple[str, str], list[str]] = {}
    for rejection in done.rejected:
        reason = rejection.reason.removeprefix(f"{rejection.source} ")
        places.setdefault((rejection.source, reason), []).append(str(rejection.record))
    for (source, reason), records in list(places.items())[:_MOST_REJECTED]:
        where = "" if records == [WHOLE_FILE] else ":" + ", ".join(records[:_MOST_PLACES])
        more = f" and {len(records) - _MOST_PLACES} more" if len(records) > _MOST_PLACES else ""
        print(f"skipped {source}{where}{more}: {reason}", file=sys.stderr)
    left = sum(map(len, list(places.values())[_MOST_REJECTED:]))
    if left:
        print(f"skipped {left} more; all are in the file that --report FILE writes", file=sys.stderr)


def _write_report(path: Path, done: IngestReport) -> None:
    try:
        path.write_text(json.dumps(done.to_dict(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise typer.BadParameter(f"--report {path} cannot be written: {error.strerror or error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0 done, 1 failed, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = typer.main.get_command(app).main(given, prog_name="python -m ingest", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except KeyboardInterrupt:
        print("interrupted; what was read is kept, run the command again to go on", file=sys.stderr)
        return 1
    except Exception as error:  # the edge: whatever it is, the user is told in one line
        if "--debug" in given:
            traceback.print_exc()
        if isinstance(error, AssistantError):
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code
        told = getattr(error, "format_message", None)  # typer's usage errors
        if callable(told):
            print(f"error: {told()}; see python -m ingest --help", file=sys.stderr)
            return 2
        print(f"error: {type(error).__name__}: {error}; run again with --debug", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
