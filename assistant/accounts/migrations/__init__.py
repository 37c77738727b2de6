"""Alembic's scripts: the numbered steps of the accounts' schema."""
