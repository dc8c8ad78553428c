"""The tables. ``migrations/`` makes them; a test holds that both say the same.

feeds ─────▶ articles ──▶ article_tags, matches ──▶ topics ◀── follows ◀── chats
                ╎  └────▶ article_keys, stretches (to fresh alerts)          ╎
                └╌╌╌╌╌╌╌▶ alerts (the outbox) ◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┘
feeds ─────▶ subscriptions (to hubs)

counts and searches stand apart: they outlive what they tell of.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal,
    or_,
    text,
    true,
)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time in UTC, on databases that know time zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive times: they would mean another moment on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone does not go into the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone, which is always UTC."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER PRIMARY KEY

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("title", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("filled_at", UTCDateTime),
    Column("polled_at", UTCDateTime),  # when it was last looked at, well or in vain
    Column("next_poll_at", UTCDateTime, nullable=False, index=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", UTCDateTime),
    Column("told_at", UTCDateTime),  # when the admins were told that it is dead
    Column("last_error", Text),
    Column("moved_to", Text),  # where it went for good, as its server says
    Column("hint_seconds", Integer),  # how often it says that it changes
)

subscriptions = Table(
    "subscriptions",  # to feeds at their hubs, https://www.w3.org/TR/websub/
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),  # the address by which the hub knows the feed
    Column("token", String(64), nullable=False, unique=True),  # the end of the address at which we are called
    Column("secret", String(64), nullable=False),  # by which calls are signed
    Column("callback", Text),  # the address that the hub was last told
    Column("state", String(8), nullable=False, server_default="wanted"),
    Column("asked_at", UTCDateTime),  # when the hub was last asked; null before
    Column("expires_at", UTCDateTime),  # until when the hub said it calls; null before it did
    Column("heard_at", UTCDateTime),  # when the hub last confirmed or announced
    Column("doubted", Boolean, nullable=False),  # whether news came of which the hub had said nothing
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_at", UTCDateTime, nullable=False, index=True),
    CheckConstraint("state IN ('wanted', 'live', 'denied', 'unwanted')", name="state"),
)
Index("ix_subscriptions_current", subscriptions.c.feed_id, unique=True, postgresql_where=text("state <> 'unwanted'"),
      sqlite_where=text("state <> 'unwanted'"))  # fmt: skip

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id", ondelete="SET NULL")),
    Column("link", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("teaser", Text, nullable=False),
    Column("premium", Boolean, nullable=False),
    Column("byline", Text),
    Column("image", Text),
    Column("also_read", JSON, nullable=False),  # [[title, url], …]
    Column("published_at", UTCDateTime),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("story", String(64), nullable=False),  # what all tellings of one headline have in common
    Column("fingerprint", String(64), nullable=False),  # what the feed said of it, before its page was read
    Column("revision", Integer, nullable=False, server_default="0"),  # counts what readers are to see corrected
    Column("revised_at", UTCDateTime),
    Column("withdrawn_at", UTCDateTime),
    Column("breaking", Boolean, nullable=False, server_default=false()),  # goes before all others
    Column("held_back_at", UTCDateTime),  # when an editor stopped it
    Column("fanned_out_at", UTCDateTime),  # null while alerts are still to be written
    Column("fan_out_after", BigInteger),  # the last chat that it has reached
    Column("page_due_at", UTCDateTime),  # when its page, which could not be read, is read again
    Column("page_tries", Integer, nullable=False, server_default="0"),  # how often it was read again in vain
    Index("ix_articles_seen_at", "seen_at"),
    Index("ix_articles_story", "story"),
)
Index("ix_articles_revised_at", articles.c.revised_at, postgresql_where=text("revised_at IS NOT NULL"),
      sqlite_where=text("revised_at IS NOT NULL"))  # fmt: skip
Index("ix_articles_page_due_at", articles.c.page_due_at, postgresql_where=text("page_due_at IS NOT NULL"),
      sqlite_where=text("page_due_at IS NOT NULL"))  # fmt: skip
Index("ix_articles_to_fan_out", articles.c.id, postgresql_where=text("fanned_out_at IS NULL"),
      sqlite_where=text("fanned_out_at IS NULL"))  # fmt: skip

article_keys = Table(
    "article_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
)

topics = Table(
    "topics",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", String(8), nullable=False, server_default="words"),
    Column("is_tag", Boolean, nullable=False),  # whether the newsroom itself has used it
    Column("spellings", JSON, nullable=False),  # of the tag: [name, …]
    Column("articles", Integer, nullable=False, server_default="0"),  # that bear it as a tag
    Column("last_at", UTCDateTime),  # when the last of them came
    Column("version", BigInteger, nullable=False, index=True),
    CheckConstraint("kind IN ('words', 'query')", name="kind"),
)

article_tags = Table(
    "article_tags",
    metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Index("ix_article_tags_topic_id_article_id", "topic_id", "article_id"),
)

matches = Table(
    "matches",
    metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), primary_key=True, index=True),
    Column("found_in", String(8), nullable=False, server_default="headline"),  # the place that says most
    Column("words", Text),  # what was found there; null where nobody noted it
    CheckConstraint("found_in IN ('tag', 'headline', 'teaser', 'body')", name="found_in"),
)

chats = Table(
    "chats",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("language", String(35)),  # as Telegram says
    Column("chosen_language", String(35)),  # as the reader says, which counts for more
    Column("zone", Text),  # the time zone's name in the tz database
    Column("quiet_from", Integer),  # minutes after the zone's midnight; both or neither
    Column("quiet_until", Integer),
    Column("digest", String(8), nullable=False, server_default="now"),  # how often alerts go out
    Column("digest_at", Integer),  # minutes after midnight, daily and weekly
    Column("digest_day", Integer),  # 0 is Monday, weekly
    Column("daily_cap", Integer),  # alerts a day that come at once
    Column("muted_until", UTCDateTime),
    Column("hold_until", UTCDateTime),  # the next moment at which alerts may reach it; in the past: now
    Column("silent", Boolean, nullable=False, server_default=false()),  # without a sound
    Column("preview", String(8), nullable=False, server_default="above"),  # the article's picture
    Column("member", Boolean, nullable=False, server_default=false()),  # has a subscription and wants to read
    Column("hears_notices", Boolean, nullable=False, server_default=true()),
    Column("digest_offered_at", UTCDateTime),  # when it was asked whether it rather had a digest, which is once
    Column("configures", BigInteger),  # the channel that its reader's commands are for
    Column("resting_since", UTCDateTime),  # set while Telegram refuses us: blocked, gone, kicked
    Column("created_at", UTCDateTime, nullable=False),
)
Index("ix_chats_configures", chats.c.configures, postgresql_where=text("configures IS NOT NULL"),
      sqlite_where=text("configures IS NOT NULL"))  # fmt: skip

follows = Table(
    "follows",
    metadata,
    Column("chat_id", BigInteger, ForeignKey("chats.id", ondelete="CASCADE", onupdate="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("scope", String(8), nullable=False, server_default="headline"),  # where a mention counts
    Column("muted_until", UTCDateTime),
    Column("thread_id", BigInteger),  # of the chat, in which the follow was made and its alerts are posted
    CheckConstraint("scope IN ('tags', 'headline', 'anywhere')", name="scope"),
    Index("ix_follows_topic_id_chat_id", "topic_id", "chat_id"),
)
Index("ix_follows_anywhere", follows.c.topic_id, postgresql_where=text("scope = 'anywhere'"),
      sqlite_where=text("scope = 'anywhere'"))  # fmt: skip
ANYWHERE = follows.c.scope == literal("anywhere", literal_execute=True)
"""Of a follow: that a mention in an article's body counts. Spelled out, so that the index on those alone serves it."""

