"""The real bot as a process, between a site and a Telegram that are served on this machine."""

import asyncio
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, User, buttons
from tests.postgres import Postgres
from tests.process import Running, running, settings

pytestmark = pytest.mark.timeout(300)  # several starts of whole processes

SHORT_LEASE = (
    "from datetime import timedelta; import bot.alerts.sending as s; s.LEASE = timedelta(seconds=1);"
    "from bot.cli import main; main()"
)
"""The bot, with alerts taken again a second after their sender died instead of half a minute."""
READY = "follows feed"
POLLED = "feed polled"


@dataclass
class World:
    """A site, a Telegram, and what a bot between them is started with."""

    site: Site
    telegram: BotApiServer
    environment: Mapping[str, str]

    @asynccontextmanager
    async def bot(self, *arguments: str, polled: bool = True) -> AsyncIterator[Running]:
        """The bot at work, its archive filled."""
        async with running(arguments or ("-m", "bot", "run"), self.environment) as bot:
            await bot.wait_for(POLLED if polled else READY)
            yield bot

    def publish(self, *, premium: bool | None = None) -> str:
        """The headline of the next article of this kind."""
        while article := self.site.publish_next():
            if premium in {None, article.story.premium}:
                return article.story.headline
        raise AssertionError("no such article is left")


