"""The trail of merges, papers split off again, and marks of retraction."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("papers", sa.Column("status", sa.String))
    op.create_table(
        "merges",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("paper_id", sa.String, nullable=False, index=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("absorbed", sa.Text, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("status", sa.String, nullable=False),
    )
    op.create_table("apart", sa.Column("paper_id", sa.String, primary_key=True))
