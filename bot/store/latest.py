"""The archive, leafed through: one article after the other, on everything or on one topic."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import article_tags, articles, matches


@dataclass(frozen=True, slots=True)
class Shelf:
    """The articles to leaf through: those of a topic and those that a search found; all where both are None."""

    topic_id: int | None = None
    found: Collection[int] | None = None


async def older(connection: AsyncConnection, shelf: Shelf, than: int | None) -> int | None:
    """The newest article of the shelf that is older than this one, by their ids; of all where that is None."""
    return next(iter(await page(connection, shelf, than, 1)), None)


async def page(connection: AsyncConnection, shelf: Shelf, than: int | None, limit: int) -> list[int]:
    """The newest so many of the shelf that are older than this one, by their ids, the newest first."""
    found: set[int] = set()
    for query, column in _ways(shelf):
        before = query if than is None else query.where(column < than)
        found.update((await connection.execute(before.order_by(column.desc()).limit(limit))).scalars())
    return sorted(found, reverse=True)[:limit]


async def newer(connection: AsyncConnection, shelf: Shelf, than: int) -> int | None:
    """The oldest article of the shelf that is newer than this one, by their ids."""
    found: list[int] = []
    for query, column in _ways(shelf):
        found += (await connection.execute(query.where(column > than).order_by(column).limit(1))).scalars()
    return min(found, default=None)


def _ways(shelf: Shelf) -> Iterator[tuple[Select[int], ColumnElement[int]]]:
    """A query for each way onto the shelf, so that each goes along its own index, and the column of the ids."""
    shown = (articles.c.withdrawn_at.is_(None), articles.c.held_back_at.is_(None))
    if shelf.topic_id is None and shelf.found is None:
        yield select(articles.c.id).where(*shown), articles.c.id
    if shelf.topic_id is not None:
        public = {article_tags: (), matches: (matches.c.found_in != "body",)}
        for table, also in public.items():
            of_topic = select(table.c.article_id).join(articles, articles.c.id == table.c.article_id)
            yield of_topic.where(table.c.topic_id == shelf.topic_id, *also, *shown), table.c.article_id
    if shelf.found:
        yield select(articles.c.id).where(articles.c.id.in_(shelf.found), *shown), articles.c.id
