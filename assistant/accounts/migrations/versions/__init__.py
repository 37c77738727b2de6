"""Alembic's scripts: the numbered steps of the catalogue's schema."""
