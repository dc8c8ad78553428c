import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.alerts.intake import PAGES_AT_ONCE, Intake
from bot.model import Article
from bot.store import articles as article_store
from bot.store import outbox, statistics
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alerts, articles, feeds
from bot.store.statistics import What
from bot.topics import naming
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
            while await fan_out(connection, NOW, 100):
                pass
            owed = (
                select(alerts.c.chat_id, articles.c.headline)
                .join(articles, articles.c.id == alerts.c.article_id)
                .order_by(alerts.c.chat_id, articles.c.id)
            )
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


async def test_breaking_news_are_known_by_their_category_which_is_no_topic(desk: Desk) -> None:
    intake = Intake(desk.database, Matcher(), lambda: NOW, news=desk.news, pages=NoPages(), breaking=["Breaking"])
    await desk.follower(2, "Breaking")
    await intake.take(
        1, [an_article("now", tags=["BREAKING", "Mali"]), an_article("later", tags=["Mali"])], as_news=True
    )
    assert await desk.alerts() == [(1, "Headline of now"), (1, "Headline of later")]
    async with desk.database.write() as connection:
        claimed = await outbox.claim(connection, NOW, NOW - NOW, 10)
    assert [alert.article.headline for alert in claimed] == ["Headline of now", "Headline of later"]
    assert [topic.name for topic in claimed[0].article.topics] == ["Mali"]


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


TEASER = "A teaser with words enough to say what the whole story is about."


async def test_one_story_that_two_processes_bring_at_once_under_two_addresses_alerts_once(desk: Desk) -> None:
    for number in range(10):
        headline = f"Mali votes on {'abcdefghij'[number]} and nothing else today"
        told = [
            an_article(f"{number}-{place}", headline=headline, teaser=f"{TEASER} {number}", tags=["Mali"])
            for place in range(4)
        ]
        taken = await asyncio.gather(*(desk.another().take(1, [article], as_news=True) for article in told))
        assert sum(taken) == 1
    assert len(await desk.alerts()) == 10


