"""Alerts that a fan-out has just written are fresh, and in no index of those that may go; see ``stretches.py``.

A fan-out goes through all chats from the first to the last; one that is under way as it was before starts anew, which
tells nobody twice. What is due already goes as it did. It came before the first release: no program is left that knows
no fresh alerts.

On PostgreSQL nobody reads or writes articles and alerts until it is done, under a second for each million alerts. On
SQLite their table is made anew, about three seconds for each million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
oldest_code = "0019"


def upgrade() -> None:
    """Make the changes."""
    if op.get_bind().dialect.name == "postgresql":
        # at once: to ask for more later could end in a deadlock
        op.execute("LOCK TABLE articles, alerts IN ACCESS EXCLUSIVE MODE")
    op.drop_index("ix_alerts_of_chat", "alerts")
    with op.batch_alter_table("alerts") as alerts:
        alerts.drop_constraint(op.f("ck_alerts_state"), type_="check")
        alerts.create_check_constraint(
            op.f("ck_alerts_state"), "state IN ('fresh', 'due', 'waiting', 'sent', 'failed')"
        )
    op.create_index(
        "ix_alerts_of_chat",
        "alerts",
        ["chat_id"],
        postgresql_where=sa.text("(state = 'fresh') IS NOT true"),
        sqlite_where=sa.text("(state = 'fresh') IS NOT 1"),
    )
    op.create_table(
        "stretches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Float(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_stretches_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_stretches"),
    )
    op.create_index("ix_stretches_article_id", "stretches", ["article_id"])
    op.create_index("ix_stretches_in_order", "stretches", ["rank", "place", "id"])
    op.execute("UPDATE articles SET fan_out_after = NULL WHERE fanned_out_at IS NULL")
    op.drop_column("articles", "fan_out_from")
