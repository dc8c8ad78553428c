"""Coverage: what the site has published lately, for readers who ask what a topic would bring them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import UTCDateTime, article_tags, articles, topics

FIRST = 50
"""Articles among which the oldest is looked for; a feed's first items come in any order."""

_came = func.coalesce(articles.c.published_at, articles.c.seen_at)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many articles there were since a moment, and the latest headline of all; None where there is none."""

    articles: int
    headline: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An article as it was told."""

    id: int
    came: datetime
    headline: str
    teaser: str
    tags: frozenset[int] = frozenset()
    """The ids of its tags."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """An article in words, with the keys of its tags."""

    id: int
    came: datetime
    headline: str
    teaser: str
    byline: str
    tags: tuple[str, ...]


_OF_TAG = (
    select(articles.c.headline, _came.label("came"))
    .join(article_tags, article_tags.c.article_id == articles.c.id)
    .where(article_tags.c.topic_id == bindparam("topic"), articles.c.withdrawn_at.is_(None))
    .order_by(article_tags.c.article_id.desc())
    .limit(bindparam("most"))
    .cte()
)
_COVERAGE = select(
    select(func.count()).where(_OF_TAG.c.came >= bindparam("since", type_=UTCDateTime())).scalar_subquery(),
    select(_OF_TAG.c.headline).order_by(_OF_TAG.c.came.desc()).limit(1).scalar_subquery(),
)


async def of_tag(connection: AsyncConnection, topic_id: int, since: datetime, most: int = 1000) -> Coverage:
    """What the newsroom has tagged with this topic since then; of very many articles the last ``most`` count."""
    asked = {"topic": topic_id, "since": since, "most": most}
    return Coverage(*(await connection.execute(_COVERAGE, asked)).one())


async def told_after(connection: AsyncConnection, article_id: int, most: int) -> Sequence[Told]:
    """The articles that came after this one, the first first; of more than ``most``, the last."""
    query = select(articles.c.id, _came.label("came"), articles.c.headline, articles.c.teaser)
    query = query.where(articles.c.id > article_id, articles.c.withdrawn_at.is_(None))
    rows = (await connection.execute(query.order_by(articles.c.id.desc()).limit(most))).all()
    tags: dict[int, set[int]] = {row.id: set() for row in rows}
    if rows:
        tagged = select(article_tags).where(article_tags.c.article_id >= rows[-1].id)
        for row in await connection.execute(tagged):
            tags.get(row.article_id, set()).add(row.topic_id)
    return [Told(row.id, row.came, row.headline, row.teaser, frozenset(tags[row.id])) for row in reversed(rows)]


_FIRST = select(_came.label("came")).order_by(articles.c.id).limit(FIRST).subquery()
_BEGAN = select(_FIRST.c.came).order_by(_FIRST.c.came).limit(1)


async def began(connection: AsyncConnection) -> datetime | None:
    """When the oldest article of the archive came; None while it is empty."""
    return (await connection.execute(_BEGAN)).scalar()


Mark = tuple[int | None, int | None]
"""The id of the newest article, and the version of the newest topic."""
_MARK = select(select(func.max(articles.c.id)).scalar_subquery(), select(func.max(topics.c.version)).scalar_subquery())


async def marks(connection: AsyncConnection, asked: Sequence[None]) -> list[Mark]:
    """For all who ask the same: what changes with each new article and each new or renamed topic."""
    newest, version = (await connection.execute(_MARK)).one()
    return [(newest, version)] * len(asked)


async def newest(connection: AsyncConnection) -> int:
    """The id of the newest article; 0 while the archive is empty."""
    last: int | None = (await connection.execute(select(func.max(articles.c.id)))).scalar()
    return last or 0


async def tagged_after(connection: AsyncConnection, article_id: int, limit: int) -> list[Tagged]:
    """The first articles after this one that were not withdrawn, the first first."""
    told = select(articles.c.id, _came.label("came"), articles.c.headline, articles.c.teaser, articles.c.byline).where(
        articles.c.id > article_id, articles.c.withdrawn_at.is_(None)
    )
    rows = (await connection.execute(told.order_by(articles.c.id).limit(limit))).all()
    tags: dict[int, list[str]] = {row.id: [] for row in rows}
    if rows:
        within = article_tags.c.article_id.between(rows[0].id, rows[-1].id)
        borne = select(article_tags.c.article_id, topics.c.key).join(topics, topics.c.id == article_tags.c.topic_id)
        for row in await connection.execute(borne.where(within).order_by(article_tags.c.position)):
            tags.get(row.article_id, []).append(row.key)
    return [Tagged(row.id, row.came, row.headline, row.teaser, row.byline or "", tuple(tags[row.id])) for row in rows]
