import asyncio

from sqlalchemy import func, select

from bot.store import articles
from bot.store.database import Database
from bot.store.schema import article_keys
from bot.store.schema import articles as article_table
from tests.make import NOW, a_feed, an_article


async def test_an_article_with_a_known_key_is_not_stored(database: Database) -> None:
    async with database.write() as connection:
        feed = await a_feed(connection)
        assert await articles.add(connection, feed, an_article(keys=["guid:1", "link:1"]), NOW, as_news=True)
        for keys in (["guid:1", "link:2"], ["guid:2", "link:1"]):
            assert await articles.add(connection, feed, an_article(keys=keys), NOW, as_news=True) is None
        assert (await connection.execute(select(func.count()).select_from(article_table))).scalar_one() == 1
        assert (await connection.execute(select(func.count()).select_from(article_keys))).scalar_one() == 2


async def test_unknown_articles_are_told_from_known_ones(database: Database) -> None:
    old, new = an_article("old"), an_article("new")
    async with database.write() as connection:
        old_id = await articles.add(connection, await a_feed(connection), old, NOW, as_news=False)
        assert await articles.known(connection, [new, old]) == [None, old_id]
        assert await articles.known(connection, []) == []


async def test_two_feeds_at_once_store_an_article_once(database: Database) -> None:
    async with database.write() as connection:
        feed = await a_feed(connection)

    async def add() -> int | None:
        async with database.write() as connection:
            return await articles.add(connection, feed, an_article(), NOW, as_news=True)

    stored = await asyncio.gather(*(add() for _ in range(4)))
    assert len([article_id for article_id in stored if article_id is not None]) == 1


async def test_an_article_comes_back_as_it_went(database: Database) -> None:
    article = an_article(headline="<b>Ünïcödé & 🚀</b>", premium=True)
    async with database.write() as connection:
        article_id = await articles.add(connection, await a_feed(connection), article, NOW, as_news=True)
        assert article_id is not None
        stored = (await articles.get(connection, [article_id]))[article_id]
    assert (stored.link, stored.headline, stored.teaser) == (article.link, article.headline, article.teaser)
    assert (stored.premium, stored.byline, stored.seen_at) == (True, "Jane Doe", NOW)
