"""Where pages may be, and where the reader of pages is not to be led."""

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.feeds.connecting import CONNECTIONS_PER_HOST
from tests.feeds.connected import some_pages
from tests.feeds.page_reading import RULES, STANDFIRST, a_page, article, look, patience
from tests.logged import Logged, logged
from tests.web_server import serving

__all__ = ["logged", "patience"]


class LocalNames(AbstractResolver):
    """Finds every name on this machine, but for those that are unknown."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host.startswith("unknown."):
            raise OSError("no such name")
        here = ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        return [here]

    async def close(self) -> None:
        return


async def test_redirects_are_followed_but_not_for_ever() -> None:
    async def answer(request: web.Request) -> web.Response:
        steps = int(request.path.strip("/"))
        if steps:
            raise web.HTTPFound(f"../{steps - 1}/")
        return await a_page(request)

    assert (await look(answer, "/3/")).article.teaser == STANDFIRST
    assert (await look(answer, "/4/")).unread == "it redirects more than 3 times"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://evil.example/", "evil.example is none of the site's hosts"),
        ("http://169.254.169.254/latest/", "169.254.169.254 is none of the site's hosts"),
        ("http://127.0.0.1:1/", "127.0.0.1 is a private address, and no feed is there"),
        ("//localhost/", "localhost is none of the site's hosts"),
        ("file:///etc/passwd", "it is no web address"),
        ("javascript:alert(1)", "it is no web address"),
        ("http://[broken/", "it is no web address"),
    ],
)
async def test_a_redirect_must_lead_to_where_the_site_is(target: str, reason: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    assert reason in str((await look(answer)).unread)


async def test_a_page_elsewhere_on_the_feeds_private_host_is_never_asked_for() -> None:
    asked = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        asked.set()
        return await a_page(_)

    async with serving(a_page) as site, serving(answer) as other, some_pages(f"{site}/feed/", RULES) as reader:
        completed = await reader.look(article(f"{other}/a/"))
        assert await reader.status(f"{other}/a/") is None
    assert completed.unread == "127.0.0.1 is a private address, and no feed is there"
    assert not asked.is_set()


async def test_names_are_looked_up_and_lead_to_public_addresses_or_where_the_feed_is() -> None:
    names = LocalNames()
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(serving(a_page))
        port = int(site.rpartition(":")[2])
        feed = f"http://feed.paper.example:{port}/feed/"
        reader = await stack.enter_async_context(some_pages(feed, RULES, ["amp.example"], resolver=names))
        at_home = await reader.look(article(f"http://feed.paper.example:{port}/a/"))
        beside = await reader.look(article(f"http://www.feed.paper.example:{port}/a/"))
        further = await reader.look(article(f"http://amp.example:{port}/a/"))
        of_its_site = await reader.look(article(f"http://paper.example:{port}/a/"), site="https://www.paper.example/")
        unknown = await reader.look(article("http://unknown.amp.example/a/"))
    assert at_home.article.teaser == STANDFIRST
    assert beside.unread == "www.feed.paper.example leads to a private address, and no feed is there"
    assert further.unread == "amp.example leads to a private address, and no feed is there"
    assert of_its_site.unread == "paper.example leads to a private address, and no feed is there"
    assert unknown.unread == "its name is not known"


async def test_no_more_than_two_connections_go_to_one_host() -> None:
    open_now, most = 0, 0
    full = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if open_now == CONNECTIONS_PER_HOST:
            full.set()
        await full.wait()
        open_now -= 1
        return await a_page(request)

    async with serving(answer) as site, some_pages(f"{site}/feed/", RULES) as reader:
        looks = (reader.complete(article(f"{site}/{number}/")) for number in range(6))
        completed = await asyncio.gather(*looks)
    assert [one.teaser for one in completed] == [STANDFIRST] * 6
    assert most == CONNECTIONS_PER_HOST


async def test_nobody_there() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        site = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with some_pages(f"{site}/feed/", RULES) as reader:
            completed = await reader.look(article(f"{site}/a/"))
            assert await reader.status(f"{site}/a/") is None
    assert completed.unread == "Connection refused"


@pytest.mark.parametrize("link", ["", "harvest", "mailto:a@b.example", "http://", "http://[x"])
async def test_a_link_that_is_none_leaves_the_article_as_it_was(link: str) -> None:
    async with some_pages("https://paper.example/feed/", RULES) as reader:
        completed = await reader.look(article(link))
        assert await reader.status(link) is None
    assert completed.article == article(link)
    assert completed.unread


async def test_a_password_in_a_link_is_neither_sent_nor_logged(logged: Logged) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=500 if "Authorization" in request.headers else 403)

    async with serving(answer) as site, some_pages(f"{site}/feed/", RULES) as reader:
        link = f"{site}/a/".replace("http://", "http://reader:s3cret@")
        completed = await reader.look(article(link))
    assert completed.unread == "it answers with status 403"
    assert "s3cret" not in repr(logged.entries)
