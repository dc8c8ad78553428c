"""What becomes of articles that are known: edits, other feeds' news, pages that are read again, withdrawals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Article
from bot.store.articles import PINNED, shown
from bot.store.schema import article_tags, articles, feeds, topics


async def edited(connection: AsyncConnection, feed_id: int, told: Mapping[int, Article]) -> dict[int, Article]:
    """Those of the articles, by the id of the stored one, of which this feed now says something else.

    Only the feed that brought an article edits it: two feeds may tell it differently for good.
    """
    query = select(articles.c.id, articles.c.fingerprint, articles.c.withdrawn_at).where(
        articles.c.id.in_(told), articles.c.feed_id == feed_id
    )
    return {
        row.id: told[row.id]
        for row in await connection.execute(query)
        if row.fingerprint != told[row.id].fingerprint or row.withdrawn_at is not None
    }


async def lacking(connection: AsyncConnection, tagged: Mapping[int, set[str]]) -> list[int]:
    """Those of the articles that do not bear one of these tags yet, which are given by their keys."""
    query = select(article_tags.c.article_id, topics.c.key).join(topics).where(article_tags.c.article_id.in_(tagged))
    borne: defaultdict[int, set[str]] = defaultdict(set)
    for row in await connection.execute(query):
        borne[row.article_id].add(row.key)
    return [article_id for article_id, keys in tagged.items() if not borne[article_id].issuperset(keys - {""})]


async def untold(connection: AsyncConnection, feed_id: int, article_ids: Sequence[int]) -> list[int]:
    """Those of the articles that are news to this feed, though the first poll of another has put them on record.

    A feed that is added later often holds what one of before is about to bring, to followers who are to be told of it.
    """
    filled = select(feeds.c.filled_at).where(feeds.c.id == feed_id).scalar_subquery()
    query = select(articles.c.id).where(
        articles.c.id.in_(article_ids),
        articles.c.fanned_out_at == articles.c.seen_at,
        articles.c.feed_id != feed_id,
        articles.c.seen_at > filled,
    )
    return list((await connection.execute(query.order_by(articles.c.id))).scalars())


async def make_news(connection: AsyncConnection, article_id: int, feed_id: int) -> None:
    """Let an article of the archive wait for its fan-out, as one of this feed's."""
    archived = update(articles).where(articles.c.id == article_id, articles.c.fanned_out_at == articles.c.seen_at)
    await connection.execute(archived.values(fanned_out_at=None, feed_id=feed_id))


async def tell_more(connection: AsyncConnection, article_id: int, since: datetime) -> bool:
    """Let an article that came as news since then be fanned out anew: who has its alert gets no other.

    Whether it is: the archive's is no news, and what is older is none any more.
    """
    news = articles.c.fanned_out_at.is_(None) | (articles.c.fanned_out_at != articles.c.seen_at)
    anew = update(articles).where(articles.c.id == article_id, news, articles.c.seen_at >= since)
    return (await connection.execute(anew.values(fanned_out_at=None, fan_out_after=None))).rowcount > 0


async def revise(
    connection: AsyncConnection,
    article_id: int,
    article: Article,
    now: datetime,
    *,
    fingerprint: str,
    page_due_at: datetime | None = None,
) -> bool:
    """Let the article be what it is now; whether readers who were told of it are to see a correction.

    Where its page was missed, what is known of that stays. ``page_due_at`` is when it is to be read again.
    """
    row = (await connection.execute(select(articles).where(articles.c.id == article_id).with_for_update())).one()
    if article.page_missed:
        article = _with_what_was_known(article, row)
    seen = (row.headline, row.teaser, row.premium) != (article.headline, article.teaser, article.premium)
    corrected = seen or row.withdrawn_at is not None
    revision = {"revision": row.revision + 1, "revised_at": now, "withdrawn_at": None} if corrected else {}
    again = {"page_due_at": page_due_at, "page_tries": 0}
    values = {**shown(article), "link": article.link, "fingerprint": fingerprint, **revision, **again}
    await connection.execute(update(articles).where(articles.c.id == article_id).values(values))
    return corrected


def _with_what_was_known(article: Article, row: Row[Any]) -> Article:
    """The article, still premium where it was; a teaser of when it was free goes where it is no more."""
    becomes_premium = article.premium and not row.premium
    return replace(
        article,
        premium=article.premium or row.premium,
        teaser=article.teaser or ("" if becomes_premium else row.teaser),
        byline=article.byline or row.byline,
        image=article.image or row.image,
    )


async def missing(
    connection: AsyncConnection, feed_id: int, present: Sequence[int], since: datetime
) -> list[tuple[int, str]]:
    """Id and link of the feed's articles that came since then and have left it before older ones have.

    PINNED older ones say nothing: sites pin articles to the top of a feed.
    """
    if not present:
        return []
    oldest = sorted(present)[: PINNED + 1][-1]
    query = select(articles.c.id, articles.c.link).where(
        articles.c.feed_id == feed_id,
        articles.c.seen_at >= since,
        articles.c.id > oldest,
        articles.c.id.not_in(present),
        articles.c.withdrawn_at.is_(None),
    )
    return [(row.id, row.link) for row in await connection.execute(query.order_by(articles.c.id.desc()))]
