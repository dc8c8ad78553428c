"""Alerts that wait stand apart from those that may go, which have an order; chats have a pace of their own.

Nothing refers to alerts, so that SQLite may make that table anew.
"""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the changes."""
    op.add_column("articles", sa.Column("fan_out_from", sa.BigInteger()))
    op.drop_index("ix_alerts_due", "alerts")
    with op.batch_alter_table("alerts") as alerts:
        alerts.drop_constraint(op.f("ck_alerts_ck_alerts_state"), type_="check")
        alerts.add_column(sa.Column("rank", sa.BigInteger(), nullable=False, server_default="0"))
        alerts.create_check_constraint(op.f("ck_alerts_state"), "state IN ('due', 'waiting', 'sent', 'failed')")
    op.execute("UPDATE alerts SET rank = -article_id")
    for columns, state in ((["rank", "id"], "due"), (["due_at"], "waiting")):
        where = sa.text(f"state = '{state}'")
        op.create_index(f"ix_alerts_{state}", "alerts", columns, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "chat_pace",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("free_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_chat_pace"),
    )
    op.create_index("ix_chat_pace_free_at", "chat_pace", ["free_at"])
