"""The tab where papers are added: upload, progress, the report, and undoing it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.web.history import text_of
from assistant.web.library import Library, Progress
from assistant.web.tables import table_html

if TYPE_CHECKING:
    from ingest.report import IngestReport

log = logging.getLogger(__name__)

_HINT = (
    '<div class="pa-empty"><p><strong>Add papers</strong></p><p>Choose files with references and abstracts, '
    "as reference managers and databases export them. Papers that are here already are recognised, "
    "nothing is taken twice, and each file can be taken out again.</p></div>"
)
_CLOSED = (
    '<div class="pa-empty"><p>No papers can be added from this page. Whoever runs it can add some with '
    "<code>python -m ingest FILE</code>.</p></div>"
)
_STAGES = {"papers": "Reading and understanding the papers", "index": "Making them searchable"}
_MOST_REJECTED = 50
_UPDATE_INTERVAL = 0.25  # seconds


def build_adding(library: Library | None, tab: gr.Tab) -> None:
    """Lay the tab out inside the current `gr.Blocks`; without a library it says so."""
    if library is None:
        gr.HTML(_CLOSED)
        return
    refused = gr.HTML("", visible=False)
    with gr.Row(elem_classes="pa-columns", equal_height=False) as works:
        with gr.Column(scale=2, min_width=320):
            files = gr.File(
                file_count="multiple", type="filepath", label="Files", elem_id="pa-files", height=170
            )
            formats = gr.HTML("")
            add = gr.Button("Add these papers", variant="primary", elem_id="pa-add")
            uploads = gr.HTML("", elem_id="pa-uploads", js_on_load="paUploads(element, trigger);")
        with gr.Column(scale=3, min_width=320):
            report = gr.HTML(_HINT, elem_id="pa-report")

    def run(parts: Iterator[Progress | IngestReport]) -> Iterator[tuple[Any, str, Any]]:
        """The page's updates: button, report, uploads."""
        shown_at = 0.0
        try:
            for part in parts:
                if not isinstance(part, Progress):
                    yield gr.Button(interactive=True), report_html(part), uploads_html(library.uploads())
                elif (now := time.monotonic()) - shown_at >= _UPDATE_INTERVAL:
                    shown_at = now
                    yield gr.skip(), progress_html(part), gr.skip()
            return
        except AssistantError as error:
            said = f"This did not work: {error}."
        except Exception:  # the page's edge: the log gets the traceback, the reader a sentence
            log.exception("adding papers failed")
            said = "This did not work; the server's log says why."
        yield gr.Button(interactive=True), _trouble(said), uploads_html(library.uploads())

    def upload(paths: list[str] | None) -> Iterator[tuple[Any, str, Any]]:
        if not paths:
            yield gr.skip(), _trouble("Choose one or more files first."), gr.skip()
            return
        yield gr.Button(interactive=False), progress_html(Progress("papers", 0, None)), gr.skip()
        yield from run(library.add([Path(path) for path in paths]))

    def undo(event: gr.EventData) -> Iterator[tuple[Any, str, Any]]:
        yield gr.skip(), '<p class="pa-hint" role="status">Taking the papers out…</p>', gr.skip()
        yield from run(library.undo(text_of(event, "name")))

    def look() -> tuple[Any, Any, str, str]:
        if refusal := library.refusal():
            return gr.Row(visible=False), gr.HTML(refused_html(refusal), visible=True), "", ""
        return (
            gr.Row(visible=True),
            gr.HTML("", visible=False),
            uploads_html(library.uploads()),
            formats_html(),
        )

    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    common: dict[str, Any] = {**private, "trigger_mode": "once"}
    added = add.click(upload, files, [add, report, uploads], **common)
    added.then(lambda: None, None, files, **private)
    uploads.delete(undo, None, [add, report, uploads], **common)
    tab.select(look, None, [works, refused, uploads, formats], **private)


def refused_html(refusal: str) -> str:
    """Return what stands in place of the tab for who may not add papers."""
    return f'<div class="pa-empty"><p>{escape(refusal)}.</p></div>'


def formats_html() -> str:
    """Return which files can be read, as the readers say it."""
    from ingest.readers import SUPPORTED  # their libraries are loaded once somebody looks at the tab

    return f'<p class="pa-hint">{escape(SUPPORTED)}.</p>'


def progress_html(progress: Progress) -> str:
    """Return a bar; without a total it only says how much is done."""
    words = escape(_STAGES.get(progress.stage, progress.stage))
    if progress.total:
        return (
            f'<p class="pa-hint" role="status">{words}: {progress.done:,} of {progress.total:,}</p>'
            f'<progress class="pa-progress" max="{progress.total}" value="{progress.done}">{words}</progress>'
        )
    done = f": {progress.done:,} so far" if progress.done else "…"
    return (
        f'<p class="pa-hint" role="status">{words}{done}</p>'
        f'<progress class="pa-progress" aria-label="{words}"></progress>'
    )


def report_html(report: IngestReport) -> str:
    """Return what became of the files, in words, with every entry that was skipped and why."""
    told = [
        (report.added, "new"),
        (report.merged, "joined with a paper from elsewhere"),
        (report.updated, "brought up to date"),
        (report.unchanged, "here already"),
        (report.removed, "taken out"),
        (len(report.rejected), "skipped"),
    ]
    figures = "".join(f"<li><strong>{count:,}</strong> {words}</li>" for count, words in told if count)
    rows = [
        (
            escape(Path(file.path).name),
            escape(file.format or "not recognised"),
            f"{file.read:,} of {file.records:,}",
        )
        for file in report.files
    ]
    return (
        '<section class="pa-report" role="status"><h2 class="pa-heading">Done</h2>'
        f'<ul class="pa-figures">{figures or "<li>nothing changed</li>"}</ul>'
        f"{table_html('Files', ('File', 'Format', 'Entries read'), rows) if rows else ''}{_rejected(report)}"
        f'<p class="pa-hint">The chat now answers from {report.total:,} papers.</p></section>'
    )


def uploads_html(names: Sequence[str]) -> str:
    """Return the files that were added from the page, each with a way back."""
    if not names:
        return ""
    rows = "".join(
        f'<li data-name="{escape(name)}"><span>{escape(name)}</span>'
        f'<button type="button" data-act="undo" aria-label="Undo adding {escape(name)}">Undo</button></li>'
        for name in names
    )
    return f'<h2 class="pa-heading">Added from this page</h2><ul class="pa-uploads">{rows}</ul>'


def _rejected(report: IngestReport) -> str:
    if not report.rejected:
        return ""
    rows = []
    for rejection in report.rejected[:_MOST_REJECTED]:
        named = isinstance(rejection.record, str)  # "record 3"; a number is a line's
        entry = "" if rejection.record == "file" else f", {'' if named else 'line '}{rejection.record}"
        rows.append(f"<li>{escape(f'{Path(rejection.source).name}{entry}: {rejection.reason}')}</li>")
    more = len(report.rejected) - _MOST_REJECTED
    if more > 0:
        rows.append(f"<li>and {more:,} more</li>")
    return (
        '<details class="pa-checks" open><summary>What was skipped, and why</summary>'
        f"<ul>{''.join(rows)}</ul></details>"
    )


def _trouble(said: str) -> str:
    return f'<p class="pa-trouble" role="status">{escape(said)}</p>'
