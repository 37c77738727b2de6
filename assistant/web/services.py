"""What the page works with besides the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.conversations import Conversations, conversations_file

if TYPE_CHECKING:
    from assistant.embedding import EmbeddingModel
    from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The conversations' database, and the settings that papers are added with.

    Without `settings` no papers can be added from the page.
    """

    conversations: Conversations
    data_dir: Path
    settings: Settings | None = None
    model: EmbeddingModel | None = None


def services_for(settings: Settings, model: EmbeddingModel | None = None) -> Services:
    """The services over the data folder of `settings`."""
    return Services(Conversations(conversations_file(settings.data_dir)), settings.data_dir, settings, model)
