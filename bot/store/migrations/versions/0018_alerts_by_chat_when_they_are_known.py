"""The index of alerts by chat leaves out those that a fan-out has just written, to go at once; see ``alerts_of.py``.

Who configures a channel has an index, too: a chat that is forgotten was looked for in all chats.
It came before the first release: no program is left that would ask for a chat's alerts by the old one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the changes."""
    op.create_index(
        "ix_alerts_of_chat",
        "alerts",
        ["chat_id"],
        postgresql_where=sa.text("state <> 'due' OR held"),
        sqlite_where=sa.text("state <> 'due' OR held = 1"),
    )
    op.drop_index("ix_alerts_chat_id", "alerts")
    configures = sa.text("configures IS NOT NULL")
    op.create_index(
        "ix_chats_configures", "chats", ["configures"], postgresql_where=configures, sqlite_where=configures
    )
