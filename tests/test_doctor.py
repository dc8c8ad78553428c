"""The doctor as a process between the sample site and a local Telegram, and its checks one by one."""

import json
import logging
import os
import re
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from telegram import WebhookInfo

from bot.doctor import machine, printing
from bot.doctor.checks import check_premium, check_rate, check_settings
from bot.doctor.database import check_database, hub_findings
from bot.doctor.feeds import check_feeds
from bot.doctor.findings import Finding, Grade, good
from bot.doctor.machine import check_clock, check_disk, check_permissions, how_far
from bot.doctor.telegram import check_telegram, webhook_findings
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer
from bot.settings import Settings
from bot.store.database import Database
from bot.store.websub import State, Subscription
from bot.telegram.application import make_bot
from tests.process import running
from tests.web_server import serving

GOOD = {
    "SUBSCRIBE_URL": "https://paper.example/subscribe/",
    "SIGN_IN_URL": "https://paper.example/login/",
    "SUBSCRIBE_PITCH": "Support the paper.",
    "COLUMNS": "300",
}


@pytest.fixture
def log_as_before() -> Iterator[None]:
    """What a visit in this process does to its log is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@dataclass
class World:
    """A site, a Telegram, and settings that fit them."""

    site: Site
    environment: Mapping[str, str]

    async def visit(self, **environment: str) -> tuple[int, str]:
        """The doctor's exit code and what it prints."""
        async with running(["-m", "bot", "doctor"], {**self.environment, **environment}) as doctor:
            return await doctor.end(), doctor.output


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with Site() as site, BotApiServer(TOKEN) as telegram:
        at = {"BOT_TOKEN": TOKEN, "BOT_API_URL": telegram.url, "FEED_URLS": f"{site.url}/feed/"}
        yield World(site, {**GOOD, **at, "DATABASE_URL": f"sqlite:///{tmp_path}/tagalong.db"})


async def test_all_is_well(world: World, tmp_path: Path) -> None:
    code, output = await world.visit()
    assert code == 0, output
    assert output.rstrip().endswith("all is well")
    assert "✗" not in output
    for line in (
        "✓ settings: all that is needed is set",
        "✓ permissions: files are as they should be",
        "✓ clock: it is right",
        "✓ token: Telegram knows it: it is that of @",
        "✓ webhook: none is needed without PUBLIC_URL, and none is set",
        "✓ telegram: it answers within [0-9,]+ ms, the median of 5 calls",
        "✓ rate: 30 messages a second: an alert for 100,000 readers is with the last after 56 minutes",
        "✓ database: .*is not there yet; `run` makes it",
        "✓ disk: [0-9,]+ MB are free in ",
        "✓ premium: an article is premium by any of: category Premium; article:content_tier: locked; isAcc",
        f"✓ feed {world.site.url}/feed/: “The Morning Lantern”, 10 articles, the newest of ",
    ):
        assert re.search(line, output), output
    for article in world.site.articles:
        (row,) = (line for line in output.splitlines() if article.story.headline in line)
        said = "the feed says category Premium; the page says" if article.story.premium else "isAccessibleForFree: true"
        assert said in row
        assert re.search(rf"│ {'premium' if article.story.premium else 'free'} +│ .*│ picture +│$", row)
        for paragraph in article.story.paragraphs:
            assert paragraph[:50] not in output
    assert TOKEN not in output
    assert "Traceback" not in output
    assert not (tmp_path / "tagalong.db").exists()


