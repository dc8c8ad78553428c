"""Who read what, where the operator wants to know."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import Id, UTCDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the changes."""
    op.create_table(
        "alert_taps",
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("lead", sa.String(length=12), nullable=False),
        sa.Column("tapped_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_taps_alert_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id", "lead", name="pk_alert_taps"),
    )
