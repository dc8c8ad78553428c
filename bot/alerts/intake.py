"""The intake: from the articles of a poll to stored articles with the topics that they match."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics, text
from bot.model import Article, Topic
from bot.store import articles as article_store
from bot.store import follows, matches, outbox, statistics
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.store.statistics import Event, What
from bot.topics import stories
from bot.topics.matching import Matcher
from bot.topics.reasons import Scope, Where, Why
from bot.topics.studying import Student
from bot.topics.subject import Subject

log = structlog.stdlib.get_logger()

MISSING_CHECKED = 3
"""Pages that are asked for after a poll because their articles have left the feed before their time."""
PAGES_AT_ONCE = 2
"""As many as are read of one site together: of a long list the first leave while the last are still to be read."""
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Pages(Protocol):
    """Articles' own pages; ``site`` is the address that the feed gives for its site."""

    async def complete(self, article: Article, *, site: str | None) -> Article:
        """The article with what the feed lacks; as it was where its page gives nothing."""
        ...

    async def status(self, link: str, *, site: str | None) -> int | None:
        """The HTTP status with which a page answers; None where it does not."""
        ...


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
        self._matcher = matcher
        self._clock = clock
        self._news = news
        self._pages = pages
        self._breaking = frozenset(map(text.key, breaking))
        self._ignored = frozenset(map(text.key, ignored)) | self._breaking
        self._student = student
        self._turn = asyncio.Lock()

    async def take(self, feed_id: int, articles: Sequence[Article], *, as_news: bool, site: str | None = None) -> int:
        """Store those of the articles that are new, in their order; how many they were.

        Each is stored together with its matches in one transaction. As news, their followers are told; otherwise they
        only fill the archive. Of those that are known, what has changed is corrected.
        """
        async with self._database.read() as connection:
            articles, ids = await self._known(connection, feed_id, articles)
            told = {stored: article for stored, article in zip(ids, articles, strict=True) if stored is not None}
            edited = await article_store.edited(connection, feed_id, told)
            untold = await article_store.untold(connection, feed_id, list(told)) if as_news else []
            gone = await article_store.missing(connection, feed_id, list(told), self._clock() - stories.WITHIN)
        unknown = [article for stored, article in zip(ids, articles, strict=True) if stored is None]
        if unknown and self._student:
            async with self._turn:
                await self._student.catch_up(self._database)
        taken = await self._take_new(feed_id, unknown, site, as_news=as_news)
        for article_id in sorted(edited.keys() | set(untold)):
            article = await self._pages.complete(told[article_id], site=site)
            await self._revise(article_id, told[article_id], article)
            if article_id in untold:
                await self._make_news(article_id, article, feed_id)
        if as_news:
            await self._withdraw(gone[:MISSING_CHECKED], site)
        return taken + len(untold)

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
                async with self._turn:  # no other task may refresh the matcher meanwhile
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
        tags, found = await self._matched(article)
        async with self._database.write() as connection:
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
            )
            if article_id is None:
                return False
            await self._add_topics(connection, article_id, tags, found)
            if as_news:
                told = (Event(What.MATCH, match.topic_id, article_id) for match in found)
                await statistics.count(connection, self._clock(), [Event(What.ARTICLE, 0, article_id), *told])
        if as_news:
            metrics.ARTICLES.inc()
            metrics.MATCHES.inc(len(found))
        return True

    async def _matched(self, article: Article) -> tuple[Sequence[Topic], list[matches.Match]]:
        """The topics with which the newsroom has tagged the article, and those that it is about.

        A topic that only its body mentions counts where somebody asks for that.
        The tags come in a transaction of their own: the matcher must never take in a topic that is rolled back.
        """
        names = [tag for tag in article.tags if text.key(tag) not in self._ignored]
        async with self._database.write() as connection:
            tags = await topic_store.ensure(connection, names, as_tags=True)
        subject = Subject.of(replace(article, tags=tuple(names)))
        async with self._database.read() as connection:
            await self._matcher.refresh(connection)
            whys = self._matcher.explain(subject, Scope.ANYWHERE)
            mentioned = {why.topic for why in whys if why.where is Where.BODY}
            asked = await follows.sought_anywhere(connection, mentioned)
        return tags, [_match(why, subject) for why in whys if why.topic not in mentioned or why.topic in asked]

    async def _add_topics(
        self, connection: AsyncConnection, article_id: int, tags: Sequence[Topic], found: Sequence[matches.Match]
    ) -> None:
        new = await article_store.add_tags(connection, article_id, tags)
        await topic_store.count_articles(connection, new, self._clock())
        await matches.add(connection, article_id, found)

    async def _make_news(self, article_id: int, article: Article, feed_id: int) -> None:
        """Let an article of the archive be this feed's news, with the topics that only its page names."""
        async with self._turn:
            tags, found = await self._matched(article)
            async with self._database.write() as connection:
                await self._add_topics(connection, article_id, tags, found)
                await article_store.make_news(connection, article_id, feed_id)
        log.info("article of the archive is news to another feed", article=article_id, headline=article.headline)
        self._news.set()

    async def _revise(self, article_id: int, told: Article, article: Article) -> None:
        """Take in what the article now says."""
        async with self._database.write() as connection:
            await article_store.add_keys(connection, article_id, article.keys)
            corrected = await article_store.revise(
                connection, article_id, article, self._clock(), fingerprint=told.fingerprint
            )
            if corrected:
                await outbox.restore(connection, article_id)
        if corrected:
            log.info("article edited", article=article_id, headline=article.headline)

    async def _withdraw(self, gone: Sequence[tuple[int, str]], site: str | None) -> None:
        for article_id, link in gone:
            if await self._pages.status(link, site=site) not in _GONE:
                continue
            async with self._database.write() as connection:
                await article_store.withdraw(connection, article_id, self._clock())
                await outbox.withdraw(connection, article_id)
            log.info("article withdrawn", article=article_id, link=link)


def _match(why: Why, subject: Subject) -> matches.Match:
    """What is kept of a reason: the words as the article has them, and none of its body's."""
    words = () if why.where is Where.BODY else subject.as_written(why.words)
    return matches.Match(why.topic, why.where, ", ".join(words) or None)
