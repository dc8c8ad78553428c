"""The Procfile, run by honcho as a platform would: released, two processes of each role, replaced while news break."""

import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer
from tests.postgres import Postgres
from tests.process import ROOT, Running, running

HONCHO = ("-m", "honcho", "-f", str(ROOT / "Procfile"), "-d", str(ROOT))
TWO_OF_EACH = ("-c", "web=2,worker=2", "web", "worker")


@asynccontextmanager
async def released(environment: Mapping[str, str], port: int) -> AsyncIterator[Running]:
    """Two processes of each role, all at work; those of `web` listen at this port and the next."""
    async with running([*HONCHO, "start", "-p", str(port), *TWO_OF_EACH], environment) as platform:
        for name in ("worker.1", "worker.2"):
            await platform.wait_for(rf"{name} .*follows feed")
        for name in ("web.1", "web.2"):
            await platform.wait_for(rf"{name} .*Tagalong .*role=web")
        yield platform


def two_ports() -> int:
    """The first of two that are free beside each other, as honcho gives them out."""
    for _ in range(100):
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two ports are free beside each other")


@pytest.mark.timeout(300)
async def test_two_of_each_role_share_the_work_and_a_deploy_loses_nothing(postgres: Postgres) -> None:
    port = two_ports()
    async with postgres.fresh_database() as url, Site() as site, BotApiServer(TOKEN, webhook_delay=0.1) as telegram:
        environment = {
            "PATH": str(Path(sys.executable).parent),
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": telegram.url,
            "FEED_URLS": f"{site.url}/feed/",
            "POLL_SECONDS": "1",
            "DATABASE_URL": url,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PYTHONUNBUFFERED": "1",
        }
        async with running([*HONCHO, "start", "release"], environment) as release:
            assert await release.end() == 0, release.output
        ada = telegram.user(1)
        async with released(environment, port) as before:
            await before.wait_for("webhook set")
            await before.wait_for("feed polled")
            await ada.say("/follow World, Science, Politics, Sport, Business, Culture")
            await ada.wait_for_text("You now follow", within=30)
            told = [site.publish_next()]
            assert told[0] is not None
            await ada.wait_for_text(told[0].story.headline, within=30)
            await _end(before)
        told.append(site.publish_next())  # while nobody is there
        await ada.say("/topics")
        async with released(environment, port) as after:
            await ada.wait_for_text("Culture", within=30)
            told.append(site.publish_next())
            for article in told:
                assert article is not None
                await ada.wait_for_text(article.story.headline, within=30)
            await _end(after)
    for article in told:
        assert article is not None
        assert sum(message["text"].startswith(article.story.headline) for message in ada.received) == 1
    for platform in (before, after):
        assert "Traceback" not in platform.output
        assert TOKEN not in platform.output


async def _end(platform: Running) -> None:
    """Let the platform end its processes, and see that each ended in good order."""
    platform.process.send_signal(signal.SIGTERM)
    await platform.end()
    assert len(re.findall(r"\[info +\] stopped", platform.output)) == 4, platform.output
