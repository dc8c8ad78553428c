import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import brotli
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey

from bot.addresses import without_password
from bot.errors import FeedError, FeedRefused, FeedTooLarge, FeedUnreachable
from bot.feeds import fetching
from bot.feeds.connecting import CONNECTIONS_PER_HOST
from bot.feeds.fetching import LONGEST_RETRY_AFTER
from bot.model import Fetched
from tests.feeds.connected import a_fetcher
from tests.web_server import Answer, serving

BODY = b"<rss><channel/></rss>"


async def fetch(answer: Answer, path: str = "/feed/", **validators: str) -> Fetched | None:
    async with serving(answer) as site, a_fetcher(site) as fetcher:
        return await fetcher.fetch(site + path, **validators)


async def refused(answer: Answer, path: str = "/feed/") -> FeedError:
    with pytest.raises(FeedError) as caught:
        await fetch(answer, path)
    return caught.value


async def test_what_is_there_with_its_validators() -> None:
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        headers = {"ETag": 'W/"1"', "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
        return web.Response(body=BODY, headers=headers, content_type="application/rss+xml")

    fetched = await fetch(answer)
    assert fetched is not None
    assert (fetched.body, fetched.etag, fetched.content_type) == (BODY, 'W/"1"', "application/rss+xml")
    assert fetched.last_modified == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert fetched.url.endswith("/feed/")
    assert "Tagalong/" in seen[0].headers["User-Agent"]
    assert "If-None-Match" not in seen[0].headers


async def test_what_has_not_changed_is_not_sent_again() -> None:
    async def answer(request: web.Request) -> web.Response:
        same = request.headers.get("If-None-Match") == '"1"'
        since = request.headers.get("If-Modified-Since") == "yesterday"
        return web.Response(status=304) if same and since else web.Response(body=BODY)

    assert await fetch(answer, etag='"1"', last_modified="yesterday") is None
    assert await fetch(answer, etag='"2"', last_modified="yesterday") is not None


async def test_not_modified_that_nobody_asked_for_is_no_answer() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=304)

    assert "status 304" in str(await refused(answer))


async def test_validators_too_long_to_send_back_are_not_kept() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=BODY, headers={"ETag": "x" * 2000})

    fetched = await fetch(answer)
    assert fetched is not None
    assert fetched.etag is None


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        (401, "a name and a password"),
        (403, "allow this machine"),
        (404, "correct FEED_URLS"),
        (410, "gone for good"),
        (429, "POLL_SECONDS"),
        (500, "asked again later"),
        (503, "asked again later"),
        (204, "no feed"),
    ],
)
async def test_a_refusal_names_the_feed_and_the_way_out(status: int, way_out: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    error = await refused(answer)
    assert isinstance(error, FeedRefused)
    assert error.status == status
    assert "/feed/ answers with status" in str(error)
    assert way_out in str(error)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("99999999999999999999", None),
        ("999999", LONGEST_RETRY_AFTER),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Sun, 01 Mar 2099 12:00:00 GMT", LONGEST_RETRY_AFTER),
        ("Sun, 01 Mar 2020 12:00:00 GMT", timedelta(0)),
        ("Sun, 01 Mar 2020 12:00:00", timedelta(0)),
    ],
)
async def test_the_site_is_left_alone_as_long_as_it_asks_within_bounds(value: str, wait: timedelta | None) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": value})

    assert (await refused(answer)).retry_after == wait


async def test_redirects_are_followed_but_not_for_ever() -> None:
    async def answer(request: web.Request) -> web.Response:
        steps = int(request.path.strip("/"))
        if steps:
            raise web.HTTPMovedPermanently(f"/{steps - 1}")
        return web.Response(body=BODY)

    fetched = await fetch(answer, "/4")
    assert fetched is not None
    assert fetched.url.endswith("/0")
    assert "redirects more than" in str(await refused(answer, "/9"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "http://", "javascript:alert(1)"])
