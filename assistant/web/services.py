"""What the page works with besides the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.conversations import Conversations, conversations_file
from assistant.errors import ConfigurationError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.web.library import Library
    from assistant.web.team import Team


@dataclass(frozen=True, slots=True)
class Services:
    """The conversations' database, the data folder, and what papers are added with.

    Without a `library` no papers can be added from the page; with a `team` one has to log in.
    `metrics` shows them at /metrics; `log_questions` has the log hold what people ask.
    """

    conversations: Conversations
    data_dir: Path
    library: Library | None = None
    team: Team | None = None
    metrics: bool = False
    log_questions: bool = False


def services_for(settings: Settings) -> Services:
    """The services over the data folder of `settings`.

    Raises:
        ConfigurationError: login is required and nobody has an account.
    """
    from assistant.web.library import Library

    data_dir = settings.data_dir
    file = conversations_file(data_dir)
    if settings.login == "off":
        return Services(
            Conversations(file), data_dir, Library(settings),
            metrics=settings.metrics, log_questions=settings.log_questions,
        )  # fmt: skip

    from assistant.accounts.store import Accounts, accounts_file
    from assistant.web.team import Team, TeamLibrary, owner_of_user

    accounts = Accounts(accounts_file(data_dir))
    if not accounts.users():
        raise ConfigurationError(
            "ASSISTANT_LOGIN = required, and nobody has an account yet; run:"
            f" python -m assistant users add NAME --data {data_dir}"
        )
    team = Team(accounts, settings.rate_limit)
    return Services(
        Conversations(file, owner_of_user), data_dir, TeamLibrary(settings), team,
        settings.metrics, settings.log_questions,
    )  # fmt: skip
