import asyncio
import random
from collections import Counter
from datetime import timedelta
from statistics import mean

import pytest
from sqlalchemy import delete, func, insert, select, update

from bot.model import Chat, ChatKind
from bot.store import articles, chats, editing, follows, matches, outbox, outcomes, schema
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alerts
from tests.make import NOW, a_feed, a_follower, an_article, news
from tests.postgres import waits

LEASE = timedelta(seconds=30)


async def states(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        counted = select(alerts.c.state, func.count()).group_by(alerts.c.state)
        return {row[0]: row[1] for row in await connection.execute(counted)}


async def fan_out_all(database: Database, size: int = 100) -> int:
    written = 0
    while True:
        async with database.write() as connection:
            chunk = await fan_out(connection, NOW, size)
        if chunk is None:
            return written
        written += chunk.alerts


async def test_one_alert_a_chat_however_many_topics_match(database: Database) -> None:
    async with database.write() as connection:
        both = await a_follower(connection, 1, "Mali", "Chad")
        await a_follower(connection, 2, "Chad")
        await a_follower(connection, 3, "Togo")
        await news(connection, an_article(), [topic.id for topic in both])
    assert await fan_out_all(database) == 2
    assert await fan_out_all(database) == 0
    async with database.write() as connection:
        claimed = await outbox.claim(connection, NOW, LEASE, 10)
    assert sorted(alert.chat_id for alert in claimed) == [1, 2]


@pytest.mark.parametrize(("size", "chunks"), [(3, [3, 3, 3, 1]), (4, [4, 4, 2])])
async def test_a_fan_out_goes_on_where_it_stopped_and_writes_no_more_than_a_chunk(
    database: Database, size: int, chunks: list[int]
) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, -3, "Mali")
        for chat_id in (-2, -1, *range(1, 8)):
            await a_follower(connection, chat_id, "Mali")
        await news(connection, an_article(), [mali.id])
    seen = []
    for _ in chunks:
        async with database.write() as connection:
            chunk = await fan_out(connection, NOW, size)
            assert chunk is not None
            seen.append((chunk.alerts, chunk.done))
    assert seen == [*((number, False) for number in chunks[:-1]), (chunks[-1], True)]
    assert await states(database) == {"fresh": 10}


