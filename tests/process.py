"""The program as its users start it: a process of its own, what it writes, and how it ends."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer

ROOT = Path(__file__).parents[1]
WITHIN = 40.0
"""Seconds that starting or stopping may take on a busy machine."""


class Running:
    """A process that runs, and what it has written so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.output = ""

    async def wait_for(self, pattern: str) -> re.Match[str]:
        """The first place in its output that matches, as soon as there is one."""
        while not (found := re.search(pattern, self.output, re.MULTILINE)):
            assert await self._read(), f"it ended without {pattern!r}:\n{self.output}"
        return found

    async def end(self, number: signal.Signals | None = None) -> int:
        """Its exit code, after this signal as a terminal sends it: to the whole process group."""
        if number is not None:
            os.killpg(self.process.pid, number)
        while await self._read():
            pass
        return await self.process.wait()

    async def children(self) -> list[int]:
        """The processes that it has started, by id."""
        listed = await asyncio.create_subprocess_exec("ps", "-A", "-o", "ppid=,pid=", stdout=PIPE)
        pairs = [line.split() for line in (await listed.communicate())[0].decode().splitlines()]
        return [int(pid) for parent, pid in pairs if int(parent) == self.process.pid]

    async def _read(self) -> bool:
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            line = await self.process.stdout.readline()
        self.output += line.decode()
        return bool(line)


def settings(site: Site, telegram: BotApiServer, database_url: str, **more: str) -> dict[str, str]:
    """With what the program reads a site's feed each second and talks with a stand-in Telegram."""
    return {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": telegram.url,
        "FEED_URLS": f"{site.url}/feed/",
        "POLL_SECONDS": "1",
        "DATABASE_URL": database_url,
        **more,
    }


@asynccontextmanager
async def running(arguments: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[Running]:
    """``python`` with these arguments, in the present folder; killed at the end if it has not ended by itself.

    So are those that it has started, each with its group: nobody else would end them.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=PIPE,
        stderr=STDOUT,
        process_group=0,
    )
    started = Running(process)
    try:
        yield started
    finally:
        if process.returncode is None:
            for group in (*await started.children(), process.pid):
                with suppress(ProcessLookupError):  # it may end at this very moment
                    os.killpg(group, signal.SIGKILL)
            await process.wait()
