"""Conversations and opinions on answers, by the browser they belong to.

A browser is known by a secret of its own making; only its hash is stored, so that whoever reads
the database cannot become that browser. Every read and write names the browser and finds nothing
of another's.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from assistant.conversations import schema
from assistant.database.sqlite_file import SqliteFile
from assistant.models import Answer

Rating = Literal["good", "bad"]

FILE_NAME = "conversations.sqlite3"

_SECRET = re.compile(r"[0-9a-f]{64}")
_LONGEST_TITLE = 120
_LONGEST_REASON = 4_000
_MOST_LISTED = 500
# The answer as data, cited papers included: an opened conversation shows what was answered then,
# also when a paper has left the corpus since.
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation in a list; `updated` is UTC in ISO 8601."""

    conversation_id: str
    title: str
    updated: str
    questions: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, None when it was stopped or failed; `rating` is the reader's."""

    number: int
    question: str
    answer: Answer | None
    rating: Rating | None = None


class Conversations:
    """The conversations in one file; shared by threads. Every method may raise StoreError."""

    def __init__(self, path: Path, whose: Callable[[str], str] | None = None) -> None:
        """`whose` gives the secret they belong to in place of the browser's, where people log in."""
        self._database = SqliteFile(path, head=schema.HEAD, migrations=schema.MIGRATIONS, told=_told)
        self._whose = whose or (lambda browser: browser)

    def headings(self, browser: str) -> list[Heading]:
        """The browser's conversations, the one used last first."""
        found, turns = schema.conversations, schema.turns
        asked = func.count(turns.c.turn_id)
        query = (
            select(found.c.conversation_id, found.c.title, found.c.updated, asked)
            .outerjoin(turns, turns.c.conversation_id == found.c.conversation_id)
            .where(found.c.owner == _owner(self._whose(browser)))
            .group_by(found.c.conversation_id)
            .order_by(found.c.updated.desc(), found.c.created.desc())
            .limit(_MOST_LISTED)
        )
        with self._database.writing() as connection:
            return [Heading(*row) for row in connection.execute(query)]

    def title(self, browser: str, conversation_id: str) -> str | None:
        """The title of a conversation of this browser; None when it has no such conversation."""
        with self._database.writing() as connection:
            return _title(connection, self._whose(browser), conversation_id)

    def turns(self, browser: str, conversation_id: str) -> list[Turn]:
        """The turns of a conversation of this browser, in order; [] when it has no such one."""
        turns, feedback = schema.turns, schema.feedback
        query = (
            select(turns.c.number, turns.c.question, turns.c.answer, feedback.c.rating)
            .outerjoin(feedback, feedback.c.turn_id == turns.c.turn_id)
            .where(turns.c.conversation_id == conversation_id)
            .order_by(turns.c.number)
        )
        with self._database.writing() as connection:
            if _title(connection, self._whose(browser), conversation_id) is None:
                return []
            return [Turn(row[0], row[1], _answer(row[2]), row[3]) for row in connection.execute(query)]

    def save_question(self, browser: str, conversation_id: str, number: int, question: str) -> str:
        """Keep a question before it is answered, in place of that turn and all later ones.

        Returns the id of its conversation, a new one unless the browser has one of that id.
        """
        turns, now = schema.turns, _now()
        with self._database.writing() as connection:
            if _title(connection, self._whose(browser), conversation_id) is None:
                conversation_id = secrets.token_urlsafe(12)
                values = {"conversation_id": conversation_id, "owner": _owner(self._whose(browser))}
                values |= {"title": _shortened(question), "created": now, "updated": now}
                connection.execute(insert(schema.conversations).values(values))
            here = turns.c.conversation_id == conversation_id
            connection.execute(delete(turns).where(here, turns.c.number >= number))
            connection.execute(
                insert(turns).values(conversation_id=conversation_id, number=number, question=question)
            )
            _touch(connection, conversation_id, updated=now)
        return conversation_id

    def save_answer(self, browser: str, conversation_id: str, number: int, answer: Answer) -> None:
        """Keep the answer to the question saved as turn `number`."""
        turns = schema.turns
        with self._database.writing() as connection:
            if _title(connection, self._whose(browser), conversation_id) is None:
                return  # deleted while it was answered
            here = (turns.c.conversation_id == conversation_id, turns.c.number == number)
            written = _ANSWER.dump_json(answer).decode()
            connection.execute(update(turns).where(*here).values(answer=written))

    def rename(self, browser: str, conversation_id: str, title: str) -> None:
        """Give a conversation of this browser another title; an empty one changes nothing."""
        with self._database.writing() as connection:
            if title.strip() and _title(connection, self._whose(browser), conversation_id) is not None:
                _touch(connection, conversation_id, title=_shortened(title))

    def delete(self, browser: str, conversation_id: str) -> None:
        """Forget a conversation of this browser, with what was said of its answers."""
        with self._database.writing() as connection:
            if _title(connection, self._whose(browser), conversation_id) is None:
                return
            for table in (schema.feedback, schema.turns, schema.conversations):
                connection.execute(delete(table).where(table.c.conversation_id == conversation_id))

    def rate(
        self, browser: str, conversation_id: str, number: int, rating: Rating | None, reason: str = ""
    ) -> bool:
        """Keep what the reader thinks of an answer, in place of what they thought; None takes it back.

        Returns whether there was such an answer of this browser.
        """
        feedback = schema.feedback
        with self._database.writing() as connection:
            if _title(connection, self._whose(browser), conversation_id) is None:
                return False
            turns = _turns(connection, conversation_id, number)
            if not turns or turns[-1].number != number or (answer := _answer(turns[-1].answer)) is None:
                return False
            if rating is None:
                connection.execute(delete(feedback).where(feedback.c.turn_id == turns[-1].turn_id))
                return True
            values = {
                "turn_id": turns[-1].turn_id,
                "conversation_id": conversation_id,
                "question": turns[-1].question,
                "history": json.dumps([turn.question for turn in turns[:-1]], ensure_ascii=False),
                "answer": answer.text,
                "kind": answer.kind,
                "paper_ids": json.dumps([c.paper.paper_id for c in answer.citations], ensure_ascii=False),
                "rating": rating,
                "reason": reason.strip()[:_LONGEST_REASON],
                "created": _now(),
            }
            statement = insert_or_update(feedback).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["turn_id"], set_=values))
            return True

    def feedback_rows(self) -> Iterator[dict[str, Any]]:
        """Everybody's opinions, oldest first, as rows of a question set.

        "id", "question", "history", "type" ("feedback: good" or "feedback: bad"), "rating",
        "reason", "paper_ids" (cited) and "answer". What was rated good is expected again:
        its "expected_papers" are those it cited, and a good refusal is not "answerable".
        """
        feedback = schema.feedback
        with self._database.writing() as connection:
            rows = connection.execute(select(feedback).order_by(feedback.c.created, feedback.c.turn_id)).all()
        for row in rows:
            papers, good = json.loads(row.paper_ids), row.rating == "good"
            refused = row.kind == "refusal"
            yield {
                "id": f"feedback-{row.turn_id}",
                "question": row.question,
                "history": json.loads(row.history),
                "type": f"feedback: {row.rating}",
                "rating": row.rating,
                "reason": row.reason,
                "paper_ids": papers,
                "answer": row.answer,
                **({"expected_papers": papers} if good and not refused else {}),
                **({"answerable": False} if good and refused else {}),
            }


