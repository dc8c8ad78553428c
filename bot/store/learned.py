"""What was learned of the newsroom's tagging, so that a process that starts anew need not learn it again.

One process learns: the counts are written as they are, not added up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert
from bot.store.schema import learned_tags, learned_words, learning

MAX_CHARACTERS = 200
"""Words and tags that are longer are not kept: no newsroom has them twice."""


@dataclass(frozen=True, slots=True)
class WordsSeen:
    """How often words came in an article with a tag; with the empty tag, in any article."""

    words: str
    tag: str
    seen: int


@dataclass(frozen=True, slots=True)
class TagSeen:
    """How often a tag came: at all; of late, as of article number ``at``; where it was thought possible; by name."""

    tag: str
    seen: int
    recent: float
    at: int
    hits: float
    expected: float
    named: int


@dataclass(frozen=True, slots=True)
class Progress:
    """After how many articles this was known, and the weights of the judgement."""

    articles: int = 0
    state: tuple[float, ...] = ()


async def progress(connection: AsyncConnection) -> Progress:
    """How far learning has come."""
    row = (await connection.execute(select(learning.c.articles, learning.c.state))).first()
    return Progress(row.articles, tuple(row.state)) if row else Progress()


async def words(connection: AsyncConnection) -> Sequence[WordsSeen]:
    """All that is known of words."""
    found = await connection.execute(select(learned_words.c.words, learned_words.c.tag, learned_words.c.seen))
    return [WordsSeen(*row) for row in found]


async def tags(connection: AsyncConnection) -> Sequence[TagSeen]:
    """All that is known of tags."""
    columns = (learned_tags.c[field.name] for field in fields(TagSeen))
    return [TagSeen(*row) for row in await connection.execute(select(*columns))]


async def save(
    connection: AsyncConnection, now_is: Progress, changed: Iterable[WordsSeen], of_tags: Iterable[TagSeen]
) -> None:
    """Keep what has changed since the last time."""
    latest = {(row.words, row.tag): row for row in changed}
    await _put(
        connection,
        learned_words,
        [
            {"words": row.words, "tag": row.tag, "seen": row.seen}
            for row in latest.values()
            if len(row.words) <= MAX_CHARACTERS and len(row.tag) <= MAX_CHARACTERS
        ],
    )
    records = {row.tag: row for row in of_tags if len(row.tag) <= MAX_CHARACTERS}
    names = [field.name for field in fields(TagSeen)]
    await _put(connection, learned_tags, [{name: getattr(row, name) for name in names} for row in records.values()])
    await _put(connection, learning, [{"id": 1, "articles": now_is.articles, "state": list(now_is.state)}])


async def forget_rare(connection: AsyncConnection) -> None:
    """Forget words that were seen once."""
    once = select(learned_words.c.words).where(learned_words.c.tag == "", learned_words.c.seen <= 1)
    await connection.execute(delete(learned_words).where(learned_words.c.words.in_(once)))


async def halve(connection: AsyncConnection) -> None:
    """Forget what is rare and count all else half: what a word stands for changes, but slowly."""
    await forget_rare(connection)
    await connection.execute(update(learned_words).values(seen=learned_words.c.seen // 2))
    await connection.execute(delete(learned_words).where(learned_words.c.seen < 1))
    await connection.execute(delete(learned_tags).where(learned_tags.c.seen <= 1))
    halves = {
        "seen": learned_tags.c.seen // 2,
        "hits": learned_tags.c.hits / 2,
        "expected": learned_tags.c.expected / 2,
    }
    await connection.execute(update(learned_tags).values(**halves, named=learned_tags.c.named // 2))


async def _put(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    row = insert(connection, table)
    keys = [column.name for column in table.primary_key]
    values = {name: row.excluded[name] for name in rows[0] if name not in keys}
    await connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values), rows)
