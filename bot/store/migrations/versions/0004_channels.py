"""The channel that a reader's commands are for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the changes."""
    op.add_column("chats", sa.Column("configures", sa.BigInteger()))
