"""Articles whose pages could not be read, and are read again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Article, Link
from bot.store import topics as topic_store
from bot.store.schema import articles


@dataclass(frozen=True, slots=True)
class Unread:
    """An article as it is known without its page."""

    id: int
    article: Article
    fingerprint: str
    """Of what its feed said."""
    tries: int
    """How often the page was read again, this time included."""


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the next page is to be read again; None where there is none."""
    due = select(articles.c.page_due_at).where(articles.c.page_due_at.is_not(None))
    moment: datetime | None = (await connection.execute(due.order_by(articles.c.page_due_at).limit(1))).scalar()
    return moment


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta, limit: int) -> list[Unread]:
    """Take up to ``limit`` articles whose pages are due, for ``lease``; after it they are due again by themselves."""
    due = (
        select(articles.c.id)
        .where(articles.c.page_due_at <= now)
        .order_by(articles.c.page_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = (
        update(articles)
        .where(articles.c.id.in_(select(due.c.id)))
        .values(page_due_at=now + lease, page_tries=articles.c.page_tries + 1)
        .returning(articles)
    )
    rows = (await connection.execute(taken)).all()
    tags = await topic_store.of_articles(connection, [row.id for row in rows])
    return [
        Unread(
            id=row.id,
            article=Article(
                keys=(),
                link=row.link,
                headline=row.headline,
                teaser=row.teaser,
                tags=tuple(topic.name for topic in tags[row.id]),
                premium=row.premium,
                byline=row.byline,
                published_at=row.published_at,
                image=row.image,
                also_read=tuple(Link(*link) for link in row.also_read),
            ),
            fingerprint=row.fingerprint,
            tries=row.page_tries,
        )
        for row in rows
    ]


async def put_off(connection: AsyncConnection, article_id: int, until: datetime | None) -> None:
    """Let the page be read again then, or never."""
    await connection.execute(update(articles).where(articles.c.id == article_id).values(page_due_at=until))


async def is_as_claimed(connection: AsyncConnection, unread: Unread) -> bool:
    """Whether its feed has said nothing else of the article since, and it is still there."""
    same = select(articles.c.id).where(
        articles.c.id == unread.id, articles.c.fingerprint == unread.fingerprint, articles.c.withdrawn_at.is_(None)
    )
    return (await connection.execute(same.with_for_update())).first() is not None
