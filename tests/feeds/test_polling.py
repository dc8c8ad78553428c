"""Polls of real servers into real databases; what is taken in is looked up in the store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from aiohttp import web
from sqlalchemy import select

from bot.alerts.intake import Intake
from bot.errors import StoreUnreachable
from bot.feeds import polling
from bot.feeds.fetching import Fetcher
from bot.feeds.gaps import MAX_PAGES, TRIES
from bot.feeds.pace import DEAD_AFTER, LONGEST_BACK_OFF
from bot.feeds.polling import Poller, oldest_first
from bot.feeds.premium import PremiumRules
from bot.model import Feed
from bot.sandbox.site import Site
from bot.store import feeds
from bot.store.database import Database
from bot.store.schema import articles, notices
from bot.store.schema import feeds as feed_table
from bot.topics.matching import Matcher
from tests.make import NOW, NoPages, an_article
from tests.web_server import Answer, serving

EVERY = timedelta(minutes=1)
ADMIN = 42
NOT_RECORDED = "poll not recorded; the feed is polled again later"


@dataclass
class Newsroom:
    """A poller at work with a clock of its own; ``log`` is what it has logged."""

    database: Database
    fetcher: Fetcher
    urls: list[str]
    log: list[Any]
    now: datetime = NOW
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        intake = Intake(self.database, Matcher(), lambda: self.now, news=self.news, pages=NoPages())
        rules = PremiumRules()
        self.poller = Poller(
            self.database, self.fetcher, intake.take, self.urls, EVERY, rules, lambda: self.now, [ADMIN]
        )
        self.stop = asyncio.Event()

    async def poll(self, *, later: timedelta = EVERY * 2) -> list[dict[str, Any]]:
        """Let time pass and every feed that is due be polled once; what was logged of the polls."""
        self.now += later
        start = len(self.log)
        async with self.database.write() as connection:
            due = await feeds.claim_due(connection, self.urls, self.now, timedelta(seconds=75))
        await asyncio.gather(*(self.poller._poll_or_report(feed) for feed in due))
        return list(self.log[start:])

    async def headlines(self, *, news_only: bool = False) -> list[str]:
        """What is stored, in its order; of news, those that still wait for their fan-out."""
        query = select(articles.c.headline).order_by(articles.c.id)
        if news_only:
            query = query.where(articles.c.fanned_out_at.is_(None))
        async with self.database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def notices(self) -> list[str]:
        """What the admins are owed."""
        async with self.database.read() as connection:
            return list((await connection.execute(select(notices.c.text).order_by(notices.c.id))).scalars())

    async def feed(self, url: str) -> Any:
        """The feed's row."""
        async with self.database.read() as connection:
            return (await connection.execute(select(feed_table).where(feed_table.c.url == url))).one()


Open = Callable[..., Coroutine[Any, Any, Newsroom]]


@pytest.fixture
async def newsroom(database: Database) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(Fetcher())
        log = stack.enter_context(structlog.testing.capture_logs())

        async def open_newsroom(*urls: str) -> Newsroom:
            async with database.write() as connection:
                await feeds.register(connection, urls, NOW)
            return Newsroom(database, fetcher, list(urls), log)

        yield open_newsroom


async def test_the_first_poll_fills_the_archive_and_what_comes_later_is_news(newsroom: Open) -> None:
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/")
        (told,) = await room.poll()
        assert (told["articles"], told["new"]) == (10, 10)
        assert await room.headlines(news_only=True) == []
        assert not room.news.is_set()
        assert len(await room.headlines()) == 10
        fresh = [site.publish_next(), site.publish_next()]
        (told,) = await room.poll()
        assert told["new"] == 2
        assert await room.headlines(news_only=True) == [article.story.headline for article in fresh if article]
        assert room.news.is_set()
        assert (await room.feed(f"{site.url}/feed/")).title == site.name


async def test_what_has_not_changed_is_not_read_again(newsroom: Open) -> None:
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/")
        await room.poll()
        (told,) = await room.poll()
        assert told["event"] == "feed polled"
        assert told["unchanged"] is True


