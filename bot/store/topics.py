"""Topics: the newsroom's tags and the readers' own words, one row for all spellings of each."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.model import Topic
from bot.store.database import insert
from bot.store.schema import article_tags, counters, topics


async def ensure(connection: AsyncConnection, names: Iterable[str], *, as_tags: bool) -> tuple[Topic, ...]:
    """The topics of these names, made where they are new; names without a word have none.

    A topic bears the name it was first given, until the newsroom itself uses it as a tag: then the newsroom's.
    """
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(text.key(name), name)
    wanted.pop("", None)
    keys = list(wanted)
    found = await _by_key(connection, keys)
    if missing := [key for key in keys if key not in found]:
        version = await _next_version(connection)
        rows = [{"key": key, "name": wanted[key], "is_tag": as_tags, "version": version} for key in missing]
        await connection.execute(insert(connection, topics).on_conflict_do_nothing(), rows)
    if as_tags:
        for key in found:
            await connection.execute(
                update(topics)
                .where(topics.c.key == key, topics.c.is_tag.is_(False))
                .values(name=wanted[key], is_tag=True)
            )
    if missing or as_tags:
        found = await _by_key(connection, keys)
    return tuple(found[key] for key in keys)


async def changed_since(connection: AsyncConnection, version: int) -> tuple[list[Topic], int]:
    """The topics made since ``version``, and the version that the caller then knows.

    Versions are given under a lock that is held until commit, so a topic never becomes visible with a version lower
    than one that has been seen.
    """
    rows = await connection.execute(select(topics).where(topics.c.version > version).order_by(topics.c.version))
    for row in (found := rows.all()):
        version = row.version
    return [Topic(row.id, row.key, row.name) for row in found], version


async def most_used(connection: AsyncConnection, limit: int, *, without: Collection[int] = ()) -> list[Topic]:
    """The tags that the newsroom uses most, without some, most used first."""
    used = (
        select(article_tags.c.topic_id, func.count().label("articles"))
        .where(article_tags.c.topic_id.not_in(without))
        .group_by(article_tags.c.topic_id)
        .order_by(func.count().desc(), article_tags.c.topic_id)
        .limit(limit)
        .subquery()
    )
    query = (
        select(topics.c.id, topics.c.key, topics.c.name)
        .join(used, used.c.topic_id == topics.c.id)
        .order_by(used.c.articles.desc(), topics.c.id)
    )
    return [Topic(*row) for row in await connection.execute(query)]


async def get(connection: AsyncConnection, topic_id: int) -> Topic | None:
    """The topic of this id, if there is one."""
    query = select(topics.c.id, topics.c.key, topics.c.name).where(topics.c.id == topic_id)
    row = (await connection.execute(query)).first()
    return Topic(*row) if row else None


async def of_articles(connection: AsyncConnection, article_ids: Sequence[int]) -> dict[int, list[Topic]]:
    """The tags of each article, in the newsroom's order."""
    query = (
        select(article_tags.c.article_id, topics.c.id, topics.c.key, topics.c.name)
        .join(topics, topics.c.id == article_tags.c.topic_id)
        .where(article_tags.c.article_id.in_(article_ids))
        .order_by(article_tags.c.article_id, article_tags.c.position)
    )
    found: dict[int, list[Topic]] = {article_id: [] for article_id in article_ids}
    for article_id, *topic in await connection.execute(query):
        found[article_id].append(Topic(*topic))
    return found


async def _by_key(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, Topic]:
    query = select(topics.c.id, topics.c.key, topics.c.name).where(topics.c.key.in_(keys))
    return {row.key: Topic(*row) for row in await connection.execute(query)}


async def _next_version(connection: AsyncConnection) -> int:
    first = insert(connection, counters).values(name="topics", value=1)
    counted = first.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    version: int = (await connection.execute(counted.returning(counters.c.value))).scalar_one()
    return version
