import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, func, select, update

from bot.store import articles as article_store
from bot.store import follows as follow_store
from bot.store import housekeeping, pace, revising, statistics, stopped
from bot.store import matches as match_store
from bot.store import topics as topic_store
from bot.store import updates as update_store
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.housekeeping import (
    Housekeeping,
    Retention,
    clear_alerts,
    clear_articles,
    clear_topics,
    give_back,
    older,
)
from bot.store.schema import alerts, article_keys, article_tags, articles, counts, matches, notices
from tests.make import NOW, a_follower, an_article, news

DAY = timedelta(days=1)
RETENTION = Retention(articles=60 * DAY, alerts=30 * DAY)


class Row:
    """A row as ``older`` wants it."""

    def __init__(self, number: int, at: datetime) -> None:
        self.id, self.at = number, at


@given(st.lists(st.integers(-5, 5)))
def test_older_are_those_in_front_of_the_first_that_is_young(days: list[int]) -> None:
    rows: Sequence[Any] = [Row(number, NOW + days * DAY) for number, days in enumerate(days)]
    found = older(rows, NOW)
    assert found == list(range(len(found)))
    assert all(days[number] < 0 for number in found)
    assert found == list(range(len(rows))) or days[len(found)] >= 0


async def number(database: Database, table: Table) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def told(database: Database, *names: str, state: str = "sent", at: datetime = NOW) -> list[int]:
    """The ids of articles of which two readers were told then."""
    async with database.write() as connection:
        (topic,) = await a_follower(connection, 1, "Mali")
        await a_follower(connection, 2, "Mali")
        ids = [await news(connection, an_article(name, tags=["Mali"]), [topic.id]) for name in names]
        await connection.execute(update(articles).where(articles.c.id.in_(ids)).values(seen_at=at))
        while await fan_out(connection, at, 1000):
            pass
        due = update(alerts).where(alerts.c.article_id.in_(ids))
        await connection.execute(due.values(state=state, due_at=at))
    return ids


async def tidy(database: Database, now: datetime) -> None:
    """One round, to its end."""
    keeping = Housekeeping(database, RETENTION, lambda: now)
    while await keeping._step() == housekeeping.BETWEEN_STEPS:
        pass


async def test_what_is_old_goes_and_what_is_not_stays(database: Database) -> None:
    await told(database, "long ago", at=NOW - 61 * DAY)
    await told(database, "some time ago", state="failed", at=NOW - 31 * DAY)
    await told(database, "lately", at=NOW - 29 * DAY)
    await tidy(database, NOW)
    async with database.read() as connection:
        kept = await connection.execute(
            select(articles.c.headline).join(alerts, alerts.c.article_id == articles.c.id).distinct()
        )
        assert kept.scalars().all() == ["Headline of lately"]
        words = await connection.execute(select(articles.c.teaser).order_by(articles.c.id))
        assert words.scalars().all() == ["", "A short teaser.", "A short teaser."]
    assert await number(database, matches) == await number(database, article_tags) == 2


async def test_an_old_article_that_a_feed_shows_again_is_known(database: Database) -> None:
    (article_id,) = await told(database, "long ago", at=NOW - 4000 * DAY)
    await tidy(database, NOW)
    async with database.write() as connection:
        assert await article_store.known(connection, [an_article("long ago")]) == [article_id]
        told_again = await article_store.add(connection, 1, an_article("long ago"), NOW, as_news=True)
        assert told_again is None
        feed_id = (await connection.execute(select(articles.c.feed_id))).scalar_one()
        assert await revising.edited(connection, feed_id, {article_id: an_article("long ago")}) == {}
    assert await number(database, article_keys) == 2


async def test_what_somebody_is_still_to_be_told_is_kept(database: Database) -> None:
    await told(database, "held", state="due", at=NOW - 70 * DAY)
    await told(database, "sent", at=NOW - 65 * DAY)
    await tidy(database, NOW)
    assert await number(database, alerts) == 2
    async with database.read() as connection:
        words = await connection.execute(select(articles.c.teaser).order_by(articles.c.id))
        assert words.scalars().all() == ["A short teaser.", ""]


async def test_much_goes_in_small_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "STEP", 3)
    await told(database, *map(str, range(5)), at=NOW - 90 * DAY)
    left = []
    async with database.write() as connection:
        while await clear_alerts(connection, NOW - 30 * DAY):
            left.append((await connection.execute(select(func.count()).select_from(alerts))).scalar_one())
        assert left == [7, 4, 1, 0]
        assert await clear_articles(connection, NOW - 60 * DAY)
        assert (await connection.execute(select(func.count()).select_from(matches))).scalar_one() == 2
        assert await clear_articles(connection, NOW - 60 * DAY)
        assert not await clear_articles(connection, NOW - 60 * DAY)