async def test_the_same_bytes_without_validators_are_not_read_again(newsroom: Open) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text='<rss version="2.0"><channel><title>T</title></channel></rss>')

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        assert "articles" in (await room.poll())[0]
        assert (await room.poll())[0]["unchanged"] is True


async def test_what_came_while_the_bot_was_down_is_news_after_the_restart(newsroom: Open) -> None:
    async with Site() as site:
        url = f"{site.url}/feed/"
        await (await newsroom(url)).poll()
        article = site.publish_next()
        assert article is not None
        again = await newsroom(url)
        await again.poll(later=timedelta(hours=9))
        assert await again.headlines(news_only=True) == [article.story.headline]
        await again.poll()
        assert len(await again.headlines()) == 11


async def test_one_article_in_two_feeds_is_one(newsroom: Open) -> None:
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/", f"{site.url}/feed/?paged=1")
        await room.poll()
        assert len(await room.headlines()) == 10
        site.publish_next()
        told = await room.poll()
        assert sorted(poll["new"] for poll in told) == [0, 1]
        assert len(await room.headlines()) == 11


async def test_a_broken_feed_disturbs_no_other_and_is_tried_again_later_and_later(newsroom: Open) -> None:
    broken = True

    async def answer(request: web.Request) -> web.Response:
        if broken and request.path == "/broken/":
            return web.Response(status=500)
        return web.Response(text='<rss version="2.0"><channel><title>T</title></channel></rss>')

    async with serving(answer) as site:
        room = await newsroom(f"{site}/broken/", f"{site}/well/")
        events = {told["event"] for told in await room.poll()}
        assert events == {"feed polled", "feed not read"}
        (warning,) = (told for told in room.log if told["event"] == "feed not read")
        assert "/broken/ answers with status 500" in warning["reason"]
        waits = []
        for _ in range(7):
            row = await room.feed(f"{site}/broken/")
            waits.append(row.next_poll_at - room.now)
            await room.poll(later=waits[-1])
        assert EVERY < waits[0] < waits[1] < waits[2] < waits[3] < waits[4] <= LONGEST_BACK_OFF
        assert max(waits) <= LONGEST_BACK_OFF
        assert (await room.feed(f"{site}/broken/")).failures == 8
        broken = False
        told = await room.poll(later=LONGEST_BACK_OFF)
        assert {"after_failures": 8}.items() <= next(line for line in told if "/broken/" in line["feed"]).items()
        assert (await room.feed(f"{site}/broken/")).last_error is None


async def test_a_site_that_asks_to_be_left_alone_is(newsroom: Open) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "3000"})

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        wait = (await room.feed(f"{site}/feed/")).next_poll_at - room.now
        assert wait >= timedelta(seconds=3000)


async def test_a_page_instead_of_a_feed_keeps_what_is_known(newsroom: Open) -> None:
    maintenance = False

    async def answer(_: web.Request) -> web.Response:
        if maintenance:
            return web.Response(text="<html>Back soon</html>", content_type="text/html", headers={"ETag": '"page"'})
        item = "<item><title>A</title><link>http://x.example/a</link></item>"
        text = f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
        return web.Response(text=text, headers={"ETag": '"feed"'})

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        before = await room.feed(f"{site}/feed/")
        maintenance = True
        (told,) = await room.poll()
        assert "it is a web page" in told["reason"]
        after = await room.feed(f"{site}/feed/")
        assert (after.etag, after.body_hash, after.filled_at) == (before.etag, before.body_hash, before.filled_at)