async def test_a_redirect_to_what_is_no_web_address_is_not_followed(target: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    assert isinstance(await refused(answer), FeedUnreachable)


@pytest.mark.parametrize(
    ("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
async def test_what_is_packed_is_unpacked(name: str, pack: Callable[[bytes], bytes]) -> None:
    async def answer(request: web.Request) -> web.Response:
        assert name in request.headers["Accept-Encoding"]
        return web.Response(body=pack(BODY), headers={"Content-Encoding": name})

    fetched = await fetch(answer)
    assert fetched is not None
    assert fetched.body == BODY


def _gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    begun = packer.compress(bytes(1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)
    return begun + (packer.compress(bytes(1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)) * 200


@pytest.mark.parametrize(
    ("name", "make"), [("gzip", _gzip_bomb), ("br", lambda: brotli.compress(bytes(200 * 1024**2), quality=1))]
)
async def test_a_bomb_does_not_go_off(name: str, make: Callable[[], bytes]) -> None:
    bomb = make()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": name})

    assert len(bomb) < 1024**2
    assert isinstance(await refused(answer), FeedTooLarge)


@pytest.mark.parametrize("name", ["gzip", "br", "deflate"])
@pytest.mark.parametrize("length", [7, 70_000])
async def test_what_is_not_packed_as_it_says_is_refused(
    name: str, length: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"<rss/>." * (length // 7), headers={"Content-Encoding": name})

    assert "not packed as it says" in str(await refused(answer))
    assert caplog.records == []


async def test_an_endless_feed_is_given_up() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1024**2))

    assert isinstance(await refused(answer), FeedTooLarge)


async def test_a_feed_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.2)

    async def answer(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    assert "no whole answer within" in str(await refused(answer))


async def test_an_answer_that_breaks_off_is_refused() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(BODY)
        assert request.transport is not None
        request.transport.abort()
        return response

    assert isinstance(await refused(answer), FeedUnreachable)


async def test_nobody_there() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        async with a_fetcher(f"http://127.0.0.1:{port}/") as fetcher:
            with pytest.raises(FeedUnreachable, match="could not be reached: "):
                await fetcher.fetch(f"http://127.0.0.1:{port}/feed/")


async def test_a_password_is_sent_and_never_shown() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Basic cmVhZGVyOnMzY3JldA==":
            return web.Response(status=401)
        return web.Response(body=BODY) if request.path == "/feed/" else web.Response(status=404)

    async with serving(answer) as site, a_fetcher(site) as fetcher:
        with_password = site.replace("http://", "http://reader:s3cret@")
        fetched = await fetcher.fetch(f"{with_password}/feed/")
        assert fetched is not None
        assert "s3cret" not in repr(fetched)
        with pytest.raises(FeedRefused) as caught:
            await fetcher.fetch(f"{with_password}/gone/")
    assert "s3cret" not in str(caught.value)
    assert without_password(with_password) == site


_HOST = ConnectionKey("paper.example", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (aiohttp.ClientConnectorDNSError(_HOST, OSError(-2, "not known")), "its name is not known"),
        (aiohttp.ClientConnectorCertificateError(_HOST, ssl.SSLCertVerificationError()), "certificate does not hold"),
        (aiohttp.ClientConnectorSSLError(_HOST, OSError()), "does not speak TLS as we do"),
        (aiohttp.ClientConnectorError(_HOST, OSError(111, "Connection refused")), "Connection refused"),
        (aiohttp.ClientConnectorError(_HOST, OSError()), "no connection"),
        (aiohttp.ServerDisconnectedError(), "ServerDisconnectedError"),
    ],
)
def test_what_went_wrong_is_said_without_the_address(error: aiohttp.ClientError, reason: str) -> None:
    assert reason in fetching._reason(error)
    assert "paper.example" not in fetching._reason(error)


@pytest.mark.parametrize(("status", "for_good"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
async def test_a_move_for_good_is_told_from_one_for_now(status: int, for_good: bool) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/feed/":
            return web.Response(status=status, headers={"Location": "/new/"})
        return web.Response(body=BODY, headers={"Cache-Control": "public, max-age=300"})

    fetched = await fetch(answer)
    assert fetched is not None
    assert fetched.moved_to == (fetched.url if for_good else None)
    assert fetched.max_age == timedelta(minutes=5)


async def test_it_says_who_it_is_and_where() -> None:
    agents: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        agents.append(request.headers["User-Agent"])
        return web.Response(body=BODY)

    async with serving(answer) as site, a_fetcher(site, who="https://t.me/lantern_bot") as fetcher:
        await fetcher.fetch(f"{site}/feed/")
    assert agents[0].startswith("Tagalong/")
    assert agents[0].endswith(" (+https://t.me/lantern_bot)")


async def test_who_waits_for_others_at_a_slow_site_has_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.5)
    silent = iter(range(CONNECTIONS_PER_HOST))

    async def answer(_: web.Request) -> web.Response:
        if next(silent, None) is not None:
            await asyncio.Event().wait()
        return web.Response(body=BODY)

    async with serving(answer) as site, a_fetcher(site) as fetcher:
        polls = (fetcher.fetch(f"{site}/feed/{number}") for number in range(CONNECTIONS_PER_HOST + 1))
        *late, last = await asyncio.gather(*polls, return_exceptions=True)
    assert all(isinstance(error, FeedUnreachable) for error in late)
    assert isinstance(last, Fetched)
