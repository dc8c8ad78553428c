"""Indexes for what the newsroom's pages ask: counts are summed up from the index alone, failed alerts found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the changes."""
    op.create_index("ix_counts_summed", "counts", ["day", "what", "topic_id", "article_id", "number"])
    op.drop_index("ix_counts_day_what", "counts")
    failed = sa.text("state = 'failed'")
    op.create_index("ix_alerts_failed", "alerts", ["id"], postgresql_where=failed, sqlite_where=failed)