stopped_follows = Table(
    "stopped_follows",  # all together, which may have been a slip
    metadata,
    Column("chat_id", BigInteger, ForeignKey("chats.id", ondelete="CASCADE", onupdate="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("scope", String(8), nullable=False),
    Column("muted_until", UTCDateTime),
    Column("thread_id", BigInteger),
    Column("stopped_at", UTCDateTime, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    # no foreign keys: to check them was half of a fan-out; articles stay, and with a chat chats.py lets its alerts go
    Column("chat_id", BigInteger, nullable=False),
    Column("article_id", Id, nullable=False),
    Column("thread_id", BigInteger),
    Column("state", String(8), nullable=False, server_default="due"),  # of those below
    Column("rank", BigInteger, nullable=False, server_default="0"),  # of those that may go the lowest goes first
    Column("held", Boolean, nullable=False, server_default=false()),  # waits for its chat's time: part of a digest
    Column("due_at", UTCDateTime, nullable=False),  # of one that waits: when it may go, or is taken from who claimed it
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("message_id", BigInteger),
    Column("revision", Integer, nullable=False, server_default="0"),  # of the article, as the chat sees it
    Column("sent_at", UTCDateTime),
    Column("error", Text),
    UniqueConstraint("article_id", "chat_id"),  # in the order in which a fan-out writes
    CheckConstraint("state IN ('fresh', 'due', 'waiting', 'sent', 'failed')", name="state"),
)
Index("ix_alerts_due", alerts.c.rank, alerts.c.id, postgresql_where=text("state = 'due'"),
      sqlite_where=text("state = 'due'"))  # fmt: skip
Index("ix_alerts_waiting", alerts.c.due_at, postgresql_where=text("state = 'waiting'"),
      sqlite_where=text("state = 'waiting'"))  # fmt: skip
Index("ix_alerts_failed", alerts.c.id, postgresql_where=text("state = 'failed'"),
      sqlite_where=text("state = 'failed'"))  # fmt: skip
Index("ix_alerts_of_chat", alerts.c.chat_id, postgresql_where=text("(state = 'fresh') IS NOT true"),
      sqlite_where=text("(state = 'fresh') IS NOT 1"))  # fmt: skip
FRESH = alerts.c.state == literal("fresh", literal_execute=True)
"""Of an alert: that it may go now and was never claimed or held: stretches lead to it, and no index of its state.

Like those that follow it is spelled out in every query, so that the indexes on those alone serve it.
"""
DUE = alerts.c.state == literal("due", literal_execute=True)
"""That it may go now and was something else before."""
WAITING = alerts.c.state == literal("waiting", literal_execute=True)
"""That it may go from ``due_at`` on: until then it is held for its chat's time, claimed, or put off after a failure."""
FAILED = alerts.c.state == literal("failed", literal_execute=True)
"""That it is given up."""
PENDING = or_(FRESH, DUE, WAITING)
"""That it is neither sent nor given up."""
KNOWN_BY_CHAT = FRESH.is_not(true())
"""That the index by chat has it; ``alerts_of`` finds the others, too.

Not spelled as ``state <> 'fresh'``: PostgreSQL would conclude that of those that are due, and look for them in this
index where its statistics are of a moment when all were fresh, and this one empty.
"""

stretches = Table(
    "stretches",  # of the chats to which an article has fresh alerts
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("rank", BigInteger, nullable=False),  # of the alerts
    Column("place", Float, nullable=False),  # among those of the article, from 0 to 1
    Column("after", BigInteger, nullable=False),  # the chat up to which none is left
    Column("until", BigInteger, nullable=False),  # the last chat
    Index("ix_stretches_in_order", "rank", "place", "id"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_at", UTCDateTime, nullable=False, index=True),
    Column("to_all", Boolean, nullable=False, server_default=false()),  # said to all readers, who can refuse more
)

passes = Table(
    "passes",  # into the newsroom
    metadata,
    Column("digest", String(64), primary_key=True),  # of the secret that the editor has
    Column("kind", String(8), nullable=False),
    Column("chat_id", BigInteger, nullable=False),  # the editor's private chat
    Column("expires_at", UTCDateTime, nullable=False),
    CheckConstraint("kind IN ('link', 'session')", name="kind"),
)

pace = Table(
    "pace",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("tokens", Float, nullable=False),
    Column("counted_at", UTCDateTime, nullable=False),
    Column("halted_until", UTCDateTime),
    Column("rate", Float),  # messages a second that Telegram was last seen to take; null: as many as are set
    Column("slowed_at", UTCDateTime),  # when it last refused
)

chat_pace = Table(
    "chat_pace",  # of chats that were sent something lately
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("free_at", UTCDateTime, nullable=False, index=True),  # when it may get a message, bursts aside
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

updates = Table(
    "updates",  # of Telegram's that came by webhook
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("leased_until", UTCDateTime, nullable=False, index=True),  # by who handles it
    Column("handled", Boolean, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("secret_hash", String(64), nullable=False),  # of the secret that Telegram was last given
)

alert_taps = Table(
    "alert_taps",  # who read what; kept only where the operator wants to know
    metadata,
    Column("alert_id", ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("lead", String(12), primary_key=True),
    Column("tapped_at", UTCDateTime, nullable=False),  # first
)

counts = Table(
    "counts",  # what happened, for the newsroom: added to and summed, so that nobody waits for another's row
    metadata,
    Column("id", Id, primary_key=True),
    Column("day", Date, nullable=False),  # in UTC
    Column("what", String(12), nullable=False),  # of statistics.What
    Column("topic_id", BigInteger, nullable=False, server_default="0"),  # 0 where it concerns none
    Column("article_id", BigInteger, nullable=False, server_default="0"),  # 0 where it concerns none, or long ago
    Column("number", BigInteger, nullable=False),
    # all that is asked of it: it is only ever summed up
    Index("ix_counts_summed", "day", "what", "topic_id", "article_id", "number"),
)

searches = Table(
    "searches",  # words that readers wanted to follow and that are no tag of the site's
    metadata,
    Column("day", Date, primary_key=True),  # in UTC
    Column("words", String(100), primary_key=True),  # folded
    Column("number", Integer, nullable=False),
)
