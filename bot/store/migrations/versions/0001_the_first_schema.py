"""The first schema."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import Id, UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the changes."""
    op.create_table(
        "chats",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("resting_since", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "feeds",
        sa.Column("id", Id, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("filled_at", UTCDateTime(), nullable=True),
        sa.Column("next_poll_at", UTCDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("hint_seconds", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("url", name="uq_feeds_url"),
    )
    op.create_index("ix_feeds_next_poll_at", "feeds", ["next_poll_at"], unique=False)

    op.create_table(
        "learned_words",
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("words", "tag", name="pk_learned_words"),
    )
    op.create_table(
        "learned_tags",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("named", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name="pk_learned_tags"),
    )
    op.create_table(
        "learning",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("articles", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_learning"),
    )
    op.create_table(
        "notices",
        sa.Column("id", Id, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_due_at", "notices", ["due_at"], unique=False)
    op.create_table(
        "pace",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("halted_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("bot_id", name="pk_pace"),
    )
    op.create_table(
        "topics",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), server_default="words", nullable=False),
        sa.Column("is_tag", sa.Boolean(), nullable=False),
        sa.Column("spellings", sa.JSON(), nullable=False),
        sa.Column("articles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('words', 'query')", name="ck_topics_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_topics"),
        sa.UniqueConstraint("key", name="uq_topics_key"),
    )
    op.create_index("ix_topics_version", "topics", ["version"], unique=False)

    op.create_table(
        "subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("callback", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="wanted", nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("heard_at", UTCDateTime(), nullable=True),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('wanted', 'live', 'denied', 'unwanted')", name="ck_subscriptions_state"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_subscriptions_feed_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("token", name="uq_subscriptions_token"),
    )
    op.create_index("ix_subscriptions_next_at", "subscriptions", ["next_at"], unique=False)
    op.create_index(
        "ix_subscriptions_current",
        "subscriptions",
        ["feed_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'unwanted'"),
        sqlite_where=sa.text("state <> 'unwanted'"),
    )

    op.create_table(
        "articles",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("teaser", sa.Text(), nullable=False),
        sa.Column("premium", sa.Boolean(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("also_read", sa.JSON(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("story", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revised_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("fanned_out_at", UTCDateTime(), nullable=True),
        sa.Column("fan_out_after", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_articles_feed_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_seen_at", "articles", ["seen_at"], unique=False)
    op.create_index("ix_articles_story", "articles", ["story"], unique=False)
    op.create_index(
        "ix_articles_revised_at",
        "articles",
        ["revised_at"],
        unique=False,
        postgresql_where=sa.text("revised_at IS NOT NULL"),
        sqlite_where=sa.text("revised_at IS NOT NULL"),
    )
    op.create_index(
        "ix_articles_to_fan_out",
        "articles",
        ["id"],
        unique=False,
        postgresql_where=sa.text("fanned_out_at IS NULL"),
        sqlite_where=sa.text("fanned_out_at IS NULL"),
    )

    op.create_table(
        "follows",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", Id, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("scope", sa.String(length=8), server_default="headline", nullable=False),
        sa.Column("muted_until", UTCDateTime(), nullable=True),
        sa.CheckConstraint("scope IN ('tags', 'headline', 'anywhere')", name="ck_follows_scope"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name="fk_follows_chat_id", onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_follows_topic_id"),
        sa.PrimaryKeyConstraint("chat_id", "topic_id", name="pk_follows"),
    )
    op.create_index("ix_follows_topic_id_chat_id", "follows", ["topic_id", "chat_id"], unique=False)

    op.create_table(
        "alerts",
        sa.Column("id", Id, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("state", sa.String(length=8), server_default="due", nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'sent', 'failed')", name="ck_alerts_state"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_alerts_article_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name="fk_alerts_chat_id", onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("chat_id", "article_id", name="uq_alerts_chat_id_article_id"),
    )
    op.create_index("ix_alerts_article_id", "alerts", ["article_id"], unique=False)
    op.create_index(
        "ix_alerts_due",
        "alerts",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
        sqlite_where=sa.text("state = 'due'"),
    )

    op.create_table(
        "article_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_keys_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_article_keys"),
    )
    op.create_index("ix_article_keys_article_id", "article_keys", ["article_id"], unique=False)

    op.create_table(
        "article_tags",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("topic_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_tags_article_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_article_tags_topic_id"),
        sa.PrimaryKeyConstraint("article_id", "topic_id", name="pk_article_tags"),
    )
    op.create_index("ix_article_tags_topic_id_article_id", "article_tags", ["topic_id", "article_id"], unique=False)

    op.create_table(
        "matches",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("topic_id", Id, nullable=False),
        sa.Column("found_in", sa.String(length=8), server_default="headline", nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint("found_in IN ('tag', 'headline', 'teaser', 'body')", name="ck_matches_found_in"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_matches_article_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_matches_topic_id"),
        sa.PrimaryKeyConstraint("article_id", "topic_id", name="pk_matches"),
    )
    op.create_index("ix_matches_topic_id", "matches", ["topic_id"], unique=False)
