"""What can go wrong between a site and the store, over real sockets and in real databases.

Whatever it is: it is said once, with the feed's address; and once it is over, what was published meanwhile is told
once.
"""

import asyncio
import shutil
import sqlite3
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from socket import AF_INET, AddressFamily

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.feeds import fetching
from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import Fetcher
from bot.feeds.pace import LONGEST_BACK_OFF
from bot.feeds.recording import NOT_RECORDED
from bot.store.connecting import engines
from bot.store.database import Database
from tests.feeds.newsroom import Newsroom, Open, logged, newsroom
from tests.feeds.press import Fault, Press, answer, printing

__all__ = ["logged", "newsroom"]


async def reset_mid_body(press: Press, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(press.feed)[:-50])
    await writer.drain()
    writer.transport.abort()


async def reset_at_once(_: Press, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def too_long(press: Press, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(press.feed, len(press.feed) + 1))


async def too_short(press: Press, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(press.feed, len(press.feed) - 40))


async def falsely_packed(press: Press, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(press.feed).replace(b"Connection:", b"Content-Encoding: gzip\r\nConnection:"))


async def no_http(_: Press, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")


async def in_circles(_: Press, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /feed/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


async def in_drops(press: Press, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b" " * 1000 + press.feed)[:200])
    while not reader.at_eof():
        try:
            await asyncio.wait_for(reader.read(1), 0.02)  # until the bot hangs up
        except TimeoutError:
            writer.write(b" ")


async def bears(room: Newsroom, press: Press, reason: str) -> None:
    """A newsroom goes through the trouble that is there now, and has lost nothing of it."""
    url = room.urls[0]
    for _ in range(3):
        await room.poll(later=LONGEST_BACK_OFF)
    loud = [line for line in room.logged.entries if line["level"] not in {"info", "debug"}]
    assert [(line["event"], line["feed"]) for line in loud] == [("feed not read", url)]
    assert reason in loud[0]["reason"]
    assert [line["failures"] for line in room.logged.of("feed still not read")] == [2, 3]
    assert await room.alerts() == []


async def is_over(room: Newsroom) -> None:
    """A newsroom tells once what was published meanwhile."""
    (told,) = await room.poll(later=LONGEST_BACK_OFF)
    assert (told["event"], told["new"], told["after_failures"]) == ("feed polled", 1, 3)
    await room.poll()
    assert await room.alerts() == ["new"]


@asynccontextmanager
async def followed(
    newsroom: Open, press: Press, url: str = "", fetcher: Fetcher | None = None
) -> AsyncIterator[Newsroom]:
    """A newsroom that knows the press, and a reader; then something is published."""
    room = await newsroom(url or f"http://127.0.0.1:{press.port}/feed/", **({"fetcher": fetcher} if fetcher else {}))
    await room.follower("World")
    await room.poll()
    press.published.insert(0, "new")
    yield room


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (reset_at_once, "could not be reached"),
        (reset_mid_body, "its answer breaks off"),
        (too_long, "its answer breaks off"),
        (too_short, "its answer is no HTTP"),
        (falsely_packed, "not packed as it says"),
        (no_http, "its answer is no HTTP"),
        (in_circles, "redirects more than 5 times"),
    ],
)
async def test_a_site_that_answers_badly(newsroom: Open, fault: Fault, reason: str) -> None:
    async with printing() as press, followed(newsroom, press) as room:
        press.fault = fault
        await bears(room, press, reason)
        press.fault = None
        await is_over(room)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time for an answer."""
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.5)


async def test_a_site_that_answers_in_drops(hurried: None, newsroom: Open) -> None:
    async with printing() as press, followed(newsroom, press) as room:
        press.fault = in_drops
        await bears(room, press, "gave no whole answer within 0.5 seconds")
        press.fault = None
        await is_over(room)


async def test_a_site_that_is_closed(newsroom: Open) -> None:
    async with printing() as press, followed(newsroom, press) as room:
        await press.close()
        await bears(room, press, "Connect")
        await press.open()
        await is_over(room)


async def test_a_feed_of_which_the_end_is_cut_off(newsroom: Open) -> None:
    async def cut(press: Press, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(press.feed[:-40]))

    async with printing() as press, followed(newsroom, press) as room:
        press.published.append("last")
        press.fault = cut
        for _ in range(3):
            await room.poll()
        assert [line["feed"] for line in room.logged.of("entries skipped")] == room.urls
        assert await room.alerts() == ["new"]
        press.fault = None
        await room.poll()
        assert await room.alerts() == ["new", "last"]


class Names(AbstractResolver):
    """A name server that knows every name while it is ``up``."""

    up = True

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        if not self.up:
            raise OSError(-2, "Name or service not known")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return


async def test_a_name_that_is_not_known(newsroom: Open) -> None:
    names = Names()
    async with printing() as press:
        url = f"http://paper.example:{press.port}/feed/"
        async with (
            SiteConnector([url], resolver=names) as connector,
            Fetcher(connector) as fetcher,
            followed(newsroom, press, url, fetcher) as room,
        ):
            names.up = False
            connector.clear_dns_cache()
            await bears(room, press, "its name is not known")
            names.up = True
            await is_over(room)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody but itself vouches for, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl, which makes the certificate")
    path = tmp_path_factory.mktemp("tls") / "site.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(path), "-out", f"{path}.crt"]
    subject = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *subject], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


async def test_a_certificate_that_does_not_hold(newsroom: Open, certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=f"{certificate}.crt")
    async with AsyncExitStack() as stack:
        press = await stack.enter_async_context(printing(tls))
        url = f"https://127.0.0.1:{press.port}/feed/"
        connector = await stack.enter_async_context(SiteConnector([url]))
        fetcher = await stack.enter_async_context(Fetcher(connector))
        usual, connector._ssl = connector._ssl, trusting
        async with followed(newsroom, press, url, fetcher) as room:
            connector._ssl = usual
            await bears(room, press, "its certificate does not hold")
            connector._ssl = trusting
            await is_over(room)


async def test_a_site_that_speaks_no_tls(newsroom: Open) -> None:
    async def in_the_open(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(in_the_open, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        room = await newsroom(f"https://127.0.0.1:{port}/feed/")
        (told,) = await room.poll()
        assert "does not speak TLS" in told["reason"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """A database that another has locked is waited for only briefly, by engines that are made meanwhile."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.1)
    made: dict[str, AsyncEngine] = request.getfixturevalue("engines")
    made.clear()
    yield
    made.clear()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_database_that_another_has_locked(impatient: None, newsroom: Open, tmp_path: Path) -> None:
    async with printing() as press, followed(newsroom, press) as room:
        answering, ended = asyncio.Event(), asyncio.Event()

        async def wait(press: Press, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            answering.set()
            await ended.wait()
            writer.write(answer(press.feed))

        press.fault = wait
        polling = asyncio.create_task(room.poll())
        await answering.wait()
        with locked(tmp_path / "tagalong.db"):
            ended.set()
            (told,) = await polling
        assert (told["event"], told["level"], told["feed"]) == (NOT_RECORDED, "error", room.urls[0])
        assert await room.alerts() == []
        (told,) = await room.poll()
        assert told["new"] == 1
        await room.poll()
        assert await room.alerts() == ["new"]


KILL = """
CREATE FUNCTION kill() RETURNS trigger AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'
LANGUAGE plpgsql
"""


@asynccontextmanager
async def killing(database: Database, moment: str) -> AsyncIterator[None]:
    """The server ends whatever connection comes to this moment."""
    async with database.write() as connection:
        await connection.exec_driver_sql(KILL)
        await connection.exec_driver_sql(f"CREATE TRIGGER kill BEFORE {moment} EXECUTE FUNCTION kill()")
    try:
        yield
    finally:
        async with database.write() as connection:
            await connection.exec_driver_sql("DROP FUNCTION kill CASCADE")


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("moment", "new_after"),
    [
        ("INSERT OR UPDATE ON topics FOR EACH ROW", 1),
        ("INSERT ON articles FOR EACH ROW", 1),
        ("INSERT ON article_keys FOR EACH ROW", 1),
        ("INSERT ON matches FOR EACH ROW", 1),
        ("UPDATE ON feeds FOR EACH ROW WHEN (NEW.body_hash IS DISTINCT FROM OLD.body_hash)", 0),
    ],
)
async def test_a_database_that_ends_connections_in_the_middle(newsroom: Open, moment: str, new_after: int) -> None:
    async with printing() as press, followed(newsroom, press) as room:
        async with killing(room.database, moment):
            (told,) = await room.poll()
        assert (told["event"], told["level"], told["feed"]) == (NOT_RECORDED, "error", room.urls[0])
        (told,) = await room.poll()
        assert told["new"] == new_after
        await room.poll()
        assert await room.alerts() == ["new"]
