"""The doctor as a process between the sample site and a local Telegram, and its checks one by one."""

import logging
import re
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from aiohttp import web

from bot.doctor import printing
from bot.doctor.checks import check_database, check_premium, check_settings, check_token
from bot.doctor.feeds import check_feeds
from bot.doctor.findings import Finding, Grade, good, note
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer
from bot.settings import Settings
from bot.store.database import Database
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
        "✓ token: Telegram knows it: it is that of @",
        "✓ database: .*is not there yet; `run` makes it",
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
async def test_what_is_missing_is_told_and_the_rest_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert not await printing.visit()
    output = " ".join(capsys.readouterr().out.split())
    assert "✗ settings: BOT_TOKEN is missing: talk to @BotFather" in output
    assert "✗ settings: FEED_URLS is missing: set it to" in output
    assert "✓ database: tagalong.db is not there yet; `run` makes it" in output
    assert output.endswith(" 2 to mend")


async def test_what_cannot_be_reached_is_told_with_the_way_out(world: World) -> None:
    feeds = f"{world.site.url}/nothing/ {world.site.url}/subscribe/ {world.site.url}/feed/"
    stranger = TOKEN[:-4] + "XXXX"
    code, output = await world.visit(BOT_TOKEN=stranger, FEED_URLS=feeds, DATABASE_URL="sqlite:////no/such/folder/t.db")
    assert code == 1
    assert "✗ token: Telegram does not know it: set BOT_TOKEN to the one that @BotFather shows" in output
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
            "holds no article: see that it is the right one",
        ),
        (FEED, "no page of its newest articles could be read (it answers with status 403)"),
        (FEED.replace("/2/", "/open/"), "none of its newest articles is premium; if one should be, say in SITE_FILE"),
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
            await connection.exec_driver_sql("INSERT INTO counters (name, value) VALUES ('oldest code', 9999)")
        (too_new,) = await found(check_database(settings))
    if database_kind == "sqlite":
        itself = f"{database.address} is of an older version; `run` brings it up to date by itself"
        assert before == note("database", itself)
    else:
        assert before.grade is Grade.BAD
        assert "run `python -m bot migrate`" in before.says
    assert after == good("database", f"{database.address} answers, and this version can work on it")
    assert too_new.grade is Grade.BAD
    assert "a newer one wrote it" in too_new.says


async def test_a_database_that_is_not_there_is_told_without_its_password() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"postgres://tagalong:s3cret@127.0.0.1:{listening.getsockname()[1]}/x"
        (finding,) = await found(check_database(Settings(database_url=url)))  # type: ignore[arg-type]
    assert finding.grade is Grade.BAD
    assert "does not answer" in finding.says
    assert "start it, or correct DATABASE_URL" in finding.says
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
        (finding,) = await found(check_token(Settings(bot_token=TOKEN, bot_api_url=url)))  # type: ignore[arg-type]
    assert finding.grade is Grade.BAD
    assert f"see that this machine reaches {url}, or correct BOT_API_URL" in finding.says
    assert TOKEN not in finding.says


async def test_what_would_make_alerts_better_is_noted() -> None:
    said = await found(check_settings(Settings(subscribe_url="https://paper.example/subscribe/")))
    notes = [finding.says.split(" ")[0] for finding in said if finding.grade is Grade.NOTE]
    assert notes == ["SIGN_IN_URL", "SUBSCRIBE_PITCH"]


async def test_rules_that_make_nothing_premium_are_noted(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[premium]\njson_ld = false\nmeta = { "article:content_tier" = [] }\n')
    (finding,) = await found(check_premium(Settings(premium_categories=(), site_file=tmp_path / "site.toml")))
    assert finding.grade is Grade.NOTE
    assert "set PREMIUM_CATEGORIES, or [premium] in SITE_FILE" in finding.says


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
