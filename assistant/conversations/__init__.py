"""What people asked and what they thought of the answers, kept in a database of its own.

Its own file, so that the chat never waits for an ingest and a rebuilt corpus takes nothing along.
"""

from assistant.conversations.store import Conversations, Heading, Turn, conversations_file

__all__ = ["Conversations", "Heading", "Turn", "conversations_file"]
