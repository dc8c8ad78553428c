"""A chat's id is the number of its row on SQLite, which then finds it in one step and not in two.

SQLite takes a key for the row's number only where its type is INTEGER by name,
https://www.sqlite.org/lang_createtable.html#rowid. A fan-out reads a row of this table for each alert.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the changes."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("chats", recreate="always") as chats:
            chats.alter_column("id", existing_type=sa.BigInteger(), type_=sa.Integer())
