"""${message}."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import Id, UTCDateTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Make the changes."""
    ${upgrades if upgrades else "pass"}