def conversations_file(data_dir: Path) -> Path:
    """Where the conversations of a data folder lie."""
    return data_dir / FILE_NAME


def is_secret(browser: str) -> bool:
    """Whether this is a secret as browsers make them: 256 random bits in hexadecimal."""
    return bool(_SECRET.fullmatch(browser))


def _told(path: Path, reason: str) -> str:
    return (
        f"conversations cannot be kept in {path} ({reason});"
        " move that file away, or make its folder writable, and reload the page"
    )


def _owner(browser: str) -> str:
    # A plain hash suffices: the secret is random, nobody can try them all.
    return sha256(browser.encode()).hexdigest() if is_secret(browser) else secrets.token_hex()


def _title(connection: Connection, browser: str, conversation_id: str) -> str | None:
    """The conversation's title if the browser owns it, else None."""
    found = schema.conversations
    query = select(found.c.title).where(
        found.c.conversation_id == conversation_id, found.c.owner == _owner(browser)
    )
    return connection.execute(query).scalar()


def _turns(connection: Connection, conversation_id: str, last: int) -> list[Any]:
    turns = schema.turns
    query = select(turns).where(turns.c.conversation_id == conversation_id, turns.c.number <= last)
    return list(connection.execute(query.order_by(turns.c.number)))


def _touch(connection: Connection, conversation_id: str, **values: str) -> None:
    found = schema.conversations
    connection.execute(update(found).where(found.c.conversation_id == conversation_id).values(values))


def _answer(written: str | None) -> Answer | None:
    if written is None:
        return None
    try:
        return _ANSWER.validate_json(written)
    except ValidationError:  # of a version that wrote it otherwise: the question stays
        return None


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1].rstrip()}…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
