"""Two processes' pollers on one database: each feed is polled by one of them, and by the other when that is dead."""

import asyncio
from collections import Counter
from datetime import timedelta

from aiohttp import web

from bot.feeds.polling import LEASE
from bot.store import feeds
from tests.feeds.newsroom import EVERY, Open, logged, newsroom
from tests.web_server import serving

__all__ = ["logged", "newsroom"]


def feed(*names: str) -> web.Response:
    items = "".join(f"<item><title>{n}</title><link>http://x.example/{n}</link></item>" for n in names)
    return web.Response(text=f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>')


async def test_each_feed_is_polled_by_one_of_them(newsroom: Open) -> None:
    asked = Counter[str]()

    async def answer(request: web.Request) -> web.Response:
        asked[request.path] += 1
        return feed(*(f"{request.path} at {times}" for times in range(asked[request.path], 0, -1)))

    async with serving(answer) as site:
        urls = [f"{site}/{number}" for number in range(12)]
        one = await newsroom(*urls)
        await one.poll()
        other = await newsroom(*urls, now=one.now + EVERY)
        for times in (2, 3):
            one.now = other.now
            await asyncio.gather(one.poll(), other.poll())
            assert set(asked.values()) == {times}
        assert len(await one.headlines()) == len(set(await one.headlines())) == 12 * 3
        assert len(await one.headlines(news_only=True)) == 12 * 2


async def test_what_a_dead_one_had_is_polled_by_the_other_when_the_lease_is_over(newsroom: Open) -> None:
    names, asked, hang = ["old"], asyncio.Event(), asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        asked.set()
        await hang.wait()
        return feed(*names)

    hang.set()
    async with serving(answer) as site:
        one, other = await newsroom(site), await newsroom(site)
        await one.poll()
        names.insert(0, "new")
        hang.clear()
        asked.clear()
        dying = asyncio.create_task(one.poll(later=EVERY * 2))
        await asked.wait()
        dying.cancel()
        hang.set()
        other.now = one.now
        assert await other.poll(later=LEASE - timedelta(seconds=1)) == []
        await other.poll(later=timedelta(seconds=2))
        assert await other.headlines(news_only=True) == ["new"]


async def test_one_that_starts_leaves_the_others_their_polls_and_looks_at_all_else(newsroom: Open) -> None:
    urls = ["http://127.0.0.1/polled", "http://127.0.0.1/soon", "http://127.0.0.1/late"]
    room = await newsroom(*urls)
    async with room.database.write() as connection:
        await feeds.claim_due(connection, urls[:1], room.now, LEASE)
        for url, minutes in zip(urls[1:], (1, 60), strict=True):
            (found,) = await feeds.claim_due(connection, [url], room.now, LEASE)
            await feeds.record_unchanged(connection, {found.id: room.now + timedelta(minutes=minutes)}, room.now)
        await feeds.register(connection, urls, room.now, but_within=LEASE)
        assert [one.url for one in await feeds.claim_due(connection, urls, room.now, LEASE)] == urls[2:]