@pytest.fixture
async def world(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[World]:
    shutil.copy(migrated_sqlite, tmp_path / "tagalong.db")
    async with Site() as site, BotApiServer(TOKEN) as telegram:
        environment = settings(
            site,
            telegram,
            f"sqlite:///{tmp_path}/tagalong.db",
            SUBSCRIBE_URL=f"{site.url}/subscribe/?plan=a",
            SUBSCRIBE_PITCH="Support the paper.",
        )
        yield World(site, telegram, environment)


async def follow(reader: User, topic: str) -> None:
    await reader.say(f"/follow {topic}")
    await reader.wait_for_text("You now follow", within=15)


def alerts(reader: User, headline: str) -> list[str]:
    return [message["text"] for message in reader.received if message["text"].startswith(headline)]


async def test_follow_a_topic_an_article_appears_the_alert_arrives(world: World, tmp_path: Path) -> None:
    (tmp_path / "tagalong.db").unlink()  # it makes its database itself
    ada, ben = world.telegram.user(1, first_name="Ada"), world.telegram.user(2, first_name="Ben")
    async with world.bot() as bot:
        await follow(ada, "North Korea, kim jong un")
        await follow(ben, "Springboks")
        headline = world.publish(premium=True)
        alert = await ada.wait_for_text(headline, within=15)
        story = world.site.articles[0].story
        assert [entity["type"] for entity in alert["entities"]][:1] == ["bold"]
        for part in (story.teaser, f"By {story.byline}", "Support the paper.", "Read more on these topics: "):
            assert part in alert["text"]
        for paragraph in story.paragraphs:
            assert paragraph not in alert["text"]
        subscribe, sign_in = buttons(alert)[:2]
        assert (subscribe["text"], sign_in["text"]) == ("Subscribe", "Already a member? Sign in")
        campaign = "utm_source=telegram&utm_medium=bot&utm_campaign=topic-alert"
        assert subscribe["url"] == f"{world.site.url}/subscribe/?plan=a&{campaign}"
        assert sign_in["url"] == f"{world.site.url}{world.site.articles[0].path}?{campaign}"
        await bot.wait_for("article fanned out.*alerts=1")
        assert len(alerts(ada, headline)) == 1
        assert alerts(ben, headline) == []
        assert await bot.end(signal.SIGINT) == 0
    assert "stopped" in bot.output
    assert "Traceback" not in bot.output
    assert TOKEN not in bot.output
    for line in ("Tagalong", "follows feed", "feed polled", "database="):
        assert line in bot.output


async def test_what_appears_while_the_bot_is_down_is_told_once_after_the_restart(world: World) -> None:
    ada = world.telegram.user(1)
    async with world.bot() as bot:
        await follow(ada, "North Korea")
        assert await bot.end(signal.SIGTERM) == 0
    headline = world.publish(premium=True)
    async with world.bot() as bot:
        await ada.wait_for_text(headline, within=15)
        assert await bot.end(signal.SIGTERM) == 0
    async with world.bot() as bot:
        assert await bot.end(signal.SIGTERM) == 0
    assert len(alerts(ada, headline)) == 1


async def test_killed_at_any_moment_it_loses_no_alert(world: World) -> None:
    readers = [world.telegram.user(number) for number in range(1, 41)]
    bot = ("-c", SHORT_LEASE, "run")
    async with world.bot(*bot):
        await asyncio.gather(
            *(follow(reader, "Science, World, Sport, Politics, Business, Culture") for reader in readers)
        )
    headlines = []
    for sent_before in (0, 1, 15, 39):
        known = len(world.telegram.calls.of("sendMessage"))
        async with world.bot(*bot, polled=False) as victim:
            headlines.append(world.publish())
            await _calls(world.telegram, known + sent_before)
            os.killpg(victim.process.pid, signal.SIGKILL)
            await victim.process.wait()
    async with world.bot(*bot) as last:
        for reader, headline in ((reader, headline) for reader in readers for headline in headlines):
            await reader.wait_for_text(headline, within=20)
        assert await last.end(signal.SIGTERM) == 0
    copies = [len(alerts(reader, headline)) for reader in readers for headline in headlines]
    assert min(copies) == 1
    # what was in flight at the kills; one that was so at two of them comes three times
    assert sum(copies) - len(copies) <= 64


async def _calls(telegram: BotApiServer, number: int) -> None:
    async with asyncio.timeout(20):
        await telegram.calls.wait_for(number, "sendMessage")


async def test_an_alert_that_was_in_flight_when_its_sender_died_is_sent_again(world: World) -> None:
    ada = world.telegram.user(1)
    async with world.bot("-c", SHORT_LEASE, "run") as bot:
        await follow(ada, "North Korea")
        world.telegram.faults.add(Fault("timeout", method="sendMessage"))
        headline = world.publish(premium=True)
        sent = len(world.telegram.calls.of("sendMessage"))
        await _calls(world.telegram, sent + 1)
        os.killpg(bot.process.pid, signal.SIGKILL)
    assert alerts(ada, headline) == []
    async with world.bot("-c", SHORT_LEASE, "run"):
        await ada.wait_for_text(headline, within=15)
    assert len(alerts(ada, headline)) == 1


async def test_updates_by_webhook_on_postgres_in_two_roles(world: World, postgres: Postgres) -> None:
    ada = world.telegram.user(1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with postgres.fresh_database() as url:
        hooked = {"DATABASE_URL": url, "PUBLIC_URL": f"http://127.0.0.1:{port}", "PORT": str(port)}
        environment = {**world.environment, **hooked}
        async with running(["-m", "bot", "worker"], environment) as early:
            assert await early.end() == 1
            assert "python -m bot migrate" in early.output
        async with running(["-m", "bot", "migrate"], environment) as release:
            assert await release.end() == 0, release.output
        async with (
            running(["-m", "bot", "web"], environment) as web,
            running(["-m", "bot", "worker"], environment) as worker,
        ):
            await web.wait_for("webhook set")
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/healthz") as health:
                assert (health.status, await health.text()) == (200, "ok\n")
            await worker.wait_for(POLLED)
            await follow(ada, "North Korea")
            headline = world.publish(premium=True)
            await ada.wait_for_text(headline, within=15)
            assert await web.end(signal.SIGTERM) == 0
            assert await worker.end(signal.SIGTERM) == 0
        for output in (web.output, worker.output):
            assert "Traceback" not in output
            assert TOKEN not in output


async def test_backed_up_while_it_runs_and_moved_to_postgres_it_tells_nothing_twice(
    world: World, postgres: Postgres, tmp_path: Path
) -> None:
    ada = world.telegram.user(1)
    backup = tmp_path / "backup.db"
    async with world.bot() as bot:
        await follow(ada, "World, Science, Politics, Sport, Business, Culture")
        told = [world.publish()]
        await ada.wait_for_text(told[0], within=15)
        await bot.wait_for("article fanned out")
        async with running(["-m", "bot", "backup", str(backup)], world.environment) as saving:
            assert await saving.end() == 0, saving.output
        assert await bot.end(signal.SIGTERM) == 0
    async with postgres.fresh_database() as url:
        restored = {**world.environment, "DATABASE_URL": f"sqlite:///{backup}"}
        async with running(["-m", "bot", "copy", "--to", url], restored) as moving:
            assert await moving.end() == 0, moving.output
        assert "all counts agree" in moving.output
        for environment in (restored, {**world.environment, "DATABASE_URL": url}):
            told.append(world.publish())
            async with running(["-m", "bot", "run"], environment) as bot:
                await ada.wait_for_text(told[-1], within=20)
                assert await bot.end(signal.SIGTERM) == 0
            assert len(alerts(ada, told[0])) == len(alerts(ada, told[-1])) == 1


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        ({"BOT_TOKEN": "", "FEED_URLS": ""}, ["BOT_TOKEN is missing", "FEED_URLS is missing"]),
        ({"BOT_TOKEN": "nonsense"}, ["BOT_TOKEN is not a bot token"]),
        ({"FEED_URLS": "paper.example/feed"}, ["FEED_URLS 'paper.example/feed' is no web address"]),
        ({"DATABASE_URL": "sqlite:////no/such/folder/x.db"}, ["DATABASE_URL names /no/such/folder/x.db", "create it"]),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/x"}, ["127.0.0.1:1/x does not answer"]),
        ({"DATABASE_URL": "sqlite:////usr"}, ["DATABASE_URL names /usr", "folder: name a file in it"]),
        ({"POLL_SECONDS": "soon"}, ["POLL_SECONDS"]),
    ],
)
async def test_a_wrong_setting_is_named_before_anything_starts(
    world: World, settings: Mapping[str, str], sentences: list[str]
) -> None:
    async with running(["-m", "bot", "run"], {**world.environment, **settings}) as bot:
        assert await bot.end() == 1
    for sentence in sentences:
        assert sentence in bot.output
    assert "Traceback" not in bot.output
    assert world.telegram.calls.of() == []


