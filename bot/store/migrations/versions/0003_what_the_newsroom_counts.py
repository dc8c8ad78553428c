"""What the newsroom counts, day by day, and what readers looked for in vain."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import Id

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the changes."""
    op.create_table(
        "counts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("article_id", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counts"),
    )
    op.create_index("ix_counts_day_what", "counts", ["day", "what"])
    op.create_table(
        "searches",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "words", name="pk_searches"),
    )
