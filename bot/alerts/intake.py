"""The intake: from the articles of a poll to stored articles with the topics that they match."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.alerts.about import Topics
from bot.alerts.revising import Pages, Reviser
from bot.feeds import pace
from bot.model import Article
from bot.store import articles as article_store
from bot.store.database import Database
from bot.store.unread import Unread
from bot.topics import stories
from bot.topics.matching import Matcher
from bot.topics.studying import Student

log = structlog.stdlib.get_logger()

PAGES_AT_ONCE = 2
"""As many as are read of one site together: of a long list the first leave while the last are still to be read."""


class Intake:
    """Takes articles in, each once, and sets ``news`` when there are some whose followers are to be told."""

    def __init__(
        self,
        database: Database,
        matcher: Matcher,
        clock: Callable[[], datetime],
        *,
        news: asyncio.Event,
        pages: Pages,
        ignored: Collection[str] = (),
        breaking: Collection[str] = (),
        student: Student | None = None,
    ) -> None:
        """``ignored`` are categories that are no topics, ``breaking`` those of news that go before all others.

        ``student`` learns for the matcher what words stand for.
        """
        self._database = database
        self._clock = clock
        self._news = news
        self._pages = pages
        self._breaking = frozenset(map(text.key, breaking))
        ignored = frozenset(map(text.key, ignored)) | self._breaking
        self._topics = Topics(database, matcher, clock, ignored, student)
        self._reviser = Reviser(database, self._topics, pages, clock, news)

    async def read_again(self, waiting: Unread) -> None:
        """Read the page of an article that was unread, and take in what it says."""
        await self._reviser.read_again(waiting)

    async def take(self, feed_id: int, articles: Sequence[Article], *, as_news: bool, site: str | None = None) -> int:
        """Store those of the articles that are new, in their order; how many they were.

        Each is stored together with its matches in one transaction. As news, their followers are told; otherwise they
        only fill the archive. Of those that are known, what has changed is corrected.
        """
        async with self._database.read() as connection:
            articles, ids = await self._known(connection, feed_id, articles)
            told = {stored: article for stored, article in zip(ids, articles, strict=True) if stored is not None}
            changes = await self._reviser.changes(connection, feed_id, told, as_news=as_news)
        unknown = [article for stored, article in zip(ids, articles, strict=True) if stored is None]
        if unknown:
            await self._topics.study()
        taken = await self._take_new(feed_id, unknown, site, as_news=as_news)
        return taken + await self._reviser.take_in(feed_id, changes, site=site)

    async def _known(
        self, connection: AsyncConnection, feed_id: int, articles: Sequence[Article]
    ) -> tuple[Sequence[Article], Sequence[int | None]]:
        """The articles, and for each the id of the stored one that it is.

        Some feeds have one entry, of what is now, at an address that stays: with another guid and other words it is
        another article, known by its guid alone.
        """
        ids = await article_store.known(connection, articles)
        found = {stored: article for stored, article in zip(ids, articles, strict=True) if stored is not None}
        doubtful = await article_store.under_another_guid(connection, feed_id, found)
        others = {
            article_id
            for article_id, told in doubtful.items()
            if stories.is_another(found[article_id].headline, found[article_id].teaser, told)
        }
        return (
            [
                replace(article, keys=article.keys[:1]) if stored in others else article
                for stored, article in zip(ids, articles, strict=True)
            ],
            [None if stored in others else stored for stored in ids],
        )

    async def _take_new(self, feed_id: int, articles: Sequence[Article], site: str | None, *, as_news: bool) -> int:
        taken = 0
        for at in range(0, len(articles), PAGES_AT_ONCE):
            told_by_feed = articles[at : at + PAGES_AT_ONCE]
            complete = await self._completed(told_by_feed, site) if as_news else told_by_feed
            for told, article in zip(told_by_feed, complete, strict=True):
                is_new = await self._store(feed_id, article, told.fingerprint, as_news=as_news)
                taken += is_new
                if is_new and as_news:
                    self._news.set()
        return taken

    async def _completed(self, articles: Sequence[Article], site: str | None) -> list[Article]:
        return await asyncio.gather(*(self._pages.complete(article, site=site) for article in articles))

    async def _is_told_already(self, connection: AsyncConnection, article: Article) -> bool:
        """Whether it is a story of the last days under another address; then it is known by that, too.

        A headline that came before those days is a regular's, "Today's weather", and new each time.
        """
        await article_store.take_turn(connection)  # another process may be about to tell the same story
        if await article_store.known(connection, [article]) != [None]:
            return True
        since = self._clock() - stories.WITHIN
        recent = await article_store.seen_since(connection, since)
        same = stories.find_same(article.headline, article.teaser, recent)
        story = stories.headline_key(article.headline)
        if same is None or await article_store.told_before(connection, story, since):
            return False
        await article_store.add_keys(connection, same.article_id, article.keys)
        log.info("story known under another address", article=same.article_id, link=article.link)
        return True

    async def _store(self, feed_id: int, article: Article, fingerprint: str, *, as_news: bool) -> bool:
        async with self._topics.of(article) as about, self._database.write() as connection:
            if as_news and await self._is_told_already(connection, article):
                return False
            article_id = await article_store.add(
                connection,
                feed_id,
                article,
                self._clock(),
                as_news=as_news,
                story=stories.headline_key(article.headline),
                fingerprint=fingerprint,
                breaking=not self._breaking.isdisjoint(map(text.key, article.tags)),
                page_due_at=pace.page_again(self._clock(), 0) if article.page_missed else None,
            )
            if article_id is None:
                return False
            found = await self._topics.note(connection, article_id, about)
            if as_news:
                await self._topics.count_news(connection, article_id, found)
        return True
