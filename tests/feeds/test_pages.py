import asyncio
import gzip
import socket
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import aiohttp
import anyio.to_process
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ConnectionKey

from bot.feeds import pages
from bot.feeds.fetching import CONNECTIONS_PER_HOST
from bot.feeds.hosts import AddressRefused
from bot.feeds.pages import MAX_BYTES, Completed, Pages
from bot.feeds.premium import PremiumRules, Verdict
from bot.model import Article
from bot.sandbox.site import Site
from tests.logged import Logged, logged
from tests.web_server import Answer, serving

__all__ = ["logged"]

RULES = PremiumRules()
STANDFIRST = "The first in four years."
PAGE = f'<meta property="og:description" content="{STANDFIRST}"><p>Behind the paywall stand these words.</p>'


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page of a process waits for another one to start, which on a busy machine takes its time."""
    monkeypatch.setattr(pages, "WHOLE_SECONDS", 30.0)


def article(link: str) -> Article:
    return Article(
        keys=(), link=link, headline="Harvest", teaser="", tags=(), premium=False, byline=None, published_at=None
    )


class LocalNames(AbstractResolver):
    """Finds every name on this machine, but for those that are unknown."""

    closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host.startswith("unknown."):
            raise OSError("no such name")
        here = ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        return [here]

    async def close(self) -> None:
        self.closed = True


async def a_page(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def look(answer: Answer, path: str = "/a/", hosts: Sequence[str] = ()) -> Completed:
    """What becomes of an article whose feed and page are on this server."""
    async with serving(answer) as site, Pages([f"{site}/feed/"], hosts) as reader:
        return await reader.look(article(site + path), f"{site}/feed/", RULES)


async def test_a_page_of_the_sample_site_says_that_its_article_is_premium() -> None:
    async with Site() as site, Pages([f"{site.url}/feed/"]) as reader:
        published = next(one for one in site.articles if one.story.premium)
        link = site.url + published.path
        completed = await reader.complete(article(link), f"{site.url}/feed/", RULES)
    story = published.story
    assert (completed.premium, completed.tags, completed.teaser) == (True, story.tags, story.teaser)
    assert completed.byline == story.byline


async def test_a_page_is_asked_for_once_and_politely() -> None:
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        return await a_page(request)

    completed = await look(answer, "/a/?p=1#comments")
    told = replace(article(completed.article.link), teaser=STANDFIRST)
    assert completed == Completed(told, Verdict(False, "neither the feed nor the page says premium"))
    (request,) = seen
    assert (request.method, request.path_qs) == ("GET", "/a/?p=1")
    assert "Tagalong/" in request.headers["User-Agent"]
    assert request.headers["Accept"] == "text/html"
    assert "Cookie" not in request.headers


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (web.Response(status=404, text=PAGE, content_type="text/html"), "it answers with status 404"),
        (web.Response(status=500), "it answers with status 500"),
        (web.Response(status=304), "it answers with status 304"),
        (web.Response(status=302), "it answers with status 302"),
        (web.Response(text=PAGE, content_type="application/json"), "it is application/json, not HTML"),
        (web.Response(body=b"GIF89a", content_type="image/gif"), "it is image/gif, not HTML"),
        (web.Response(body=PAGE.encode()), "it is application/octet-stream, not HTML"),
        (
            web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip", "Content-Type": "text/html"}),
            "its answer breaks off or is not packed as it says",
        ),
    ],
)
async def test_a_page_that_is_none_leaves_the_article_as_it_was(
    answer: web.Response, reason: str, logged: Logged
) -> None:
    async def answers(_: web.Request) -> web.Response:
        return answer

    completed = await look(answers)
    assert completed.unread == reason
    assert completed.article == article(completed.article.link)
    (line,) = logged.of("page not read")
    assert (line["link"], line["reason"], line["level"]) == (completed.article.link, reason, "info")


async def test_an_unpacked_page_is_read_and_a_bomb_only_in_its_beginning() -> None:
    async def answer(_: web.Request) -> web.Response:
        packed = gzip.compress(PAGE.encode() + b" " * MAX_BYTES * 50)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})

    assert (await look(answer)).article.teaser == STANDFIRST


async def test_of_an_endless_page_the_beginning_is_read() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(PAGE.encode())
        while True:
            await response.write(b" " * 64 * 1024)

    assert (await look(answer)).article.teaser == STANDFIRST


async def test_a_page_that_breaks_off_leaves_the_article_as_it_was() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": "9000"})
        await response.prepare(request)
        await response.write(PAGE.encode())
        assert request.transport is not None
        request.transport.abort()
        return response

    assert (await look(answer)).unread == "its answer breaks off or is not packed as it says"


async def test_a_page_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "WHOLE_SECONDS", 0.2)
    gone = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(PAGE.encode())
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    completed = await look(answer)
    assert completed.unread == "there was no whole page within 0.2 seconds"
    assert completed.article == article(completed.article.link)
    assert gone.is_set()


async def test_a_page_that_holds_up_whoever_reads_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="<div>" * 100_000, content_type="text/html")

    monkeypatch.setattr(pages, "WHOLE_SECONDS", 1.0)
    assert (await look(answer)).unread == "there was no whole page within 1 seconds"


async def test_a_page_that_breaks_its_reader_leaves_the_article_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: object, **__: object) -> None:
        raise anyio.BrokenWorkerProcess

    monkeypatch.setattr(anyio.to_process, "run_sync", dies)
    assert (await look(a_page)).unread == "it broke the process that read it"


async def test_a_bug_with_a_page_leaves_the_article_as_it_was(monkeypatch: pytest.MonkeyPatch, logged: Logged) -> None:
    async def has_a_bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pages, "read_page_apart", has_a_bug)
    completed = await look(a_page)
    assert (completed.unread, completed.article) == ("bug: ZeroDivisionError", article(completed.article.link))
    assert logged.of("page not read")[0]["level"] == "error"


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

    async with serving(a_page) as site, serving(answer) as other, Pages([f"{site}/feed/"]) as reader:
        completed = await reader.look(article(f"{other}/a/"), f"{site}/feed/", RULES)
        assert await reader.status(f"{other}/a/") is None
    assert completed.unread == "127.0.0.1 is a private address, and no feed is there"
    assert not asked.is_set()


async def test_names_are_looked_up_and_lead_to_public_addresses_or_where_the_feed_is() -> None:
    names = LocalNames()
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(serving(a_page))
        port = int(site.rpartition(":")[2])
        feed = f"http://feed.paper.example:{port}/feed/"
        reader = await stack.enter_async_context(Pages([feed], ["amp.example"], resolver=names))
        at_home = await reader.look(article(f"http://feed.paper.example:{port}/a/"), feed, RULES)
        beside = await reader.look(article(f"http://www.feed.paper.example:{port}/a/"), feed, RULES)
        further = await reader.look(article(f"http://amp.example:{port}/a/"), feed, RULES)
        of_its_site = await reader.look(
            article(f"http://paper.example:{port}/a/"), feed, RULES, site="https://www.paper.example/"
        )
        unknown = await reader.look(article("http://unknown.amp.example/a/"), feed, RULES)
    assert at_home.article.teaser == STANDFIRST
    assert beside.unread == "www.feed.paper.example leads to a private address, and no feed is there"
    assert further.unread == "amp.example leads to a private address, and no feed is there"
    assert of_its_site.unread == "paper.example leads to a private address, and no feed is there"
    assert unknown.unread == "its name is not known"
    assert names.closed


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

    async with serving(answer) as site, Pages([f"{site}/feed/"]) as reader:
        looks = (reader.complete(article(f"{site}/{number}/"), f"{site}/feed/", RULES) for number in range(6))
        completed = await asyncio.gather(*looks)
    assert [one.teaser for one in completed] == [STANDFIRST] * 6
    assert most == CONNECTIONS_PER_HOST


async def test_nobody_there() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        site = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with Pages([f"{site}/feed/"]) as reader:
            completed = await reader.look(article(f"{site}/a/"), f"{site}/feed/", RULES)
            assert await reader.status(f"{site}/a/") is None
    assert completed.unread == "Connection refused"


@pytest.mark.parametrize("link", ["", "harvest", "mailto:a@b.example", "http://", "http://[x"])
async def test_a_link_that_is_none_leaves_the_article_as_it_was(link: str) -> None:
    async with Pages(["https://paper.example/feed/"]) as reader:
        completed = await reader.look(article(link), "https://paper.example/feed/", RULES)
        assert await reader.status(link) is None
    assert completed.article == article(link)
    assert completed.unread


async def test_a_password_in_a_link_is_neither_sent_nor_logged(logged: Logged) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=500 if "Authorization" in request.headers else 403)

    async with serving(answer) as site, Pages([f"{site}/feed/"]) as reader:
        link = f"{site}/a/".replace("http://", "http://reader:s3cret@")
        completed = await reader.look(article(link), f"{site}/feed/", RULES)
    assert completed.unread == "it answers with status 403"
    assert "s3cret" not in repr(logged.entries)


@pytest.mark.parametrize("status", [200, 404, 410, 500])
async def test_the_status_of_a_page(status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/a/":
            raise web.HTTPMovedPermanently("/b/")
        return web.Response(status=status)

    async with serving(answer) as site, Pages([f"{site}/feed/"]) as reader:
        assert await reader.status(f"{site}/a/") == status


async def test_the_status_is_known_before_the_page_is_there() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=410)
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async with serving(answer) as site, Pages([f"{site}/feed/"]) as reader:
        assert await reader.status(f"{site}/a/") == 410


_HOST = ConnectionKey("paper.example", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (aiohttp.ClientConnectorDNSError(_HOST, OSError(-2, "not known")), "its name is not known"),
        (aiohttp.ClientConnectorDNSError(_HOST, AddressRefused("it leads elsewhere")), "it leads elsewhere"),
        (aiohttp.ClientConnectorCertificateError(_HOST, ssl.SSLCertVerificationError()), "certificate does not hold"),
        (aiohttp.ClientConnectorError(_HOST, OSError()), "no connection"),
        (aiohttp.ServerDisconnectedError(), "ServerDisconnectedError"),
    ],
)
def test_what_went_wrong_is_said(error: aiohttp.ClientError, reason: str) -> None:
    assert reason in pages._reason(error)
