"""Polls of real servers into real databases; what is taken in is looked up in the store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.errors import NotAFeed, StoreUnreachable
from bot.feeds import polling
from bot.feeds.pace import LONGEST_BACK_OFF
from bot.feeds.polling import LEASE, oldest_first
from bot.feeds.recording import NOT_RECORDED
from bot.model import Feed
from bot.sandbox.site import Site
from bot.store import feeds
from bot.store.schema import articles
from tests.feeds.newsroom import EVERY, Open, at_work, logged, newspaper, newsroom
from tests.make import NOW, an_article
from tests.web_server import serving

__all__ = ["logged", "newsroom"]


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


async def test_the_same_bytes_without_validators_are_not_parsed_again(
    newsroom: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text='<rss version="2.0"><channel><title>T</title></channel></rss>')

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        assert "articles" in (await room.poll())[0]
        monkeypatch.delattr(polling, "read_feed_apart")
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
        assert [line["event"] for line in room.logged.entries[-2:]] == [NOT_RECORDED, "feed not read"]


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


def test_articles_are_taken_oldest_first() -> None:
    newest, older, oldest = (
        replace(an_article(name), published_at=NOW - timedelta(hours=age)) for age, name in enumerate("abc")
    )
    assert oldest_first([older, newest, oldest]) == [oldest, older, newest]
    undated = replace(older, published_at=None)
    assert oldest_first([newest, undated, oldest]) == [oldest, undated, newest]


class Slow:
    """A feed whose answers wait for ``may``; ``asked`` counts who waits."""

    def __init__(self) -> None:
        self.asked = asyncio.Queue[None]()
        self.may = asyncio.Semaphore(0)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.put_nowait(None)
        await self.may.acquire()
        return await newspaper([["a"]])(request)


async def test_a_poll_that_takes_longer_than_its_lease_keeps_the_feed(newsroom: Open) -> None:
    slow = Slow()
    async with serving(slow.answer) as site:
        room = await newsroom(f"{site}/feed/")
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            await room.poller._step(group)
            await slow.asked.get()
            for _ in range(5):
                room.now += LEASE / 2
                await room.poller._step(group)
                assert (await room.feed(f"{site}/feed/")).next_poll_at == room.now + LEASE
            slow.may.release()
        assert slow.asked.empty()
        assert (await room.feed(f"{site}/feed/")).next_poll_at <= room.now + EVERY


async def test_a_poll_that_is_asked_for_during_another_follows_it(newsroom: Open) -> None:
    slow = Slow()
    async with serving(slow.answer) as site:
        room = await newsroom(f"{site}/feed/")
        async with at_work(room), asyncio.timeout(10):
            await slow.asked.get()
            async with room.database.write() as connection:
                await feeds.look_now(connection, room.urls, room.now)
            slow.may.release()
            await slow.asked.get()
            slow.may.release()
            await room.logged.wait_for("feed polled", times=2)
        assert slow.asked.empty()


async def test_many_polls_at_once_are_all_recorded(newsroom: Open) -> None:
    async with Site() as site:
        room = await newsroom(*(f"{site.url}/feed/?number={number}" for number in range(12)))
        await room.poll()
        assert [line["unchanged"] for line in await room.poll()] == [True] * 12
        for url in room.urls:
            assert room.now < (await room.feed(url)).next_poll_at <= room.now + EVERY


async def test_a_feed_that_breaks_off_is_asked_for_whole_the_next_time(newsroom: Open) -> None:
    broken, conditions = False, []

    async def answer(request: web.Request) -> web.StreamResponse:
        if "paged" in request.query:
            return web.Response(status=404)
        conditions.append(request.headers.get("If-None-Match"))
        names = ["c", "a", "b"] if broken or len(conditions) > 1 else ["a"]
        feed = await newspaper([names])(request)
        assert isinstance(feed, web.Response)
        assert feed.text is not None
        return web.Response(text=feed.text[:-40] if broken else feed.text, headers={"ETag": f'"{len(names)}"'})

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        broken = True
        skipped, _ = await room.poll()
        assert "breaks off here" in skipped["first"]
        assert (await room.poll())[0]["unchanged"] is True  # the same part of it says nothing new
        broken = False
        await room.poll()
        assert conditions == [None, '"1"', None, None]
        assert await room.headlines(news_only=True) == ["c", "b"]


async def test_what_a_first_poll_lacks_that_breaks_off_is_no_news_of_the_second(newsroom: Open) -> None:
    names, end = ["c", "b", "a"], -40

    async def answer(request: web.Request) -> web.StreamResponse:
        feed = await newspaper([names])(request)
        assert isinstance(feed, web.Response)
        assert feed.text is not None
        return web.Response(text=feed.text[:end])

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        assert await room.headlines() == ["b", "c"]
        end = len("</rss>") * 100
        await room.poll()
        assert sorted(await room.headlines()) == ["a", "b", "c"]
        assert await room.headlines(news_only=True) == []
        names.insert(0, "d")
        await room.poll()
        assert await room.headlines(news_only=True) == ["d"]


async def test_a_feed_without_an_end_fills_the_archive_all_the_same(newsroom: Open) -> None:
    names = ["b", "a"]

    async def answer(request: web.Request) -> web.StreamResponse:
        feed = await newspaper([names])(request)
        assert isinstance(feed, web.Response)
        assert feed.text is not None
        return web.Response(text=feed.text.removesuffix("</channel></rss>"))

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        for _ in range(2):
            await room.poll()
        names.insert(0, "c")
        await room.poll()
        assert await room.headlines(news_only=True) == ["c"]


def brought(*names: str) -> bytes:
    items = "".join(f"<item><title>{n}</title><link>http://x.example/{n}</link></item>" for n in names)
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


async def test_what_a_hub_brings_says_nothing_of_whether_the_feed_can_be_read(newsroom: Open) -> None:
    status = 200

    async def answer(request: web.Request) -> web.StreamResponse:
        return await newspaper([["a"]])(request) if status == 200 else web.Response(status=status)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        status = 503
        await room.poll()
        feed = await room.feed(room.urls[0])
        await room.poller.take_from_hub(feed.id, brought("b", "a"), None)
        after = await room.feed(room.urls[0])
        assert await room.headlines(news_only=True) == ["b"]
        assert (after.failures, after.last_error, after.next_poll_at) == (1, feed.last_error, feed.next_poll_at)


async def test_no_article_that_a_hub_brings_tells_the_feeds_password(newsroom: Open) -> None:
    async with serving(newspaper([["a"]])) as site:
        room = await newsroom(f"{site.replace('//', '//editor:s3cret@')}/feed/")
        await room.poll()
        feed_id = (await room.feed(room.urls[0])).id
        await room.poller.take_from_hub(feed_id, brought("b").replace(b"http://x.example", b""), None)
        with pytest.raises(NotAFeed) as refused:
            await room.poller.take_from_hub(feed_id, b"<html></html>", None)
        async with room.database.read() as connection:
            links = (await connection.execute(select(articles.c.link).order_by(articles.c.id))).scalars().all()
    assert links[-1] == f"{site}/b"
    assert "s3cret" not in str(refused.value)


async def test_an_answer_from_before_a_hub_called_undoes_nothing(newsroom: Open) -> None:
    asked, may_answer, hold = asyncio.Event(), asyncio.Event(), False

    async def answer(request: web.Request) -> web.StreamResponse:
        if hold:
            asked.set()
            await may_answer.wait()
        return web.Response(body=brought("a").replace(b"<title>a<", b"<title>As it was<"))

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        hold = True
        async with room.database.write() as connection:
            await feeds.record_brought(connection, Feed(1, "", body_hash="another"))
        polling_once = asyncio.create_task(room.poll())
        await asked.wait()
        newer = brought("a").replace(b"<title>a<", b"<title>As it is<")
        await room.poller.take_from_hub((await room.feed(room.urls[0])).id, newer, None)
        may_answer.set()
        await polling_once
        assert await room.headlines() == ["As it is"]
        assert (await room.feed(room.urls[0])).next_poll_at <= room.now
