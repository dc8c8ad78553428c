"""How long parsing holds up the event loop, with the largest feed that is read; the peer is parsing inside the loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bot.feeds.fetching import MAX_BYTES
from bot.feeds.parsing import read_feed, read_feed_apart
from bot.feeds.premium import PremiumRules
from tests.bench.figures import Figure

LIMIT_MS = 50
TICK = 0.001
URL = "http://127.0.0.1/feed/"
_ITEM = (
    "<item><title>Headline {n}</title><link>http://127.0.0.1/{n}/</link><guid>{n}</guid><category>World</category>"
    "<description>&lt;p&gt;{words}&lt;/p&gt;</description><content:encoded><![CDATA[{body}]]></content:encoded></item>"
)


async def measure() -> list[Figure]:
    """The longest lag while a small and while the largest feed is parsed apart, and the same inside the loop."""
    small, large = _feed(20_000), _feed(MAX_BYTES)
    await _apart(small)  # starts the process
    return [
        Figure(
            "event loop held up while 20 kB of feed are parsed", await _longest_lag(lambda: _apart(small)), LIMIT_MS
        ),
        Figure("the same, 10 MB", await _longest_lag(lambda: _apart(large)), LIMIT_MS),
        Figure(
            "the same 10 MB, beside parsing inside the loop",
            await _longest_lag(lambda: _apart(large)),
            await _longest_lag(lambda: _inside(large)),
        ),
    ]


async def _apart(body: bytes) -> None:
    await read_feed_apart(body, url=URL, content_type="application/rss+xml", rules=PremiumRules())


async def _inside(body: bytes) -> None:
    read_feed(body, url=URL, content_type="application/rss+xml", rules=PremiumRules())


async def _longest_lag(work: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds by which a tick came late at most while the work was done."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - before - TICK)

    ticking = asyncio.create_task(tick(), name="ticking")
    await asyncio.sleep(TICK * 5)
    await work()
    await asyncio.sleep(TICK * 5)
    ticking.cancel()
    return longest * 1000


def _feed(size: int) -> bytes:
    words, body = "word " * 50, "<p>" + "body text " * 400 + "</p>"
    items: list[str] = []
    length = 0
    while length < size - 6000:
        items.append(_ITEM.format(n=len(items), words=words, body=body))
        length += len(items[-1])
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<rss version="2.0" {namespace}><channel><title>T</title>{"".join(items)}</channel></rss>'.encode()
