"""A store as a large newsroom has it after a month: written set by set, in seconds, the same on both databases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, literal, null, select, text
from sqlalchemy import Table as SqlTable
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import (
    UTCDateTime,
    alerts,
    article_tags,
    articles,
    chats,
    counts,
    feeds,
    follows,
    matches,
    searches,
    topics,
)
from bot.store.statistics import What

DAYS = 30
GROUPS = 10
"""Each chat follows one topic of each group; each group has twice as many as the one before: few topics have many."""
FIRST_GROUP = 5
TAGS = 5
"""Of an article."""
UNFOLDED = 20
"""Rows that today's sending has left for each article and topic, and that nobody has folded yet."""
SENDING = frozenset({What.TOLD, What.SENT, What.PROMPT, What.SECONDS})
Number = ColumnElement[int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How much there is; ten times as many follows as chats."""

    chats: int = 100_000
    articles_a_day: int = 100
    alerts_of_an_article: int = 333
    searches_a_day: int = 1_000
    pending: int = 20_000
    """Alerts that may go now, and as many that wait."""

    @property
    def topics(self) -> int:
        """Those of all groups."""
        return FIRST_GROUP * ((1 << GROUPS) - 1)


async def fill(connection: AsyncConnection, now: datetime, crowd: Crowd) -> None:
    """Write all of it into an empty store, as if ``DAYS`` days ended now."""
    if connection.dialect.name == "postgresql":  # to check millions of references takes longer than all else
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
    await _readers(connection, now, crowd)
    for day in range(DAYS):
        await _articles(connection, now - timedelta(days=DAYS - 1 - day), day * crowd.articles_a_day, crowd)
        await _counts(connection, now.date() - timedelta(days=DAYS - 1 - day), day * crowd.articles_a_day, now, crowd)
    await _alerts(connection, now, crowd)
    await connection.execute(text("ANALYZE"))  # as PostgreSQL does by itself in a database that is in use


async def _readers(connection: AsyncConnection, now: datetime, crowd: Crowd) -> None:
    for address in ("https://news.example/feed/", "https://news.example/sport/feed/"):
        await connection.execute(feeds.insert().values(url=address, title="News", next_poll_at=now))
    n = _series(crowd.chats)
    resting = sql_case((n % 20 == 0, _time(now)), else_=null())
    await _insert(
        connection, chats, id=n, kind=literal("private"), hold_until=_time(now), created_at=_time(now),
        resting_since=resting,
    )  # fmt: skip
    n = _series(crowd.topics)
    await _insert(
        connection, topics, id=n, key=_named("topic", n), name=_named("Topic", n), is_tag=n % 3 != 0,
        spellings=literal([], topics.c.spellings.type), version=n,
    )  # fmt: skip
    for group in range(GROUPS):
        n, size = _series(crowd.chats), FIRST_GROUP * 2**group
        topic = _mixed(n, group) % size + FIRST_GROUP * (2**group - 1) + 1
        await _insert(connection, follows, chat_id=n, topic_id=topic, created_at=_time(now))


async def _articles(connection: AsyncConnection, at: datetime, first: int, crowd: Crowd) -> None:
    n = _series(crowd.articles_a_day)
    article = n + first
    await _insert(
        connection, articles, id=article, feed_id=literal(1, BigInteger), link=_named("https://news.example/", article),
        headline=_named("What happened today, part", article), teaser=literal("A teaser."), premium=n % 4 == 0,
        also_read=literal([], articles.c.also_read.type), published_at=_time(at), seen_at=_time(at),
        story=_named("story", article), fingerprint=literal(""), fanned_out_at=_time(at + timedelta(seconds=5)),
    )  # fmt: skip
    for place in range(TAGS):
        n = _series(crowd.articles_a_day)
        pair = {"article_id": n + first, "topic_id": _tag(n + first, place, crowd)}
        await _insert(connection, article_tags, **pair, position=literal(place, BigInteger))
        await _insert(connection, matches, **pair, found_in=literal("tag"))


async def _counts(connection: AsyncConnection, day: date, first: int, now: datetime, crowd: Crowd) -> None:
    async def add(n: Number, *what: What, **of: Number) -> None:
        for one in what:
            times = UNFOLDED if one in SENDING else 1
            rows, each = (times, 1) if day == now.date() else (1, times)
            number = (n % 90 + 1) * each
            for _ in range(rows):
                await _insert(connection, counts, day=literal(day), what=literal(str(one)), number=number, **of)

    for place in range(TAGS):
        n = _series(crowd.articles_a_day)
        await add(n, What.READ, What.SUBSCRIBE, article_id=n + first, topic_id=_tag(n + first, place, crowd))
        await add(n, What.MATCH, What.TOLD, topic_id=_tag(n + first, place, crowd))
    n = _series(crowd.articles_a_day)
    await add(n, What.ARTICLE, What.SENT, What.PROMPT, What.SECONDS, article_id=n + first)
    n = _series(crowd.topics // 4)
    await add(n, What.FOLLOWED, What.UNFOLLOWED, topic_id=n * 4 - day.day % 4)
    n = _series(crowd.searches_a_day)
    await _insert(connection, searches, day=literal(day), words=_named("nothing on", n + day.day), number=n % 50 + 1)


async def _alerts(connection: AsyncConnection, now: datetime, crowd: Crowd) -> None:
    each, apart = crowd.alerts_of_an_article, crowd.chats // crowd.alerts_of_an_article
    last = crowd.articles_a_day * DAYS * each
    n = _series(last)
    article = (n - 1) // each + 1
    is_due, is_waiting, is_aside = n > last - crowd.pending, n > last - 2 * crowd.pending, n % 100 == 0
    await _insert(
        connection,
        alerts,
        chat_id=(n - 1) % each * apart + article % apart + 1,
        article_id=article,
        state=sql_case((is_due, "due"), (is_waiting, "waiting"), (is_aside, "failed"), else_="sent"),
        due_at=sql_case((is_waiting & ~is_due, _time(now + timedelta(hours=5))), else_=_time(now - timedelta(hours=1))),
        attempts=literal(1, BigInteger),
        error=sql_case((is_aside, "Bad Request: something odd"), else_=null()),
    )


def _series(last: int) -> Number:
    """A column of the numbers from 1 to ``last``."""
    series = select(literal(1, BigInteger).label("n")).cte("series", recursive=True)
    return series.union_all(select(series.c.n + 1).where(series.c.n < last)).c.n


def _mixed(n: Number, salt: int) -> Number:
    """Numbers as if thrown, always the same."""
    return (n * 2_654_435_761 + salt * 40_503) // 1_024 % 1_000_003


def _tag(article: Number, place: int, crowd: Crowd) -> Number:
    """The article's tag at this place; no other place can have it."""
    return _mixed(article, place) % (crowd.topics // TAGS) * TAGS + place + 1


def _named(what: str, n: Number) -> ColumnElement[str]:
    return literal(f"{what} ") + cast(n, Text)


def _time(at: datetime) -> ColumnElement[datetime]:
    return literal(at, UTCDateTime())


async def _insert(connection: AsyncConnection, table: SqlTable, **values: ColumnElement[Any]) -> None:
    await connection.execute(table.insert().from_select(list(values), select(*values.values())))
