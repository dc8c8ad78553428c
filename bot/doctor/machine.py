"""The checks of the machine: its clock, and who may read and write what is on its disk."""

import os
import shutil
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

from bot.doctor.findings import Finding, bad, good, note
from bot.settings import ENVIRONMENT_FILE, Settings

CLOCK_SECONDS = 10.0
"""For a server to say what time it is."""
WORTH_A_LOOK = timedelta(seconds=5)
TOO_FAR = timedelta(minutes=1)
"""Beyond it quiet hours, digests and one-time links go visibly wrong."""
SCANT_BYTES = 200 * 1000 * 1000
"""Left on the disk: less is soon gone, for SQLite's write-ahead log alone may be a third of it."""


async def check_clock(settings: Settings) -> AsyncIterator[Finding]:
    """Whether this machine's clock is right, by that of Telegram or else of a feed."""
    timeout = aiohttp.ClientTimeout(total=CLOCK_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        for url in (settings.bot_api_url, *settings.feed_urls):
            if (ahead := await _ahead(session, url)) is not None:
                yield how_far(ahead)
                return
    yield note("clock", "no server said what time it is", "look yourself: `timedatectl`")


async def _ahead(session: aiohttp.ClientSession, url: str) -> timedelta | None:
    """How far this machine's clock is ahead of the server's; None where that says nothing, or a cache speaks for it."""
    before = datetime.now(UTC)
    try:
        async with session.head(url, allow_redirects=False) as response:
            after = datetime.now(UTC)
            if "Age" in response.headers:
                return None
            there = parsedate_to_datetime(response.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return None
    if there.tzinfo is None:  # "-0000": in UTC, from a place unknown
        there = there.replace(tzinfo=UTC)
    return before + (after - before) / 2 - (there + timedelta(seconds=0.5))  # the header leaves out the fraction


def how_far(ahead: timedelta) -> Finding:
    """What to say of a clock that is so far ahead of the right time, or behind where it is negative."""
    off = abs(ahead)
    if off <= WORTH_A_LOOK:
        return good("clock", "it is right, within the few seconds that can be told")
    says = f"it is {off.total_seconds():,.0f} seconds {'ahead' if ahead > timedelta(0) else 'behind'}"
    return (bad if off > TOO_FAR else note)("clock", says, "have it set by the network: `timedatectl set-ntp true`")


async def check_permissions(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the bot may write where it must, and nobody else may read what is secret."""
    findings = [*_open_secrets(settings), *_closed_database(settings)]
    for finding in findings or [good("permissions", "files are as they should be")]:
        yield finding


def _open_secrets(settings: Settings) -> list[Finding]:
    return [
        note("permissions", f"{path}, which holds secrets, can be read by everyone on this machine", f"chmod o= {path}")
        for path in (ENVIRONMENT_FILE, *settings.secret_files)
        if path.is_file() and path.stat().st_mode & stat.S_IROTH
    ]


def _closed_database(settings: Settings) -> list[Finding]:
    """SQLite writes to its file, and beside it to a log and a lock."""
    file = _database_file(settings)
    if file is None:
        return []
    return [
        bad("permissions", f"{path} may not be written by this user", f"chown it to the user that runs the bot: {path}")
        for path in (file.parent, file)
        if path.exists() and not os.access(path, os.W_OK)
    ]


async def check_disk(settings: Settings) -> AsyncIterator[Finding]:
    """Whether a SQLite database has room to grow; of a PostgreSQL's disk nothing is known here."""
    file = _database_file(settings)
    if file is None or not file.parent.is_dir():
        return
    free = shutil.disk_usage(file.parent).free
    says = f"{free / 1e6:,.0f} MB are free in {file.parent}"
    if free < SCANT_BYTES:
        todo = "make room; if it is the database that grew, lower KEEP_ALERTS_DAYS and KEEP_ARTICLES_DAYS"
        yield bad("disk", says, todo)
    else:
        yield good("disk", says)


def _database_file(settings: Settings) -> Path | None:
    """Where a SQLite database is."""
    if settings.engine_url.get_backend_name() != "sqlite":
        return None
    return Path(str(settings.engine_url.database)).absolute()
