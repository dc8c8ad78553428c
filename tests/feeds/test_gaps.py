"""What was published while nobody looked, found on the pages behind a feed's first."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from aiohttp import web

from bot.feeds.gaps import MAX_ARTICLES, MAX_PAGES, TRIES, catch_up
from bot.feeds.pace import LONGEST_BACK_OFF
from bot.model import Article
from tests.feeds.newsroom import EVERY, Open, logged, newspaper, newsroom
from tests.make import an_article
from tests.web_server import serving

__all__ = ["logged", "newsroom"]


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


async def test_what_another_feed_has_just_brought_hides_no_gap(newsroom: Open) -> None:
    every, politics = [["b", "a"]], [["b"]]

    async def answer(request: web.Request) -> web.StreamResponse:
        return await newspaper(politics if request.path == "/politics/" else every)(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/", f"{site}/politics/")
        await room.poll()
        morning = room.now + timedelta(hours=9)  # until when the bot was away
        first, second = await newsroom(room.urls[1], now=morning), await newsroom(room.urls[0], now=morning)
        every[:], politics[:] = [["f", "e"], ["d", "c"], ["b", "a"]], [["f", "b"]]
        await first.poll()
        assert await first.headlines(news_only=True) == ["f"]
        await second.poll()
        assert await second.headlines(news_only=True) == ["f", "c", "d", "e"]


async def test_what_a_hub_brings_starts_no_search_and_hides_no_gap(newsroom: Open) -> None:
    asked: list[str] = []
    pages = [["b", "a"]]

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.query_string)
        return await newspaper(pages)(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        room.now += EVERY
        feed = await room.feed(room.urls[0])
        item = "<item><title>f</title><link>http://x.example/f</link></item>"
        body = f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()
        await room.poller.take_from_hub(feed.id, body, "application/rss+xml")
        assert asked == [""]
        pages[:] = [["f", "e"], ["d", "c"], ["b", "a"]]  # and of these the hub said nothing
        await room.poll()
        assert await room.headlines(news_only=True) == ["f", "c", "d", "e"]


async def test_a_feed_that_others_have_told_all_of_is_not_searched(newsroom: Open) -> None:
    asked: list[str] = []
    names = [["a"]]

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.query_string)
        return await newspaper(names)(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/", f"{site}/politics/")
        for name in "bcd":
            names[0].insert(0, name)
            await room.poll()
        assert set(asked) == {""}


async def test_the_search_ends_with_more_articles_than_a_newsroom_writes() -> None:
    async def read_page(url: str) -> Sequence[Article]:
        return [an_article(f"{url} {number}") for number in range(MAX_ARTICLES // 2)]

    async def none_known(_: Sequence[Article]) -> bool:
        return False

    found = await catch_up([an_article()], "http://127.0.0.1/feed/", read_page, none_known, failures=0)
    assert len(found) == MAX_ARTICLES + 1


async def test_an_article_pinned_to_the_top_hides_no_gap(newsroom: Open) -> None:
    pages = [["b", "a"]]
    async with serving(newspaper(pages)) as site:
        room = await newsroom(f"{site}/feed/")
        await room.poll()
        pages[:] = [["a", "f", "e"], ["d", "c"], ["b", "a"]]
        await room.poll(later=timedelta(days=1))
        assert await room.headlines(news_only=True) == list("cdef")


async def test_the_pages_behind_a_feed_with_a_password_are_asked_for_with_it(newsroom: Open) -> None:
    pages = [["a"]]

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return web.Response(status=401)
        if request.path == "/feed":
            raise web.HTTPPermanentRedirect(f"/feed/?{request.query_string}")
        return await newspaper(pages)(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site.replace('http://', 'http://me:hush@')}/feed")
        await room.poll()
        pages[:] = [["c"], ["b"], ["a"]]
        await room.poll()
        assert await room.headlines(news_only=True) == ["b", "c"]
        assert "hush" not in str(room.logged.entries)