class Pages(NoPages):
    """Pages that say that everything is premium and of Mali, once they ``may``; ``asked`` are those asked for."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.asked: list[str] = []

    async def complete(self, article: Article, *, site: str | None) -> Article:
        self.asked.append(article.headline)
        if len(self.asked) > PAGES_AT_ONCE:
            await self.may.wait()
        return replace(article, premium=True, tags=tuple(dict.fromkeys((*article.tags, "Mali"))))


async def test_of_many_new_articles_the_first_do_not_wait_for_the_pages_of_the_last(desk: Desk) -> None:
    pages = Pages()
    intake = Intake(desk.database, Matcher(), lambda: NOW, news=desk.news, pages=pages)
    brought = [an_article(name, tags=["Mali"]) for name in "abcde"]
    async with asyncio.timeout(10):
        taking = asyncio.create_task(intake.take(1, brought, as_news=True))
        await desk.news.wait()
        assert (await desk.alerts())[0] == (1, "Headline of a")
        pages.may.set()
        assert await taking == 5
    assert pages.asked == [article.headline for article in brought]
    assert len(await desk.alerts()) == 5


@pytest.fixture
async def added_later(desk: Desk) -> int:
    """The id of a feed whose first poll has just filled the archive; feed 1 was filled before."""
    async with desk.database.write() as connection:
        await connection.execute(feeds.update().values(filled_at=NOW - timedelta(hours=1)))
        rows = [{"url": f"http://127.0.0.1/{number}/", "next_poll_at": NOW} for number in (2, 3)]
        await connection.execute(insert(feeds), rows)
    brought = [an_article("both", tags=["Togo"]), an_article("only", tags=["Mali"])]
    await desk.intake.take(2, brought, as_news=False)
    return 2


async def test_what_a_later_feed_put_on_record_first_is_news_to_the_one_of_before(desk: Desk, added_later: int) -> None:
    assert await desk.alerts() == []
    pages = Pages()
    intake = Intake(desk.database, Matcher(), lambda: NOW, news=desk.news, pages=pages)
    both = an_article("both", headline="As feed 1 has it", tags=["Togo"])
    assert await intake.take(1, [both], as_news=True) == 1
    assert desk.news.is_set()
    assert await desk.alerts() == [(1, "As feed 1 has it")]
    assert pages.asked == ["As feed 1 has it"]  # the archive reads no pages, and readers are told of premium
    async with desk.database.read() as connection:
        (told,) = (await connection.execute(select(articles).where(articles.c.headline == both.headline))).all()
        assert told.premium
        (stored,) = (await article_store.get(connection, [told.id])).values()
        assert [topic.name for topic in stored.topics] == ["Togo", "Mali"]  # the one that only the page names, too
        used = await topic_store.used(connection, [topic.id for topic in stored.topics])
        assert [used[topic.id] for topic in stored.topics] == [1, 2]  # each article counts once
        assert (await statistics.by_article(connection, NOW.date()))[told.id] == {What.ARTICLE: 1}
        assert await statistics.matched(connection, NOW.date()) == {topic.id for topic in stored.topics}
    assert await intake.take(1, [both], as_news=True) == 0
    assert await desk.take(both) == 0
    assert len(await desk.alerts()) == 1


async def test_what_the_archive_held_before_is_no_news_to_a_later_feed(desk: Desk, added_later: int) -> None:
    only = an_article("only", tags=["Mali"])
    assert await desk.intake.take(2, [only], as_news=True) == 0  # the feed itself
    assert await desk.intake.take(3, [only], as_news=True) == 0  # one that is not filled
    async with desk.database.write() as connection:
        await connection.execute(feeds.update().where(feeds.c.id == 3).values(filled_at=NOW))
    assert await desk.intake.take(3, [only], as_news=True) == 0  # one that is filled later
    assert await desk.alerts() == []


async def test_categories_that_are_no_topics_are_none(desk: Desk) -> None:
    intake = Intake(desk.database, Matcher(), lambda: NOW, news=desk.news, pages=NoPages(), ignored=["MALI "])
    await intake.take(1, [an_article(tags=["Mali", "Togo"])], as_news=True)
    assert await desk.alerts() == []
    async with desk.database.read() as connection:
        (article,) = (await article_store.get(connection, [1])).values()
    assert [topic.name for topic in article.topics] == ["Togo"]


async def test_the_publishers_other_names_count_and_what_is_none_does_not(desk: Desk) -> None:
    aliases, never = naming.called({"north korea": ["Hermit Kingdom"]}), naming.pairs({"Mali": ["Bamako"]})
    matcher = Matcher(aliases=aliases, never=never)
    intake = Intake(desk.database, matcher, lambda: NOW, news=desk.news, pages=NoPages())
    await intake.take(1, [an_article("one", headline="The hermit kingdom opens")], as_news=True)
    assert await desk.alerts() == [(1, "The hermit kingdom opens")]
    assert never == {("bamako", "mali")}


async def test_at_an_address_that_stays_other_words_under_another_guid_are_another_article(desk: Desk) -> None:
    def live(guid: str, headline: str, teaser: str = "") -> Article:
        article = an_article("live", headline=headline, teaser=teaser, tags=["Mali"])
        return replace(article, keys=(f"guid:x {guid}", "link:x.example/live"))

    first = live("1", "Storm reaches the southern coast", "Hundreds of families leave their homes.")
    edited = live("2", "Storm hits the southern coast", "Hundreds of families left their homes.")
    other = live("3", "Parliament votes for early elections", "A majority wants them before summer.")
    assert [await desk.take(article) for article in (first, edited, other, other)] == [1, 0, 1, 0]
    assert [headline for _, headline in await desk.alerts()] == [edited.headline, other.headline]
