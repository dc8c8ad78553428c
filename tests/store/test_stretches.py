"""Whatever happens to alerts that were just written, a stretch leads to each as long as it is fresh."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Chat, ChatKind, Topic
from bot.store import chats, editing, follows, outbox, outcomes, personal, revising
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import FRESH, alerts, articles, stretches
from bot.store.stretches import THEIRS
from tests.make import NOW, a_follower, an_article, news

LEASE = timedelta(minutes=1)
CHATS = range(1, 25)
TOPICS = ("Chad", "Mali", "Togo")


@dataclass
class Newspaper:
    """A newspaper on whose readers and articles chance does its work."""

    connection: AsyncConnection
    chance: random.Random
    topics: list[Topic]
    article_ids: list[int] = field(default_factory=list)
    sent: list[tuple[int, int]] = field(default_factory=list)
    """Article and chat of each alert that was sent."""

    async def bring_news(self) -> None:
        about = self.chance.sample(self.topics, self.chance.randint(1, 3))
        article = an_article(f"story {len(self.article_ids)}")
        self.article_ids.append(await news(self.connection, article, [topic.id for topic in about]))

    async def fan_out(self) -> None:
        await fan_out(self.connection, NOW, self.chance.randint(1, 20))

    async def send(self) -> None:
        claimed = await outbox.claim(self.connection, NOW, LEASE, self.chance.randint(1, 6))
        sent = [outcomes.Sent(alert, alert.id, NOW) for alert in claimed]
        self.sent += [(alert.article.id, alert.chat_id) for alert in claimed]
        await outcomes.write(self.connection, sent, NOW)

    async def give_back(self) -> None:
        claimed = await outbox.claim(self.connection, NOW, LEASE, self.chance.randint(1, 6))
        await outcomes.write(self.connection, [outcomes.GivenBack(alert, NOW) for alert in claimed], NOW)

    async def withdraw(self) -> None:
        await outbox.withdraw(self.connection, self._an_article())

    async def restore(self) -> None:
        await outbox.restore(self.connection, self._an_article())

    async def put_first(self) -> None:
        await editing.put_first(self.connection, self._an_article(), NOW, self.chance.choice(self.topics).id)

    async def tell_more(self) -> None:
        await revising.tell_more(self.connection, self._an_article(), NOW)

    async def follow(self) -> None:
        chat = Chat(self.chance.choice(CHATS), ChatKind.PRIVATE, "en")
        await chats.wake(self.connection, chat)
        await a_follower(self.connection, chat.id, self.chance.choice(TOPICS))

    async def unfollow(self) -> None:
        chat_id, topic = self.chance.choice(CHATS), self.chance.choice(self.topics)
        await follows.remove(self.connection, chat_id, topic.id, NOW)

    async def rest(self) -> None:
        await chats.rest(self.connection, self.chance.choice(CHATS), NOW, "Forbidden: bot was blocked by the user")

    async def move(self) -> None:
        one, other = self.chance.sample(CHATS, 2)
        told = {article_id for article_id, chat_id in self.sent if chat_id == one}
        self.sent = [pair for pair in self.sent if pair[1] != one] + [
            (article_id, other) for article_id in told if (article_id, other) not in self.sent
        ]
        await chats.migrate(self.connection, one, other)

    async def forget(self) -> None:
        chat_id = self.chance.choice(CHATS)
        self.sent = [pair for pair in self.sent if pair[1] != chat_id]  # of whom nothing is known any more
        await personal.forget(self.connection, chat_id, NOW)

    def everything(self) -> Sequence[Callable[[], Awaitable[None]]]:
        often = [self.fan_out, self.send, self.follow] * 4 + [self.bring_news] * 2
        rarely = [self.give_back, self.withdraw, self.restore, self.put_first, self.tell_more, self.unfollow, self.rest]
        return often + rarely + [self.move, self.forget]

    def _an_article(self) -> int:
        return self.chance.choice(self.article_ids)


async def led_to(connection: AsyncConnection) -> list[int]:
    """By how many stretches of its rank each fresh alert is led to."""
    of_its_rank = select(func.count()).select_from(stretches).where(THEIRS, stretches.c.rank == alerts.c.rank)
    leading = of_its_rank.correlate(alerts).scalar_subquery()
    return list((await connection.execute(select(leading).where(FRESH))).scalars())


@pytest.mark.parametrize("seed", range(12))
async def test_none_is_lost_or_told_twice_whatever_happens(database: Database, seed: int) -> None:
    random.seed(seed)
    async with database.write() as connection:
        topics = [topic for name in TOPICS for topic in await a_follower(connection, CHATS[0], name)]
        for chat_id in CHATS[1:]:
            await a_follower(connection, chat_id, *random.sample(TOPICS, 2))
        paper = Newspaper(connection, random.Random(seed), topics)  # noqa: S311 - no secret
        await paper.bring_news()
        fresh = 0
        for _ in range(80):
            await paper.chance.choice(paper.everything())()
            leading = await led_to(connection)
            assert 0 not in leading
            assert (await outbox.backlog(connection, NOW))[0] >= len(leading)
            fresh = max(fresh, len(leading))
        assert fresh > 5
        while await fan_out(connection, NOW, 5):
            assert 0 not in await led_to(connection)
        while await outbox.next_due(connection, NOW) == NOW:
            await paper.send()
        left = (await connection.execute(select(alerts.c.state).distinct())).scalars().all()
        assert set(left) <= {"sent", "failed"}
        assert (await connection.execute(select(stretches))).all() == []
    assert len(paper.sent) == len(set(paper.sent))


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
@pytest.mark.parametrize("rests", [True, False], ids=["rests", "does not rest after all"])
async def test_an_alert_that_somebody_is_changing_is_left_for_a_later_claim(database: Database, *, rests: bool) -> None:
    async with database.write() as connection:
        topics = [await a_follower(connection, chat_id, "Mali") for chat_id in range(1, 10)]
        await news(connection, an_article(), [topics[0][0].id])
        await fan_out(connection, NOW, 100)

    class NotAfterAllError(Exception):
        pass

    try:
        async with database.write() as changing:
            await chats.rest(changing, 5, NOW, "Forbidden: bot was blocked by the user")
            async with database.write() as connection:
                claimed = await outbox.claim(connection, NOW, LEASE, 100)
            assert sorted(alert.chat_id for alert in claimed) == [1, 2, 3, 4, 6, 7, 8, 9]
            if not rests:
                raise NotAfterAllError
    except NotAfterAllError:
        pass
    async with database.write() as connection:
        later = await outbox.claim(connection, NOW, LEASE, 100)
        assert [alert.chat_id for alert in later] == ([] if rests else [5])
        assert (await connection.execute(select(stretches))).all() == []


async def test_a_claim_looks_along_so_many_stretches_and_the_next_one_further(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "STRETCHES", 3)
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        ids = [await news(connection, an_article(f"story {number}"), [mali.id]) for number in range(8)]
        late = await news(connection, an_article("late"), [mali.id])
        while await fan_out(connection, NOW, 100):
            pass
        (alert,) = await outbox.claim(connection, NOW, LEASE, 1)
        assert alert.article.id == late
        await outcomes.write(connection, [outcomes.GivenBack(alert, NOW)], NOW)
        claimed = []
        while batch := await outbox.claim(connection, NOW, LEASE, 100):
            claimed.append([alert.article.id for alert in batch])
    assert claimed == [[late, *ids[:4:-1]], ids[4:1:-1], ids[1::-1]]


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_a_claim_waits_for_nobody_who_changes_a_stretch(database: Database) -> None:
    async with database.write() as connection:
        topics = [await a_follower(connection, chat_id, "Mali") for chat_id in range(1, 10)]
        await news(connection, an_article(), [topics[0][0].id])
        await fan_out(connection, NOW, 100)
    async with asyncio.timeout(10), database.write() as changing:
        await changing.execute(update(stretches).values(place=0))
        async with database.write() as connection:
            assert len(await outbox.claim(connection, NOW, LEASE, 100)) == 9
    async with database.write() as connection:
        assert (await connection.execute(select(stretches))).all() != []
        assert await outbox.claim(connection, NOW, LEASE, 100) == []
        assert (await connection.execute(select(stretches))).all() == []


async def test_how_many_could_go_is_counted_without_a_look_at_what_was_sent(database: Database) -> None:
    async with database.read() as connection:
        counted = outbox._BACKLOG.params(now=NOW)
        literally = counted.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
    async with database.snapshot() as connection:
        if not database.is_sqlite:  # of so few rows it would read all, whatever indexes there are
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explained = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = (await connection.exec_driver_sql(f"{explained} {literally}")).all()
    steps = [str(row) for row in plan]
    assert [step for step in steps if "ix_alerts_due" in step]
    assert not [step for step in steps if "Seq Scan on alerts" in step or step.endswith("SCAN alerts')")]


async def test_a_group_that_moves_behind_where_a_fan_out_stands_is_told_all_the_same(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, -1_000_000_000_100, "Mali")
        for chat_id in (-4_000, -3_000, 1, 2, 3):
            await a_follower(connection, chat_id, "Mali")
        await news(connection, an_article(), [mali.id])
        chunk = await fan_out(connection, NOW, 1)
        assert chunk is not None
        assert not chunk.done
        await chats.migrate(connection, -4_000, -1_001_234_567_890)
        while await fan_out(connection, NOW, 2):
            pass
        claimed = await outbox.claim(connection, NOW, LEASE, 100)
    assert sorted(alert.chat_id for alert in claimed) == [-1_001_234_567_890, -1_000_000_000_100, -3_000, 1, 2, 3]


async def test_of_a_chat_that_is_forgotten_while_an_article_is_held_back_half_way_nothing_stays(
    database: Database,
) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 101, "Mali")
        for chat_id in (102, 103):
            await a_follower(connection, chat_id, "Mali")
        article_id = await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 1)
        await editing.hold_back(connection, article_id, NOW)
        await personal.forget(connection, 101, NOW)
        assert 101 not in (await connection.execute(select(articles))).one()
        assert not [row for row in await connection.execute(select(stretches)) if 101 in row]
        await editing.release(connection, article_id, NOW)
        while await fan_out(connection, NOW, 1):
            pass
        assert {alert.chat_id for alert in await outbox.claim(connection, NOW, LEASE, 100)} == {102, 103}
