"""What the store, the log and the admins learn of polls."""

from datetime import timedelta

import pytest
from aiohttp import web

from bot.feeds import polling
from bot.feeds.pace import DEAD_AFTER, LONGEST_BACK_OFF
from bot.sandbox.site import Site
from tests.feeds.newsroom import EVERY, Open, logged, newspaper, newsroom
from tests.web_server import serving

__all__ = ["logged", "newsroom"]


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
        (warning,) = (told for told in room.logged.entries if told["event"] == "feed not read")
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


async def test_lasting_trouble_is_said_loudly_once_until_it_is_another(newsroom: Open) -> None:
    status = 500

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status) if status else await newspaper([["a"]])(request)

    async with serving(answer) as site:
        room = await newsroom(f"{site}/feed/")
        for status in (500, 500, 500, 403, 403, 0, 403):  # noqa: B007 - the server answers with it
            await room.poll(later=LONGEST_BACK_OFF)
        told = [(line["level"], line["event"], line.get("failures")) for line in room.logged.entries]
        assert told == [
            ("warning", "feed not read", 1),
            ("info", "feed still not read", 2),
            ("info", "feed still not read", 3),
            ("warning", "feed not read", 4),
            ("info", "feed still not read", 5),
            ("info", "feed polled", None),
            ("warning", "feed not read", 1),
        ]
        assert {line["feed"] for line in room.logged.entries} == {f"{site}/feed/"}
