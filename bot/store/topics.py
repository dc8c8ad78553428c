"""Topics: the newsroom's tags and the readers' own words, one row for all spellings of each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.model import Topic
from bot.store.database import insert
from bot.store.schema import article_tags, articles, counters, topics

MAX_SPELLINGS = 20
"""Spellings of one tag that are kept; a newsroom has two or three."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic that the newsroom uses as a tag, with what is known of it."""

    topic: Topic
    spellings: tuple[str, ...]
    """As the newsroom has written it, the first first."""
    articles: int
    """How many articles bear it."""
    last_at: datetime | None
    """When the last of them came; None before the first."""


async def inspect(connection: AsyncConnection) -> list[Tag]:
    """All topics, those of most articles first; of one that is no tag there are no spellings."""
    rows = await connection.execute(select(topics).order_by(topics.c.articles.desc(), topics.c.name))
    return [_tag(row) for row in rows.mappings()]


async def ensure(connection: AsyncConnection, names: Iterable[str], *, as_tags: bool) -> tuple[Topic, ...]:
    """The topics of these names, made where they are new; names without a word have none.

    A topic bears the name it was first given, until the newsroom itself uses it as a tag: then the newsroom's first.
    """
    wanted: dict[str, list[str]] = {}
    for name in names:
        wanted.setdefault(text.key(name), []).append(name)
    wanted.pop("", None)
    found = await _by_key(connection, wanted)
    changed = [key for key in wanted if _says_more(found.get(key), wanted[key], as_tags=as_tags)]
    if changed:
        version = await _next_version(connection)
        now_found = await _by_key(connection, changed)  # under the version's lock nobody else changes them
        for key in changed:
            await _write(connection, now_found.get(key), key, wanted[key], version, as_tags=as_tags)
        found = await _by_key(connection, wanted)
    return tuple(_topic(found[key]) for key in wanted)


async def ensure_queries(connection: AsyncConnection, names: Mapping[str, str]) -> tuple[Topic, ...]:
    """The topics of these queries, by their keys; made where they are new."""
    found = await _by_key(connection, names)
    if missing := [key for key in names if key not in found]:
        version = await _next_version(connection)
        rows = [_new(key, [names[key]], version, is_tag=False) | {"kind": "query"} for key in missing]
        await connection.execute(insert(connection, topics).on_conflict_do_nothing(), rows)
        found = await _by_key(connection, names)
    return tuple(_topic(found[key]) for key in names)


async def changed_since(connection: AsyncConnection, version: int) -> tuple[list[Topic], int]:
    """The topics made or renamed since ``version``, and the version that the caller then knows.

    Versions are given under a lock that is held until commit, so a topic never becomes visible with a version lower
    than one that has been seen.
    """
    found = (await connection.execute(_newer_than(version))).mappings().all()
    return [_topic(row) for row in found], found[-1]["version"] if found else version


async def tags_since(connection: AsyncConnection, version: int) -> tuple[list[Tag], int]:
    """The newsroom's tags that are new or newly spelled since ``version``, and the version then known."""
    found = (await connection.execute(_newer_than(version).where(topics.c.is_tag))).mappings().all()
    tags = [_tag(row) for row in found]
    return tags, found[-1]["version"] if found else version


async def count_articles(connection: AsyncConnection, topic_ids: Collection[int], now: datetime) -> None:
    """One more article bears these tags."""
    # Locked in one order, lest two feeds' articles with the same tags wait for each other.
    await connection.execute(
        select(topics.c.id).where(topics.c.id.in_(topic_ids)).order_by(topics.c.id).with_for_update()
    )
    counted = update(topics).where(topics.c.id.in_(topic_ids))
    await connection.execute(counted.values(articles=topics.c.articles + 1, last_at=now))


async def used(connection: AsyncConnection, topic_ids: Collection[int]) -> dict[int, int]:
    """How many articles bear each of these tags."""
    query = select(topics.c.id, topics.c.articles).where(topics.c.id.in_(topic_ids))
    return {row.id: row.articles for row in await connection.execute(query)}


