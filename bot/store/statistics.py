"""What happened, counted by day: the figures that the newsroom sees, and that outlive articles and alerts.

A count is a row that is added, never one that is changed: whoever counts waits for nobody, however many do. Readers sum
rows up, and ``compact`` folds them. Days are those of UTC.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Column, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.store.database import insert
from bot.store.schema import counts, searches

T = TypeVar("T")

DETAILED = timedelta(days=40)
"""So long it is known which article a count concerns, and what was looked for in vain."""
FOLDED = 5_000
"""Rows that are folded at once, so that nobody waits for it."""
LONGEST_SEARCH = 100
"""Characters of what was looked for."""


class What(StrEnum):
    """What is counted."""

    FOLLOWED = "followed"  # a topic
    UNFOLLOWED = "unfollowed"  # a topic
    LEFT = "left"  # a chat blocked the bot, or is gone
    ARTICLE = "article"  # an article came as news
    MATCH = "match"  # a topic was found in an article that came as news
    TOLD = "told"  # a topic was a reason of an alert: the one it was written for, or a tag its chat follows
    SENT = "sent"  # an article's alert
    PROMPT = "prompt"  # an article's alert that waited for no digest
    SECONDS = "seconds"  # from an article's publication until such an alert was sent
    FAILED = "failed"  # an article's alert that will not be sent any more
    READ = "read"  # a tap on the button that leads to the article, by article and topic
    SUBSCRIBE = "subscribe"  # the same to the page for subscribing
    SIGN_IN = "sign_in"  # and for signing in


TAPS = frozenset({What.READ, What.SUBSCRIBE, What.SIGN_IN})


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that happened, with the topic and the article that it concerns, by id; 0 where it concerns none."""

    what: What
    topic_id: int = 0
    article_id: int = 0


Totals = Mapping[What, int]
"""How often each happened; nothing stands for 0."""


async def count(connection: AsyncConnection, now: datetime, events: Iterable[Event] | Mapping[Event, int]) -> None:
    """Count events, given one by one or with their numbers."""
    day = now.date()
    totals = Counter(events)
    rows = [
        _row((day, event.what, event.topic_id, event.article_id), totals[event]) for event in totals if totals[event]
    ]
    if rows:
        await connection.execute(counts.insert(), rows)


async def count_search(connection: AsyncConnection, now: datetime, names: Iterable[str]) -> None:
    """Count words that a reader wanted to follow and that are no tag. Who it was is not kept.

    To be called at the end of a transaction: it waits for others that count the same words, and they for it.
    """
    keys = {text.key(name)[:LONGEST_SEARCH].rstrip() for name in names} - {""}
    if not keys:
        return
    rows = insert(connection, searches).values(
        [{"day": now.date(), "words": words, "number": 1} for words in sorted(keys)]
    )
    one_more = {"number": searches.c.number + 1}
    await connection.execute(rows.on_conflict_do_update(index_elements=["day", "words"], set_=one_more))


async def by_day(connection: AsyncConnection, since: date) -> dict[date, Totals]:
    """How often each thing happened, each day from ``since`` on."""
    return await _sums(connection, counts.c.day, since)


async def by_topic(connection: AsyncConnection, since: date, only: Collection[int] | None = None) -> dict[int, Totals]:
    """The same for each topic, or only for these; under 0 what concerns none."""
    return await _sums(connection, counts.c.topic_id, since, only)


async def by_article(
    connection: AsyncConnection, since: date, only: Collection[int] | None = None
) -> dict[int, Totals]:
    """The same for each article, or only for these; under 0 what concerns none or one long ago."""
    return await _sums(connection, counts.c.article_id, since, only)


async def matched(connection: AsyncConnection, since: date) -> set[int]:
    """The topics that were found in articles which came as news from ``since`` on."""
    query = select(counts.c.topic_id).where(counts.c.day >= since, counts.c.what == What.MATCH).distinct()
    return set((await connection.execute(query)).scalars())


async def vain_searches(connection: AsyncConnection, since: date, limit: int) -> list[tuple[str, int]]:
    """What readers looked for in vain from ``since`` on, folded, and how often; most often first."""
    often = func.sum(searches.c.number)
    query = select(searches.c.words, often).where(searches.c.day >= since).group_by(searches.c.words)
    found = await connection.execute(query.order_by(often.desc(), searches.c.words).limit(limit))
    return [(words, int(number)) for words, number in found]


async def compact(connection: AsyncConnection, now: datetime) -> bool:
    """Fold some rows of the last days, and details that are no longer kept; whether it is worth going on.

    Figures stay the same. Any number of processes may do it at once: each folds the rows that it has deleted.
    """
    today = now.date()
    recent = counts.c.day >= today - timedelta(days=1)
    old = and_(counts.c.day < today - DETAILED, counts.c.article_id != 0)
    some = select(counts.c.id).where(or_(recent, old)).order_by(counts.c.id).limit(FOLDED)
    free = some.with_for_update(skip_locked=True).cte("free")
    gone = delete(counts).where(counts.c.id.in_(select(free.c.id)))
    totals: Counter[_Key] = Counter()
    rows = (await connection.execute(gone.returning(counts))).all()
    for row in rows:
        article_id = row.article_id if row.day >= today - DETAILED else 0
        totals[row.day, row.what, row.topic_id, article_id] += row.number
    if totals:
        await connection.execute(counts.insert(), [_row(key, number) for key, number in totals.items()])
    await connection.execute(delete(searches).where(searches.c.day < today - DETAILED))
    return len(rows) == FOLDED and len(totals) <= FOLDED // 2  # else it would fold what is folded, without an end


_Key = tuple[date, str, int, int]
"""Day, what, topic, article."""


def _row(key: _Key, number: int) -> dict[str, object]:
    day, what, topic_id, article_id = key
    return {"day": day, "what": what, "topic_id": topic_id, "article_id": article_id, "number": number}


async def _sums(
    connection: AsyncConnection, by: Column[T], since: date, only: Collection[T] | None = None
) -> dict[T, Totals]:
    query = select(by, counts.c.what, func.sum(counts.c.number)).where(counts.c.day >= since)
    if only is not None:
        query = query.where(by.in_(only))
    found: defaultdict[T, dict[What, int]] = defaultdict(dict)
    for key, what, number in await connection.execute(query.group_by(by, counts.c.what)):
        found[key][What(what)] = int(number)
    return dict(found)
