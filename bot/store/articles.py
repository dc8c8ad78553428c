"""Articles: each once, under all of its keys, with its tags and the topics it matches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Article, Link, StoredArticle, Telling, Topic
from bot.store import topics as topic_store
from bot.store.database import insert
from bot.store.schema import article_keys, article_tags, articles

PINNED = 2
_TURN = 0x7A_61_6C
"""A number that no other lock in the database has."""


async def known(
    connection: AsyncConnection, candidates: Sequence[Article], *, until: datetime | None = None
) -> list[int | None]:
    """For each of the articles the id of the stored one, come ``until`` then, that shares a key with it, or None."""
    keys = {key for article in candidates for key in article.keys}
    query = select(article_keys.c.key, article_keys.c.article_id).where(article_keys.c.key.in_(keys))
    if until is not None:
        query = query.join(articles).where(articles.c.seen_at <= until)
    owner = {row.key: row.article_id for row in await connection.execute(query)}
    return [next((owner[key] for key in article.keys if key in owner), None) for article in candidates]


async def add(
    connection: AsyncConnection,
    feed_id: int,
    article: Article,
    now: datetime,
    *,
    as_news: bool,
    story: str = "",
    fingerprint: str | None = None,
    breaking: bool = False,
    page_due_at: datetime | None = None,
) -> int | None:
    """Store an article; its id, or None if one of its keys was known already: then nothing is stored.

    As news it waits for its fan-out, for which ``matches.add`` must follow in the same transaction; otherwise it only
    joins the archive. ``story`` is its headline as ``same_headline`` compares it, ``fingerprint`` the hash of what the
    feed said, where its page has added to that. The alerts of ``breaking`` news go before all others. A page that could
    not be read is read again ``page_due_at``.
    """
    stored = insert(connection, articles).values(
        **shown(article),
        feed_id=feed_id,
        link=article.link,
        published_at=article.published_at,
        seen_at=now,
        story=story,
        breaking=breaking,
        fingerprint=fingerprint or article.fingerprint,
        page_due_at=page_due_at,
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


async def add_keys(connection: AsyncConnection, article_id: int, keys: Iterable[str]) -> None:
    """Let an article be known by these keys, too, where none is another's."""
    rows = [{"key": key, "article_id": article_id} for key in dict.fromkeys(keys)]
    await connection.execute(insert(connection, article_keys).on_conflict_do_nothing(), rows)


async def add_tags(connection: AsyncConnection, article_id: int, tags: Iterable[Topic]) -> list[int]:
    """Put the newsroom's tags on an article, in their order; the ids of those that it did not have yet."""
    rows = [{"article_id": article_id, "topic_id": tag.id, "position": at} for at, tag in enumerate(tags)]
    if not rows:
        return []
    new = insert(connection, article_tags).on_conflict_do_nothing().returning(article_tags.c.topic_id)
    return list((await connection.execute(new, rows)).scalars())


async def get(connection: AsyncConnection, article_ids: Sequence[int]) -> dict[int, StoredArticle]:
    """The articles of these ids."""
    tags = await topic_store.of_articles(connection, article_ids)
    return {
        row.id: StoredArticle(
            id=row.id,
            link=row.link,
            headline=row.headline,
            teaser=row.teaser,
            premium=row.premium,
            byline=row.byline,
            topics=tuple(tags[row.id]),
            seen_at=row.seen_at,
            image=row.image,
            also_read=tuple(Link(*link) for link in row.also_read),
            revision=row.revision,
            withdrawn=row.withdrawn_at is not None or row.held_back_at is not None,
            held_back=row.held_back_at is not None,
            published_at=row.published_at,
        )
        for row in await connection.execute(_OF_IDS, {"ids": article_ids})
    }


_OF_IDS = select(articles).where(articles.c.id.in_(bindparam("ids", expanding=True)))


async def seen_since(connection: AsyncConnection, moment: datetime) -> list[Telling]:
    """How the articles that came since then are told, the newest first."""
    query = select(articles.c.id, articles.c.headline, articles.c.teaser)
    rows = await connection.execute(query.where(articles.c.seen_at >= moment).order_by(articles.c.id.desc()))
    return [Telling(row.headline, row.teaser, row.id) for row in rows]


async def told_before(connection: AsyncConnection, story: str, moment: datetime) -> bool:
    """Whether an article with this headline came before then."""
    query = select(exists().where(articles.c.story == story, articles.c.seen_at < moment))
    return bool((await connection.execute(query)).scalar())


async def under_another_guid(
    connection: AsyncConnection, feed_id: int, candidates: Mapping[int, Article]
) -> dict[int, Telling]:
    """How those of the stored articles, by their ids, are told to which this feed now gives another guid.

    That is: they share their link alone with the candidate, and came from this feed with a guid of their own.
    """
    query = (
        select(articles.c.id, articles.c.headline, articles.c.teaser, article_keys.c.key)
        .join(article_keys)
        .where(articles.c.id.in_(candidates), articles.c.feed_id == feed_id)
    )
    keys: defaultdict[Telling, set[str]] = defaultdict(set)
    for row in await connection.execute(query):
        keys[Telling(row.headline, row.teaser, row.id)].add(row.key)
    return {
        told.article_id: told
        for told, its in keys.items()
        if len(its) > 1
        and len(its.intersection(named := candidates[told.article_id].keys)) == 1
        and named[0] not in its
    }


async def take_turn(connection: AsyncConnection) -> None:
    """Wait until no other transaction that took a turn is open, so that none tells the story that this one tells.

    On SQLite all that write take turns.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_TURN)))


async def withdraw(connection: AsyncConnection, article_id: int, now: datetime) -> None:
    """Let the article be one that the site has taken back."""
    values = {"withdrawn_at": now, "revised_at": now, "revision": articles.c.revision + 1, "page_due_at": None}
    still = update(articles).where(articles.c.id == article_id, articles.c.withdrawn_at.is_(None))
    await connection.execute(still.values(values))


def shown(article: Article) -> dict[str, object]:
    """What of an article readers may see, and edits change, as columns."""
    return {
        "headline": article.headline,
        "teaser": article.teaser,
        "premium": article.premium,
        "byline": article.byline,
        "image": article.image,
        "also_read": [[link.title, link.url] for link in article.also_read],
    }
