import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from sqlalchemy import select

from bot.alerts import astray
from bot.alerts.links import Links
from bot.database_url import engine_url
from bot.errors import StoreUnreachable
from bot.feeds.hosts import Hosts
from bot.language import translation
from bot.model import Alert, Lead
from bot.store import outbox, personal, statistics
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alert_taps
from bot.store.statistics import Totals, What
from bot.web import taps
from bot.web.taps import Tally
from tests.make import NOW, a_follower, an_article, news
from tests.web.outside import Outside, reached

FEED = "https://u:hush@news.example/feed/"
ARTICLE = "https://news.example/a-story/"
MARKED = f"{ARTICLE}?utm_source=telegram&utm_medium=bot&utm_campaign=topic-alert"
LINKS = Links("https://bot.example", b"key", Hosts.of([FEED]))
PHONE = "Mozilla/5.0 (Linux; Android 15; CUBOT X70) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


@pytest.fixture
async def alert(database: Database) -> Alert:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1001, "Mali")
        await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 10)
        (claimed,) = await outbox.claim(connection, NOW, taps.FLUSH, 1)
    return claimed


@pytest.fixture
def tally(database: Database) -> Tally:
    return Tally(database, lambda: NOW)


@pytest.fixture
async def outside(tally: Tally) -> AsyncIterator[Outside]:
    routes = taps.routes(LINKS.read, tally.add, lambda language: astray.page(FEED, translation(language)))
    async with reached(routes) as outside:
        yield outside


def link(alert: Alert, lead: Lead = Lead.READ, links: Links = LINKS) -> str:
    return (links.counted(lead, ARTICLE, alert) or "").removeprefix("https://bot.example")


async def counted(database: Database) -> Totals:
    async with database.read() as connection:
        return (await statistics.by_day(connection, NOW.date())).get(NOW.date(), {})


async def test_who_taps_is_sent_on_and_counted_by_article_and_topic(
    database: Database, alert: Alert, tally: Tally, outside: Outside
) -> None:
    async with tally.kept():
        for lead in (Lead.READ, Lead.READ, Lead.SUBSCRIBE, Lead.SIGN_IN):
            response = await outside.ask("GET", link(alert, lead), {"User-Agent": PHONE})
            assert (response.status, response.headers["Location"]) == (302, MARKED)
            assert response.headers["Cache-Control"] == "no-store"
            assert (response.headers["Server"], response.headers["X-Content-Type-Options"]) == ("Tagalong", "nosniff")
    async with database.read() as connection:
        by_topic = await statistics.by_topic(connection, NOW.date())
        by_article = await statistics.by_article(connection, NOW.date())
    assert by_topic[alert.topic_id] == {**by_article[alert.article.id], What.FOLLOWED: 1}
    assert by_article[alert.article.id] == {What.READ: 2, What.SUBSCRIBE: 1, What.SIGN_IN: 1}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"User-Agent": "TelegramBot (like TwitterBot)"}),
        ("GET", {"User-Agent": "facebookexternalhit/1.1"}),
        ("GET", {"User-Agent": PHONE, "Purpose": "prefetch"}),
        ("GET", {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"}),
    ],
)
async def test_who_only_looks_is_sent_on_and_not_counted(
    alert: Alert, tally: Tally, outside: Outside, method: str, headers: dict[str, str]
) -> None:
    response = await outside.ask(method, link(alert), headers)
    assert (response.status, response.headers["Location"]) == (302, MARKED)
    assert tally.waiting == Counter()


@pytest.mark.parametrize(
    "path",
    [
        "/t/x",
        "/t/r.1.1.0.aHR0cHM6Ly9ldmlsLmV4YW1wbGUv.AAAAAAAAAAAA",
        "/t/%00",
        "/t/%0d%0aSet-Cookie:a",
        "/t/" + "x" * 6000,
    ],
)
async def test_a_forged_link_leads_to_a_page_that_leads_to_the_site(outside: Outside, tally: Tally, path: str) -> None:
    response = await outside.ask("GET", path, {"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert response.status == 404
    assert "Location" not in response.headers
    text = await response.text()
    assert 'href="https://news.example/"' in text
    assert "evil" not in text
    assert "hush" not in text
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert tally.waiting == Counter()


async def test_the_database_away_readers_are_sent_on_and_counted_later(
    database: Database, alert: Alert, monkeypatch: pytest.MonkeyPatch, tally: Tally, outside: Outside
) -> None:
    away = asyncio.Event()
    write = database.write

    def gone() -> object:
        away.set()
        raise StoreUnreachable("away")

    async with tally.kept():
        monkeypatch.setattr(database, "write", gone)
        for _ in range(3):
            assert (await outside.ask("GET", link(alert), {"User-Agent": PHONE})).status == 302
        async with asyncio.timeout(10):
            await away.wait()
        monkeypatch.setattr(database, "write", write)
    assert (await counted(database))[What.READ] == 3
    assert tally.waiting == Counter()


async def test_where_the_database_stays_away_the_end_is_not_delayed(alert: Alert) -> None:
    async with Database(engine_url("postgres://nobody@127.0.0.1:1/none")) as nowhere:
        tally = Tally(nowhere, lambda: NOW)
        async with asyncio.timeout(10), tally.kept():
            tap = LINKS.read(link(alert).removeprefix("/t/"))
            assert tap is not None
            tally.add(tap)
        assert tally.waiting.total() == 1


async def test_who_read_what_is_kept_only_where_the_operator_says_so(
    database: Database, alert: Alert, tally: Tally, outside: Outside
) -> None:
    async def kept(*links: Links) -> list[tuple[int, str]]:
        async with tally.kept():
            for each in links:
                assert (await outside.ask("GET", link(alert, links=each), {"User-Agent": PHONE})).status == 302
        async with database.read() as connection:
            rows = await connection.execute(select(alert_taps.c.alert_id, alert_taps.c.lead))
            return [(row.alert_id, row.lead) for row in rows]

    apart = replace(LINKS, per_reader=True)
    assert await kept(LINKS) == []
    assert await kept(apart, apart) == [(alert.id, "read")]
    gone = replace(alert, id=alert.id + 1)
    assert (await outside.ask("GET", link(gone, links=apart), {"User-Agent": PHONE})).status == 302
    assert await kept() == [(alert.id, "read")]
    async with database.write() as connection:
        (exported,) = (await personal.export(connection, alert.chat_id))["alert_taps"]
        assert (exported["lead"], exported["article"][0]) == ("read", alert.article.headline)
        await personal.forget(connection, alert.chat_id, NOW)
    assert await kept() == []


async def test_a_head_that_is_too_large_is_refused(outside: Outside) -> None:
    with pytest.raises((aiohttp.ClientError, AssertionError)):
        assert (await outside.ask("GET", "/t/" + "x" * 20_000, {})).status == 404
    assert (await outside.ask("GET", "/t/x", {})).status == 404
