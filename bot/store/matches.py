"""Matches: which topics an article is about, and where it says so."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert
from bot.store.schema import alerts, follows, matches, topics

MAX_WORDS = 200
"""Characters of the words that are kept with a match; they are shown to who asks why an alert came."""


@dataclass(frozen=True, slots=True)
class Match:
    """A topic that an article is about: the part that says so best, and the words that stand there."""

    topic_id: int
    found_in: str
    """``tag``, ``headline``, ``teaser`` or ``body``."""
    words: str | None = None


async def add(connection: AsyncConnection, article_id: int, found: Iterable[Match]) -> list[int]:
    """Record which topics an article matches, each once: those of their followers whose scope it is get an alert.

    The ids of those that were not known to match. A topic that is gone since it was looked for is left out.
    """
    by_topic = {match.topic_id: match for match in found}
    there = select(topics.c.id).where(topics.c.id.in_(by_topic)).order_by(topics.c.id)
    ids = (await connection.execute(there.with_for_update(read=True, key_share=True))).scalars()
    rows = [
        {
            "article_id": article_id,
            "topic_id": match.topic_id,
            "found_in": match.found_in,
            "words": match.words and match.words[:MAX_WORDS],
        }
        for match in map(by_topic.__getitem__, ids)
    ]
    if not rows:
        return []
    new = insert(connection, matches).on_conflict_do_nothing().returning(matches.c.topic_id)
    return list((await connection.execute(new, rows)).scalars())


async def topic_ids(connection: AsyncConnection, article_id: int) -> list[int]:
    """The ids of the topics that an article matches."""
    query = select(matches.c.topic_id).where(matches.c.article_id == article_id)
    return list((await connection.execute(query)).scalars())


async def for_chat(connection: AsyncConnection, article_id: int, chat_id: int) -> list[Match]:
    """Why a chat is told of an article: the matches of what it follows, the most telling first."""
    query = (
        select(matches.c.topic_id, matches.c.found_in, matches.c.words)
        .join(follows, follows.c.topic_id == matches.c.topic_id)
        .where(matches.c.article_id == article_id, follows.c.chat_id == chat_id, in_scope())
        .order_by(matches.c.topic_id)
    )
    found = [Match(*row) for row in await connection.execute(query)]
    return sorted(found, key=lambda match: _PLACES.index(match.found_in))


async def told_for(connection: AsyncConnection, alert_ids: Collection[int]) -> dict[int, int]:
    """The topic for which each alert came, of several one; 0 where its chat follows none of them any more."""
    return {row[0]: row[1] for row in await connection.execute(_TOLD_FOR, {"ids": alert_ids})}


def in_scope() -> ColumnElement[bool]:
    """Of a follow beside a match of its topic: whether the match stands where the follow looks."""
    return (
        (matches.c.found_in == "tag")
        | ((matches.c.found_in != "body") & (follows.c.scope != "tags"))
        | (follows.c.scope == "anywhere")
    )


WANTED = exists().where(
    matches.c.article_id == alerts.c.article_id,
    matches.c.topic_id == follows.c.topic_id,
    follows.c.chat_id == alerts.c.chat_id,
    in_scope(),
)
"""Of an alert: that its chat follows a topic of which the article speaks where the follow looks."""
_FOLLOWED = (
    select(func.min(matches.c.topic_id))
    .join(follows, follows.c.topic_id == matches.c.topic_id)
    .where(matches.c.article_id == alerts.c.article_id, follows.c.chat_id == alerts.c.chat_id, in_scope())
)
_TOLD_FOR = select(alerts.c.id, func.coalesce(_FOLLOWED.scalar_subquery(), 0)).where(
    alerts.c.id.in_(bindparam("ids", expanding=True))
)
_PLACES = ("tag", "headline", "teaser", "body")
