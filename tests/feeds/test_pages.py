import asyncio
import gzip
import ssl
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey

from bot.feeds import pages
from bot.feeds.apart import OutOfBounds
from bot.feeds.hosts import AddressRefused, Hosts
from bot.feeds.pages import MAX_BYTES, Completed
from bot.feeds.premium import Verdict
from bot.sandbox.site import Site
from tests.feeds.connected import some_pages
from tests.feeds.page_reading import PAGE, RULES, STANDFIRST, a_page, article, look, patience
from tests.logged import Logged, logged
from tests.web_server import serving

__all__ = ["logged", "patience"]


async def test_a_page_of_the_sample_site_says_that_its_article_is_premium() -> None:
    async with Site() as site, some_pages(f"{site.url}/feed/", RULES) as reader:
        published = next(one for one in site.articles if one.story.premium)
        link = site.url + published.path
        completed = await reader.complete(article(link))
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
    ("answer", "reason", "missed"),
    [
        (web.Response(status=404, text=PAGE, content_type="text/html"), "it answers with status 404", True),
        (web.Response(status=429), "it answers with status 429", True),
        (web.Response(status=500), "it answers with status 500", True),
        (web.Response(status=403), "it answers with status 403", False),
        (web.Response(status=304), "it answers with status 304", False),
        (web.Response(status=302), "it answers with status 302", False),
        (web.Response(text=PAGE, content_type="application/json"), "it is application/json, not HTML", False),
        (web.Response(body=b"GIF89a", content_type="image/gif"), "it is image/gif, not HTML", False),
        (web.Response(body=PAGE.encode()), "it is application/octet-stream, not HTML", False),
        (
            web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip", "Content-Type": "text/html"}),
            "its answer breaks off or is not packed as it says",
            True,
        ),
    ],
)
async def test_a_page_that_is_none_leaves_the_article_as_it_was(
    answer: web.Response, reason: str, missed: bool, logged: Logged
) -> None:
    async def answers(_: web.Request) -> web.Response:
        return answer

    completed = await look(answers)
    assert completed.unread == reason
    assert completed.article == replace(article(completed.article.link), page_missed=missed)
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
    assert completed.article == replace(article(completed.article.link), page_missed=True)
    assert gone.is_set()


async def test_a_page_that_holds_up_whoever_reads_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="<div>" * 100_000, content_type="text/html")

    monkeypatch.setattr(pages, "WHOLE_SECONDS", 1.0)
    assert (await look(answer)).unread == "there was no whole page within 1 seconds"


async def test_a_page_that_breaks_its_reader_leaves_the_article_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: object, **__: object) -> None:
        raise OutOfBounds("broke the process that reads")

    monkeypatch.setattr(pages, "read_page_apart", dies)
    assert (await look(a_page)).unread == "it broke the process that reads"


async def test_a_bug_with_a_page_leaves_the_article_as_it_was(monkeypatch: pytest.MonkeyPatch, logged: Logged) -> None:
    async def has_a_bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pages, "read_page_apart", has_a_bug)
    completed = await look(a_page)
    assert (completed.unread, completed.article) == ("bug: ZeroDivisionError", article(completed.article.link))
    assert logged.of("page not read")[0]["level"] == "error"


@pytest.mark.parametrize("status", [200, 404, 410, 500])
async def test_the_status_of_a_page(status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/a/":
            raise web.HTTPMovedPermanently("/b/")
        return web.Response(status=status)

    async with serving(answer) as site, some_pages(f"{site}/feed/", RULES) as reader:
        assert await reader.status(f"{site}/a/") == status


async def test_a_page_that_now_leads_to_the_front_page_is_gone() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/a/":
            raise web.HTTPFound("/")
        return web.Response(text="News")

    async with serving(answer) as site, some_pages(f"{site}/feed/", RULES) as reader:
        assert await reader.status(f"{site}/a/") == 410
        assert await reader.status(f"{site}/") == 200


async def test_the_status_is_known_before_the_page_is_there() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=410)
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async with serving(answer) as site, some_pages(f"{site}/feed/", RULES) as reader:
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


async def test_a_bug_with_asking_for_a_status_is_no_answer(monkeypatch: pytest.MonkeyPatch, logged: Logged) -> None:
    def has_a_bug(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Hosts, "why_not", has_a_bug)
    async with some_pages("https://paper.example/feed/", RULES) as reader:
        assert await reader.status("https://paper.example/a/") is None
    assert logged.of("page not asked")[0]["level"] == "error"
