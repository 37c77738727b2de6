"""The command line: python -m assistant ask | search | summarize | papers | evaluate | doctor, and more."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.accounts.commands import users
from assistant.commands import Input, fail_cleanly, read_batch, write_lines
from assistant.errors import AssistantError, ConfigurationError
from assistant.evaluation.commands import compare, evaluate
from assistant.evaluation.set_commands import questions
from assistant.settings import load_settings

if TYPE_CHECKING:
    from assistant.engine import Assistant

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ask a corpus of research papers. Ingest papers first: python -m ingest --help",
)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the stores [default: data/].", show_default=False)
]
Answerer = Annotated[
    str | None, typer.Option("--answerer", help="auto, extractive or openai.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Output = Annotated[Path | None, typer.Option("--output", help="Write there instead of to standard output.")]


@app.command()
def papers(
    data: Data = None,
    duplicates: Annotated[
        bool, typer.Option("--duplicates", help="Only papers made of several records, and why.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the papers of the corpus; with --json, one object a line."""
    with fail_cleanly(debug):
        from assistant.duplicates import print_duplicates
        from assistant.stores.catalogue import Catalogue

        catalogue = Catalogue(load_settings(data).resolved_catalogue_url)
        if duplicates:
            print_duplicates(catalogue, as_json)
            return
        found = catalogue.papers()
        if as_json:
            write_lines((paper.to_dict() for paper in found), None)
            return
        for paper in found:
            people = ", ".join(paper.authors) + (" et al." if paper.et_al else "")
            print(
                f"{paper.published or 'undated':10}  {paper.display_title}"
                + (f" — {people}" if people else "")
            )


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.", show_default=False)] = None,
    data: Data = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Number of papers.")] = 10,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="JSONL with id and question (or _id and text).")
    ] = None,
    output: Output = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Find papers; --batch runs a file of queries."""
    with fail_cleanly(debug):
        inputs = _inputs(query, batch, "question", "text")
        with _assistant(data) as assistant:
            if batch:
                _each(inputs, output, lambda row: _searched(assistant, row.text, top))
                return
            results = _searched(assistant, inputs[0].text, top)
            if as_json:
                write_lines([results], output)
                return
            for rank, result in enumerate(results["results"], 1):
                print(f"{rank:3}. {result['score']:.3f}  {result['title']}  [{result['paper_id']}]")


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    data: Data = None,
    answerer: Answerer = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="JSONL with id, question (or _id and text) and history.")
    ] = None,
    output: Output = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Answer a question with citations; --batch replays a file of questions."""
    with fail_cleanly(debug):
        inputs = _inputs(question, batch, "question", "text")
        with _assistant(data, answerer) as assistant:
            if batch:
                _each(inputs, output, lambda row: assistant.ask(row.text, row.history).to_dict())
                return
            if as_json or output:
                write_lines([assistant.ask(inputs[0].text).to_dict()], output)
                return
            from assistant.printing import print_answer

            print_answer(assistant.stream(inputs[0].text))


