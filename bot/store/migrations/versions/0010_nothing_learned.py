"""What was learned is no longer kept: it is learned from the archive again, which takes seconds."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the changes."""
    for table in ("learned_words", "learned_tags", "learning"):
        op.drop_table(table)
