"""An index of the follows for which a mention in an article's body counts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the changes."""
    anywhere = sa.text("scope = 'anywhere'")
    op.create_index("ix_follows_anywhere", "follows", ["topic_id"], postgresql_where=anywhere, sqlite_where=anywhere)