async def most_used(
    connection: AsyncConnection,
    limit: int | None = None,
    *,
    lately: int | None = None,
    without: Collection[int] = (),
) -> list[Topic]:
    """The tags that the newsroom uses most, or all in use, without some; most used first.

    Of all articles, or of the latest so many.
    """
    latest = select(articles.c.id).order_by(articles.c.id.desc()).limit(lately).subquery()
    used = (
        select(article_tags.c.topic_id, func.count().label("articles"))
        .join(latest, latest.c.id == article_tags.c.article_id)
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
    return (await of_ids(connection, [topic_id])).get(topic_id)


async def of_ids(connection: AsyncConnection, topic_ids: Sequence[int]) -> dict[int, Topic]:
    """The topics of these ids, in their order; those that there are not are missing."""
    query = select(topics.c.id, topics.c.key, topics.c.name).where(topics.c.id.in_(topic_ids))
    found = {row.id: Topic(*row) for row in await connection.execute(query)}
    return {topic_id: found[topic_id] for topic_id in topic_ids if topic_id in found}


async def by_key(connection: AsyncConnection, key: str) -> Topic | None:
    """The topic of this key, if there is one."""
    query = select(topics.c.id, topics.c.key, topics.c.name).where(topics.c.key == key)
    row = (await connection.execute(query)).first()
    return Topic(*row) if row else None


async def of_articles(connection: AsyncConnection, article_ids: Sequence[int]) -> dict[int, list[Topic]]:
    """The tags of each article, in the newsroom's order."""
    found: dict[int, list[Topic]] = {article_id: [] for article_id in article_ids}
    for article_id, *topic in await connection.execute(_OF_ARTICLES, {"ids": article_ids}):
        found[article_id].append(Topic(*topic))
    return found


_OF_ARTICLES = (
    select(article_tags.c.article_id, topics.c.id, topics.c.key, topics.c.name)
    .join(topics, topics.c.id == article_tags.c.topic_id)
    .where(article_tags.c.article_id.in_(bindparam("ids", expanding=True)))
    .order_by(article_tags.c.article_id, article_tags.c.position)
)


def _says_more(row: RowMapping | None, names: Sequence[str], *, as_tags: bool) -> bool:
    """Whether these names tell something that the row does not have yet."""
    return row is None or (as_tags and (not row["is_tag"] or _spellings(row, names) != row["spellings"]))


def _spellings(row: RowMapping | None, names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*(row["spellings"] if row else ()), *names]))[:MAX_SPELLINGS]


async def _write(
    connection: AsyncConnection, row: RowMapping | None, key: str, names: Sequence[str], version: int, *, as_tags: bool
) -> None:
    if row is None:
        made = insert(connection, topics).values(_new(key, names, version, is_tag=as_tags))
        await connection.execute(made.on_conflict_do_nothing())
    elif _says_more(row, names, as_tags=as_tags):
        values: dict[str, object] = {"is_tag": True, "version": version, "spellings": _spellings(row, names)}
        if not row["is_tag"]:
            values["name"] = names[0]
        await connection.execute(update(topics).where(topics.c.key == key).values(values))


def _new(key: str, names: Sequence[str], version: int, *, is_tag: bool) -> dict[str, object]:
    spellings = _spellings(None, names) if is_tag else []
    return {"key": key, "name": names[0], "is_tag": is_tag, "version": version, "spellings": spellings}


def _newer_than(version: int) -> Select[*tuple[object, ...]]:
    return select(topics).where(topics.c.version > version).order_by(topics.c.version, topics.c.id)


def _topic(row: RowMapping) -> Topic:
    return Topic(row["id"], row["key"], row["name"])


def _tag(row: RowMapping) -> Tag:
    return Tag(_topic(row), tuple(row["spellings"]), row["articles"], row["last_at"])


_BY_KEY = select(topics).where(topics.c.key.in_(bindparam("keys", expanding=True)))


async def _by_key(connection: AsyncConnection, keys: Collection[str]) -> dict[str, RowMapping]:
    if not keys:
        return {}
    found = await connection.execute(_BY_KEY, {"keys": list(keys)})
    return {row["key"]: row for row in found.mappings()}


async def _next_version(connection: AsyncConnection) -> int:
    first = insert(connection, counters).values(name="topics", value=1)
    counted = first.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    version: int = (await connection.execute(counted.returning(counters.c.value))).scalar_one()
    return version
