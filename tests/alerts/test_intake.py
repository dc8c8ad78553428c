import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.alerts.intake import Intake
from bot.model import Article
from bot.store import outbox
from bot.store.database import Database
from bot.store.schema import alerts, articles
from bot.topics.matching import Matcher
from tests.make import NOW, NoPages, a_feed, a_follower, an_article


class Desk:
    """An intake on a database, and what comes of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.news = asyncio.Event()
        self.intake = self.another()

    def another(self) -> Intake:
        """An intake of another process's."""
        return Intake(self.database, Matcher(), lambda: NOW, news=self.news, pages=NoPages())

    async def follower(self, chat_id: int, *names: str) -> None:
        """Let a chat follow topics."""
        async with self.database.write() as connection:
            await a_feed(connection)
            await a_follower(connection, chat_id, *names)

    async def take(self, *taken: Article, as_news: bool = True) -> int:
        """Take articles in."""
        return await self.intake.take(1, taken, as_news=as_news)

    async def alerts(self) -> list[tuple[int, str]]:
        """Which chat is owed which article, once all are fanned out."""
        async with self.database.write() as connection:
            while await outbox.fan_out(connection, NOW, 100):
                pass
            owed = select(alerts.c.chat_id, articles.c.headline).join(articles).order_by(alerts.c.chat_id, alerts.c.id)
            return [(row.chat_id, row.headline) for row in await connection.execute(owed)]

    async def archived(self) -> int:
        """How many articles the archive has."""
        async with self.database.read() as connection:
            return (await connection.execute(select(func.count()).select_from(articles))).scalar_one()


@pytest.fixture
async def desk(database: Database) -> Desk:
    desk = Desk(database)
    await desk.follower(1, "Mali", "Chad", "North Korea")
    return desk


async def test_one_alert_however_many_topics_match(desk: Desk) -> None:
    await desk.follower(2, "Togo")
    assert await desk.take(an_article(tags=["Mali", "Chad"], headline="From North Korea to Mali")) == 1
    assert await desk.alerts() == [(1, "From North Korea to Mali")]
    assert desk.news.is_set()


async def test_the_tags_are_the_newsrooms_and_in_its_order(desk: Desk) -> None:
    await desk.take(an_article(tags=["Togo", "MALI"]))
    await desk.alerts()
    async with desk.database.write() as connection:
        (alert,) = await outbox.claim(connection, NOW, NOW - NOW, 10)
    assert [topic.name for topic in alert.article.topics] == ["Togo", "MALI"]


@pytest.mark.parametrize(
    "keys",
    [("guid:one", "link:127.0.0.1/one"), ("guid:one", "link:other"), ("guid:other", "link:127.0.0.1/one")],
)
async def test_an_article_that_comes_again_under_any_of_its_keys_alerts_once(desk: Desk, keys: tuple[str, ...]) -> None:
    article = an_article(tags=["Mali"])
    assert await desk.take(article) == 1
    assert await desk.take(replace(article, keys=keys, headline="Changed")) == 0
    assert await desk.alerts() == [(1, "Changed")]  # not sent yet, so it is told as it now is


async def test_an_article_twice_in_one_feed_alerts_once(desk: Desk) -> None:
    article = an_article(tags=["Mali"])
    assert await desk.take(article, article, an_article("two", tags=["Mali"])) == 2
    assert await desk.alerts() == [(1, "Headline of one"), (1, "Headline of two")]


async def test_an_article_that_two_feeds_bring_at_once_alerts_once(desk: Desk) -> None:
    names = [str(number) for number in range(10)]
    brought = [an_article(name, tags=["Mali", "Togo", name]) for name in names]
    intakes = [desk.intake, desk.intake, desk.another(), desk.another()]
    taken = await asyncio.gather(*(intake.take(1, brought, as_news=True) for intake in intakes))
    assert sum(taken) == 10
    assert sorted(await desk.alerts()) == [(1, f"Headline of {name}") for name in names]


async def test_what_only_fills_the_archive_alerts_nobody_then_or_later(desk: Desk) -> None:
    article = an_article(tags=["Mali"])
    assert await desk.take(article, as_news=False) == 1
    assert not desk.news.is_set()
    assert await desk.take(article) == 0
    assert not desk.news.is_set()
    assert await desk.alerts() == []
    assert await desk.archived() == 1


async def test_who_follows_after_the_article_came_gets_the_next_one(desk: Desk) -> None:
    await desk.take(an_article("one", headline="Rain in Togo"))
    await desk.alerts()
    await desk.follower(2, "Togo")
    assert await desk.alerts() == []
    await desk.take(an_article("two", headline="Sun in Togo"))
    assert await desk.alerts() == [(2, "Sun in Togo")]


async def test_no_articles_are_no_news(desk: Desk) -> None:
    assert await desk.take() == 0
    assert not desk.news.is_set()
