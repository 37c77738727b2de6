"""Alembic's scripts: the numbered steps of the conversations' schema."""
