"""The intake: from the articles of a poll to stored articles with the topics that they match."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.model import Article
from bot.store import articles as article_store
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.topics.matching import Matcher


class Intake:
    """Takes articles in, each once, and sets ``news`` when there are some whose followers are to be told."""

    def __init__(
        self, database: Database, matcher: Matcher, clock: Callable[[], datetime], *, news: asyncio.Event
    ) -> None:
        self._database = database
        self._matcher = matcher
        self._clock = clock
        self._news = news

    async def take(self, feed_id: int, articles: Sequence[Article], *, as_news: bool) -> int:
        """Store those of the articles that are new, in their order; how many they were.

        Each is stored together with its matches in one transaction. As news, their followers are told; otherwise they
        only fill the archive.
        """
        async with self._database.read() as connection:
            unknown = await article_store.unknown(connection, articles)
        taken = 0
        for article in unknown:
            taken += await self._take_one(feed_id, article, as_news=as_news)
        if taken and as_news:
            self._news.set()
        return taken

    async def _take_one(self, feed_id: int, article: Article, *, as_news: bool) -> bool:
        # The tags come in a transaction of their own: the matcher must never take in a topic that is rolled back.
        async with self._database.write() as connection:
            tags = await topic_store.ensure(connection, article.tags, as_tags=True)
        async with self._database.read() as connection:
            await self._matcher.refresh(connection)
        async with self._database.write() as connection:
            article_id = await article_store.add(connection, feed_id, article, self._clock(), as_news=as_news)
            if article_id is None:
                return False
            await article_store.add_tags(connection, article_id, tags)
            await article_store.add_matches(connection, article_id, self._matcher.match(article))
        return True