@app.command()
def summarize(
    topic: Annotated[str | None, typer.Argument(help="The topic.", show_default=False)] = None,
    data: Data = None,
    answerer: Answerer = None,
    batch: Annotated[Path | None, typer.Option("--batch", help="JSONL with id and topic.")] = None,
    output: Output = None,
    bib: Annotated[Path | None, typer.Option("--bib", help="Write the references there as BibTeX.")] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--export",
            help="Write it there too; .md .docx .bib .ris .json (CSL) .csv (table) or .svg (figures).",
        ),
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Summarize what the corpus holds on a topic."""
    with fail_cleanly(debug):
        from assistant.summaries.export import ending_of, export, exported, to_markdown

        inputs = _inputs(topic, batch, "topic")
        files = [*(files or ()), *([output] if output and not as_json else ())]
        if not batch:  # told before the work is done
            for path in files:
                ending_of(path)
        with _assistant(data, answerer) as assistant:
            if batch:
                _each(inputs, output, lambda row: assistant.summarize(row.text).to_dict())
                return
            summary = assistant.summarize(inputs[0].text)
            for path in files:
                export(summary, path)
            if bib:
                bib.write_bytes(exported(summary, "bib"))
            if as_json:
                write_lines([summary.to_dict()], output)
            elif not output:
                print(to_markdown(summary))


app.command()(evaluate)
app.command()(compare)
app.add_typer(questions, name="questions")
app.add_typer(users, name="users")


@app.command()
def feedback(data: Data = None, output: Output = None, debug: Debug = False) -> None:
    """Write what people said of answers in the web chat, as a question set (JSONL)."""
    with fail_cleanly(debug):
        from assistant.conversations import Conversations, conversations_file

        path = conversations_file(load_settings(data).data_dir)
        if not path.exists():
            raise ConfigurationError(
                f"the chat has not been used with {path.parent} yet; run: python app.py --data {path.parent}"
            )
        write_lines(Conversations(path).feedback_rows(), output)


@app.command()
def mcp(data: Data = None, answerer: Answerer = None, debug: Debug = False) -> None:
    """Serve the corpus as tools of the Model Context Protocol, on standard input and output."""
    with fail_cleanly(debug):
        from assistant.api.mcp import serve_stdio

        with _assistant(data, answerer) as assistant:
            serve_stdio(assistant)


@app.command()
def doctor(
    data: Data = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check settings, model, disk, provider and stores; exit code 1 when something is wrong."""
    with fail_cleanly(debug):
        from assistant.doctor import all_ok, examine, repair

        settings = load_settings(data)
        findings = repair(settings) if fix else examine(settings)
        if as_json:
            print(json.dumps([f.to_dict() for f in findings], ensure_ascii=False, indent=1))
        else:
            for finding in findings:
                mend = f"\n      mend: {finding.mend}" if finding.mend and not finding.ok else ""
                print(f"{'ok ' if finding.ok else 'BAD'}  {finding.name}: {finding.detail}{mend}")
        if not all_ok(findings):
            raise SystemExit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, FILE.zip.")],
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Write catalogue, conversations and uploads to one file; chat and ingest may go on meanwhile."""
    with fail_cleanly(debug):
        from assistant.backup import back_up

        files = back_up(load_settings(data), file)
        size, packed = sum(f.size for f in files), file.stat().st_size
        print(f"{file}: {len(files)} files, {size:,} bytes, packed into {packed:,}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    data: Data = None,
    force: Annotated[
        bool, typer.Option("--force", help="Into a folder that is not empty; its databases are kept aside.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Check a backup, put it into the data folder and build the indexes, without embedding again."""
    with fail_cleanly(debug):
        from assistant import backup as backups

        settings = load_settings(data)
        backups.restore(settings, file, force=force)
        print(f"restored {file} into {settings.data_dir}; check it: python -m assistant doctor")


def _assistant(data: Path | None, answerer: str | None = None) -> "Assistant":
    from assistant.engine import open_assistant

    return open_assistant(load_settings(data, answerer))


def _inputs(text: str | None, batch: Path | None, *keys: str) -> list[Input]:
    if (text is None) == (batch is None):
        raise ConfigurationError(f"give either a {keys[0]} or --batch FILE")
    return read_batch(batch, keys) if batch else [Input("", text or "")]


def _searched(assistant: "Assistant", query: str, top: int) -> dict[str, Any]:
    found = assistant.search(query, top)
    reasons = assistant.why(query, found)
    rows = zip(found, reasons, strict=True)
    return {"results": [{**scored.to_dict(), "why": why.to_dict()} for scored, why in rows]}


def _each(inputs: Iterable[Input], output: Path | None, work: Callable[[Input], dict[str, Any]]) -> None:
    """Write one line a row, in order; a row that fails becomes {"id", "error"}."""

    def rows() -> Iterator[dict[str, Any]]:
        for row in inputs:
            try:
                if row.error:
                    raise ConfigurationError(row.error)
                yield {"id": row.id, **work(row)}
            except AssistantError as error:
                yield {"id": row.id, "error": str(error)}

    write_lines(rows(), output)


if __name__ == "__main__":
    sys.exit(app())
