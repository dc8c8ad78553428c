from dataclasses import replace
from datetime import timedelta

from bot.store import articles, coverage, topics
from bot.store.coverage import Coverage
from bot.store.database import Database
from tests.make import NOW, an_article, news


async def test_what_there_was_of_a_tag_lately(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await topics.ensure(connection, ["Mali"], as_tags=True)
        assert await coverage.of_tag(connection, mali.id, NOW) == Coverage(0, None)
        for name, days in (("old", 40), ("newest", 1), ("newer", 10)):
            article = replace(an_article(name, tags=["Mali"]), published_at=NOW - timedelta(days=days))
            await news(connection, article, [])
        gone = await news(connection, an_article("withdrawn", tags=["Mali"]), [])
        await articles.withdraw(connection, gone, NOW)
        month = NOW - timedelta(days=28)
        assert await coverage.of_tag(connection, mali.id, month) == Coverage(2, "Headline of newest")
        assert await coverage.of_tag(connection, mali.id, month, most=1) == Coverage(1, "Headline of newer")


async def test_articles_are_read_on_from_where_one_stopped(database: Database) -> None:
    async with database.write() as connection:
        assert await coverage.told_after(connection, 0, 9) == []
        ids = [await news(connection, an_article(str(number)), []) for number in range(5)]
        await articles.withdraw(connection, ids[3], NOW)
        first = await coverage.told_after(connection, 0, 3)
        rest = await coverage.told_after(connection, ids[2], 9)
    assert [told.id for told in first] == [ids[1], ids[2], ids[4]]
    assert [(told.headline, told.teaser, told.came) for told in rest] == [("Headline of 4", "A short teaser.", NOW)]


async def test_the_archive_begins_with_its_oldest_article(database: Database) -> None:
    async with database.write() as connection:
        assert await coverage.began(connection) is None
        for days in (3, 9, 1):
            await news(connection, replace(an_article(str(days)), published_at=NOW - timedelta(days=days)), [])
        await news(connection, replace(an_article("undated"), published_at=None), [])
        assert await coverage.began(connection) == NOW - timedelta(days=9)
