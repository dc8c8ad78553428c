"""Alerts refer to chats and articles without foreign keys, and are unique in the order in which they are written.

Whoever writes an alert has just read its chat and its article; that each row was looked up again was half of a fan-out.
With the article first, the unique key serves those who look for an article's alerts, too, and a fan-out adds to its
end. It came before the first release: no program is left that counts on the foreign keys.

On PostgreSQL nobody reads or writes alerts until it is done, about four seconds for each million, while chats and
articles are locked for its last moment only. On SQLite the table is made anew, about five seconds for each million.

An alert leaves two dead rows behind on its way, one when it is claimed and one when it is sent. They are to be cleared
when there are 2% of them, not 20% as PostgreSQL would wait for. Room in the pages for new versions would not help: each
moves from one partial index to another.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
oldest_code = "0015"


def upgrade() -> None:
    """Make the changes."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        # at once: to ask for more later could end in a deadlock
        op.execute("LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
    op.drop_index("ix_alerts_article_id", "alerts")
    op.create_index("ix_alerts_chat_id", "alerts", ["chat_id"])
    with op.batch_alter_table("alerts") as alerts:
        alerts.drop_constraint("uq_alerts_chat_id_article_id", type_="unique")
        alerts.create_unique_constraint("uq_alerts_article_id_chat_id", ["article_id", "chat_id"])
        alerts.drop_constraint("fk_alerts_article_id", type_="foreignkey")
        alerts.drop_constraint("fk_alerts_chat_id", type_="foreignkey")
    if is_postgres:
        op.execute(
            "ALTER TABLE alerts SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
        )
