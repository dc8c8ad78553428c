"""Notices that are said to all readers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the changes."""
    op.add_column("notices", sa.Column("to_all", sa.Boolean(), nullable=False, server_default=sa.false()))
