"""Pages that could not be read are read again."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UTCDateTime

revision = "0014"
down_revision = "0013"

_UNREAD = sa.text("page_due_at IS NOT NULL")


def upgrade() -> None:
    """Make the changes."""
    op.add_column("articles", sa.Column("page_due_at", UTCDateTime()))
    op.add_column("articles", sa.Column("page_tries", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_articles_page_due_at", "articles", ["page_due_at"], postgresql_where=_UNREAD, sqlite_where=_UNREAD
    )
