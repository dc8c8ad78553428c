"""Articles: each once, under all of its keys, with its tags and the topics it matches."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Article, StoredArticle, Topic
from bot.store import topics as topic_store
from bot.store.database import insert
from bot.store.schema import article_keys, article_tags, articles, matches


async def unknown(connection: AsyncConnection, candidates: Sequence[Article]) -> list[Article]:
    """Those of the articles none of whose keys is known, in their order."""
    keys = {key for article in candidates for key in article.keys}
    query = select(article_keys.c.key).where(article_keys.c.key.in_(keys))
    known = set((await connection.execute(query)).scalars())
    return [article for article in candidates if known.isdisjoint(article.keys)]


async def add(
    connection: AsyncConnection, feed_id: int, article: Article, now: datetime, *, as_news: bool
) -> int | None:
    """Store an article; its id, or None if one of its keys was known already: then nothing is stored.

    As news it waits for its fan-out, for which ``add_matches`` must follow in the same transaction; otherwise it only
    joins the archive.
    """
    stored = insert(connection, articles).values(
        feed_id=feed_id,
        link=article.link,
        headline=article.headline,
        teaser=article.teaser,
        premium=article.premium,
        byline=article.byline,
        published_at=article.published_at,
        seen_at=now,
        fanned_out_at=None if as_news else now,
    )
    async with connection.begin_nested() as attempt:
        article_id: int = (await connection.execute(stored.returning(articles.c.id))).scalar_one()
        rows = [{"key": key, "article_id": article_id} for key in dict.fromkeys(article.keys)]
        keys = insert(connection, article_keys).on_conflict_do_nothing().returning(article_keys.c.key)
        if len((await connection.execute(keys, rows)).all()) < len(rows):
            await attempt.rollback()
            return None
    return article_id


async def add_tags(connection: AsyncConnection, article_id: int, tags: Iterable[Topic]) -> None:
    """Put the newsroom's tags on an article, in their order."""
    rows = [{"article_id": article_id, "topic_id": tag.id, "position": at} for at, tag in enumerate(tags)]
    if rows:
        await connection.execute(insert(connection, article_tags), rows)


async def add_matches(connection: AsyncConnection, article_id: int, topic_ids: Iterable[int]) -> None:
    """Record which topics an article matches: their followers get an alert each."""
    rows = [{"article_id": article_id, "topic_id": topic_id} for topic_id in topic_ids]
    if rows:
        await connection.execute(insert(connection, matches), rows)


async def get(connection: AsyncConnection, article_ids: Sequence[int]) -> dict[int, StoredArticle]:
    """The articles of these ids."""
    tags = await topic_store.of_articles(connection, article_ids)
    query = select(
        articles.c.id,
        articles.c.link,
        articles.c.headline,
        articles.c.teaser,
        articles.c.premium,
        articles.c.byline,
        articles.c.seen_at,
    ).where(articles.c.id.in_(article_ids))
    return {
        row.id: StoredArticle(**row._mapping, topics=tuple(tags[row.id]))  # noqa: SLF001 - public in SQLAlchemy
        for row in await connection.execute(query)
    }
