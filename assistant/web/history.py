"""The list of this browser's conversations: opened, renamed, deleted, saved as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from assistant.conversations import Conversations, Heading, Turn
from assistant.errors import StoreError
from assistant.web.asking import STOPPED, Message
from assistant.web.asking import Turn as ShownTurn
from assistant.web.cards import EMPTY_PANEL, sources_panel
from assistant.web.exports import FORMATS, conversation_file, file_name
from assistant.web.markup import escape_markdown, message_markdown
from assistant.web.suggestions import follow_ups

if TYPE_CHECKING:
    import gradio as gr

_NONE_YET = (
    '<div class="pa-empty"><p>Your conversations are kept here, for this browser alone. '
    "Ask something, and it appears.</p></div>"
)


def list_html(headings: Sequence[Heading], current: str, trouble: str = "") -> str:
    """Return the list, with the buttons that assets/page.js acts on."""
    if trouble:
        return trouble_html(trouble)
    if not headings:
        return _NONE_YET
    return f'<ul class="pa-talks">{"".join(_item(h, h.conversation_id == current) for h in headings)}</ul>'


def trouble_html(trouble: str) -> str:
    """Return one line for a database that cannot be used; "" without trouble."""
    if not trouble:
        return ""
    return f'<p class="pa-trouble" role="status">{escape(trouble[:1].upper() + trouble[1:])}.</p>'


def listed(conversations: Conversations, browser: str, current: str) -> str:
    """Return the list as it stands in the database, or what is wrong with that."""
    try:
        return list_html(conversations.headings(browser), current)
    except StoreError as error:
        return list_html((), current, str(error))


def opened(turns: Sequence[Turn]) -> tuple[list[Message], list[ShownTurn], str, list[str | None]]:
    """The messages, turns, source panels and opinions of a conversation that is opened again.

    All panels are sent, the earlier ones hidden: a marker brings its own forth without the server.
    """
    messages: list[Message] = []
    shown: list[ShownTurn] = []
    panels: list[str] = []
    for turn in turns:
        messages.append({"role": "user", "content": escape_markdown(turn.question)})
        shown.append({"question": turn.question})
        if turn.answer is None:
            messages.append({"role": "assistant", "content": STOPPED})
            continue
        shown[-1]["filters"] = turn.answer.filters.to_dict()
        messages.append({"role": "assistant", "content": message_markdown(turn.answer, turn.number)})
        panels.append(sources_panel(turn.answer, turn.number))
    if turns and turns[-1].answer and (questions := follow_ups(turns[-1].answer)):
        messages[-1]["options"] = [{"value": q, "label": q} for q in questions]
    opinions = {"good": "Like", "bad": "Dislike"}
    ratings = [opinions.get(turn.rating or "") for turn in turns]
    return messages, shown, "".join(panels) or EMPTY_PANEL, ratings


def saved(conversations: Conversations, browser: str, event: gr.EventData) -> dict[str, str] | None:
    """The file that an event of the list asks for; None when the browser has no such conversation."""
    conversation, ending = text_of(event, "id"), text_of(event, "format")
    title = conversations.title(browser, conversation)
    if title is None or ending not in FORMATS:
        return None
    text = conversation_file(title, conversations.turns(browser, conversation), ending)
    return {"name": file_name(title, ending), "type": FORMATS[ending][1], "text": text}


def text_of(event: gr.EventData, name: str) -> str:
    """A text that came with an event from the browser; "" for anything else."""
    data: Any = event._data
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _item(heading: Heading, current: bool) -> str:
    title = escape(heading.title)
    count = f"{heading.questions} question{'s' * (heading.questions != 1)}"
    files = "".join(
        f'<button type="button" data-act="save" data-format="{ending}">Save as {name}</button>'
        for ending, (name, _) in FORMATS.items()
    )
    return (
        f'<li data-id="{escape(heading.conversation_id)}"{" class=pa-current" if current else ""}>'
        f'<button type="button" class="pa-open" data-act="open"{" aria-current=true" if current else ""}>'
        f"<span>{title}</span><small>{count} · {_day(heading.updated)}</small></button>"
        f'<details class="pa-menu"><summary aria-label="More for “{title}”" title="More">⋯</summary><div>'
        f'<button type="button" data-act="rename">Rename</button>{files}'
        '<button type="button" data-act="delete">Delete…</button></div></details></li>'
    )


def _day(moment: str) -> str:
    """ "22 Nov", with the year when it is another one."""
    day = datetime.fromisoformat(moment)
    year = f" {day.year}" if day.year != datetime.now(UTC).year else ""
    return f"{day.day} {day.strftime('%b')}{year}"