async def test_a_round_is_followed_by_a_rest_and_by_none_when_the_clock_is_set_back(database: Database) -> None:
    now = NOW
    keeping = Housekeeping(database, RETENTION, lambda: now)
    steps = []
    for later in (0, 0, 3599, 2, 0, -7200, 0):
        now += timedelta(seconds=later)
        steps.append(await keeping._step() == housekeeping.BETWEEN_STEPS)
    assert steps == [True, False, False, True, False, True, False]


async def test_it_folds_what_is_counted(database: Database) -> None:
    what = next(iter(statistics.What))
    async with database.write() as connection:
        for _ in range(3):
            await statistics.count(connection, NOW, [statistics.Event(what)])
    assert await number(database, counts) == 3
    await tidy(database, NOW)
    assert await number(database, counts) == 1


async def test_words_that_nobody_follows_go_and_the_rest_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "STEP", 2)
    async with database.write() as connection:
        (mali, *unused, undone) = await a_follower(connection, 1, "Mali", "Chad", "Niger", "Togo", "Benin")
        for topic in unused:
            await follow_store.remove(connection, 1, topic.id, NOW)
        (matched,) = await topic_store.ensure(connection, ["Ghana"], as_tags=False)
        await news(connection, an_article(tags=["Sahel"]), [matched.id])
        await topic_store.ensure(connection, ["Lomé"], as_tags=True)
        (last,) = await topic_store.ensure(connection, ["Last"], as_tags=False)
    async with database.write() as connection:
        await follow_store.remove(connection, 1, mali.id, NOW)
        await stopped.stop_all(connection, 1, NOW)  # Benin
        await follow_store.add(connection, 1, mali.id, NOW)
        assert [await clear_topics(connection) for _ in range(3)] == [True, True, False]
        kept = {topic.name for topic in (await topic_store.of_ids(connection, range(1, last.id + 1))).values()}
    assert kept == {"Mali", undone.name, "Ghana", "Sahel", "Lomé", "Last"}


async def test_an_article_that_matches_words_that_are_gone_is_told_to_the_others(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        article_id = await news(connection, an_article(), [999, mali.id])
        assert await match_store.topic_ids(connection, article_id) == [mali.id]


async def test_many_updates_and_counts_go_in_small_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_store, "FORGOTTEN", 2)
    monkeypatch.setattr(statistics, "FOLDED", 4)
    what = next(iter(statistics.What))
    async with database.write() as connection:
        await update_store.claim(connection, range(3), NOW, timedelta(0))
        later = NOW + update_store.KEPT + DAY
        assert [await update_store.forget(connection, later) for _ in range(3)] == [True, True, False]
        for topic_id in (1, 2) * 5:
            await statistics.count(connection, NOW, [statistics.Event(what, topic_id)])
        before = await statistics.by_topic(connection, NOW.date())
        while await statistics.compact(connection, NOW):
            pass
        assert await statistics.by_topic(connection, NOW.date()) == before
    assert await number(database, counts) == 2


async def test_a_file_becomes_smaller(database: Database) -> None:
    async with database.write() as connection:
        rows = [{"chat_id": number, "text": "x" * 1000, "due_at": NOW} for number in range(4000)]
        await connection.execute(notices.insert(), rows)
    async with database.write() as connection:
        await connection.execute(notices.delete())
    if not database.is_sqlite:
        async with database.write() as connection:
            assert not await give_back(connection)
        return
    pages = []
    for more in (True, True):
        async with database.write() as connection:
            pages.append((await connection.exec_driver_sql("PRAGMA page_count")).scalar_one())
            assert await give_back(connection) is more
    assert pages[0] - pages[1] == housekeeping.PAGES


async def test_two_at_once_do_not_disturb_each_other(database: Database, migrated_url: str) -> None:
    await told(database, *map(str, range(20)), at=NOW - 90 * DAY)
    await asyncio.gather(*(tidy(database, NOW) for _ in range(3)))
    assert await number(database, alerts) == await number(database, matches) == 0


async def test_a_chat_that_is_free_again_is_forgotten(database: Database) -> None:
    async with database.write() as connection:
        await pace.write_chats(connection, {1: NOW, 2: NOW + DAY}, NOW - DAY)
    async with database.write() as connection:
        await pace.forget_chats(connection, NOW)
        assert await pace.read_chats(connection, [1, 2]) == {2: NOW + DAY}
