"""From the feed's answer to the first alert: the bot as a process, 100 followers, a site and a Telegram beside it."""

import asyncio
import signal
import statistics
import tempfile
import time

from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer, User
from tests.bench.figures import Figure
from tests.process import running, settings

FOLLOWERS = 100
ARTICLES = 10
PER_SECOND = 30
"""Messages that Telegram takes."""
PAUSE = 1.1
"""Seconds before an article: the rate is free again, and each chat."""
LIMIT_MS = 250
SECTIONS = "World, Politics, Business, Science, Sport, Culture"
"""Among them is the section of every sample article, so each goes to all followers."""


async def measure() -> list[Figure]:
    """The usual and the longest time over some articles, and how long it takes to reach everyone."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        async with Site() as site, BotApiServer(TOKEN) as telegram:
            environment = settings(site, telegram, f"sqlite:///{folder}/tagalong.db")
            readers = [telegram.user(number) for number in range(1, FOLLOWERS + 1)]
            async with running(["-m", "bot", "run"], environment) as bot:
                await bot.wait_for("feed polled")
                await asyncio.gather(*(_follow(reader) for reader in readers))
                await asyncio.sleep(FOLLOWERS / PER_SECOND)  # the answers to all of them count towards the rate
                times = [await _publish(site, readers) for _ in range(ARTICLES)]
                await bot.end(signal.SIGTERM)
    firsts, lasts = zip(*times, strict=True)
    at_the_limit = (FOLLOWERS - 1) / PER_SECOND * 1000
    return [
        Figure(f"feed answer to first alert, {FOLLOWERS} followers, median", statistics.median(firsts), LIMIT_MS),
        Figure(f"the same, longest of {ARTICLES}", max(firsts), LIMIT_MS),
        Figure("feed answer to last alert, against Telegram's 30/s", statistics.median(lasts), at_the_limit * 1.1),
    ]


async def _follow(reader: User) -> None:
    await reader.say(f"/follow {SECTIONS}")
    await reader.wait_for_text("You now follow", within=60)


async def _publish(site: Site, readers: list[User]) -> tuple[float, float]:
    """Milliseconds from the moment the site answers with a new article until the first and the last reader have it."""
    await asyncio.sleep(PAUSE)
    site.feed_read.clear()
    article = site.publish_next()
    assert article is not None
    waiting = [asyncio.create_task(reader.wait_for_text(article.story.headline, within=60)) for reader in readers]
    await site.feed_read.wait()
    answered = time.perf_counter()
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    first = time.perf_counter()
    await asyncio.gather(*waiting)
    return (first - answered) * 1000, (time.perf_counter() - answered) * 1000
