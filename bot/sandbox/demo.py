"""The demo: the sample site, the stand-in Telegram with its chat page, and the real bot between them.

The bot is a process of its own, started as a publisher would start it; only its environment differs. It runs in a
folder that goes when the demo ends, so that it finds neither the publisher's ``.env`` nor their database.
"""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from rich.console import Console

import bot
from bot.errors import SettingsError
from bot.sandbox.page import Page
from bot.sandbox.site import Press, Site
from bot.sandbox.telegram import BotApiServer
from bot.settings import Settings

TOKEN = "1000001:made-up-for-the-demo-it-opens-nothing"  # noqa: S105 - opens nothing but the demo's own server
BOT_NAME = "Lantern Alerts"
USERNAME = "LanternAlertsBot"
PITCH = "The whole story is for members. The first month is free."
READERS = {1001: "Ada", 1002: "Ben"}
THREADS = (1, 2)
"""Of the forum in which the readers are."""
LINES_KEPT = 15
"""Of the bot's log, to be said again if it dies."""
NOTHING_NEW = "unchanged=True"
"""In the log line of a poll; with a poll every second such lines would drown all others."""
LONGEST_LINE = 1 << 20
STOP_SECONDS = 30.0
"""How long the bot may take to stop; it gives itself less."""
PORTS_TRIED = 100
HIGHEST_PORT = 65535


async def demo(port: int) -> int:
    """Play until SIGINT, SIGTERM or SIGHUP, or until the bot ends by itself. The answer is the exit code.

    The page is at ``port`` on this machine, or where that is taken at the next free one; 0 means any.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="tagalong-demo-") as folder:
        async with Site() as site:
            press, talking = Press(site), asyncio.Event()
            async with _open_server(port, Page(press), talking) as server:
                site.follow = f"{server.url}/?start="
                environ = environment(os.environ, site.url, server.url, folder)
                async with _bot_process(environ, folder) as process:
                    play = Play(site, press, server, talking, process)
                    return await play.until(stop)


class Play:
    """The demo while it runs: everything is started, and what happens is shown in the terminal."""

    def __init__(
        self, site: Site, press: Press, server: BotApiServer, talking: asyncio.Event, process: Process
    ) -> None:
        self._site = site
        self._press = press
        self._server = server
        self._talking = talking
        self._process = process
        self._console = Console(highlight=False, markup=False, soft_wrap=True)
        self._last_lines: deque[str] = deque(maxlen=LINES_KEPT)

    async def until(self, stop: asyncio.Event) -> int:
        """Go on until told to stop, or until the bot ends by itself; the exit code."""
        async with asyncio.TaskGroup() as group:
            stopping = group.create_task(stop.wait(), name="stopping")
            reading = group.create_task(self._show_log(), name="bot's log")
            helpers = [group.create_task(self._press.run(), name="press"), group.create_task(self._welcome())]
            await asyncio.wait({stopping, reading}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                self._console.print("\nStopping …")
                await _end(self._process)
            else:  # its log has ended, so it is ending; to signal it now could take its exit code from us
                await self._process.wait()
            for task in (stopping, *helpers):
                task.cancel()
        return 0 if stop.is_set() else self._mourn()

    async def _show_log(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        async for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._last_lines.append(text)
            if NOTHING_NEW not in text:
                self._console.print(f"bot │ {text}", style="dim")

    async def _welcome(self) -> None:
        await asyncio.gather(self._talking.wait(), self._site.feed_read.wait())
        self._console.print("\nThe demo is ready. Open this page in a browser:\n")
        self._console.print(f"    {self._server.url}/\n", style="bold")
        self._console.print(
            f"{self._site.name}, the sample paper, is at {self._site.url}/\n"
            "Nothing leaves this machine. Ctrl-C ends it.\n"
        )

    def _mourn(self) -> int:
        code = self._process.returncode
        error = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        error.print(f"\nThe bot ended by itself, with exit code {code}. Its last lines were:\n")
        error.print(*self._last_lines, sep="\n")
        return code if code and code > 0 else 1


def environment(inherited: Mapping[str, str], site_url: str, server_url: str, folder: str) -> dict[str, str]:
    """What the bot is started with: none of this shell's settings, but those that lead to the demo's own servers.

    SIGN_IN_URL stays out: then *Sign in* leads to the article, and a newcomer sees it with its paywall.
    """
    ours = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in inherited.items() if name.upper() not in ours}
    root = str(Path(bot.__file__).parents[1])
    return kept | {
        "PYTHONPATH": os.pathsep.join(filter(None, [root, kept.get("PYTHONPATH")])),
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": server_url,
        "FEED_URLS": f"{site_url}/feed/",
        "POLL_SECONDS": "1",
        "DATABASE_URL": f"sqlite:///{folder}/tagalong.db",
        "SUBSCRIBE_URL": f"{site_url}/subscribe/",
        "SUBSCRIBE_PITCH": PITCH,
    }


@asynccontextmanager
async def _open_server(port: int, page: Page, talking: asyncio.Event) -> AsyncIterator[BotApiServer]:
    """The stand-in Telegram with the page, two readers, their groups and their channel.

    ``talking`` is set when the bot asks for updates.
    """

    @web.middleware
    async def listen(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.endswith("/getUpdates"):
            talking.set()
        return await handler(request)

    def extend(app: web.Application) -> None:
        page.extend(app)
        app.middlewares.append(listen)

    server = BotApiServer(TOKEN, port=free_port(port), username=USERNAME, extend=extend)
    server.world.bot["first_name"] = BOT_NAME
    readers = [server.user(number, first_name=name, language_code="en") for number, name in READERS.items()]
    server.group("Neighbours", readers)
    forum = server.group("Book club", readers)
    forum.chat.is_forum, forum.chat.threads = True, set(THREADS)
    channel = server.group("Ada’s channel", readers, kind="channel")
    server.world.set_bot_status(channel.chat, "left")
    async with server:
        yield server


@asynccontextmanager
async def _bot_process(environ: Mapping[str, str], folder: str) -> AsyncIterator[Process]:
    """The bot. In a process group of its own, so that a terminal's Ctrl-C reaches it through us, in good order."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=folder,
        env=environ,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        limit=LONGEST_LINE,
        process_group=0,
    )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def free_port(port: int) -> int:
    """This port, or the next one that nobody listens at; 0 as it is. Raises SettingsError where all are taken."""
    for tried in range(port, min(port + PORTS_TRIED, HIGHEST_PORT + 1)):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server itself will
            probe.bind(("127.0.0.1", tried))
            return tried
    raise SettingsError(f"The ports from {port} on are all taken; name another one with --port")
