"""Makes what tests need much of."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert, Article, Chat, ChatKind, Link, StoredArticle, Topic
from bot.store import articles, chats, feeds, follows, matches, topics

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = "http://127.0.0.1/feed/"


def an_article(
    name: str = "one",
    *,
    headline: str | None = None,
    teaser: str = "A short teaser.",
    tags: Sequence[str] = (),
    premium: bool = False,
    keys: Sequence[str] = (),
) -> Article:
    """An article known by ``name``."""
    return Article(
        keys=tuple(keys) or (f"guid:{name}", f"link:127.0.0.1/{name}"),
        link=f"http://127.0.0.1/{name}/",
        headline=headline or f"Headline of {name}",
        teaser=teaser,
        tags=tuple(tags),
        premium=premium,
        byline="Jane Doe",
        published_at=NOW,
    )


def an_alert(
    *,
    headline: str = "A headline",
    teaser: str = "A teaser.",
    premium: bool = False,
    byline: str | None = None,
    link: str = "https://news.example/a/",
    tags: Sequence[str] = (),
    followed: Sequence[int] = (),
    also_read: Sequence[Link] = (),
    chat_id: int = 1,
    number: int = 1,
) -> Alert:
    """An alert of an article whose tags are numbered from 1."""
    named = tuple(Topic(at, tag.lower(), tag) for at, tag in enumerate(tags, 1))
    article = StoredArticle(1, link, headline, teaser, premium, byline, named, NOW, also_read=tuple(also_read))
    return Alert(number, chat_id, "en", article, frozenset(followed), attempts=1)


async def a_feed(connection: AsyncConnection) -> int:
    """The id of a feed in the store."""
    await feeds.register(connection, [FEED], NOW)
    return 1


async def a_follower(connection: AsyncConnection, chat_id: int, *names: str) -> list[Topic]:
    """A chat that follows the topics of these names."""
    await chats.welcome(connection, Chat(chat_id, ChatKind.PRIVATE, "en"), NOW)
    followed = await topics.ensure(connection, names, as_tags=False)
    for topic in followed:
        await follows.add(connection, chat_id, topic.id, NOW)
    return list(followed)


async def news(connection: AsyncConnection, article: Article, topic_ids: Sequence[int]) -> int:
    """The id of an article stored as news that matches these topics, its tags on it."""
    tags = await topics.ensure(connection, article.tags, as_tags=True)
    article_id = await articles.add(connection, await a_feed(connection), article, NOW, as_news=True)
    assert article_id is not None
    await articles.add_tags(connection, article_id, tags)
    await matches.add(connection, article_id, [matches.Match(topic_id, "tag") for topic_id in topic_ids])
    return article_id


class NoPages:
    """Pages that nobody can read: articles stay as their feeds tell them."""

    async def complete(self, article: Article, *, site: str | None) -> Article:
        return article

    async def status(self, link: str, *, site: str | None) -> int | None:
        return None