async def test_wrong_settings_are_each_told_with_the_way_out(world: World, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[premium]\nurl = []\n")
    code, output = await world.visit(PORT="0", LOG_LEVEL="loud", BOT_TOKEN="hush")
    assert (code, output.count("✗ settings: ")) == (1, 3)
    for name in ("BOT_TOKEN is not a bot token", "PORT", "LOG_LEVEL"):
        assert f"✗ settings: {name}" in output
    assert "3 to mend; the rest can be looked at when these are right" in output
    assert "hush" not in output
    code, output = await world.visit(SITE_FILE="site.toml")
    assert code == 1
    assert "✗ settings: SITE_FILE site.toml: premium.url is not known; did you mean urls?" in output


@pytest.mark.usefixtures("log_as_before")
async def test_what_is_missing_is_told_and_the_rest_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:9")  # the clock asks, also without a token
    assert not await printing.visit()
    output = " ".join(capsys.readouterr().out.split())
    assert "✗ settings: BOT_TOKEN is missing; talk to @BotFather" in output
    assert "✗ settings: FEED_URLS is missing; set it to" in output
    assert "✓ database: tagalong.db is not there yet; `run` makes it" in output
    assert output.endswith(" 2 to mend")


async def test_what_cannot_be_reached_is_told_with_the_way_out(world: World) -> None:
    feeds = f"{world.site.url}/nothing/ {world.site.url}/subscribe/ {world.site.url}/feed/"
    stranger = TOKEN[:-4] + "XXXX"
    code, output = await world.visit(BOT_TOKEN=stranger, FEED_URLS=feeds, DATABASE_URL="sqlite:////no/such/folder/t.db")
    assert code == 1
    assert "✗ token: Telegram does not know it; set BOT_TOKEN to the one that @BotFather shows" in output
    assert f"✗ feed {world.site.url}/nothing/: answers with status 404: there is nothing at this address" in output
    assert f"✗ feed {world.site.url}/subscribe/: is no feed: it is a web page" in output
    assert f"✓ feed {world.site.url}/feed/: “The Morning Lantern”" in output
    assert "there is no folder /no/such/folder: create it" in output
    assert "4 to mend" in output
    assert stranger not in output


FEED = """<rss version="2.0"><channel><title>The Paper</title>
<item><title>One [bold red]</title><link>{}/plus/1/</link><description>Shown.</description></item>
<item><title>Two</title><link>{}/2/</link><category>Ice</category></item>
<item><title>Three</title><link>http://elsewhere.example/3/</link></item>
<item><description></description></item>
</channel></rss>"""
PAGE = """<meta property="article:tag" content="Ice"><meta property="article:tag" content="Snow">
<meta name="access" content="plus"><meta name="author" content="Mira Okafor">
<meta property="og:image" content="/a.jpg"><meta property="og:description" content="Told by the page.">"""


async def test_what_was_decided_why_and_what_the_page_added(world: World, tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/feed/":
            at = f"http://{request.host}"
            return web.Response(text=FEED.format(at, at), content_type="application/rss+xml")
        if request.path == "/2/":
            return web.Response(text=PAGE, content_type="text/html")
        return web.Response(status=503)

    (tmp_path / "site.toml").write_text(
        '[premium]\nurls = ["*/plus/*"]\nmeta = { access = ["plus"] }\njson_ld = false\n'
    )
    async with serving(answer) as site:
        secret = site.replace("http://", "http://editor:s3cret@")
        code, output = await world.visit(FEED_URLS=f"{secret}/feed/", SITE_FILE="site.toml", PREMIUM_CATEGORIES="Plus")
    assert code == 0, output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines() if line.startswith("│")]
    elsewhere = "elsewhere.example is none of the site's hosts; if it is, put it into SITE_FILE below [site] as hosts"
    assert rows == [
        ["One [bold red]", "premium", "its address is like */plus/*", "not read: it answers with status 503"],
        ["Two", "premium", "the page says access: plus", "topics Snow; premium; byline; picture; teaser"],
        ["Three", "free", "nothing in the feed says premium; the page was not read", f"not read: {elsewhere}"],
    ]
    assert "by any of: category Plus; address */plus/*; article:content_tier: locked; access: plus" in output
    assert re.search(r"! feed .*: left out: “an entry without a title”", output)
    assert "s3cret" not in output


@pytest.mark.parametrize(
    ("feed", "says"),
    [
        (
            "<rss version='2.0'><channel><title>T</title></channel></rss>",
            "holds no article",
        ),
        (FEED, "no page of its newest articles could be read (it answers with status 403)"),
        (FEED.replace("/2/", "/open/"), "none of its newest articles is premium"),
    ],
)
async def test_what_works_but_is_worth_a_look(feed: str, says: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/feed/":
            return web.Response(text=feed.replace("{}", f"http://{request.host}"), content_type="application/rss+xml")
        return web.Response(status=200 if request.path == "/open/" else 403, content_type="text/html")

    async with serving(answer) as site:
        *_, last = await found(check_feeds(Settings(feed_urls=(f"{site}/feed/",))))
    assert (last.about, last.grade) == (f"feed {site}/feed/", Grade.NOTE)
    assert says in last.says
    assert last.todo


async def found(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


async def test_a_database_before_and_after_it_is_migrated(database_kind: str, database_url: str) -> None:
    settings = Settings(database_url=database_url)  # type: ignore[arg-type]
    async with Database(settings.engine_url) as database:
        async with database.read():
            pass  # so that there is a file
        (before,) = await found(check_database(settings))
        await database.migrate()
        (after,) = await found(check_database(settings))
        async with database.write() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
            await connection.exec_driver_sql("UPDATE counters SET value = 9999 WHERE name = 'oldest code'")
        (too_new,) = await found(check_database(settings))
    if database_kind == "sqlite":
        assert before.grade is Grade.NOTE
        assert "just start `run`" in before.todo
    else:
        assert before.grade is Grade.BAD
    assert "run `python -m bot migrate`" in before.says
    assert after.grade is Grade.GOOD
    assert re.search(r"answers, is of version \d{4}, and this Tagalong can work on it", after.says)
    assert too_new.grade is Grade.BAD
    assert "a newer one wrote it" in too_new.says


async def test_a_database_that_is_not_there_is_told_without_its_password() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"postgres://tagalong:s3cret@127.0.0.1:{listening.getsockname()[1]}/x"
        (finding,) = await found(check_database(Settings(database_url=url)))  # type: ignore[arg-type]
    assert finding.grade is Grade.BAD
    assert "does not answer" in finding.says
    assert "start it, or correct DATABASE_URL" in finding.todo
    assert "s3cret" not in finding.says


@pytest.mark.usefixtures("log_as_before")
async def test_a_file_that_is_no_database_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "tagalong.db").write_text("This is a letter to the editor. " * 100)
    assert not await printing.visit([check_database])
    output = capsys.readouterr().out
    assert "✗ database: " in output
    assert "file is not a database" in output


async def test_telegram_that_is_not_there_is_told() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        (finding,) = await found(check_telegram(Settings(bot_token=TOKEN, bot_api_url=url)))  # type: ignore[arg-type]
    assert finding.grade is Grade.BAD
    assert f"see that this machine reaches {url}, or correct BOT_API_URL" in finding.todo
    assert TOKEN not in finding.says


async def test_findings_for_scripts_are_an_object_a_line_without_secrets(world: World) -> None:
    async with running(
        ["-m", "bot", "doctor", "--json"], {**world.environment, "FEED_URLS": f"{world.site.url}/{TOKEN}"}
    ) as doctor:
        code = await doctor.end()
    findings = [json.loads(line) for line in doctor.output.splitlines()]
    assert {tuple(finding) for finding in findings} == {("check", "grade", "says", "todo")}
    by_check = {finding["check"]: finding["grade"] for finding in findings}
    assert by_check["token"] == by_check["clock"] == by_check["rate"] == "good"
    assert (code, by_check[f"feed {world.site.url}/***"]) == (1, "bad")
    assert TOKEN not in doctor.output


PUBLIC = "https://bot.paper.example"
WEBHOOK = f"{PUBLIC}/telegram"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("public_url", "url", "pending", "failed_ago", "expected"),
    [
        (None, "", 0, None, [(Grade.GOOD, "none is set")]),
        (None, "https://old.example/s3cret", 0, None, [(Grade.NOTE, "none is needed")]),
        (PUBLIC, "", 0, None, [(Grade.NOTE, "does not know yet")]),
        (PUBLIC, WEBHOOK, 0, None, [(Grade.GOOD, "Telegram calls bot.paper.example")]),
        (PUBLIC, "https://old.example/s3cret", 0, None, [(Grade.BAD, "old.example instead of PUBLIC_URL")]),
        (PUBLIC, WEBHOOK, 0, 30, [(Grade.GOOD, "calls"), (Grade.NOTE, "at 11:30 UTC: Connection refused")]),
        (PUBLIC, WEBHOOK, 0, 90, [(Grade.GOOD, "calls")]),
        (PUBLIC, WEBHOOK, 3, 30, [(Grade.GOOD, "calls"), (Grade.BAD, "Connection refused")]),
        (PUBLIC, WEBHOOK, 101, None, [(Grade.GOOD, "calls"), (Grade.NOTE, "101 updates wait at Telegram")]),
    ],
)
def test_how_it_stands_with_the_webhook(
    public_url: str | None, url: str, pending: int, failed_ago: int | None, expected: list[tuple[Grade, str]]
) -> None:
    failed_at = None if failed_ago is None else NOW - timedelta(minutes=failed_ago)
    info = WebhookInfo(url, False, pending, last_error_date=failed_at, last_error_message="Connection refused")
    findings = webhook_findings(info, Settings(public_url=public_url), NOW)
    assert [finding.grade for finding in findings] == [grade for grade, _ in expected]
    for finding, (grade, words) in zip(findings, expected, strict=True):
        assert words in finding.says
        assert bool(finding.todo) == (grade is not Grade.GOOD)
        assert "s3cret" not in finding.says


async def test_a_webhook_that_is_set_though_none_is_needed_is_noted_and_stays() -> None:
    async with BotApiServer(TOKEN) as telegram:
        settings = Settings(bot_token=TOKEN, bot_api_url=telegram.url)  # type: ignore[arg-type]
        async with make_bot(TOKEN, telegram.url) as bot:
            await bot.set_webhook("http://127.0.0.1:9/elsewhere")
            (_, webhook, _) = await found(check_telegram(settings))
            assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/elsewhere"
    assert (webhook.about, webhook.grade) == ("webhook", Grade.NOTE)
    assert "another program uses this token" in webhook.todo


@pytest.mark.parametrize(
    ("seconds", "grade", "words"),
    [
        (-4, Grade.GOOD, "it is right"),
        (6, Grade.NOTE, "6 seconds ahead"),
        (-61, Grade.BAD, "61 seconds behind"),
        (7200, Grade.BAD, "7,200 seconds ahead"),
    ],
)
def test_how_far_a_clock_may_be_off(seconds: int, grade: Grade, words: str) -> None:
    finding = how_far(timedelta(seconds=seconds))
    assert finding.grade is grade
    assert words in finding.says


async def test_a_feeds_clock_stands_in_for_telegrams_but_a_caches_does_not() -> None:
    async def hours_ago(request: web.Request) -> web.Response:
        cached = {"Age": "9"} if request.path == "/cached" else {}
        return web.Response(headers={"Date": "Sat, 01 Feb 2025 12:00:00 GMT"} | cached)

    async with serving(hours_ago) as site:
        nowhere = "http://127.0.0.1:9"
        feeds = (f"{site}/cached", f"{site}/feed")
        (cached,) = await found(check_clock(Settings(bot_api_url=nowhere, feed_urls=feeds[:1])))
        (behind,) = await found(check_clock(Settings(bot_api_url=nowhere, feed_urls=feeds)))
    assert (cached.grade, cached.says) == (Grade.NOTE, "no server said what time it is")
    assert behind.grade is Grade.BAD


async def test_secrets_that_everyone_can_read_are_noted(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o644)
    database = f"sqlite:///{tmp_path}/t.db"
    settings = Settings(bot_token_file=secret, database_url=database)  # type: ignore[arg-type]
    (finding,) = await found(check_permissions(settings))
    assert (finding.grade, finding.todo) == (Grade.NOTE, f"chmod o= {secret}")
    assert TOKEN not in finding.says
    secret.chmod(0o640)
    (finding,) = await found(check_permissions(settings))
    assert finding.grade is Grade.GOOD


async def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/t.db")  # type: ignore[arg-type]
    monkeypatch.setattr(machine, "SCANT_BYTES", 2**80)
    (finding,) = await found(check_disk(settings))
    assert (finding.grade, finding.todo[:9]) == (Grade.BAD, "make room")
    assert await found(check_disk(Settings(database_url="postgres://a/b"))) == []  # type: ignore[arg-type]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_database_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "t.db"
    file.touch(0o444)
    (finding,) = await found(check_permissions(Settings(database_url=f"sqlite:///{file}")))  # type: ignore[arg-type]
    assert finding.grade is Grade.BAD
    assert f"{file} may not be written" in finding.says


@pytest.mark.parametrize(
    ("rate", "paid", "grade", "words"),
    [
        (30, False, Grade.GOOD, "56 minutes"),
        (30, True, Grade.NOTE, "not made use of"),
        (1000, True, Grade.GOOD, "after 2 minutes; Telegram takes Stars"),
    ],
)
async def test_the_rate_beside_what_is_paid_for(rate: int, paid: bool, grade: Grade, words: str) -> None:
    (finding,) = await found(check_rate(Settings(messages_per_second=rate, paid_broadcast=paid)))
    assert finding.grade is grade
    assert words in finding.says


async def test_who_has_a_sqlite_file_is_told(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/t.db")  # type: ignore[arg-type]
    async with Database(settings.engine_url) as database:
        with database.alone():
            await database.migrate()
            (_, holder) = await found(check_database(settings))
        (_,) = await found(check_database(settings))
    assert holder == good("database", f"process {os.getpid()} has it to itself")


def subscription(state: State, failures: int = 0, expires_at: datetime | None = None) -> Subscription:
    return Subscription(
        id=1,
        feed_id=1,
        feed_url="https://u:s3cret@paper.example/feed/",
        hub="https://hub.example/",
        topic="https://paper.example/feed/",
        token="t0ken",
        secret="s3cret",
        callback=None,
        state=state,
        asked_at=None,
        expires_at=expires_at,
        failures=failures,
    )


@pytest.mark.parametrize(
    ("agreed", "grade", "words"),
    [
        (subscription(State.LIVE, expires_at=NOW + timedelta(days=1)), Grade.GOOD, "until 2026-03-02 12:00 UTC"),
        (subscription(State.LIVE, 2, NOW - timedelta(days=1)), Grade.NOTE, "was asked 2 times"),
        (subscription(State.DENIED), Grade.NOTE, "refuses to call"),
        (subscription(State.WANTED, 1), Grade.NOTE, "has not confirmed"),
        (subscription(State.WANTED), Grade.NOTE, "is about to be asked"),
    ],
)
def test_how_it_stands_with_a_hub(agreed: Subscription, grade: Grade, words: str) -> None:
    (finding,) = hub_findings([agreed], Settings(public_url=PUBLIC), NOW)
    assert (finding.about, finding.grade) == ("feed https://paper.example/feed/", grade)
    assert words in finding.says
    assert bool(finding.todo) == (grade is not Grade.GOOD)
    assert not hub_findings([agreed], Settings(), NOW)


async def test_what_would_make_alerts_better_is_noted() -> None:
    said = await found(check_settings(Settings(subscribe_url="https://paper.example/subscribe/")))
    notes = [finding.says.split(" ")[0] for finding in said if finding.grade is Grade.NOTE]
    assert notes == ["SIGN_IN_URL", "SUBSCRIBE_PITCH"]


async def test_rules_that_make_nothing_premium_are_noted(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[premium]\njson_ld = false\nmeta = { "article:content_tier" = [] }\n')
    (finding,) = await found(check_premium(Settings(premium_categories=(), site_file=tmp_path / "site.toml")))
    assert finding.grade is Grade.NOTE
    assert "set PREMIUM_CATEGORIES, or [premium] in SITE_FILE" in finding.todo


@pytest.mark.usefixtures("log_as_before")
async def test_a_check_that_breaks_is_a_finding_and_the_visit_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def check_weather(settings: Settings) -> AsyncIterator[Finding]:
        yield good("weather", f"it is {1 / (settings.port - 8080)} degrees")

    async def check_harvest(settings: Settings) -> AsyncIterator[Finding]:
        yield good("harvest", f"it is in, says {settings.token}")

    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    assert not await printing.visit([check_weather, check_harvest])
    output = capsys.readouterr().out
    assert "✗ weather: it could not be checked: ZeroDivisionError: division by zero" in output
    assert "✓ harvest: it is in, says ***" in output
    assert await printing.visit([check_harvest])