async def test_entries_that_cannot_be_alerted_are_said_once_a_poll(newsroom: Open) -> None:
    async def answer(_: web.Request) -> web.Response:
        items = "<item><title>A</title></item><item><title>B</title></item>"
        return web.Response(text=f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>')

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        skipped, polled = await room.poll()
        assert (skipped["event"], skipped["entries"]) == ("entries skipped", 2)
        assert "“A”" in skipped["first"]
        assert polled["new"] == 0


async def test_a_bug_with_one_feed_is_logged_and_the_feed_rests(
    newsroom: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(polling, "read_feed_apart", fails)
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/")
        told = await room.poll()
        assert [line["event"] for line in told] == ["poll failed", "feed not read"]
        assert (await room.feed(f"{site.url}/feed/")).last_error == "bug: ZeroDivisionError"


async def test_a_database_that_is_away_costs_no_news(newsroom: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnreachable("the database does not answer")

    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/")
        await room.poll()
        article = site.publish_next()
        assert article is not None
        with monkeypatch.context() as patched:
            patched.setattr(feeds, "record_success", away)
            (told,) = await room.poll()
            assert told["event"] == NOT_RECORDED
        (told,) = await room.poll()
        assert "unchanged" not in told  # what the poll learnt was not kept, so the feed was read again
        assert told["new"] == 0
        assert await room.headlines(news_only=True) == [article.story.headline]
        with monkeypatch.context() as patched:
            patched.setattr(feeds, "record_failure", away)
            await room.poller._poll_or_report(Feed(1, f"{site.url}/nothing/"))
        assert [line["event"] for line in room.log[-2:]] == [NOT_RECORDED, "feed not read"]


@asynccontextmanager
async def at_work(room: Newsroom) -> AsyncIterator[None]:
    """The poller's own loop, until the test is done with it."""
    task = asyncio.create_task(room.poller.run(room.stop), name="polling")
    yield
    room.stop.set()
    async with asyncio.timeout(10):
        await task


async def test_a_feed_that_hangs_holds_up_neither_the_others_nor_the_end(newsroom: Open) -> None:
    async with Site() as site:

        async def hang(_: web.Request) -> web.Response:
            await asyncio.Event().wait()
            return web.Response()

        async with serving(hang) as silent:
            room = await newsroom(f"{silent}/feed/", f"{site.url}/feed/")
            async with at_work(room), asyncio.timeout(10):
                await site.feed_read.wait()
        assert room.stop.is_set()


def newspaper(pages: Sequence[list[str]]) -> Answer:
    """A site whose feed has these pages of headlines, which may change."""

    async def answer(request: web.Request) -> web.Response:
        number = int(request.query.get("paged", "1"))
        if number > len(pages):
            return web.Response(status=404)
        names = pages[number - 1]
        items = "".join(f"<item><title>{n}</title><link>http://x.example/{n}</link></item>" for n in names)
        return web.Response(text=f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>')

    return answer


async def test_what_has_left_the_feed_while_nobody_looked_is_found_behind_it(newsroom: Open) -> None:
    pages = [["b", "a"]]
    async with serving(newspaper(pages)) as site:
        room = await newsroom(f"{site}/feed/?feed=rss2")
        await room.poll()
        pages[:] = [["h", "g"], ["f", "e"], ["d", "c"], ["b", "a"]]
        (told,) = await room.poll(later=timedelta(days=3))
        assert told["new"] == 6
        assert await room.headlines(news_only=True) == list("cdefgh")


async def test_where_there_is_no_gap_no_further_page_is_asked_for(newsroom: Open) -> None:
    asked: list[str] = []
    pages = [["b", "a"], ["x"]]

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.query_string)
        return await newspaper(pages)(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        pages[0] = ["c", "b"]
        await room.poll()
        assert asked == ["", ""]


@pytest.mark.parametrize(
    ("behind", "polls"),
    [
        (web.Response(status=403), 1),
        (web.Response(text="<html>no</html>"), 1),
        (web.Response(status=503), TRIES + 1),
    ],
)
async def test_a_page_that_cannot_be_had_holds_up_the_rest_only_as_long_as_it_may_come(
    newsroom: Open, behind: web.Response, polls: int
) -> None:
    first = ["a"]

    async def answer(request: web.Request) -> web.StreamResponse:
        if "paged" in request.query:
            return web.Response(status=behind.status, text=behind.text)
        return await newspaper([first])(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        first[:] = ["c", "b"]
        for _ in range(polls):
            assert await room.headlines(news_only=True) == []
            await room.poll(later=LONGEST_BACK_OFF)
        assert await room.headlines(news_only=True) == ["b", "c"]


async def test_a_site_that_shows_its_first_page_whatever_is_asked_ends_the_search(newsroom: Open) -> None:
    names, asked = ["a"], []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.query_string)
        return await newspaper([names] * 100)(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        names[:] = ["c", "b"]
        await room.poll()
        assert asked == ["", "", "paged=2"]
        assert await room.headlines(news_only=True) == ["b", "c"]


async def test_the_search_for_what_was_missed_has_an_end(newsroom: Open) -> None:
    endless = [[f"{number}"] for number in range(MAX_PAGES * 2)]
    pages = [["old"]]
    async with serving(newspaper(pages)) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        pages[:] = endless
        (told,) = await room.poll()
        assert told["new"] == MAX_PAGES


async def test_a_feed_that_moved_for_good_is_asked_for_where_it_is(newsroom: Open) -> None:
    asked: list[str] = []
    at_home = True

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/old/":
            raise web.HTTPPermanentRedirect("/new/")
        return await newspaper([["a"]])(request) if at_home else web.Response(status=404)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/old/")
        await room.poll()
        await room.poll()
        assert asked == ["/old/", "/new/", "/new/"]
        at_home = False
        await room.poll()
        assert (await room.feed(f"{site}/old/")).moved_to is None
        await room.poll(later=LONGEST_BACK_OFF)
        assert asked[-2:] == ["/old/", "/new/"]


async def test_a_feed_that_only_redirects_for_now_is_asked_for_where_it_was(newsroom: Open) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/old/":
            raise web.HTTPFound("/elsewhere/")
        return await newspaper([["a"]])(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/old/")
        await room.poll()
        assert (await room.feed(f"{site}/old/")).moved_to is None


@pytest.mark.parametrize(("header", "seconds"), [("public, max-age=30", 30), ("max-age=0, no-cache", 60), ("", 60)])
async def test_a_feed_that_says_when_it_changes_is_looked_at_then_but_never_later(
    newsroom: Open, header: str, seconds: int
) -> None:
    async def answer(_: web.Request) -> web.Response:
        text = '<rss version="2.0"><channel><title>T</title><ttl>600</ttl></channel></rss>'
        return web.Response(text=text, headers={"Cache-Control": header})

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        wait = (await room.feed(f"{site}/feed/")).next_poll_at - room.now
        assert timedelta(seconds=seconds * 0.9) <= wait <= timedelta(seconds=seconds)


async def test_the_admins_are_told_once_that_a_feed_is_dead_and_once_that_it_is_back(newsroom: Open) -> None:
    status = 410

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status) if status else await newspaper([["a"]])(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        for _ in range(3):
            await room.poll(later=LONGEST_BACK_OFF)
        (told,) = await room.notices()
        assert told.startswith("A feed needs you.")
        assert f"{site}/feed/ answers with status 410" in told
        status = 0
        await room.poll(later=LONGEST_BACK_OFF)
        assert (await room.notices())[1:] == [f"The feed {site}/feed/ is read again."]
        status = 500
        await room.poll()
        await room.poll(later=DEAD_AFTER - timedelta(minutes=1))
        assert len(await room.notices()) == 2
        for _ in range(3):
            await room.poll(later=LONGEST_BACK_OFF)
        assert len(await room.notices()) == 3


def test_articles_are_taken_oldest_first() -> None:
    newest, older, oldest = (
        replace(an_article(name), published_at=NOW - timedelta(hours=age)) for age, name in enumerate("abc")
    )
    assert oldest_first([older, newest, oldest]) == [oldest, older, newest]
    undated = replace(older, published_at=None)
    assert oldest_first([newest, undated, oldest]) == [oldest, undated, newest]