async def test_breaking_news_go_first_and_then_the_newest(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        ids = [await news(connection, an_article(name), [mali.id]) for name in ("first", "second", "third")]
        await connection.execute(update(schema.articles).where(schema.articles.c.id == ids[0]).values(breaking=True))
        owed = [await fan_out(connection, NOW, 100) for _ in ids]
        assert [chunk and chunk.article_id for chunk in owed] == [ids[0], ids[2], ids[1]]
        claimed = [await outbox.claim(connection, NOW, LEASE, 1) for _ in ids]
    assert [alert.article.id for (alert,) in claimed] == [ids[0], ids[2], ids[1]]


@pytest.mark.parametrize(("followers", "size"), [(8, 100), (8, 3), (40, 5)])
async def test_nobody_is_often_the_last(database: Database, followers: int, size: int) -> None:
    random.seed(followers * size)
    everybody, stories = range(1, followers + 1), [f"story {number}" for number in range(60)]
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        for chat_id in everybody[1:]:
            await a_follower(connection, chat_id, "Mali")
        for story in stories:
            await news(connection, an_article(story), [mali.id])
    await fan_out_all(database, size)
    async with database.write() as connection:
        claimed = [await outbox.claim(connection, NOW, LEASE, followers) for _ in stories]
    orders = [[alert.chat_id for alert in batch] for batch in claimed]
    assert all(sorted(order) == list(everybody) for order in orders)
    for chat_id in everybody:
        places = [(order.index(chat_id) + 0.5) / followers for order in orders]
        assert 0.35 < mean(places) < 0.65, (chat_id, places)


async def test_what_comes_for_a_chat_that_is_not_to_be_disturbed_waits_and_comes_together(database: Database) -> None:
    later = NOW + LEASE
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await connection.execute(update(schema.chats).values(hold_until=later))
        await a_follower(connection, 2, "Mali")
        for name in "ab":
            await news(connection, an_article(name), [mali.id])
    await fan_out_all(database)
    async with database.write() as connection:
        assert {alert.chat_id for alert in await outbox.claim(connection, NOW, 2 * LEASE, 10)} == {2}
        assert await outbox.next_due(connection, NOW) == later
        together = await outbox.claim(connection, later, LEASE, 1)
    assert [(alert.chat_id, alert.held, alert.article.headline) for alert in together] == [
        (1, True, "Headline of b"),
        (1, True, "Headline of a"),
    ]


async def test_of_much_that_was_held_as_much_comes_together_as_a_message_holds(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await a_follower(connection, 2, "Mali")
        await connection.execute(update(schema.chats).values(hold_until=NOW + LEASE))
        for number in range(25):
            await news(connection, an_article(str(number)), [mali.id])
    await fan_out_all(database)
    claimed = []
    async with database.write() as connection:
        while batch := await outbox.claim(connection, NOW + LEASE, LEASE, 2):
            claimed.append(batch)
    assert max(Counter(alert.chat_id for alert in batch).most_common(1)[0][1] for batch in claimed) <= 21
    assert Counter(alert.chat_id for batch in claimed for alert in batch) == {1: 25, 2: 25}


async def test_an_alert_is_posted_in_the_thread_of_its_follow(database: Database) -> None:
    async with database.write() as connection:
        both = await a_follower(connection, -1, "Mali", "Chad")
        await connection.execute(
            update(schema.follows).where(schema.follows.c.topic_id == both[1].id).values(thread_id=7)
        )
        await news(connection, an_article(), [topic.id for topic in both])
        await fan_out(connection, NOW, 100)
        (alert,) = await outbox.claim(connection, NOW, LEASE, 10)
    assert alert.thread_id == 7


async def test_what_only_fills_the_archive_alerts_nobody(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        old = await articles.add(connection, await a_feed(connection), an_article(), NOW, as_news=False)
        assert old is not None
        await matches.add(connection, old, [matches.Match(mali.id, "tag")])
    assert await fan_out_all(database) == 0


async def test_an_alert_knows_what_its_chat_follows(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await news(connection, an_article(tags=["Chad", "Mali"]), [mali.id])
    await fan_out_all(database)
    async with database.write() as connection:
        (alert,) = await outbox.claim(connection, NOW, LEASE, 10)
    assert alert.followed == {mali.id}
    assert [topic.name for topic in alert.article.topics] == ["Chad", "Mali"]
    assert alert.language == "en"
    assert alert.attempts == 1


async def test_a_claimed_alert_is_taken_by_nobody_else_until_its_lease_is_over(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await news(connection, an_article(), [mali.id])
    await fan_out_all(database)
    async with database.write() as connection:
        assert len(await outbox.claim(connection, NOW, LEASE, 10)) == 1
        assert await outbox.claim(connection, NOW + LEASE / 2, LEASE, 10) == []
        assert await outbox.next_due(connection, NOW + LEASE / 2) == NOW + LEASE
        (again,) = await outbox.claim(connection, NOW + LEASE, LEASE, 10)
        assert again.attempts == 2
        await outcomes.write(connection, [outcomes.Sent(again, 77, NOW)], NOW)
        assert await outbox.claim(connection, NOW + 9 * LEASE, LEASE, 10) == []
        assert await outbox.next_due(connection, NOW) is None
    assert await states(database) == {"sent": 1}


async def test_what_is_given_back_counts_as_no_attempt(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await news(connection, an_article(), [mali.id])
    await fan_out_all(database)
    async with database.write() as connection:
        (alert,) = await outbox.claim(connection, NOW, LEASE, 10)
        await outcomes.write(connection, [outcomes.GivenBack(alert, NOW)], NOW)
        (alert,) = await outbox.claim(connection, NOW, LEASE, 10)
        assert alert.attempts == 1
        await outcomes.write(connection, [outcomes.Postponed(alert, NOW + LEASE / 2, "no answer")], NOW)
        (alert,) = await outbox.claim(connection, NOW + LEASE / 2, LEASE, 10)
        assert alert.attempts == 2
        await outcomes.write(connection, [outcomes.Failed(alert, "refused")], NOW)
    assert await states(database) == {"failed": 1}


async def test_a_chat_that_rests_gets_nothing_until_it_is_awake(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await news(connection, an_article("first"), [mali.id])
    await fan_out_all(database)
    async with database.write() as connection:
        await chats.rest(connection, 1, NOW, "Forbidden: bot was blocked by the user")
        assert await outbox.claim(connection, NOW, LEASE, 10) == []
        assert await follows.count(connection) == (0, 0)
        await news(connection, an_article("second"), [mali.id])
    assert await fan_out_all(database) == 0
    async with database.write() as connection:
        await chats.wake(connection, Chat(1, ChatKind.PRIVATE, "fr"))
        await news(connection, an_article("third"), [mali.id])
    assert await fan_out_all(database) == 1
    async with database.write() as connection:
        assert await follows.count(connection) == (1, 1)
        (alert,) = await outbox.claim(connection, NOW, LEASE, 10)
    assert alert.language == "fr"


async def test_a_group_that_moved_takes_everything_along(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, -1, "Mali")
        await news(connection, an_article(), [mali.id])
    await fan_out_all(database)
    async with database.write() as connection:
        await chats.migrate(connection, -1, -1001)
        (alert,) = await outbox.claim(connection, NOW, LEASE, 10)
        assert alert.chat_id == -1001
        assert await follows.of_chat(connection, -1001) == [mali]
        assert await follows.of_chat(connection, -1) == []


async def test_a_group_that_moved_to_a_known_chat_is_merged(database: Database) -> None:
    async with database.write() as connection:
        (mali, chad) = await a_follower(connection, -1, "Mali", "Chad")
        await a_follower(connection, -1001, "Chad", "Togo")
        await news(connection, an_article(), [mali.id, chad.id])
    await fan_out_all(database)
    async with database.write() as connection:
        await chats.migrate(connection, -1, -1001)
        claimed = await outbox.claim(connection, NOW, LEASE, 10)
        assert [alert.chat_id for alert in claimed] == [-1001]
        assert {topic.name for topic in await follows.of_chat(connection, -1001)} == {"Mali", "Chad", "Togo"}
        assert (await connection.execute(select(alerts.c.chat_id))).scalars().all() == [-1001]


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_a_group_moves_though_it_is_heard_of_by_its_new_id_just_then(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, -1, "Mali")

    async def move() -> None:
        async with database.write() as connection:
            await chats.migrate(connection, -1, -1001)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group, database.write() as hearing:
        await chats.welcome(hearing, Chat(-1001, ChatKind.SUPERGROUP, "en"), NOW)
        moving = group.create_task(move(), name="moves")
        await waits(moving, database)
    async with database.read() as connection:
        assert await follows.of_chat(connection, -1001) == [mali]
        assert (await connection.execute(select(schema.chats.c.id))).scalars().all() == [-1001]


async def test_what_is_no_longer_followed_is_not_sent(database: Database) -> None:
    async with database.write() as connection:
        mali, chad = await a_follower(connection, 1, "Mali", "Chad")
        await news(connection, an_article("one"), [mali.id])
        await news(connection, an_article("both"), [mali.id, chad.id])
    await fan_out_all(database)
    async with database.write() as connection:
        assert await follows.remove(connection, 1, mali.id, NOW)
        assert not await follows.remove(connection, 1, mali.id, NOW)
        claimed = await outbox.claim(connection, NOW, LEASE, 10)
    assert [alert.article.headline for alert in claimed] == ["Headline of both"]


async def test_following_twice_is_following_once(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        assert not await follows.add(connection, 1, mali.id, NOW)
        assert await follows.of_chat(connection, 1) == [mali]


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_what_is_due_is_looked_for_where_it_stands_though_the_statistics_are_of_a_moment_before_it_was_sent(
    database: Database,
) -> None:
    fresh = [{"chat_id": chat_id, "article_id": 1, "state": "fresh", "due_at": NOW} for chat_id in range(5_000)]
    async with database.write() as connection:
        await connection.execute(insert(alerts), fresh)
    async with database.driver_connection() as driver:
        await driver.execute("VACUUM ANALYZE alerts")
    async with database.write() as connection:
        await connection.execute(update(alerts).values(state="sent"))
        due = outbox._FIRST_DUE.limit(10).params(up_to=0)
        literally = due.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        plan = (await connection.exec_driver_sql(f"EXPLAIN {literally}")).scalars().all()
    assert "ix_alerts_due" in "".join(plan)


async def test_an_alert_of_a_chat_that_is_gone_keeps_no_other_from_being_sent(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        for chat_id in (2, 3):
            await a_follower(connection, chat_id, "Mali")
        await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 100)
        await connection.execute(delete(schema.chats).where(schema.chats.c.id == 2))
        assert sorted(alert.chat_id for alert in await outbox.claim(connection, NOW, LEASE, 10)) == [1, 3]
    assert await states(database) == {"waiting": 2}


@pytest.mark.parametrize("stop", ["hold", "withdraw"])
async def test_what_is_no_longer_followed_when_an_article_comes_back_is_not_sent(database: Database, stop: str) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await a_follower(connection, 2, "Mali")
        article_id = await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 100)
        if stop == "hold":
            await editing.hold_back(connection, article_id, NOW)
        else:
            await outbox.withdraw(connection, article_id)
        await follows.remove(connection, 1, mali.id, NOW)
        if stop == "hold":
            subject = await editing.get(connection, article_id)
            assert subject is not None
            assert subject.pending == 1
            await editing.put_first(connection, article_id, NOW)
        else:
            await outbox.restore(connection, article_id)
        assert [alert.chat_id for alert in await outbox.claim(connection, NOW, LEASE, 10)] == [2]