async def test_a_port_that_is_taken_is_said_in_a_sentence(world: World) -> None:
    with socket.create_server(("", 0)) as holder:
        port = str(holder.getsockname()[1])
        hooked = {**world.environment, "PUBLIC_URL": f"http://127.0.0.1:{port}", "PORT": port}
        async with running(["-m", "bot", "run"], hooked) as bot:
            assert await bot.end() == 1
    assert f"PORT {port} cannot be used" in bot.output
    assert "Traceback" not in bot.output


async def test_a_token_that_telegram_does_not_know_is_said(world: World) -> None:
    async with running(["-m", "bot", "run"], {**world.environment, "BOT_TOKEN": "1:not-the-one-it-knows"}) as bot:
        assert await bot.end() == 1
    assert "BOT_TOKEN is refused by Telegram" in bot.output
    assert "Traceback" not in bot.output


async def test_a_second_process_on_the_same_file_is_refused_and_nobody_is_disturbed(world: World) -> None:
    async with world.bot() as bot:
        for command, sentence in (
            ("run", "in use by another process"),
            ("migrate", "in use by another process"),
            ("worker", "one process has to itself: use `run`"),
            ("web", "copy --to postgres"),
        ):
            async with running(["-m", "bot", command], world.environment) as second:
                assert await second.end() == 1
            assert sentence in second.output
            assert "Traceback" not in second.output
        async with running(["-m", "bot", "doctor"], world.environment) as doctor:
            assert await doctor.end() == 0, doctor.output
        await follow(world.telegram.user(1), "North Korea")
        assert await bot.end(signal.SIGINT) == 0


async def test_ctrl_c_while_it_still_starts_ends_it_quietly(world: World) -> None:
    for late in ("bot.cli", "typer.main", "bot.service", "sqlalchemy.engine"):
        code = (
            "import runpy, signal, sys\n"
            "class Interrupting:\n"
            "    def find_spec(self, name, *_):\n"
            f"        if name == {late!r}: signal.raise_signal(signal.SIGINT)\n"
            "sys.meta_path.insert(0, Interrupting())\n"
            "sys.argv = ['bot', 'run']\n"
            "runpy.run_module('bot', run_name='__main__', alter_sys=True)\n"
        )
        async with running(["-c", code], world.environment) as bot:
            assert await bot.end() == 130
        assert bot.output == ""


async def test_telegram_away_at_the_start_is_waited_for_and_the_signal_heard(world: World) -> None:
    nowhere = {**world.environment, "BOT_API_URL": "http://127.0.0.1:1"}
    async with running(["-m", "bot", "run"], nowhere) as bot:
        await bot.wait_for("Telegram not reached")
        assert await bot.end(signal.SIGTERM) == 0
    assert TOKEN not in bot.output


async def test_the_commands_say_what_they_are() -> None:
    async with running(["-m", "bot", "--help"], {}) as bot:
        assert await bot.end() == 0
    for command in ("run", "web", "worker", "migrate", "demo", "sandbox"):
        assert re.search(rf"\b{command}\b", bot.output)
    async with running(["-m", "bot", "--version"], {}) as bot:
        assert await bot.end() == 0
    assert re.match(r"tagalong \d+\.\d+", bot.output)
