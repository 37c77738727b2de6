"""What Alembic runs for each upgrade; the connection comes from `assistant.database.migrations`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
