from collections import Counter
from datetime import timedelta

from bot.store import chats, follows, outbox, outcomes, statistics, topics
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.statistics import DETAILED, Event, What
from tests.make import NOW, a_follower, an_article, news

DAY = timedelta(days=1)
TODAY = NOW.date()


async def test_counts_add_up_by_day_topic_and_article(database: Database) -> None:
    async with database.write() as connection:
        await statistics.count(connection, NOW - DAY, [Event(What.SENT, 7, 1)])
        await statistics.count(
            connection, NOW, [Event(What.SENT, 7, 1), Event(What.SENT, 7, 1), Event(What.SENT, 8, 2)]
        )
        await statistics.count(connection, NOW, Counter({Event(What.READ, 7, 1): 5, Event(What.LEFT): 0}))
        await statistics.count(connection, NOW, [])
    async with database.read() as connection:
        assert await statistics.by_day(connection, TODAY - DAY) == {
            TODAY - DAY: {What.SENT: 1}, TODAY: {What.SENT: 3, What.READ: 5}
        }  # fmt: skip
        assert await statistics.by_topic(connection, TODAY) == {
            7: {What.SENT: 2, What.READ: 5}, 8: {What.SENT: 1}
        }  # fmt: skip
        assert await statistics.by_article(connection, TODAY - DAY) == {
            1: {What.SENT: 3, What.READ: 5}, 2: {What.SENT: 1}
        }  # fmt: skip
        assert await statistics.by_topic(connection, TODAY, [8, 9]) == {8: {What.SENT: 1}}
        assert await statistics.by_article(connection, TODAY, [2]) == {2: {What.SENT: 1}}


async def test_folded_the_figures_stay_and_old_ones_forget_their_article(database: Database) -> None:
    long_ago = NOW - DETAILED - DAY
    async with database.write() as connection:
        for article_id in (1, 2, 2):
            await statistics.count(connection, NOW, [Event(What.SENT, 7, article_id)])
            await statistics.count(connection, long_ago, [Event(What.SENT, 7, article_id)])
        before = await statistics.by_day(connection, long_ago.date())
    for _ in range(2):
        async with database.write() as connection:
            await statistics.compact(connection, NOW)
    async with database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT article_id, number FROM counts ORDER BY 1")).all()
        assert await statistics.by_day(connection, long_ago.date()) == before
        assert await statistics.by_article(connection, TODAY) == {1: {What.SENT: 1}, 2: {What.SENT: 2}}
    assert [tuple(row) for row in rows] == [(0, 3), (1, 1), (2, 2)]


async def test_what_was_looked_for_in_vain_is_kept_folded_short_and_for_a_while(database: Database) -> None:
    async with database.write() as connection:
        await statistics.count_search(connection, NOW - DETAILED - DAY, ["Long ago"])
        for names in (["Quantum Knitting", "Chess"], ["chess", "CHESS", "—"], ["x" * 500], []):
            await statistics.count_search(connection, NOW, names)
        found = await statistics.vain_searches(connection, (NOW - 2 * DETAILED).date(), 10)
        assert found == [("chess", 2), ("long ago", 1), ("quantum knitting", 1), ("x" * 100, 1)]
        await statistics.compact(connection, NOW)
        kept = await statistics.vain_searches(connection, (NOW - 2 * DETAILED).date(), 2)
    assert kept == [("chess", 2), ("quantum knitting", 1)]


async def test_follows_alerts_and_chats_that_leave_are_counted_once(database: Database) -> None:
    async with database.write() as connection:
        mali, chad = await a_follower(connection, 1, "Mali", "Chad")
        await a_follower(connection, 2, "Mali")
        assert not await follows.add(connection, 1, mali.id, NOW)
        assert await follows.remove(connection, 1, chad.id, NOW)
        assert not await follows.remove(connection, 1, chad.id, NOW)
        article_id = await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 10)
        first, second = await outbox.claim(connection, NOW, DAY, 10)
        landed: list[outcomes.Outcome] = [
            outcomes.Sent(first, 5, NOW + timedelta(seconds=20)),
            outcomes.Failed(second, "refused"),
        ]
        await outcomes.write(connection, landed, NOW)
        for _ in range(2):
            await chats.rest(connection, 2, NOW, "blocked")
        assert await statistics.by_topic(connection, TODAY) == {
            0: {What.LEFT: 1, What.SENT: 1, What.PROMPT: 1, What.SECONDS: 20, What.FAILED: 1},
            mali.id: {What.FOLLOWED: 2, What.TOLD: 1},
            chad.id: {What.FOLLOWED: 1, What.UNFOLLOWED: 1},
        }
        by_article = await statistics.by_article(connection, TODAY)
    assert by_article[article_id] == {What.SENT: 1, What.PROMPT: 1, What.SECONDS: 20, What.FAILED: 1}


async def test_an_alert_is_told_under_each_topic_that_its_reader_follows_and_sent_once(database: Database) -> None:
    async with database.write() as connection:
        mali, chad, _ = await a_follower(connection, 1, "Mali", "Chad", "Togo")
        tagged = an_article(tags=["Mali", "Chad"])
        await news(connection, tagged, [mali.id, chad.id])
        await fan_out(connection, NOW, 10)
        (alert,) = await outbox.claim(connection, NOW, DAY, 10)
        await outcomes.write(connection, [outcomes.Sent(alert, 5, NOW)], NOW)
        by_topic = await statistics.by_topic(connection, TODAY)
        whole = (await statistics.by_day(connection, TODAY))[TODAY]
    assert [topic for topic, did in by_topic.items() if did.get(What.TOLD)] == [mali.id, chad.id]
    assert whole[What.SENT] == 1


async def test_an_alert_counts_for_the_topic_that_its_chat_follows_tag_or_not(database: Database) -> None:
    async with database.write() as connection:
        await topics.ensure(connection, ["Africa"], as_tags=True)
        (words,) = await a_follower(connection, 1, "Sahel drought")
        await news(connection, an_article(tags=["Africa"]), [1, words.id])
        await fan_out(connection, NOW, 10)
        (alert,) = await outbox.claim(connection, NOW, DAY, 10)
    assert alert.topic_id == words.id
