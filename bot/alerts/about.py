"""What articles are about: the topics that their newsroom names and those that they match, noted in the store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics, text
from bot.model import Article, Topic
from bot.store import articles as article_store
from bot.store import follows, matches, statistics
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.store.statistics import Event, What
from bot.topics.matching import Matcher
from bot.topics.reasons import Scope, Where, Why
from bot.topics.refreshing import refresh
from bot.topics.studying import Student
from bot.topics.subject import Subject


@dataclass(frozen=True, slots=True)
class About:
    """The topics with which the newsroom has tagged an article, and those that match it."""

    tags: Sequence[Topic]
    matches: Sequence[matches.Match]


class Topics:
    """Says what articles are about. ``ignored`` are categories, as keys, that are no topics."""

    def __init__(
        self,
        database: Database,
        matcher: Matcher,
        clock: Callable[[], datetime],
        ignored: Collection[str],
        student: Student | None,
    ) -> None:
        self._database = database
        self._matcher = matcher
        self._clock = clock
        self._ignored = ignored
        self._student = student
        self._turn = asyncio.Lock()

    async def study(self) -> None:
        """Learn from what has come since the last time."""
        if self._student:
            async with self._turn:
                await self._student.catch_up(self._database)

    def named(self, article: Article) -> list[str]:
        """Those of its tags that are topics."""
        return [tag for tag in article.tags if text.key(tag) not in self._ignored]

    @asynccontextmanager
    async def of(self, article: Article, *, beside: Sequence[Topic] = ()) -> AsyncIterator[About]:
        """What the article is about, which bears further tags ``beside`` its own; to be noted before this ends.

        Until then no other task refreshes the matcher. The tags come in a transaction of their own: the matcher must
        never take in a topic that is rolled back.
        """
        names = [*(topic.name for topic in beside), *self.named(article)]
        async with self._turn:
            async with self._database.write() as connection:
                tags = await topic_store.ensure(connection, names, as_tags=True)
            yield About(tags, await self._matches(Subject.of(replace(article, tags=tuple(names)))))

    async def _matches(self, subject: Subject) -> list[matches.Match]:
        """A topic that only its body mentions counts where somebody asks for that."""
        async with self._database.read() as connection:
            await refresh(self._matcher, connection)
            whys = self._matcher.explain(subject, Scope.ANYWHERE)
            mentioned = {why.topic for why in whys if why.where is Where.BODY}
            asked = await follows.sought_anywhere(connection, mentioned)
        return [_match(why, subject) for why in whys if why.topic not in mentioned or why.topic in asked]

    async def note(self, connection: AsyncConnection, article_id: int, about: About) -> list[int]:
        """Store what an article is about; the ids of the topics that are found to match only now."""
        new = await article_store.add_tags(connection, article_id, about.tags)
        await topic_store.count_articles(connection, new, self._clock())
        return await matches.add(connection, article_id, about.matches)

    async def count_news(self, connection: AsyncConnection, article_id: int, topic_ids: Collection[int]) -> None:
        """Count an article that has become news, and its matches with the topics of these ids."""
        matched = (Event(What.MATCH, topic_id) for topic_id in topic_ids)
        await statistics.count(connection, self._clock(), [Event(What.ARTICLE, 0, article_id), *matched])
        metrics.ARTICLES.inc()
        metrics.MATCHES.inc(len(topic_ids))


def _match(why: Why, subject: Subject) -> matches.Match:
    """What is kept of a reason: the words as the article has them, and none of its body's."""
    words = () if why.where is Where.BODY else subject.as_written(why.words)
    return matches.Match(why.topic, why.where, ", ".join(words) or None)
