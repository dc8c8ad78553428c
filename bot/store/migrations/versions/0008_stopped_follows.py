"""Follows that were stopped all together, kept for as long as that can be undone."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import Id, UTCDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the changes."""
    op.create_table(
        "stopped_follows",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", Id, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("muted_until", UTCDateTime()),
        sa.Column("thread_id", sa.BigInteger()),
        sa.Column("stopped_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], "fk_stopped_follows_chat_id", onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], "fk_stopped_follows_topic_id"),
        sa.PrimaryKeyConstraint("chat_id", "topic_id", name="pk_stopped_follows"),
    )
