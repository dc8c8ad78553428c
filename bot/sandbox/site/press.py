"""Publishing by itself: one article every so often, until all are out."""

import asyncio
import time
from typing import Any

from bot.sandbox.site.articles import Article
from bot.sandbox.site.server import Site

EVERY_SECONDS = 45.0


class Press:
    """Publishes a site's articles, on demand and, once somebody looks, every so often."""

    def __init__(self, site: Site, every: float = EVERY_SECONDS) -> None:
        self.site = site
        self._every = every
        self._next_at: float | None = None
        self._seen = False
        self._changed = asyncio.Event()

    @property
    def automatic(self) -> bool:
        """Whether articles appear by themselves."""
        return self._next_at is not None

    @property
    def next_in(self) -> float | None:
        """Seconds until the next article appears by itself; None where none will."""
        return None if self._next_at is None else max(0.0, self._next_at - time.monotonic())

    def look(self) -> None:
        """Somebody looks; the first time this starts it, so that no article is out before anyone is there."""
        if not self._seen:
            self._seen = True
            self.start()

    def start(self) -> None:
        """Let articles appear by themselves; the first after the whole time."""
        self._next_at = time.monotonic() + self._every
        self._changed.set()

    def pause(self) -> None:
        """Publish on demand only."""
        self._next_at = None
        self._changed.set()

    def publish(self) -> Article | None:
        """Publish the next article now, and begin to count anew; None when all are out."""
        article = self.site.publish_next()
        if not self.site.waiting:
            self.pause()
        elif self.automatic:
            self.start()
        return article

    def state(self) -> dict[str, Any]:
        """What there is to say about it: what came last, how many wait, and the seconds until the next one."""
        last = self.site.articles[0]
        return {
            "site": {"name": self.site.name, "url": self.site.url},
            "last": {
                "number": last.id,
                "headline": last.story.headline,
                "premium": last.story.premium,
                "url": self.site.url + last.path,
            },
            "waiting": self.site.waiting,
            "automatic": self.automatic,
            "next_in": self.next_in,
        }

    async def run(self) -> None:
        """Publish whenever it is time, until all articles are out."""
        while self.site.waiting:
            self._changed.clear()
            try:
                async with asyncio.timeout(self.next_in):
                    await self._changed.wait()
            except TimeoutError:
                self.publish()
