"""From a hub's signed call to the alert handed over: the bot as a process, and a Bot API server as another beside it.

Here stand the hub and the site. The call carries the whole feed, ten articles of which one is new; the new one's page
is read on the way.
"""

import asyncio
import hmac
import json
import signal
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, ClientTimeout, web

from bot.sandbox.telegram import TOKEN
from tests.bench.figures import Figure
from tests.process import running
from tests.web_server import serving

ARTICLES = 10
PAUSE = 1.1
"""Seconds between two of them: a chat gets one message a second."""
ITEMS = 10
"""As many as WordPress has in a feed."""
LIMIT_MS = 250
READER = 1
_ITEM = (
    "<item><title>Article {0} of the day</title><link>{1}/{0}/</link><category>World</category>"
    "<description>What {0} is about is told in some words of its own, a few more than this.</description></item>"
)
_PAGE = '<!doctype html><meta property="article:tag" content="Mali"><title>An article</title>'


class Press:
    """A site with its hub, and what it has published."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._published = ITEMS

    @property
    def feed(self) -> str:
        """The newest articles."""
        numbers = range(self._published - 1, self._published - 1 - ITEMS, -1)
        items = "".join(_ITEM.format(number, self.url) for number in numbers)
        return f'<rss version="2.0"><channel><title>The Press</title><link>{self.url}/</link>{items}</channel></rss>'

    def publish(self) -> str:
        """One more article; its headline."""
        self._published += 1
        return f"Article {self._published - 1} of the day"

    async def answer(self, request: web.Request) -> web.Response:
        """The feed, an article's page, or what a hub says to who wants to be called."""
        if request.path == "/hub":
            self.asked.set_result({name: str(value) for name, value in (await request.post()).items()})
            return web.Response(status=202)
        if request.path == "/feed/":
            links = f'<{self.url}/hub>; rel="hub", <{self.url}/feed/>; rel="self"'
            return web.Response(text=self.feed, content_type="application/rss+xml", headers={"Link": links})
        return web.Response(text=_PAGE, content_type="text/html")


async def measure() -> list[Figure]:
    """The usual and the longest time over some articles."""
    press = Press()
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        async with (
            serving(press.answer) as press.url,
            running(["-m", "bot", "sandbox", "--port", "0", "--token", TOKEN], {}) as server,
            ClientSession(timeout=ClientTimeout(total=60)) as session,
        ):
            telegram = (await server.wait_for(r"(http://127\.0\.0\.1:\d+)"))[1]
            port = _free_port()
            environment = {
                "BOT_TOKEN": TOKEN,
                "BOT_API_URL": telegram,
                "FEED_URLS": f"{press.url}/feed/",
                "DATABASE_URL": f"sqlite:///{folder}/tagalong.db",
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "PORT": str(port),
            }
            async with running(["-m", "bot", "run"], environment) as bot:
                await bot.wait_for("feed polled")
                subscription = await press.asked
                await _verify(session, subscription)
                await bot.wait_for("hub calls")
                async with _chat(session, telegram) as messages:
                    await _heard(messages, "You now follow")
                    times = [await _ping(session, press, subscription, messages) for _ in range(ARTICLES)]
                await bot.end(signal.SIGTERM)
    return [
        Figure("signed call of a hub to alert handed over, median", statistics.median(times), LIMIT_MS),
        Figure(f"the same, longest of {ARTICLES}", max(times), LIMIT_MS),
    ]


async def _ping(
    session: ClientSession, press: Press, subscription: dict[str, str], messages: AsyncIterator[str]
) -> float:
    """Milliseconds from the call until the alert is there."""
    headline, body = press.publish(), press.feed.encode()
    signature = hmac.new(subscription["hub.secret"].encode(), body, "sha256").hexdigest()
    headers = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "application/rss+xml"}
    called = time.perf_counter()
    ping = asyncio.create_task(_post(session, subscription["hub.callback"], body, headers), name="ping")
    await _heard(messages, headline)
    took = (time.perf_counter() - called) * 1000
    await ping
    await asyncio.sleep(PAUSE)
    return took


async def _post(session: ClientSession, url: str, body: bytes, headers: dict[str, str]) -> None:
    async with session.post(url, data=body, headers=headers) as response:
        response.raise_for_status()


async def _verify(session: ClientSession, subscription: dict[str, str]) -> None:
    """As a hub does, https://www.w3.org/TR/websub/#hub-verifies-intent."""
    question = {"hub.mode": "subscribe", "hub.topic": subscription["hub.topic"], "hub.challenge": "as if"}
    async with session.get(subscription["hub.callback"], params=question | {"hub.lease_seconds": "864000"}) as answer:
        answer.raise_for_status()
        assert await answer.text() == "as if"


@asynccontextmanager
async def _chat(session: ClientSession, telegram: str) -> AsyncIterator[AsyncIterator[str]]:
    """What a reader, who follows a topic, is sent from now on."""
    await _post_json(session, f"{telegram}/client/chats", {"type": "private", "id": READER, "first_name": "Ada"})
    chat = f"{telegram}/client/chats/{READER}"
    async with session.get(f"{chat}/events", timeout=ClientTimeout(total=None)) as events:
        await _post_json(session, f"{chat}/messages", {"text": "/follow World"})
        yield (line.decode() async for line in events.content)


async def _post_json(session: ClientSession, url: str, value: object) -> None:
    async with session.post(url, data=json.dumps(value)) as response:
        response.raise_for_status()


async def _heard(messages: AsyncIterator[str], words: str) -> None:
    async for message in messages:
        if words in message:
            return
    raise AssertionError(f"no message says {words}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
