"""What readers choose, threads, breaking news, articles held back, and a pace that adapts.

Columns are added in place: SQLite drops a table to change it otherwise, and with it the rows that refer to it.
"""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the changes."""
    op.add_column("chats", sa.Column("chosen_language", sa.String(length=35)))
    op.add_column("chats", sa.Column("zone", sa.Text()))
    op.add_column("chats", sa.Column("quiet_from", sa.Integer()))
    op.add_column("chats", sa.Column("quiet_until", sa.Integer()))
    op.add_column("chats", sa.Column("digest", sa.String(length=8), nullable=False, server_default="now"))
    op.add_column("chats", sa.Column("digest_at", sa.Integer()))
    op.add_column("chats", sa.Column("digest_day", sa.Integer()))
    op.add_column("chats", sa.Column("daily_cap", sa.Integer()))
    op.add_column("chats", sa.Column("muted_until", UTCDateTime()))
    op.add_column("chats", sa.Column("hold_until", UTCDateTime()))
    op.add_column("chats", sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("chats", sa.Column("preview", sa.String(length=8), nullable=False, server_default="above"))
    op.add_column("chats", sa.Column("member", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("chats", sa.Column("hears_notices", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("chats", sa.Column("digest_offered_at", UTCDateTime()))
    op.add_column("follows", sa.Column("thread_id", sa.BigInteger()))
    op.add_column("articles", sa.Column("breaking", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("articles", sa.Column("held_back_at", UTCDateTime()))
    op.add_column("alerts", sa.Column("thread_id", sa.BigInteger()))
    op.add_column("alerts", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("pace", sa.Column("rate", sa.Float()))
    op.add_column("pace", sa.Column("slowed_at", UTCDateTime()))
