"""When feeds were last looked at."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UTCDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the changes."""
    op.add_column("feeds", sa.Column("polled_at", UTCDateTime()))
