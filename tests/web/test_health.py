import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.database_url import engine_url
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, Limits
from bot.store import feeds
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.telegram.application import TelegramBot, make_bot
from bot.web import health, metrics
from bot.web.health import Readiness
from tests.make import FEED, NOW, a_follower, an_article, news
from tests.web.outside import reached

URLS = ["https://u:hush@news.example/hush/feed/?key=hush"]
ONE = "feed 1 of 1, at news.example,"
NOWHERE = engine_url("postgres://nobody@127.0.0.1:1/none")
TOLD = "sixteen-letters-or-more"
LATER = NOW + timedelta(hours=2)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@pytest.fixture
async def bot(telegram: BotApiServer) -> AsyncIterator[TelegramBot]:
    async with make_bot(TOKEN, telegram.url) as bot:
        yield bot


async def ready(readiness: Readiness) -> tuple[int, dict[str, Any]]:
    async with reached(health.routes(readiness)) as outside:
        assert await outside.get("/healthz") == (200, "ok\n")
        status, text = await outside.get("/readyz")
    answer: dict[str, Any] = json.loads(text)
    return status, answer


async def test_all_is_well(database: Database, bot: TelegramBot, clock: Clock) -> None:
    async with database.write() as connection:
        await feeds.register(connection, URLS, NOW)
    status, answer = await ready(Readiness(database, bot, URLS, clock))
    assert (status, answer) == (200, {"ready": True, "database": [], "feeds": [], "telegram": []})


async def test_feeds_that_nobody_looks_at_or_that_fail_are_named_without_secrets(
    database: Database, bot: TelegramBot, clock: Clock
) -> None:
    readiness = Readiness(database, bot, URLS, clock)
    status, answer = await ready(readiness)
    assert (status, answer["feeds"]) == (503, [f"{ONE} was never looked at: no worker has started"])
    async with database.write() as connection:
        await feeds.register(connection, URLS, NOW)
    clock.now = LATER
    _, answer = await ready(readiness)
    assert answer["feeds"] == [f"{ONE} was not looked at since 2026-03-01 12:00 UTC: no worker runs"]
    async with database.write() as connection:
        (feed,) = await feeds.claim_due(connection, URLS, LATER, timedelta(hours=1))
        await feeds.record_failure(connection, feed, "broken", NOW, LATER + timedelta(hours=1))
    clock.now += timedelta(seconds=3)
    _, answer = await ready(readiness)
    assert answer["feeds"] == [f"{ONE} was not read since 2026-03-01 12:00 UTC"]


async def test_telegram_away_is_said_and_asked_for_only_now_and_then(
    telegram: BotApiServer, database: Database, bot: TelegramBot, clock: Clock
) -> None:
    async with database.write() as connection:
        await feeds.register(connection, URLS, NOW)
    readiness = Readiness(database, bot, URLS, clock)
    asked = len(telegram.calls.of("getMe"))
    for _ in range(20):
        assert not any((await readiness.troubles()).values())
        clock.now += timedelta(seconds=1)
    assert len(telegram.calls.of("getMe")) == asked + 1
    clock.now += timedelta(minutes=1)
    for fault, said in (
        ("reset", "Telegram could not be reached"),
        ("stray", "The answer makes no sense"),
        ("401", "refuses BOT_TOKEN"),
    ):
        telegram.faults.add(Fault(fault, method="getMe"))
        assert said in (await readiness.troubles())["telegram"][0]
        clock.now += timedelta(seconds=3)


async def test_nothing_that_hangs_keeps_it_from_answering(
    telegram: BotApiServer, bot: TelegramBot, clock: Clock
) -> None:
    telegram.faults.add(Fault("timeout", method="getMe"))
    async with Database(NOWHERE) as nowhere, asyncio.timeout(20):
        status, answer = await ready(Readiness(nowhere, bot, URLS, clock))
    assert status == 503
    assert answer["database"]
    assert answer["telegram"] == [health.NO_ANSWER]


async def test_metrics_show_the_outbox_and_the_feeds(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 10)
    later = NOW + timedelta(seconds=90)
    async with reached(metrics.routes(database, [FEED], lambda: later, None)) as outside:
        status, text = await outside.get("/metrics")
    assert status == 200
    lines = text.splitlines()
    assert {"tagalong_database_up 1.0", "tagalong_queue_alerts 1.0", "tagalong_queue_age_seconds 90.0"} <= set(lines)
    assert {"tagalong_feeds 1.0", "tagalong_feeds_neglected 0.0"} <= set(lines)
    assert 'tagalong_alerts_total{outcome="sent"}' in text


async def test_without_the_database_metrics_say_so_and_what_they_know() -> None:
    async with Database(NOWHERE) as nowhere, reached(metrics.routes(nowhere, [FEED], lambda: NOW, None)) as outside:
        status, text = await outside.get("/metrics")
    assert status == 200
    assert "tagalong_database_up 0.0" in text
    assert "tagalong_queue_alerts" not in text
    assert "tagalong_polls_total" in text


@pytest.mark.parametrize("told", [None, "Bearer wrong", "Bearer ", "Basic c2VjcmV0", "Bearer \u00fc", TOLD])
async def test_metrics_with_a_token_are_for_who_knows_it(told: str | None) -> None:
    async with Database(NOWHERE) as nowhere, reached(metrics.routes(nowhere, [], lambda: NOW, TOLD)) as outside:
        response = await outside.ask("GET", "/metrics", {"Authorization": told} if told else {})
        assert (response.status, await response.text()) == (401, "")
        right = await outside.ask("GET", "/metrics", {"Authorization": f"Bearer {TOLD}"})
    assert right.status == 200
