"""Passes into the newsroom."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the changes."""
    op.create_table(
        "passes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('link', 'session')", name=op.f("ck_passes_kind")),
        sa.PrimaryKeyConstraint("digest", name="pk_passes"),
    )
