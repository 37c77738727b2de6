"""What the page works with besides the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.conversations import Conversations, conversations_file

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.web.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """The conversations' database, the data folder, and what papers are added with.

    Without a `library` no papers can be added from the page.
    """

    conversations: Conversations
    data_dir: Path
    library: Library | None = None


def services_for(settings: Settings) -> Services:
    """The services over the data folder of `settings`."""
    from assistant.web.library import Library

    data_dir = settings.data_dir
    return Services(Conversations(conversations_file(data_dir)), data_dir, Library(settings))
