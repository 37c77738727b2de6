"""The page for a team: who uses it, whose conversations are shown, who may add papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradio.context import LocalContext

from assistant.api.logs import CALL, USER, Call, call_of
from assistant.errors import AssistantError
from assistant.web.library import Library, Progress

if TYPE_CHECKING:
    from assistant.accounts.store import Accounts, User
    from assistant.api.asgi import Scope
    from ingest.report import IngestReport


@dataclass(frozen=True, slots=True)
class Team:
    """Login is required: by these accounts, with so many questions a minute for each."""

    accounts: Accounts
    per_minute: int


def current_user() -> User | None:
    """Whose event of the page is being handled in this thread; None outside of one."""
    user: User | None = (_scope() or {}).get(USER)
    return user


def current_call() -> Call | None:
    """The request at hand: one that brought an event of the page, or one of the other doors."""
    scope = _scope()
    return call_of(scope) if scope else CALL.get()


def _scope() -> Scope | None:
    # That of the request that brought the event, wherever Gradio's queue has taken it since.
    request = LocalContext.request.get(None)
    scope: Scope | None = request.request.scope if request and request.request else None
    return scope


def owner_of_user(_browser: str) -> str:
    """The secret that conversations belong to: the user's, whatever the browser says it is."""
    user = current_user()
    return user.owner if user else ""


class TeamLibrary(Library):
    """A library that only those add to, and take from, who may."""

    def refusal(self) -> str:
        user = current_user()
        if user is not None and user.may_add:
            return ""
        name = user.name if user else "this account"
        return f"{name} may ask but not add papers; whoever runs the server can change that"

    def add(self, files: Sequence[Path]) -> Iterator[Progress | IngestReport]:
        self._check()
        return super().add(files)

    def undo(self, name: str) -> Iterator[Progress | IngestReport]:
        self._check()
        return super().undo(name)

    def _check(self) -> None:
        if refusal := self.refusal():
            raise AssistantError(refusal)
