"""What a bot with 100,000 readers keeps in memory: a process on such a database, its matcher loaded by an article."""

import tempfile
from pathlib import Path

from sqlalchemy import text

from bot.database_url import engine_url
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer
from bot.store import topics
from bot.store.database import Database
from tests.bench.figures import Figure
from tests.process import running, settings

CHATS = 100_000
FOLLOWS_EACH = 10
TOPICS = 20_000
LIMIT_MB = 300
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_CHATS = "INSERT INTO chats (id, kind, language, created_at) SELECT i + 1, 'private', 'en', CURRENT_TIMESTAMP FROM n"
_FOLLOWS = (
    "INSERT INTO follows (chat_id, topic_id, created_at)"
    " SELECT i / :each + 1, i % :topics + 1, CURRENT_TIMESTAMP FROM n"
)


async def measure() -> list[Figure]:
    """All of its processes; what they share counts once."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        url = f"sqlite:///{folder}/tagalong.db"
        await _fill(url)
        async with Site() as site, BotApiServer(TOKEN) as telegram:
            environment = settings(site, telegram, url)
            async with running(["-m", "bot", "run"], environment) as bot:
                await bot.wait_for("feed polled")
                site.publish_next()
                await bot.wait_for("article fanned out")
                own = _megabytes(bot.process.pid)
                everything = own + sum(map(_megabytes, await bot.children()))
    what = f"memory with {CHATS * FOLLOWS_EACH:,} follows of {TOPICS:,} topics and {CHATS:,} chats"
    return [
        Figure(f"{what}, the bot's process", own, LIMIT_MB, "MB"),
        Figure("the same with the processes that it has started", everything, LIMIT_MB, "MB"),
    ]


async def _fill(url: str) -> None:
    async with Database(engine_url(url)) as database:
        await database.migrate()
        async with database.write() as connection:
            for first in range(0, TOPICS, 500):
                names = [f"Name{number} Surname{number}" for number in range(first, first + 500)]
                await topics.ensure(connection, names, as_tags=False)
            await connection.execute(text(_NUMBERS + _CHATS), {"last": CHATS - 1})
            await connection.execute(
                text(_NUMBERS + _FOLLOWS), {"last": CHATS * FOLLOWS_EACH - 1, "each": FOLLOWS_EACH, "topics": TOPICS}
            )


def _megabytes(pid: int) -> float:
    """What a process has in memory, of shared pages its share."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    lines = rollup.read_text().splitlines() if rollup.exists() else []  # whoever listed it has ended since
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
