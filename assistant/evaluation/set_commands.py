"""The commands `questions make`, `from-feedback`, `lint` and `judge`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import fail_cleanly, write_lines
from assistant.errors import EmptyStoreError
from assistant.settings import load_settings

if TYPE_CHECKING:
    from assistant.evaluation.gold import GoldQuestion
    from assistant.evaluation.lint import Finding
    from assistant.evaluation.questions import Question
    from assistant.models import Paper

questions = typer.Typer(
    no_args_is_help=True, help="Make question sets, look for their faults, and have answers judged."
)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the stores [default: data/].", show_default=False)
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Output = Annotated[Path, typer.Option("--output", help="The question set to write (JSONL).")]


@questions.command()
def make(
    output: Output,
    per_kind: Annotated[int, typer.Option("--per-kind", min=1, help="At most so many of a kind.")] = 25,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other questions.")] = 0,
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Make questions with known answers from the corpus, by rule: names, figures, publication data."""
    with fail_cleanly(debug):
        from assistant.evaluation.making import make_questions

        _write(make_questions(_papers(data), per_kind, seed), output)


@questions.command()
def from_feedback(
    feedback: Annotated[Path, typer.Argument(help="What `assistant feedback` wrote (JSONL).")],
    output: Output,
    unrated: Annotated[
        bool, typer.Option("--unrated", help="Take questions without an opinion too.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Make a question set of rated answers and saved chats."""
    with fail_cleanly(debug):
        from assistant.evaluation.from_feedback import questions_from_feedback

        _write(questions_from_feedback(feedback, unrated=unrated), output)


@questions.command()
def lint(
    set_: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="Question set (JSONL or CSV).")],
    papers: Annotated[
        Path | None, typer.Option("--papers", help="Keys of the expected papers (JSONL).")
    ] = None,
    closed_book: Annotated[
        str | None,
        typer.Option("--closed-book", metavar="MODEL", help="Ask this model too, without the papers."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a finding.")] = False,
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Look for leaks, duplicates, and facts that no expected paper has; exit code 1 when there are any."""
    with fail_cleanly(debug):
        from assistant.evaluation.gold import name_papers, read_gold
        from assistant.evaluation.lint import lint as look

        catalogue = _papers(data)
        gold = read_gold(set_, name_papers(catalogue, papers))
        findings = [*look(gold, catalogue), *(_from_memory(gold, closed_book) if closed_book else ())]
        if as_json:
            write_lines((finding.to_dict() for finding in findings), None)
        else:
            for finding in findings:
                typer.echo(finding)
            counts = Counter(finding.rule for finding in findings)
            told = ", ".join(f"{rule} {n}" for rule, n in sorted(counts.items()))
            typer.echo(f"{len(gold)} questions, {len(findings)} findings" + (f": {told}" if told else ""))
        if findings:
            raise SystemExit(1)


@questions.command()
def judge(
    answers: Annotated[Path, typer.Argument(help="The answers.jsonl of an evaluation, or of ask --batch.")],
    model: Annotated[
        str, typer.Option("--model", envvar="ASSISTANT_JUDGE", help="The judge, at OPENAI_BASE_URL.")
    ],
    output: Annotated[Path, typer.Option("--output", help="The judged answers to write (JSONL).")],
    own: Annotated[
        bool, typer.Option("--own", help="Let a model judge answers that it gave itself.")
    ] = False,
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Have a language model judge whether citations support their claims: `evaluate --answers OUTPUT`."""
    with fail_cleanly(debug):
        from assistant.answering.provider import make_llm
        from assistant.evaluation.judge import check_judge, judge_answers
        from assistant.evaluation.replay import read_answers

        rows = list(read_answers(answers).values())
        check_judge(model, rows, own=own)
        papers = {paper.paper_id: paper for paper in _papers(data)}
        llm = make_llm(load_settings(data).model_copy(update={"model": model}))
        with typer.progressbar(length=len(rows), label="judging", file=sys.stderr) as bar:
            write_lines(judge_answers(rows, papers, llm, model, lambda: bar.update(1)), output)
        typer.echo(
            f"{output}: {len(rows)} answers judged by {model}; score them: evaluate --answers {output}"
        )


def _from_memory(gold: Sequence[GoldQuestion], model: str) -> list[Finding]:
    from assistant.answering.provider import make_llm
    from assistant.evaluation.closed_book import answered_from_memory

    llm = make_llm(load_settings().model_copy(update={"model": model}))
    with typer.progressbar(length=len(gold), label="asking", file=sys.stderr) as bar:
        return list(answered_from_memory(gold, llm, lambda: bar.update(1)))


def _papers(data: Path | None) -> list[Paper]:
    from assistant.stores.catalogue import Catalogue

    settings = load_settings(data)
    found = Catalogue(settings.resolved_catalogue_url).papers()
    if not found:
        raise EmptyStoreError(
            f"{settings.data_dir} holds no paper; run: python -m ingest FILE --data {settings.data_dir}"
        )
    return found


def _write(made: Iterable[Question], output: Path) -> None:
    from assistant.evaluation.making import to_row

    rows = [to_row(question) for question in made]
    write_lines(rows, output)
    kinds = Counter(row.get("type", "question") for row in rows)
    told = ", ".join(f"{kind} {n}" for kind, n in kinds.items())
    typer.echo(f"{output}: {len(rows)} questions ({told}); look for faults: questions lint {output}")
