"""Revising: articles that are known and of which a feed or a page now says something else.

What readers were told is corrected. Where an article turns out to be about more topics, their followers are told, too:
the fan-out goes round once more, and whoever has the alert gets no other. That round also reaches those who follow any
of its topics only since then: an article is news for two days, and they have not seen it.

An edit that files an article as breaking moves no alert: most have left by then, and the newsroom can put it first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics, text
from bot.alerts.about import Topics
from bot.feeds import pace
from bot.model import Article
from bot.store import articles as article_store
from bot.store import matches, outbox, revising, statistics, unread
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.store.statistics import Event, What
from bot.store.unread import Unread
from bot.topics import stories

log = structlog.stdlib.get_logger()

MISSING_CHECKED = 3
"""Pages that are asked for after a poll because their articles have left the feed before their time."""
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Pages(Protocol):
    """Articles' own pages; ``site`` is the address that the feed gives for its site."""

    async def complete(self, article: Article, *, site: str | None) -> Article:
        """The article with what the feed lacks; as it was where its page gives nothing."""
        ...

    async def status(self, link: str, *, site: str | None) -> int | None:
        """The HTTP status with which a page answers; None where it does not."""
        ...


@dataclass(frozen=True, slots=True)
class Changes:
    """What a feed says of articles that are known, by their ids, that it did not say before."""

    told: Mapping[int, Article]
    edited: frozenset[int]
    untold: frozenset[int]
    """Of the archive, and news to this feed."""
    tagged: frozenset[int]
    """With tags that they did not bear."""
    gone: Sequence[tuple[int, str]]
    """The first that have left the feed before their time, with their links."""


class Reviser:
    """Takes in what becomes of known articles; sets ``news`` where followers are to be told of one."""

    def __init__(
        self,
        database: Database,
        topics: Topics,
        pages: Pages,
        clock: Callable[[], datetime],
        news: asyncio.Event,
    ) -> None:
        self._database = database
        self._topics = topics
        self._pages = pages
        self._clock = clock
        self._news = news

    async def changes(
        self, connection: AsyncConnection, feed_id: int, told: Mapping[int, Article], *, as_news: bool
    ) -> Changes:
        """What the feed, which holds these articles, says of them anew; None is news to one that fills the archive."""
        keys = {article_id: set(map(text.key, self._topics.named(article))) for article_id, article in told.items()}
        since = self._clock() - stories.WITHIN
        return Changes(
            told=told,
            edited=frozenset(await revising.edited(connection, feed_id, told)),
            untold=frozenset(await revising.untold(connection, feed_id, list(told)) if as_news else ()),
            tagged=frozenset(await revising.lacking(connection, keys)),
            gone=(await revising.missing(connection, feed_id, list(told), since))[:MISSING_CHECKED] if as_news else (),
        )

    async def take_in(self, feed_id: int, changes: Changes, *, site: str | None) -> int:
        """Take the changes in; how many articles of the archive became news by them."""
        for article_id in sorted(changes.edited | changes.untold):
            news_of = feed_id if article_id in changes.untold else None
            await self._edit(article_id, changes.told[article_id], site, news_of)
        for article_id in sorted(changes.tagged - changes.edited - changes.untold):
            async with self._changing(article_id, changes.told[article_id]):
                pass  # nothing else has changed
        for article_id, link in changes.gone:
            if await self._pages.status(link, site=site) in _GONE:
                await self._withdraw(article_id, link)
        return len(changes.untold)

    async def read_again(self, waiting: Unread) -> None:
        """Read the page of an article that was unread, and take in what it says; where that fails, put it off."""
        # its host was found to be one of the site's when its feed told of it
        article = await self._pages.complete(waiting.article, site=waiting.article.link)
        if article.page_missed:
            async with self._database.write() as connection:
                await unread.put_off(connection, waiting.id, pace.page_again(self._clock(), waiting.tries))
            return
        async with self._changing(waiting.id, article) as connection:
            if await unread.is_as_claimed(connection, waiting):
                await self._correct(connection, waiting.id, article, waiting.fingerprint)
        log.info("page read at last", article=waiting.id, link=article.link, tries=waiting.tries)

    async def _edit(self, article_id: int, told: Article, site: str | None, news_of: int | None) -> None:
        """Let an article be what its feed and its page now say, and news of the feed ``news_of`` if it was none."""
        article = await self._pages.complete(told, site=site)
        async with self._changing(article_id, article) as connection:
            await article_store.add_keys(connection, article_id, article.keys)
            await self._correct(connection, article_id, article, told.fingerprint)
            if news_of is not None:
                await revising.make_news(connection, article_id, news_of)
                known = await matches.topic_ids(connection, article_id)  # those that it gains are counted when noted
                await self._topics.count_news(connection, article_id, known)
        if news_of is not None:
            log.info("article of the archive is news to another feed", article=article_id, headline=article.headline)
            self._news.set()

    @asynccontextmanager
    async def _changing(self, article_id: int, article: Article) -> AsyncIterator[AsyncConnection]:
        """A transaction in which an article may change; at its end the topics that it gains are noted and told of.

        No topic is lost: what its page has said stays said where that could not be read this time.
        """
        async with self._database.read() as connection:
            borne = (await topic_store.of_articles(connection, [article_id]))[article_id]
        async with self._topics.of(article, beside=borne) as about, self._database.write() as connection:
            yield connection
            gained = await self._topics.note(connection, article_id, about)
            since = self._clock() - stories.WITHIN
            is_told = bool(gained) and await revising.tell_more(connection, article_id, since)
            if is_told:
                matched = (Event(What.MATCH, topic_id) for topic_id in gained)
                await statistics.count(connection, self._clock(), matched)
        if is_told:
            metrics.MATCHES.inc(len(gained))
            log.info("article is about more topics", article=article_id, topics=len(gained), headline=article.headline)
            self._news.set()

    async def _correct(self, connection: AsyncConnection, article_id: int, article: Article, fingerprint: str) -> None:
        now = self._clock()
        due = pace.page_again(now, 0) if article.page_missed else None
        changed = await revising.revise(connection, article_id, article, now, fingerprint=fingerprint, page_due_at=due)
        if changed:
            await outbox.restore(connection, article_id)
            log.info("article edited", article=article_id, headline=article.headline)

    async def _withdraw(self, article_id: int, link: str) -> None:
        async with self._database.write() as connection:
            await article_store.withdraw(connection, article_id, self._clock())
            await outbox.withdraw(connection, article_id)
        log.info("article withdrawn", article=article_id, link=link)
